//! A world: everything that belongs to one account, all regions, isolated from other accounts.

pub mod changes;
mod invariants;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::certificate::Certificate;
use crate::forwarding::{BackendAddress, Forwarding, Observation};
use crate::id::{CertificateId, ListenerId, LoadBalancerId};
use crate::quota::Quotas;
use crate::refusal::{Field, Refusal};
use crate::region::Region;
use crate::rules::Rule;
use crate::tag::{ResourceName, Tags};
use crate::task::{Moment, Occasion, Step, Task};

/// An account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Its number, as replies show it.
    pub uin: String,
    /// Whether it may have QUIC listeners.
    pub quic: QuicAdmission,
}

/// Whether an account is admitted to the beta of QUIC listeners.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuicAdmission {
    /// It is.
    Admitted,
    /// It is not.
    #[default]
    Closed,
}

/// Everything that belongs to one account.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Whose it is.
    pub account: Account,
    /// How much of everything the account may have: a lever, so no part of what is stored.
    pub quotas: Quotas,
    pub(crate) certificates: BTreeMap<CertificateId, Arc<Certificate>>,
    pub(crate) tags: BTreeMap<ResourceName, Arc<Tags>>,
    regions: BTreeMap<String, Region>,
}

impl World {
    /// An empty world.
    pub fn new(account: Account) -> Self {
        Self { account, ..Self::default() }
    }

    /// Adds a region, or replaces the one with its name.
    pub fn add_region(&mut self, region: Region) {
        self.regions.insert(region.name.clone(), region);
    }

    /// Every region, by name.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.regions.values()
    }

    /// The region with that name.
    pub fn region(&self, name: &str) -> Result<&Region, Refusal> {
        self.regions.get(name).ok_or_else(|| unknown_region(name))
    }

    pub(crate) fn regions_mut(&mut self) -> impl Iterator<Item = &mut Region> {
        self.regions.values_mut()
    }

    pub(crate) fn region_mut(&mut self, name: &str) -> Result<&mut Region, Refusal> {
        self.regions.get_mut(name).ok_or_else(|| unknown_region(name))
    }

    /// What should be forwarding now.
    pub fn forwardings(&self) -> impl Iterator<Item = (ListenerId, Forwarding)> {
        self.regions().flat_map(|region| {
            region.forwardings().into_iter().filter_map(|(id, forwarding)| Some((id.clone(), forwarding?)))
        })
    }

    /// Takes in what the data plane reports.
    pub fn observe(&mut self, observation: &Observation, moment: &mut Moment<'_>) -> Step {
        match observation {
            Observation::Applied { generation, failed } => self.observe_applied(*generation, failed, moment),
            Observation::Probed { load_balancer_id, listener_id, address, passed } => {
                let mut regions = self.regions.values_mut();
                // Ids of load balancers are unique in a region; of a second one with that id nothing changes.
                let forwarding =
                    regions.any(|region| region.observe_probed(load_balancer_id, listener_id, *address, *passed));
                Step { ended: false, forwarding }
            }
        }
    }

    /// Carries a write out. One whose task is told to fail is checked as any other; what it would change or delete stays
    /// as it was, and what it creates is there until its task ends.
    pub fn write<T>(
        &mut self,
        occasion: &mut Occasion<'_>,
        change: impl FnOnce(&mut Self, &mut Occasion<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if occasion.fails_with.is_none() {
            return change(self, occasion);
        }
        let (mut trial, vips) = (self.clone(), occasion.vips.clone());
        let done = change(&mut trial, occasion)?;
        let started = trial.regions().find_map(|region| {
            let task: &Arc<Task> = region.tasks.running.get(&occasion.task_id)?;
            (!task.work.creates()).then(|| (region.name.clone(), Arc::clone(task)))
        });
        match started {
            Some((region, task)) => {
                *occasion.vips = vips;
                self.region_mut(&region)?.tasks.put(task);
            }
            None => *self = trial,
        }
        Ok(done)
    }

    /// A listener that uses the certificate, if one does.
    pub(crate) fn listener_using(&self, id: &CertificateId) -> Option<&ListenerId> {
        self.listeners()
            .find(|listener| listener.certificates().any(|certificate| certificate.id == *id))
            .map(|listener| &listener.id)
    }
}

fn unknown_region(name: &str) -> Refusal {
    Refusal::new(Rule::ClbRegionMustExist).at(Field::Region).given(format_args!("{name:?}"))
}

impl Region {
    /// A probe has ended. True when that changed who is given new connections. One comes for every backend every few
    /// seconds, so it looks at its load balancer only.
    fn observe_probed(
        &mut self,
        owner: &LoadBalancerId,
        id: &ListenerId,
        address: BackendAddress,
        passed: bool,
    ) -> bool {
        let Some(load_balancer) = self.load_balancers.get_mut(owner) else { return false };
        let Some(listener) = load_balancer.listeners.get(id).filter(|listener| listener.is_watched()) else {
            return false;
        };
        let Some(bound) = listener.bindings.iter().position(|binding| binding.address == address) else {
            return false;
        };
        let before = listener.bindings[bound].health;
        let mut after = before;
        after.observe(passed, &listener.health_check);
        // Most probes say what was known, and what does not change stays shared with copies of the world.
        if after != before
            && let Some(listener) = Arc::make_mut(load_balancer).listeners.get_mut(id)
        {
            Arc::make_mut(listener).bindings[bound].health = after;
        }
        after.verdict() != before.verdict()
    }
}
