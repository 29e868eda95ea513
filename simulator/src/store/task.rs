//! Tasks and the tokens of creating calls, as they are stored.

use clb_model::id::{ListenerId, LoadBalancerId};
use clb_model::region::ClientToken;
use clb_model::task::{Task, TaskId, TaskState, Work};
use serde::{Deserialize, Serialize};
use serde_with::serde_as;

use super::written::{List, Text, record};

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Task", deny_unknown_fields)]
pub struct TaskRecord {
    #[serde_as(as = "Text")]
    id: TaskId,
    #[serde_as(as = "List<Text>")]
    load_balancers: Vec<LoadBalancerId>,
    awaits: u64,
    #[serde(with = "WorkRecord")]
    work: Work,
    #[serde(with = "TaskStateRecord")]
    state: TaskState,
}
record!(TaskRecord of Task);

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Work", rename_all = "snake_case")]
enum WorkRecord {
    Settings,
    Opening(#[serde_as(as = "List<Text>")] Vec<ListenerId>),
    Changing(#[serde_as(as = "List<Text>")] Vec<ListenerId>),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TaskState", rename_all = "snake_case")]
enum TaskStateRecord {
    Running,
    Succeeded,
    Failed(String),
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "ClientToken", deny_unknown_fields)]
pub struct ClientTokenRecord {
    #[serde_as(as = "List<Text>")]
    created: Vec<LoadBalancerId>,
    generation: u64,
}
record!(ClientTokenRecord of ClientToken);
