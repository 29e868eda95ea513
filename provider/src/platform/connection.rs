//! The wire to the platform: calls at a pace it bears, tasks asked about as seldom as will do, and what was read over it lately.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clb_cloud_api::clb::{DescribeTaskStatus, Listener, ListenerBackend, ListenerHealth, LoadBalancer};
use clb_cloud_api::ssl::DescribeCertificateDetailReply;
use clb_cloud_api::{Action, Answered, CallError, Client, TaskError, TaskOutcome};
use tokio::time::{Instant, sleep};

use super::pace::Pace;
use super::shared_read::SharedRead;
use super::task_polls::TaskPolls;

/// `Status` of DescribeTaskStatus.
const SUCCEEDED: i64 = 0;
const RUNNING: i64 = 2;

/// What all operations have in common.
#[derive(Debug)]
pub struct Connection {
    client: Client,
    pace: Pace,
    /// How long the tasks of an action usually take: one entry per action.
    usual: Mutex<HashMap<&'static str, Duration>>,
    /// Whether what fits together goes out together.
    merging: bool,
    /// The listeners of a load balancer.
    pub listeners: SharedRead<Vec<Listener>>,
    /// What is bound to them.
    pub targets: SharedRead<Vec<ListenerBackend>>,
    /// How the health checks see what is bound to them.
    pub health: SharedRead<Vec<ListenerHealth>>,
    /// A load balancer, if it exists.
    pub load_balancers: SharedRead<Option<LoadBalancer>>,
    /// A certificate, if it exists.
    pub certificates: SharedRead<Option<DescribeCertificateDetailReply>>,
}

impl Connection {
    /// A connection by this client.
    pub fn new(client: Client, merging: bool) -> Self {
        Self {
            client,
            pace: Pace::default(),
            usual: Mutex::default(),
            merging,
            listeners: SharedRead::new(merging),
            targets: SharedRead::new(merging),
            health: SharedRead::new(merging),
            load_balancers: SharedRead::new(merging),
            certificates: SharedRead::new(merging),
        }
    }

    /// The region of all calls.
    pub fn region(&self) -> &str {
        self.client.region()
    }

    /// Whether what fits together goes out together.
    pub fn is_merging(&self) -> bool {
        self.merging
    }

    /// Makes a call as soon as its pace allows.
    pub async fn call<A: Action>(&self, action: &A) -> Result<Answered<A::Reply>, CallError> {
        self.pace.pass(A::NAME).await;
        self.client.call(action).await
    }

    /// Waits until a task of this action is done.
    pub async fn finish(&self, action: &'static str, task_id: &str) -> Result<TaskOutcome, TaskError> {
        let started = Instant::now();
        let mut polls = TaskPolls::new(self.usual(action));
        sleep(polls.first()).await;
        loop {
            let question = DescribeTaskStatus { task_id: Some(task_id.to_owned()), deal_name: None };
            let answer = self.call(&question).await;
            let status = answer.map_err(|source| TaskError::Unknown { task_id: task_id.to_owned(), source })?.reply;
            if status.status == RUNNING {
                sleep(polls.next(started.elapsed())).await;
                continue;
            }
            self.learn(action, polls.learned(started.elapsed()));
            if status.status == SUCCEEDED {
                return Ok(TaskOutcome { load_balancer_ids: status.load_balancer_ids.unwrap_or_default() });
            }
            let message = status.message.unwrap_or_else(|| "the platform gives no reason".to_owned());
            return Err(TaskError::Failed { task_id: task_id.to_owned(), message });
        }
    }

    /// How long a task of this action usually takes; zero when none was seen yet.
    pub fn usual(&self, action: &'static str) -> Duration {
        self.usual.lock().unwrap_or_else(PoisonError::into_inner).get(action).copied().unwrap_or_default()
    }

    /// How long one took.
    pub fn learn(&self, action: &'static str, usual: Duration) {
        self.usual.lock().unwrap_or_else(PoisonError::into_inner).insert(action, usual);
    }

    /// A load balancer is being written to, or has just been: what was read of it does not count any more.
    pub fn forget(&self, load_balancer_id: &str) {
        self.listeners.forget(load_balancer_id);
        self.targets.forget(load_balancer_id);
        self.health.forget(load_balancer_id);
        self.load_balancers.forget(load_balancer_id);
    }
}
