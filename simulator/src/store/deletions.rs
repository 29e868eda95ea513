//! When load balancers were deleted lately, as it is stored.

use clb_model::load_balancer::Deletions;
use clb_model::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::serde_as;

use super::written::Time;

/// The row of a region's deletions.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeletionsRow {
    /// Oldest first.
    seconds: Vec<Second>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Second {
    #[serde_as(as = "Time")]
    at: Timestamp,
    count: usize,
}

impl DeletionsRow {
    /// The row of those.
    pub fn new(deletions: &Deletions) -> Self {
        Self { seconds: deletions.iter().map(|(at, count)| Second { at, count }).collect() }
    }

    /// What the row says.
    pub fn into_deletions(self) -> Deletions {
        let mut deletions = Deletions::default();
        for Second { at, count } in self.seconds {
            deletions.add(at, count);
        }
        deletions
    }
}
