//! The conversation with the cloud: who may write when, how long to be patient, what is read together.
//!
//! It knows the calls and their manners, not what a resource means; that is [`crate::resources`].

mod reads;
mod write_queue;

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clb_cloud_api::client::ConfigError;
use clb_cloud_api::{Action, Answered, CallError, Client, ClientConfig, TaskOutcome, Wait};
use tfplugin_sdk::{Context, Resource, Result};
use tokio::time::{Instant, sleep};

use crate::errors::Failure;
use reads::SharedRead;
use write_queue::{Place, WriteQueue};

/// How long a write is offered again while others keep the load balancer busy. Creating a load balancer takes about ten
/// seconds, a big batch longer; after this much something is stuck.
const BUSY_PATIENCE: Duration = Duration::from_mins(5);

/// The pause before a busy load balancer is asked again: it doubles from the first to the longest.
const FIRST_BUSY_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_BUSY_PAUSE: Duration = Duration::from_secs(3);

/// The connection that all resources share.
#[derive(Debug)]
pub struct Platform {
    client: Client,
    writes: WriteQueue,
    listeners: SharedRead<clb_cloud_api::clb::Listener>,
    targets: SharedRead<clb_cloud_api::clb::ListenerBackend>,
    /// Listeners that Terraform asked about in this process: those in its state.
    managed: Mutex<BTreeSet<String>>,
}

impl Platform {
    /// A connection. Nothing is sent.
    pub fn new(config: ClientConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            client: Client::new(config)?,
            writes: WriteQueue::default(),
            listeners: SharedRead::default(),
            targets: SharedRead::default(),
            managed: Mutex::default(),
        })
    }

    /// The region of all resources.
    pub fn region(&self) -> &str {
        self.client.region()
    }

    /// Makes a call that no load balancer has to be free for.
    pub async fn call<A: Action>(&self, action: &A) -> Result<Answered<A::Reply>, CallError> {
        self.client.call(action).await
    }

    /// Waits until it is this operation's turn to write to a load balancer. The turn lasts until it is dropped.
    pub async fn turn<R: Resource>(&self, cx: &Context<'_, R>, load_balancer_id: &str) -> Result<Turn<'_>> {
        let place = cx.unless_cancelled(self.writes.place(load_balancer_id)).await?;
        Ok(Turn { platform: self, _place: place })
    }

    /// Waits until a task is done, or until the user interrupts Terraform.
    pub async fn finish<R: Resource>(&self, cx: &Context<'_, R>, task_id: &str) -> Result<TaskOutcome, Failure> {
        let waited = cx.unless_cancelled(self.client.wait_for(task_id, Wait::default())).await;
        Ok(waited.map_err(Failure::Interrupted)??)
    }

    /// Notes that a listener is in Terraform's state.
    pub fn remember_managed(&self, listener_id: &str) {
        self.managed.lock().unwrap_or_else(PoisonError::into_inner).insert(listener_id.to_owned());
    }

    /// Whether a listener is known to be in Terraform's state. A plan cannot tell otherwise: when a listener is replaced
    /// because it is tainted, its plan looks as if there were none yet, and its own port seems taken.
    pub fn is_managed(&self, listener_id: &str) -> bool {
        self.managed.lock().unwrap_or_else(PoisonError::into_inner).contains(listener_id)
    }

    /// A token that makes a creation safe to repeat; at most 64 characters, never the same twice.
    pub fn client_token(&self) -> String {
        // Every RandomState has keys of its own; what it hashes of nothing is as good as random.
        let half = || RandomState::new().build_hasher().finish();
        format!("terraform-{:016x}{:016x}", half(), half())
    }
}

/// The right to write to one load balancer: the platform runs one task at a time on each, and so do we.
#[derive(Debug)]
pub struct Turn<'a> {
    platform: &'a Platform,
    _place: Place,
}

impl Turn<'_> {
    /// Sends a write. While others keep the load balancer busy it is offered again, within bounds.
    pub async fn send<R: Resource, A: Action>(
        &self,
        cx: &Context<'_, R>,
        action: &A,
    ) -> Result<Answered<A::Reply>, Failure> {
        let give_up = Instant::now() + BUSY_PATIENCE;
        let mut pause = FIRST_BUSY_PAUSE;
        loop {
            let error = match self.platform.call(action).await {
                Ok(answered) => return Ok(answered),
                Err(error) => error,
            };
            let busy = error.api().is_some_and(clb_cloud_api::ApiError::is_busy);
            if !busy || Instant::now() + pause > give_up {
                return Err(error.into());
            }
            tracing::debug!(action = A::NAME, pause = ?pause, "the load balancer is busy with somebody else's task");
            cx.unless_cancelled(sleep(pause)).await.map_err(Failure::Interrupted)?;
            pause = (pause * 2).min(LONGEST_BUSY_PAUSE);
        }
    }

    /// Sends a write that is a task and waits until it is done.
    pub async fn carry_out<R: Resource, A: Action>(&self, cx: &Context<'_, R>, action: &A) -> Result<(), Failure> {
        let accepted = self.send(cx, action).await?;
        self.platform.finish(cx, &accepted.request_id).await.map(|_| ())
    }
}
