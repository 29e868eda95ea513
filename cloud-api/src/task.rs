//! Waiting for a task: most writes are accepted at once and carried out later.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::clb::DescribeTaskStatus;
use crate::client::Client;
use crate::error::TaskError;

/// How long to wait, and how often to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How long to wait in all.
    pub timeout: Duration,
    /// The pause after the first answer; it doubles each time. Small, because a simulated task is done at once.
    pub first_pause: Duration,
    /// The longest pause, which is what a task of the real platform is mostly asked with.
    pub longest_pause: Duration,
}

impl Default for Wait {
    fn default() -> Self {
        Self {
            timeout: Duration::from_mins(10),
            first_pause: Duration::from_millis(10),
            longest_pause: Duration::from_secs(2),
        }
    }
}

/// What a finished task says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskOutcome {
    /// The load balancers the task was about; empty if the platform does not say.
    pub load_balancer_ids: Vec<String>,
}

/// `Status` of DescribeTaskStatus.
const SUCCEEDED: i64 = 0;
const RUNNING: i64 = 2;

impl Client {
    /// Waits until a task is done. The task's id is the `RequestId` of the call that started it.
    ///
    /// Dropping the future gives up waiting at once; the task itself goes on.
    pub async fn wait_for(&self, task_id: &str, wait: Wait) -> Result<TaskOutcome, TaskError> {
        let asking = self.ask_until_ended(task_id, wait);
        timeout(wait.timeout, asking)
            .await
            .unwrap_or_else(|_| Err(TaskError::TimedOut { task_id: task_id.to_owned(), after: wait.timeout }))
    }

    async fn ask_until_ended(&self, task_id: &str, wait: Wait) -> Result<TaskOutcome, TaskError> {
        let question = DescribeTaskStatus { task_id: Some(task_id.to_owned()), deal_name: None };
        let mut pause = wait.first_pause;
        loop {
            let answer = self.call(&question).await;
            let status = answer.map_err(|source| TaskError::Unknown { task_id: task_id.to_owned(), source })?.reply;
            match status.status {
                SUCCEEDED => {
                    return Ok(TaskOutcome { load_balancer_ids: status.load_balancer_ids.unwrap_or_default() });
                }
                RUNNING => {}
                _ => {
                    let message = status.message.unwrap_or_else(|| "the platform gives no reason".to_owned());
                    return Err(TaskError::Failed { task_id: task_id.to_owned(), message });
                }
            }
            sleep(pause).await;
            pause = pause.saturating_mul(2).min(wait.longest_pause);
        }
    }
}
