//! How tasks end: a table is in effect, time has passed, or somebody has asked often enough.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Hold, Task, TaskState, Work};
use crate::id::{ListenerId, LoadBalancerId};
use crate::load_balancer::Phase;
use crate::refusal::Refusal;
use crate::region::Region;
use crate::tag::ResourceName;
use crate::time::Timestamp;
use crate::vip_pool::VipPool;
use crate::world::World;

/// What an ending is given from outside: when it is, and the pool that addresses go back to.
#[derive(Debug)]
pub struct Moment<'a> {
    /// When it is.
    pub now: Timestamp,
    /// Addresses of load balancers.
    pub vips: &'a mut VipPool,
}

/// What endings have changed.
#[derive(Debug, Default)]
struct Changes {
    /// Whether a task has ended.
    ended: bool,
    /// Whether something else should be forwarding.
    forwarding: bool,
    /// Load balancers that are not to be after all.
    undone: Vec<LoadBalancerId>,
}

/// What a step in time has brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Whether a task has ended.
    pub ended: bool,
    /// Whether something else should be forwarding.
    pub forwarding: bool,
}

impl Step {
    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { ended: self.ended | other.ended, forwarding: self.forwarding | other.forwarding }
    }
}

impl World {
    /// A table is in effect: the tasks that waited for it, or for an older one, end unless their pace holds them.
    pub(crate) fn observe_applied(
        &mut self,
        generation: u64,
        failed: &BTreeMap<ListenerId, String>,
        moment: &mut Moment<'_>,
    ) -> Step {
        self.each_region(moment, |region, now| {
            let mut changes = region.settle_outcomes(generation, failed);
            region.end_due(now, &mut changes);
            changes
        })
    }

    /// Time has passed: tasks that it held end.
    pub fn pass_time(&mut self, moment: &mut Moment<'_>) -> Step {
        self.each_region(moment, |region, now| {
            let mut changes = Changes::default();
            region.end_due(now, &mut changes);
            changes
        })
    }

    /// Somebody asks how a task stands. `None` while its pace holds it: it runs, and waiting for the data plane would be of
    /// no use. Counts the question when it is questions that hold the task.
    pub fn poll_task(&mut self, region: &str, id: &str, now: Timestamp) -> Result<Option<TaskState>, Refusal> {
        let region = self.region_mut(region)?;
        let task = region.tasks.view(id)?;
        if task.state != TaskState::Running || task.hold.is_over(now) {
            return Ok(Some(task.state.clone()));
        }
        if let Hold::Polls(left) = task.hold {
            let counted = Task { hold: Hold::Polls(left.saturating_sub(1)), ..task.clone() };
            region.tasks.put(Arc::new(counted));
        }
        Ok(None)
    }

    /// When the next task ends because of time.
    pub fn next_ending(&self) -> Option<Timestamp> {
        let running = self.regions().flat_map(|region| region.tasks.running());
        running.filter_map(|task| if let Hold::Until(at) = task.hold { Some(at) } else { None }).min()
    }

    fn each_region(&mut self, moment: &mut Moment<'_>, mut end: impl FnMut(&mut Region, Timestamp) -> Changes) -> Step {
        let mut step = Step::default();
        let mut undone = Vec::new();
        for region in self.regions_mut() {
            let changes = end(region, moment.now);
            step.ended |= changes.ended;
            step.forwarding |= changes.forwarding || !changes.undone.is_empty();
            for id in &changes.undone {
                if let Some(gone) = region.load_balancers.remove(id) {
                    moment.vips.give_back(gone.vip);
                }
            }
            region.forget_tokens(&changes.undone);
            undone.extend(changes.undone);
        }
        for id in &undone {
            self.tags.remove(&ResourceName::load_balancer(id));
        }
        step
    }
}

impl Region {
    /// Says of each task that waited for the table, or for an older one, how it will end. Listeners whose ports cannot be
    /// opened go now: there is nothing behind them.
    fn settle_outcomes(&mut self, generation: u64, failed: &BTreeMap<ListenerId, String>) -> Changes {
        let waiting = |task: &&Arc<Task>| task.outcome.is_none() && task.awaits <= generation;
        let settling: Vec<Arc<Task>> = self.tasks.running.values().filter(waiting).cloned().collect();
        let mut changes = Changes::default();
        for task in settling {
            let failures = self.failures(&task, failed);
            changes.forwarding |= !failures.is_empty();
            let outcome = match (&task.fails_with, failures.is_empty()) {
                (Some(message), _) => TaskState::Failed(message.clone()),
                (None, true) => TaskState::Succeeded,
                (None, false) => TaskState::Failed(failures.join(" ")),
            };
            self.tasks.put(Arc::new(Task { outcome: Some(outcome), ..Task::clone(&task) }));
        }
        changes
    }

    /// Ends the tasks that nothing holds any more.
    fn end_due(&mut self, now: Timestamp, changes: &mut Changes) {
        let due: Vec<Arc<Task>> = self.tasks.running.values().filter(|task| task.is_due(now)).cloned().collect();
        for task in due {
            if task.fails_with.is_some() {
                self.undo(&task, changes);
            }
            for id in task.load_balancers.iter().filter(|id| !changes.undone.contains(id)) {
                self.set_running(id, now);
            }
            self.tasks.end(&task.id, task.outcome.clone().unwrap_or(TaskState::Succeeded));
            changes.ended = true;
        }
    }

    /// What a task that was told to fail has created is not to be.
    fn undo(&mut self, task: &Task, changes: &mut Changes) {
        match &task.work {
            Work::Settings | Work::Changing(_) => {}
            Work::Creating => changes.undone.extend(task.load_balancers.iter().cloned()),
            Work::Opening(ids) => {
                for id in ids {
                    changes.forwarding |= self.drop_listener(&task.load_balancers, id).is_some();
                }
            }
        }
    }

    /// What was created with a token is not to be: the token is good again.
    fn forget_tokens(&mut self, undone: &[LoadBalancerId]) {
        if undone.is_empty() {
            return;
        }
        let created = self.client_tokens.iter().filter(|(_, token)| undone.iter().any(|id| token.created.contains(id)));
        for token in created.map(|(token, _)| token.clone()).collect::<Vec<_>>() {
            self.client_tokens.forget(&token);
        }
    }

    fn set_running(&mut self, id: &LoadBalancerId, now: Timestamp) {
        if let Some(load_balancer) = self.load_balancers.get_mut(id).filter(|it| it.phase == Phase::Creating) {
            let load_balancer = Arc::make_mut(load_balancer);
            load_balancer.phase = Phase::Running;
            load_balancer.status_at = now;
        }
    }

    /// A sentence for each listener of the task that the data plane failed at. New ones among them are taken away.
    fn failures(&mut self, task: &Task, failed: &BTreeMap<ListenerId, String>) -> Vec<String> {
        let mut sentences = Vec::new();
        match &task.work {
            Work::Settings | Work::Creating => {}
            Work::Changing(ids) => {
                let failed = ids.iter().filter_map(|id| failed.get_key_value(id));
                sentences.extend(failed.map(|(id, reason)| format!("Listener {id} could not be changed: {reason}.")));
            }
            Work::Opening(ids) => {
                for (id, reason) in ids.iter().filter_map(|id| failed.get_key_value(id)) {
                    if let Some(address) = self.drop_listener(&task.load_balancers, id) {
                        sentences.push(format!("Listener {id} on UDP {address} was removed: {reason}."));
                    }
                }
            }
        }
        sentences
    }
}
