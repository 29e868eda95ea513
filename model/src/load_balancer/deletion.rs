//! Deleting load balancers: all that are named or none, and the platform's checks before it.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use crate::id::LoadBalancerId;
use crate::quota::{Quota, Quotas};
use crate::refusal::{Field, Refusal, require};
use crate::region::Region;
use crate::rules::Rule;
use crate::tag::ResourceName;
use crate::task::Occasion;
use crate::time::Timestamp;
use crate::world::World;

/// The most load balancers one call deletes (SDK).
const MOST_IN_A_CALL: usize = 20;
/// That many bound backends keep a load balancer from being deleted without force (SDK).
const TARGETS_AT_RISK: usize = 20;
/// How long deletions are counted (SDK).
const LATELY: Duration = Duration::from_mins(5);

/// When load balancers of a region were deleted lately: how many in which second. No longer than the time that counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deletions {
    seconds: VecDeque<(Timestamp, usize)>,
}

impl Deletions {
    /// How many there were lately.
    fn count(&self, now: Timestamp) -> usize {
        self.seconds.iter().filter(|(at, _)| now.since(*at) < LATELY).map(|(_, count)| count).sum()
    }

    /// So many more, now. Forgets those that do not count any more.
    pub fn add(&mut self, now: Timestamp, count: usize) {
        let second = Timestamp::from_unix_millis(now.unix_seconds() * 1000);
        self.seconds.retain(|(at, _)| now.since(*at) < LATELY);
        match self.seconds.back_mut().filter(|(at, _)| *at == second) {
            Some((_, known)) => *known += count,
            None => self.seconds.push_back((second, count)),
        }
    }

    /// How many in which second, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (Timestamp, usize)> {
        self.seconds.iter().copied()
    }
}

impl World {
    /// Deletes load balancers with their listeners and bindings: all that are named, or none.
    pub fn delete_load_balancers(
        &mut self,
        region: &str,
        ids: &[String],
        force: bool,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let quotas = self.quotas;
        let region = self.region_mut(region)?;
        let leaving = region.check_deletions(ids, force, &quotas, occasion.now)?;
        for id in &leaving {
            if let Some(gone) = region.load_balancers.remove(id) {
                occasion.vips.give_back(gone.vip);
            }
        }
        region.deletions.add(occasion.now, leaving.len());
        region.tasks.start(occasion, leaving.iter().cloned().collect());
        for id in &leaving {
            self.tags.remove(&ResourceName::load_balancer(id));
        }
        Ok(())
    }
}

impl Region {
    fn check_deletions(
        &self,
        ids: &[String],
        force: bool,
        quotas: &Quotas,
        now: Timestamp,
    ) -> Result<BTreeSet<LoadBalancerId>, Refusal> {
        require((1..=MOST_IN_A_CALL).contains(&ids.len()), || {
            let given = if ids.is_empty() { "none, and one is needed".to_owned() } else { ids.len().to_string() };
            Refusal::new(Rule::LbDeleteIdsMax20).at(Field::LoadBalancerIds).given(given)
        })?;
        let unknown = if ids.len() == 1 { Rule::LbNotFound } else { Rule::LbDeleteBatchAtomic };
        let mut leaving = BTreeSet::new();
        for (index, id) in ids.iter().enumerate() {
            let id = self
                .idle_load_balancer(id, unknown, Rule::LbTaskLockDeleteLb)
                .and_then(|id| self.check_deletion(&id, force).map(|()| id))
                .map_err(|refusal| refusal.nth(index))?;
            leaving.insert(id);
        }
        let lately = self.deletions.count(now);
        require(lately < quotas.limit(Quota::Deletions), || {
            Refusal::new(Rule::LbDeleteFrequencyRisk)
                .at(Field::LoadBalancerIds)
                .given(format_args!("{lately} deletions"))
        })?;
        Ok(leaving)
    }

    fn check_deletion(&self, id: &LoadBalancerId, force: bool) -> Result<(), Refusal> {
        let load_balancer = self.load_balancer(id.as_str(), Rule::LbNotFound)?;
        let refused = |rule| Refusal::new(rule).at(Field::LoadBalancerIds);
        require(!load_balancer.delete_protection, || refused(Rule::LbDeleteProtection).given(id))?;
        let targets = load_balancer.target_count();
        require(force || targets < TARGETS_AT_RISK, || {
            refused(Rule::LbDeleteTargetCountRisk).given(format_args!("{id}, {targets} targets"))
        })
    }
}
