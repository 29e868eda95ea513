//! A world: everything that belongs to one account, all regions, isolated from other accounts.

pub mod changes;
mod invariants;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::certificate::Certificate;
use crate::forwarding::{BackendAddress, Forwarding, Observation};
use crate::id::{CertificateId, ListenerId, LoadBalancerId};
use crate::listener::Listener;
use crate::load_balancer::Phase;
use crate::refusal::{Field, Refusal};
use crate::region::Region;
use crate::rules::Rule;
use crate::tag::{ResourceName, Tags};
use crate::task::{Task, TaskState, Work};

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

    pub(crate) fn region_mut(&mut self, name: &str) -> Result<&mut Region, Refusal> {
        self.regions.get_mut(name).ok_or_else(|| unknown_region(name))
    }

    /// What should be forwarding now.
    pub fn forwardings(&self) -> impl Iterator<Item = (ListenerId, Forwarding)> {
        self.regions().flat_map(Region::load_balancers).flat_map(|load_balancer| {
            let forwarding = |listener: &Listener| Some((listener.id.clone(), listener.forwarding(load_balancer)?));
            load_balancer.listeners().filter_map(forwarding)
        })
    }

    /// Takes in what the data plane reports. True when that changed what should be forwarding.
    pub fn observe(&mut self, observation: &Observation) -> bool {
        let mut changed = false;
        for region in self.regions.values_mut() {
            changed |= match observation {
                Observation::Applied { generation, failed } => region.observe_applied(*generation, failed),
                Observation::Probed { load_balancer_id, listener_id, address, passed } => {
                    region.observe_probed(load_balancer_id, listener_id, *address, *passed)
                }
            };
        }
        changed
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
    /// A table is in effect: the tasks that waited for it, or for an older one, end.
    fn observe_applied(&mut self, generation: u64, failed: &BTreeMap<ListenerId, String>) -> bool {
        let ending: Vec<Arc<Task>> =
            self.tasks.running.values().filter(|task| task.awaits <= generation).cloned().collect();
        let mut changed = false;
        for task in ending {
            for id in &task.load_balancers {
                if let Some(load_balancer) = self.load_balancers.get_mut(id)
                    && load_balancer.phase != Phase::Running
                {
                    Arc::make_mut(load_balancer).phase = Phase::Running;
                }
            }
            let failures = self.failures(&task, failed);
            changed |= !failures.is_empty();
            let state = if failures.is_empty() { TaskState::Succeeded } else { TaskState::Failed(failures.join(" ")) };
            self.tasks.end(&task.id, state);
        }
        changed
    }

    /// A sentence for each listener of the task that the data plane failed at. New ones among them are taken away.
    fn failures(&mut self, task: &Task, failed: &BTreeMap<ListenerId, String>) -> Vec<String> {
        let mut sentences = Vec::new();
        match &task.work {
            Work::Settings => {}
            Work::Changing(ids) => {
                let failed = ids.iter().filter_map(|id| failed.get_key_value(id));
                sentences.extend(failed.map(|(id, reason)| format!("Listener {id} could not be changed: {reason}.")));
            }
            Work::Opening(ids) => {
                for (id, reason) in ids.iter().filter_map(|id| failed.get_key_value(id)) {
                    if let Some(address) = self.drop_listener(&task.load_balancers, id) {
                        sentences.push(format!("Listener {id} on UDP {address} was removed: {reason}."));
                    }
                }
            }
        }
        sentences
    }

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
