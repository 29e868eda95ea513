//! The conversation with the cloud: who may write when, what goes out together, how long to be patient, what is read together.
//!
//! It knows the calls and their manners, not what a resource means; that is [`crate::resources`].

mod batch;
mod claims;
mod connection;
mod creations;
mod gathering;
mod line;
mod listings;
mod pace;
mod quota;
mod reads;
mod searches;
mod shared_read;
mod sightings;
mod task_polls;

use std::collections::BTreeSet;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use clb_cloud_api::client::ConfigError;
use clb_cloud_api::{Action, Answered, ApiError, CallError, Client, ClientConfig, TaskOutcome};
use tfplugin_sdk::{Error, Operation};
use tokio::sync::{OnceCell, oneshot};
use tokio::time::sleep;

use crate::errors::Failure;
use claims::Claim;
use connection::Connection;
use creations::Creations;
use line::{BusyPauses, Lines, Place, Ticket};
use sightings::Sightings;

pub use batch::{MOST_TARGETS, Part};
pub use claims::Claimed;
pub use creations::{Created, Lookalike};
pub use listings::{Found, Paged};
pub use quota::{Limit, Quota};
pub use reads::existing;
pub use sightings::Sighting;

/// Why somebody waits who has done nothing yet.
const ONE_AT_A_TIME: &str = "a load balancer takes one change at a time";

/// The connection that all resources share.
#[derive(Debug)]
pub struct Platform {
    connection: Arc<Connection>,
    lines: Lines,
    /// What Terraform asked about in this process: what is in its state. Ids, and backends by listener, name and port.
    managed: Mutex<BTreeSet<String>>,
    /// Instances that plans name, and the VPC of each.
    instances: Sightings<String>,
    /// Subnets that plans name, and the VPC of each.
    subnets: Sightings<String>,
    vpcs: Sightings<()>,
    zones: Sightings<()>,
    security_groups: Sightings<()>,
    limits: OnceCell<Vec<clb_cloud_api::clb::Quota>>,
    /// Load balancers that this process created and could not set up completely.
    unfinished: Mutex<BTreeSet<String>>,
    creations: Creations,
}

impl Platform {
    /// A connection. Nothing is sent. Without `merging` every resource calls for itself.
    pub fn new(config: ClientConfig, merging: bool) -> Result<Self, ConfigError> {
        let connection = Arc::new(Connection::new(Client::new(config)?, merging));
        Ok(Self {
            lines: Lines::new(Arc::clone(&connection)),
            connection,
            managed: Mutex::default(),
            instances: Sightings::default(),
            subnets: Sightings::default(),
            vpcs: Sightings::default(),
            zones: Sightings::default(),
            security_groups: Sightings::default(),
            limits: OnceCell::new(),
            unfinished: Mutex::default(),
            creations: Creations::default(),
        })
    }

    /// The region of all resources.
    pub fn region(&self) -> &str {
        self.connection.region()
    }

    /// Makes a call that no load balancer has to be free for.
    pub async fn call<A: Action>(&self, action: &A) -> Result<Answered<A::Reply>, CallError> {
        self.connection.call(action).await
    }

    /// Hands in what one resource has to write to a load balancer, and waits until the platform has accepted it, perhaps together
    /// with what others have to write.
    pub async fn write(
        &self,
        cx: &Operation<'_, Self>,
        load_balancer_id: &str,
        part: Part,
    ) -> Result<Written, Failure> {
        let mut ticket = self.lines.hand_in(load_balancer_id, part);
        let accepted = match cx.unless_cancelled(&mut ticket.accepted).await {
            Ok(accepted) => accepted.map_err(|_| stopped(load_balancer_id))?,
            Err(why) => {
                // Only the wait ends early: a write that is under way is seen to its end.
                let seen = if ticket.withdraw() { None } else { (&mut ticket.accepted).await.ok() };
                seen.ok_or_else(|| {
                    let busy = ticket.busy().map(|busy| Failure::Call(busy).in_words());
                    Failure::stopped(why, busy.unwrap_or_else(|| waiting_for_turn(load_balancer_id)))
                })?
            }
        };
        let line::Accepted { created, request_id } = accepted?;
        Ok(Written { created, request_id, ticket })
    }

    /// Hands in what one resource has to write to a load balancer, and waits until it is carried out.
    pub async fn carry_out(&self, cx: &Operation<'_, Self>, load_balancer_id: &str, part: Part) -> Result<(), Failure> {
        self.write(cx, load_balancer_id, part).await?.done(cx).await
    }

    /// Waits until nobody else in this process is changing these backends. The claim lasts until it is dropped.
    pub async fn claim(&self, cx: &Operation<'_, Self>, what: Claimed) -> Result<Claim<'_>, Failure> {
        let waited =
            format!("It was waiting for another change of the same backends on the listener {}.", what.listener_id);
        cx.unless_cancelled(self.lines.claim(what)).await.map_err(|why| Failure::stopped(why, waited))
    }

    /// Waits until it is this operation's turn to write to a load balancer, for writes that go out alone. The turn lasts until it
    /// is dropped.
    pub async fn turn(&self, cx: &Operation<'_, Self>, load_balancer_id: &str) -> Result<Turn<'_>, Failure> {
        let place = cx.unless_cancelled(self.lines.place(load_balancer_id)).await;
        let place = place.map_err(|why| Failure::stopped(why, waiting_for_turn(load_balancer_id)))?;
        let place = place.ok_or_else(|| stopped(load_balancer_id))?;
        Ok(Turn { platform: self, place })
    }

    /// Waits until a task of this action is done, until the user interrupts Terraform, or until the time of the operation is over.
    pub async fn finish<A: Action>(&self, cx: &Operation<'_, Self>, task_id: &str) -> Result<TaskOutcome, Failure> {
        let waited = cx.unless_cancelled(self.connection.finish(A::NAME, task_id)).await;
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

    /// Notes that a load balancer exists and is not yet all that it is to be: no listener should be created on it.
    pub fn remember_unfinished(&self, load_balancer_id: &str) {
        self.unfinished.lock().unwrap_or_else(PoisonError::into_inner).insert(load_balancer_id.to_owned());
    }

    /// Notes that a load balancer is what it is to be.
    pub fn forget_unfinished(&self, load_balancer_id: &str) {
        self.unfinished.lock().unwrap_or_else(PoisonError::into_inner).remove(load_balancer_id);
    }

    /// Whether a load balancer is not yet all that it is to be.
    pub fn is_unfinished(&self, load_balancer_id: &str) -> bool {
        self.unfinished.lock().unwrap_or_else(PoisonError::into_inner).contains(load_balancer_id)
    }

    /// A token that makes a creation safe to repeat; at most 64 characters, never the same twice.
    pub fn client_token(&self) -> String {
        // Every RandomState has keys of its own; what it hashes of nothing is as good as random.
        let half = || RandomState::new().build_hasher().finish();
        format!("terraform-{:016x}{:016x}", half(), half())
    }
}

/// A write that the platform has accepted.
#[derive(Debug)]
pub struct Written {
    /// The listeners that were created by it.
    pub created: Vec<String>,
    /// The id of the request, which is that of its task.
    pub request_id: String,
    ticket: Ticket,
}

impl Written {
    /// Waits until it is carried out, until the user interrupts Terraform, or until the time of the operation is over.
    pub async fn done(mut self, cx: &Operation<'_, Platform>) -> Result<(), Failure> {
        let done = cx.unless_cancelled(&mut self.ticket.done).await;
        let still_working = || Failure::still_working(&self.request_id);
        done.map_err(|why| Failure::stopped(why, still_working()))?
            .unwrap_or_else(|oneshot::error::RecvError { .. }| Err(Failure::stopped(provider_ends(), still_working())))
    }
}

fn waiting_for_turn(load_balancer_id: &str) -> String {
    format!("It was waiting for its turn to change {load_balancer_id}: {ONE_AT_A_TIME}.")
}

/// What is said when nobody drives the line any more.
fn stopped(load_balancer_id: &str) -> Failure {
    Failure::stopped(provider_ends(), waiting_for_turn(load_balancer_id))
}

fn provider_ends() -> Error {
    Error::new("Interrupted").detail("The provider is ending.")
}

/// The right to write to one load balancer: the platform runs one task at a time on each, and so do we.
#[derive(Debug)]
pub struct Turn<'a> {
    platform: &'a Platform,
    place: Place,
}

impl Turn<'_> {
    /// Sends a write. While others keep the load balancer busy it is offered again.
    pub async fn send<A: Action>(
        &self,
        cx: &Operation<'_, Platform>,
        action: &A,
    ) -> Result<Answered<A::Reply>, Failure> {
        let mut pauses = BusyPauses::default();
        loop {
            let answered = self.platform.call(action).await;
            self.place.forget();
            let busy = match answered {
                Err(error) if error.api().is_some_and(ApiError::is_busy) => error,
                answered => return answered.map_err(Failure::Call),
            };
            let pause = pauses.next();
            tracing::debug!(action = A::NAME, ?pause, "the load balancer is busy with somebody else's task");
            // Only the pause ends early: a write that is under way is seen to its end.
            let waited = cx.unless_cancelled(sleep(pause)).await;
            waited.map_err(|why| Failure::stopped(why, Failure::Call(busy).in_words()))?;
        }
    }

    /// Sends a write that is a task and waits until it is done.
    pub async fn carry_out<A: Action>(&self, cx: &Operation<'_, Platform>, action: &A) -> Result<(), Failure> {
        let accepted = self.send(cx, action).await?;
        let finished = self.platform.finish::<A>(cx, &accepted.request_id).await;
        self.place.forget();
        finished.map(|_| ())
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
