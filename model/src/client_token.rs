//! Client tokens of creating calls: a call that is repeated with its token creates nothing again (SDK).

use std::time::Duration;

use crate::id::LoadBalancerId;
use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;
use crate::task::{DealName, TaskId};
use crate::time::Timestamp;

/// How long a token stands for what was created with it; after that it is refused. The platform does not say how long;
/// this is our choice.
pub const LIFETIME: Duration = Duration::from_hours(24);
/// How many tokens a region remembers, the newest; one that is forgotten is as good as new. Ours.
pub(crate) const REMEMBERED: usize = 1000;

/// What was created with a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientToken {
    /// What the first call created.
    pub created: Vec<LoadBalancerId>,
    /// The order.
    pub deal_name: DealName,
    /// The task.
    pub task_id: TaskId,
    /// When.
    pub at: Timestamp,
    /// The number of the forwarding table that held it first.
    pub generation: u64,
}

impl ClientToken {
    /// Refuses a token that has expired.
    pub(crate) fn check(&self, token: &str, now: Timestamp) -> Result<(), Refusal> {
        require(now.since(self.at) <= LIFETIME, || {
            Refusal::new(Rule::LbClientTokenExpired).at(Field::ClientToken).given(token)
        })
    }
}
