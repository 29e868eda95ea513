//! Tasks and the tokens of creating calls, as they are stored.

use clb_model::client_token::ClientToken;
use clb_model::id::{ListenerId, LoadBalancerId};
use clb_model::task::{DealName, Hold, Task, TaskId, TaskState, Work};
use clb_model::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::serde_as;

use super::written::{List, Text, Time, record};

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Task", deny_unknown_fields)]
pub struct TaskRecord {
    #[serde_as(as = "Text")]
    id: TaskId,
    names: Vec<String>,
    #[serde_as(as = "List<Text>")]
    load_balancers: Vec<LoadBalancerId>,
    awaits: u64,
    #[serde(with = "HoldRecord")]
    hold: Hold,
    #[serde(with = "WorkRecord")]
    work: Work,
    fails_with: Option<String>,
    #[serde_as(as = "Option<TaskStateRecord>")]
    outcome: Option<TaskState>,
    #[serde(with = "TaskStateRecord")]
    state: TaskState,
}
record!(TaskRecord of Task);

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Work", rename_all = "snake_case")]
enum WorkRecord {
    Settings,
    Creating,
    Opening(#[serde_as(as = "List<Text>")] Vec<ListenerId>),
    Changing(#[serde_as(as = "List<Text>")] Vec<ListenerId>),
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Hold", rename_all = "snake_case")]
enum HoldRecord {
    Free,
    Until(#[serde_as(as = "Time")] Timestamp),
    Polls(u32),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TaskState", rename_all = "snake_case")]
enum TaskStateRecord {
    Running,
    Succeeded,
    Failed(String),
}
record!(TaskStateRecord of TaskState);

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "ClientToken", deny_unknown_fields)]
pub struct ClientTokenRecord {
    #[serde_as(as = "List<Text>")]
    created: Vec<LoadBalancerId>,
    #[serde_as(as = "Text")]
    deal_name: DealName,
    #[serde_as(as = "Text")]
    task_id: TaskId,
    #[serde_as(as = "Time")]
    at: Timestamp,
    generation: u64,
}
record!(ClientTokenRecord of ClientToken);
