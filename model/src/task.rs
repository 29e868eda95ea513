//! Tasks: accepted writes that finish later. A load balancer has at most one that runs.
//!
//! A task waits for the data plane to have applied the forwarding table its write led to, and ends then: well, or
//! with the reason why a port could not be opened. No timers: nothing ends because time has passed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::chance::Chance;
use crate::id::{ListenerId, LoadBalancerId};
use crate::refusal::{Field, Refusal};
use crate::remembered::Remembered;
use crate::rules::Rule;
use crate::time::Timestamp;
use crate::vip_pool::VipPool;

/// How many ended tasks a region remembers; the oldest are forgotten first. How long the platform remembers them is not
/// established.
const REMEMBERED: usize = 10_000;

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

/// What a write is given from outside: when it is, whose request it is, and chance.
#[derive(Debug)]
pub struct Occasion<'a> {
    /// When it is.
    pub now: Timestamp,
    /// The number of the forwarding table that will hold what the write does.
    pub generation: u64,
    /// The id of the request, and of the task it starts.
    pub task_id: TaskId,
    /// Bits for new ids.
    pub chance: &'a mut Chance,
    /// Addresses for new load balancers.
    pub vips: &'a mut VipPool,
}

/// An accepted write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The load balancers it works on.
    pub load_balancers: Vec<LoadBalancerId>,
    /// The table it waits for.
    pub awaits: u64,
    /// What depends on the data plane's success.
    pub work: Work,
    /// How it stands.
    pub state: TaskState,
}

/// What a task does that the data plane may fail at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Nothing.
    Settings,
    /// To open the ports of new listeners; one that cannot be opened is removed.
    Opening(Vec<ListenerId>),
    /// To change listeners, or to open them again; one stays as it is in the data plane when that fails.
    Changing(Vec<ListenerId>),
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
}

impl Default for Tasks {
    fn default() -> Self {
        Self { running: BTreeMap::new(), ended: Remembered::new(REMEMBERED) }
    }
}

impl Tasks {
    /// A write has been accepted.
    pub(crate) fn start(&mut self, occasion: &Occasion<'_>, load_balancers: Vec<LoadBalancerId>) {
        self.start_work(occasion, load_balancers, Work::Settings);
    }

    /// A write on listeners has been accepted.
    pub(crate) fn start_work(&mut self, occasion: &Occasion<'_>, load_balancers: Vec<LoadBalancerId>, work: Work) {
        let id = occasion.task_id.clone();
        let task =
            Task { id: id.clone(), load_balancers, awaits: occasion.generation, work, state: TaskState::Running };
        self.running.insert(id, Arc::new(task));
    }

    /// A write has been accepted that changed nothing: its task has ended already.
    pub(crate) fn start_ended(&mut self, occasion: &Occasion<'_>, load_balancers: Vec<LoadBalancerId>) {
        self.start(occasion, load_balancers);
        self.end(&occasion.task_id, TaskState::Succeeded);
    }

    /// A task has ended; forgets the oldest ended ones beyond the bound.
    pub(crate) fn end(&mut self, id: &TaskId, state: TaskState) {
        if let Some(mut task) = self.running.remove(id) {
            Arc::make_mut(&mut task).state = state;
            self.ended.remember(id.clone(), task);
        }
    }

    /// The tasks that run.
    pub fn running(&self) -> impl Iterator<Item = &Task> {
        self.running.values().map(Arc::as_ref)
    }

    /// The task with that id.
    pub fn view(&self, id: &str) -> Result<&Task, Refusal> {
        let key = TaskId::from(id.to_owned());
        self.running
            .get(&key)
            .or_else(|| self.ended.get(&key))
            .map(Arc::as_ref)
            .ok_or_else(|| Refusal::new(Rule::TaskUnknownId).at(Field::TaskId).given(id))
    }

    /// Refuses while a task of the load balancer runs.
    pub(crate) fn ensure_idle(&self, id: &LoadBalancerId, lock: Rule) -> Result<(), Refusal> {
        if self.running().any(|task| task.load_balancers.contains(id)) {
            return Err(Refusal::new(lock).at(Field::LoadBalancerId).given(id));
        }
        Ok(())
    }
}
