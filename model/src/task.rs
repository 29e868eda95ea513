//! Tasks: accepted writes that finish later. A load balancer has at most one that runs.
//!
//! A task waits for the data plane to have applied the forwarding table its write led to, and for its [`Pace`] to let it
//! go; then it ends: well, or with a reason. No timers: whoever has a clock says when time has passed.
//!
//! What a failed task leaves behind: a listener whose port cannot be opened is gone again. A task that was told to fail
//! leaves its load balancers as they were: what it creates is there while it runs and gone when it has failed, and what
//! it would change or delete stays as it is (our choice; the platform's documentation is silent).

mod deal_name;
mod ending;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use deal_name::DealName;
pub use ending::{Moment, Step};

use crate::chance::Chance;
use crate::id::{ListenerId, LoadBalancerId};
use crate::refusal::{Field, Refusal};
use crate::remembered::Remembered;
use crate::rules::Rule;
use crate::time::Timestamp;
use crate::vip_pool::VipPool;

/// How many ended tasks a region remembers; the oldest are forgotten first. How long the platform remembers them is not
/// established. Every write copies the list, so that it can be told what the write has changed: a long one costs.
const REMEMBERED: usize = 1_000;
/// How many names beside its id a task has at most: its order's, and those of calls repeated with the same token.
const MOST_NAMES: usize = 100;

/// A task: the id of the request that started it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(Arc<str>);

impl From<String> for TaskId {
    fn from(text: String) -> Self {
        Self(Arc::from(text))
    }
}

impl TaskId {
    /// The id as the API writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a write is given from outside: when it is, whose request it is, how fast it goes, and chance.
#[derive(Debug)]
pub struct Occasion<'a> {
    /// When it is.
    pub now: Timestamp,
    /// The number of the forwarding table that will hold what the write does.
    pub generation: u64,
    /// The id of the request, and of the task it starts.
    pub task_id: TaskId,
    /// How long the task takes.
    pub pace: Pace,
    /// With this the task fails, with this message.
    pub fails_with: Option<String>,
    /// Bits for new ids.
    pub chance: &'a mut Chance,
    /// Addresses for new load balancers.
    pub vips: &'a mut VipPool,
}

/// How long a task takes at least, whatever the data plane needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// No longer than the data plane needs.
    #[default]
    AtOnce,
    /// So long.
    After(Duration),
    /// Until it has been asked about so many times; each of these questions is answered with "it runs".
    Polls(u32),
}

/// What still holds a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Nothing but the data plane.
    Free,
    /// Time.
    Until(Timestamp),
    /// So many more questions.
    Polls(u32),
}

impl Hold {
    fn new(pace: Pace, now: Timestamp) -> Self {
        match pace {
            Pace::AtOnce | Pace::Polls(0) => Self::Free,
            Pace::After(time) => Self::Until(now.after(time)),
            Pace::Polls(count) => Self::Polls(count),
        }
    }

    /// Whether it is over.
    pub fn is_over(self, now: Timestamp) -> bool {
        match self {
            Self::Free => true,
            Self::Until(at) => at <= now,
            Self::Polls(left) => left == 0,
        }
    }
}

/// An accepted write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What else it is known by: the name of its order, the ids of calls repeated with the same client token.
    pub names: Vec<String>,
    /// The load balancers it works on.
    pub load_balancers: Vec<LoadBalancerId>,
    /// The table it waits for.
    pub awaits: u64,
    /// What its pace makes it wait for.
    pub hold: Hold,
    /// What depends on the data plane's success.
    pub work: Work,
    /// The message it was told to fail with.
    pub fails_with: Option<String>,
    /// How it will end; known when the table that it waits for is in effect.
    pub outcome: Option<TaskState>,
    /// How it stands.
    pub state: TaskState,
}

impl Task {
    fn new(occasion: &Occasion<'_>, load_balancers: Vec<LoadBalancerId>, work: Work) -> Self {
        Self {
            id: occasion.task_id.clone(),
            names: Vec::new(),
            load_balancers,
            awaits: occasion.generation,
            hold: Hold::new(occasion.pace, occasion.now),
            work,
            fails_with: occasion.fails_with.clone(),
            outcome: None,
            state: TaskState::Running,
        }
    }

    /// Whether nothing holds it any more.
    fn is_due(&self, now: Timestamp) -> bool {
        self.outcome.is_some() && self.hold.is_over(now)
    }
}

/// What a task does that can fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Nothing.
    Settings,
    /// To create its load balancers.
    Creating,
    /// To open the ports of new listeners; one that cannot be opened is removed.
    Opening(Vec<ListenerId>),
    /// To change listeners, or to open them again; one stays as it is in the data plane when that fails.
    Changing(Vec<ListenerId>),
}

impl Work {
    /// Whether there is something new while it runs.
    pub(crate) fn creates(&self) -> bool {
        matches!(self, Self::Creating | Self::Opening(_))
    }
}

/// How a task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// It runs.
    Running,
    /// It has ended well.
    Succeeded,
    /// It has ended with this failure.
    Failed(String),
}

/// A region's tasks.
#[derive(Clone, Debug)]
pub struct Tasks {
    pub(crate) running: BTreeMap<TaskId, Arc<Task>>,
    pub(crate) ended: Remembered<TaskId, Task>,
    /// Which task keeps a load balancer busy. Follows from `running`.
    pub(crate) busy: BTreeMap<LoadBalancerId, TaskId>,
    /// Other names of tasks. Follows from both.
    pub(crate) names: Remembered<String, TaskId>,
}

impl Default for Tasks {
    fn default() -> Self {
        Self {
            running: BTreeMap::new(),
            ended: Remembered::new(REMEMBERED),
            busy: BTreeMap::new(),
            names: Remembered::new(REMEMBERED),
        }
    }
}

impl Tasks {
    /// A write has been accepted.
    pub(crate) fn start(&mut self, occasion: &Occasion<'_>, load_balancers: Vec<LoadBalancerId>) {
        self.start_work(occasion, load_balancers, Work::Settings);
    }

    /// A write has been accepted that creates or opens something.
    pub(crate) fn start_work(&mut self, occasion: &Occasion<'_>, load_balancers: Vec<LoadBalancerId>, work: Work) {
        self.put(Arc::new(Task::new(occasion, load_balancers, work)));
    }

    /// A write has been accepted that is an order: the task is known by the order's name too.
    pub(crate) fn start_order(
        &mut self,
        occasion: &Occasion<'_>,
        load_balancers: Vec<LoadBalancerId>,
        work: Work,
    ) -> DealName {
        self.start_work(occasion, load_balancers, work);
        let deal_name = DealName::of(&occasion.task_id, occasion.now);
        self.name(&occasion.task_id, deal_name.to_string());
        deal_name
    }

    /// A write has been accepted that repeats an earlier one: its task is the earlier one's as long as that runs. After
    /// that a task of its own has ended.
    pub(crate) fn repeat(&mut self, occasion: &Occasion<'_>, earlier: &TaskId, load_balancers: Vec<LoadBalancerId>) {
        if self.running.contains_key(earlier) {
            self.name(earlier, occasion.task_id.to_string());
        } else {
            let task = Task::new(occasion, load_balancers, Work::Settings);
            self.put(Arc::new(Task { state: TaskState::Succeeded, ..task }));
        }
    }

    /// The task, which runs, is known by that name too.
    fn name(&mut self, id: &TaskId, name: String) {
        let Some(mut task) = self.running.get(id).cloned() else { return };
        let names = &mut Arc::make_mut(&mut task).names;
        // The name of the order stays; of repeated calls the oldest goes.
        if names.len() >= MOST_NAMES {
            self.names.forget(&names.remove(1));
        }
        names.push(name);
        self.put(task);
    }

    /// Adds a task as it stands, or puts it in the place of what is known of it.
    pub(crate) fn put(&mut self, task: Arc<Task>) {
        self.leave(&task.id);
        for name in &task.names {
            if self.names.get(name).is_none_or(|id| **id != task.id) {
                self.names.remember(name.clone(), Arc::new(task.id.clone()));
            }
        }
        if task.state == TaskState::Running {
            self.busy.extend(task.load_balancers.iter().map(|id| (id.clone(), task.id.clone())));
            self.running.insert(task.id.clone(), task);
        } else {
            self.ended.remember(task.id.clone(), task);
        }
    }

    /// Forgets a task.
    pub(crate) fn forget(&mut self, id: &TaskId) {
        self.leave(id);
        self.ended.forget(id);
    }

    /// The task does not run any more.
    fn leave(&mut self, id: &TaskId) {
        for load_balancer in self.running.remove(id).iter().flat_map(|task| &task.load_balancers) {
            self.busy.remove(load_balancer);
        }
    }

    /// A task has ended; the oldest ended ones beyond the bound are forgotten.
    fn end(&mut self, id: &TaskId, state: TaskState) {
        if let Some(mut task) = self.running.get(id).cloned() {
            Arc::make_mut(&mut task).state = state;
            self.put(task);
        }
    }

    /// The tasks that run.
    pub fn running(&self) -> impl Iterator<Item = &Task> {
        self.running.values().map(Arc::as_ref)
    }

    /// The task with that id, or with that name of an order.
    pub fn view(&self, id: &str) -> Result<&Task, Refusal> {
        let found = self.find(id).map(Arc::as_ref);
        found.ok_or_else(|| Refusal::new(Rule::TaskUnknownId).at(Field::TaskId).given(id))
    }

    fn find(&self, id: &str) -> Option<&Arc<Task>> {
        let of = |id: &TaskId| self.running.get(id).or_else(|| self.ended.get(id));
        of(&TaskId::from(id.to_owned())).or_else(|| of(self.names.get(id)?))
    }

    /// Refuses while a task of the load balancer runs.
    pub(crate) fn ensure_idle(&self, id: &LoadBalancerId, lock: Rule) -> Result<(), Refusal> {
        match self.busy.get(id) {
            None => Ok(()),
            Some(_) => Err(Refusal::new(lock).at(Field::LoadBalancerId).given(id)),
        }
    }
}
