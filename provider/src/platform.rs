//! The conversation with the cloud: who may write when, how long to be patient, what is read together.
//!
//! It knows the calls and their manners, not what a resource means; that is [`crate::resources`].

mod quota;
mod reads;
mod sightings;
mod write_queue;

use std::collections::BTreeSet;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clb_cloud_api::client::ConfigError;
use clb_cloud_api::{Action, Answered, ApiError, CallError, Client, ClientConfig, TaskOutcome, Wait};
use tfplugin_sdk::Operation;
use tokio::time::sleep;

use crate::errors::Failure;
use reads::SharedRead;
use sightings::Sightings;
use tokio::sync::OnceCell;
use write_queue::{Place, WriteQueue};

pub use quota::{Limit, Quota};
pub use reads::existing;
pub use sightings::Sighting;

/// The pause before a busy load balancer is asked again: it doubles from the first to the longest. How often it is asked is for
/// the `timeouts` of the resource to say.
const FIRST_BUSY_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_BUSY_PAUSE: Duration = Duration::from_secs(3);

/// The connection that all resources share.
#[derive(Debug)]
pub struct Platform {
    client: Client,
    writes: WriteQueue,
    listeners: SharedRead<clb_cloud_api::clb::Listener>,
    targets: SharedRead<clb_cloud_api::clb::ListenerBackend>,
    /// What Terraform asked about in this process: what is in its state. Ids, and backends by listener, name and port.
    managed: Mutex<BTreeSet<String>>,
    /// Instances that plans name, and the VPC of each.
    instances: Sightings<String>,
    /// Subnets that plans name, and the VPC of each.
    subnets: Sightings<String>,
    vpcs: Sightings<()>,
    security_groups: Sightings<()>,
    limits: OnceCell<Vec<clb_cloud_api::clb::Quota>>,
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
            instances: Sightings::default(),
            subnets: Sightings::default(),
            vpcs: Sightings::default(),
            security_groups: Sightings::default(),
            limits: OnceCell::new(),
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
    pub async fn turn(&self, cx: &Operation<'_, Self>, load_balancer_id: &str) -> Result<Turn<'_>, Failure> {
        let place = cx.unless_cancelled(self.writes.place(load_balancer_id)).await;
        let place = place.map_err(|why| {
            let rule = "a load balancer takes one change at a time";
            Failure::stopped(why, format!("It was waiting for its turn to change {load_balancer_id}: {rule}."))
        })?;
        Ok(Turn { platform: self, _place: place })
    }

    /// Waits until a task is done, until the user interrupts Terraform, or until the time of the operation is over.
    pub async fn finish(&self, cx: &Operation<'_, Self>, task_id: &str) -> Result<TaskOutcome, Failure> {
        let wait = Wait { timeout: Duration::MAX, ..Wait::default() };
        let waited = cx.unless_cancelled(self.client.wait_for(task_id, wait)).await;
        Ok(waited.map_err(|why| Failure::stopped(why, Failure::still_working(task_id)))??)
    }

    /// Notes that something is in Terraform's state.
    pub fn remember_managed(&self, id: &str) {
        self.managed.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
    }

    /// Whether something is known to be in Terraform's state. A plan cannot tell otherwise: when a listener is replaced
    /// because it is tainted, its plan looks as if there were none yet, and its own port seems taken.
    pub fn is_managed(&self, id: &str) -> bool {
        self.managed.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    /// How many things whose ids begin like this are known to be in Terraform's state.
    pub fn managed_with(&self, prefix: &str) -> usize {
        let managed = self.managed.lock().unwrap_or_else(PoisonError::into_inner);
        managed.iter().filter(|id| id.starts_with(prefix)).count()
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
    /// Sends a write. While others keep the load balancer busy it is offered again.
    pub async fn send<A: Action>(
        &self,
        cx: &Operation<'_, Platform>,
        action: &A,
    ) -> Result<Answered<A::Reply>, Failure> {
        let mut pause = FIRST_BUSY_PAUSE;
        loop {
            let busy = match self.platform.call(action).await {
                Err(error) if error.api().is_some_and(ApiError::is_busy) => error,
                answered => return answered.map_err(Failure::Call),
            };
            tracing::debug!(action = A::NAME, ?pause, "the load balancer is busy with somebody else's task");
            // Only the pause ends early: a write that is under way is seen to its end.
            let paused = cx.unless_cancelled(sleep(pause)).await;
            paused.map_err(|why| Failure::stopped(why, Failure::Call(busy).in_words()))?;
            pause = (pause * 2).min(LONGEST_BUSY_PAUSE);
        }
    }

    /// Sends a write to many things, which says in its reply what others say in an error; `refused` finds it there.
    pub async fn send_batch<A: Action>(
        &self,
        cx: &Operation<'_, Platform>,
        action: &A,
        refused: fn(A::Reply) -> Option<String>,
    ) -> Result<(), Failure> {
        let Answered { reply, request_id } = self.send(cx, action).await?;
        let refused = refused(reply);
        let failure = |message| ApiError { action: A::NAME, code: String::new(), message, request_id };
        refused.map_or(Ok(()), |message| Err(Failure::Partly(failure(message))))
    }

    /// Sends a write that is a task and waits until it is done.
    pub async fn carry_out<A: Action>(&self, cx: &Operation<'_, Platform>, action: &A) -> Result<(), Failure> {
        let accepted = self.send(cx, action).await?;
        self.platform.finish(cx, &accepted.request_id).await.map(|_| ())
    }
}

/// What a write gave; `None` when it failed because what it was about is gone, as a `look` at it shows: not every action has a
/// code for that.
pub async fn unless_gone<T, X>(
    written: Result<T, Failure>,
    look: impl Future<Output = Result<Option<X>, CallError>>,
) -> Result<Option<T>, Failure> {
    match written {
        Ok(done) => Ok(Some(done)),
        Err(Failure::Stopped { .. }) => written.map(Some),
        Err(_) if matches!(look.await, Ok(None)) => Ok(None),
        Err(failure) => Err(failure),
    }
}
