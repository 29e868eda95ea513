//! Tasks: how an accepted write is going. The task id is the `RequestId` of the call that started it.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::action::actions;

actions! { Clb:
    DescribeTaskStatus => DescribeTaskStatusReply;
}

/// Asks how a task is going.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeTaskStatus {
    /// RequestId of the async call.
    pub task_id: Option<String>,
    /// Order id; one of TaskId/DealName is required.
    pub deal_name: Option<String>,
}

/// What [`DescribeTaskStatus`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeTaskStatusReply {
    /// 0 succeeded, 1 failed, 2 running.
    pub status: i64,
    /// CLB instance ids.
    pub load_balancer_ids: Option<Vec<String>>,
    /// Failure reason.
    pub message: Option<String>,
}
