//! Listeners: what they are, and the verbs on them. Port and protocol never change (SDK).
//!
//! A QUIC listener ends QUIC and TLS and forwards to its bindings over TCP. TCP, UDP and TCP_SSL listeners are there for
//! whoever manages them: they obey every rule and forward nothing, so the health of their targets stays unknown.

mod draft;
mod protocol;
mod replacement;
mod running;
mod settings;
mod tls;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

pub use draft::{ListenerChange, ListenerDraft};
pub use protocol::{PortClass, Protocol};
pub use running::RunningDraft;
pub(crate) use settings::inapplicable;
pub use settings::{ProtocolDraft, ProtocolSettings, Reschedule, SessionType};
pub use tls::{CertificateChoice, ClientVerification, InlineCertificate, ListenerTls, MultiTlsDraft, TlsDraft};

use crate::binding::Binding;
use crate::certificate::Certificate;
use crate::forwarding::{Backend, ConnectionLimits, Forwarding, Scheduler};
use crate::health::{HealthCheck, Verdict, eligible};
use crate::id::{ListenerId, LoadBalancerId};
use crate::load_balancer::{Kind, LoadBalancer};
use crate::refusal::{Field, Refusal, require};
use crate::region::Region;
use crate::rules::Rule;
use crate::security_group::filter::SecurityFilters;
use crate::task::{Occasion, Work};
use crate::time::Timestamp;
use crate::world::World;

/// The most listeners one call deletes (SDK).
const MOST_IN_A_DELETION: usize = 20;

/// A listener. Only a QUIC listener that is not stopped forwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Listener {
    /// Its id.
    pub id: ListenerId,
    /// Its name; may be empty, need not be unique.
    pub name: String,
    /// What it speaks with its clients.
    pub protocol: Protocol,
    /// Its port: of UDP for a protocol of the UDP class, of TCP otherwise.
    pub port: u16,
    /// How a backend is chosen for a new connection.
    pub scheduler: Scheduler,
    /// How backends are watched.
    pub health_check: HealthCheck,
    /// What clients are shown, and asked for; those that end TLS have it, and no others.
    pub tls: Option<ListenerTls>,
    /// Connection limits.
    pub limits: ConnectionLimits,
    /// Whether backends get a PROXY protocol header.
    pub proxy_protocol: bool,
    /// Whether backends see the load balancer's address in place of the client's.
    pub snat: bool,
    /// What only some protocols have.
    pub settings: ProtocolSettings,
    /// Whether it is stopped (`SetLoadBalancerStartStatus`): it is there and takes no connections.
    pub stopped: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// What is bound to it, in the order of binding.
    pub bindings: Vec<Binding>,
}

impl Listener {
    /// What is bound to it, in the order of binding.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// Whether its backends are probed, as far as anyone can see: its check is on, and it is not stopped.
    pub fn is_watched(&self) -> bool {
        self.health_check.enabled && !self.stopped
    }

    /// Every certificate it uses.
    pub fn certificates(&self) -> impl Iterator<Item = &Arc<Certificate>> {
        self.tls.iter().flat_map(ListenerTls::certificates)
    }

    /// What the data plane has to do for it; nothing for one that is stopped or of another protocol than QUIC.
    /// `security` gives what security groups say about it.
    pub(crate) fn forwarding(
        &self,
        load_balancer: &LoadBalancer,
        security: impl FnOnce() -> SecurityFilters,
    ) -> Option<Forwarding> {
        let tls = self.tls.as_ref().filter(|_| self.protocol == Protocol::Quic && !self.stopped)?;
        let dead = |binding: &Binding| binding.health.verdict() == Verdict::Dead;
        let all_dead = self.bindings.iter().all(dead);
        let backends = self.bindings.iter().map(|binding| Backend {
            address: binding.address,
            weight: binding.weight,
            eligible: eligible(binding.health.verdict(), all_dead, &self.health_check),
        });
        Some(Forwarding {
            load_balancer_id: load_balancer.id.clone(),
            address: SocketAddr::new(load_balancer.address(), self.port),
            source: IpAddr::V4(load_balancer.vip),
            scheduler: self.scheduler,
            tls: tls.forwarding(),
            probe: self.health_check.probe(),
            proxy_protocol: self.proxy_protocol,
            snat: self.snat,
            limits: self.limits,
            backends: backends.collect(),
            security: security(),
        })
    }
}

impl World {
    /// Creates one listener per port, alike but for port and name. Their ids come in the order of the ports.
    pub fn create_listeners(
        &mut self,
        region_name: &str,
        draft: &ListenerDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<Vec<ListenerId>, Refusal> {
        let region = self.region(region_name)?;
        let id = region.idle_load_balancer(&draft.load_balancer_id, Rule::LbNotFoundUnlisted, Rule::LbTaskLock)?;
        let load_balancer = region.load_balancer(id.as_str(), Rule::LbNotFoundUnlisted)?;
        let spec = draft.check(load_balancer, self)?;
        let tls = spec.tls.map(|tls| tls.settle(self, occasion)).transpose()?;
        let mut ids = Vec::new();
        for (port, name) in spec.ports.into_iter().zip(spec.names) {
            let listener_id = self.new_listener_id(occasion);
            let listener = Listener {
                id: listener_id.clone(),
                name,
                protocol: spec.protocol,
                port,
                scheduler: spec.scheduler,
                health_check: spec.health_check.clone(),
                tls: tls.clone(),
                limits: spec.limits,
                proxy_protocol: spec.proxy_protocol,
                snat: spec.snat,
                settings: spec.settings.clone(),
                stopped: false,
                created_at: occasion.now,
                bindings: Vec::new(),
            };
            let load_balancer = self.region_mut(region_name)?.load_balancer_mut(&id, Rule::LbNotFoundUnlisted)?;
            load_balancer.listeners.insert(listener_id.clone(), Arc::new(listener));
            ids.push(listener_id);
        }
        self.region_mut(region_name)?.tasks.start_work(occasion, vec![id], Work::Opening(ids.clone()));
        Ok(ids)
    }

    /// Changes a listener; what is absent stays.
    pub fn modify_listener(
        &mut self,
        region_name: &str,
        load_balancer_id: &str,
        listener_id: &str,
        change: &ListenerChange,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let region = self.region(region_name)?;
        let id = region.idle_load_balancer(load_balancer_id, Rule::LbNotFoundUnlisted, Rule::LbTaskLock)?;
        let load_balancer = region.load_balancer(id.as_str(), Rule::LbNotFoundUnlisted)?;
        require(load_balancer.kind == Kind::Current, || {
            Refusal::new(Rule::ListenerModifyNotOnClassic).at(Field::LoadBalancerId).given(&id)
        })?;
        let before = load_balancer.listener(listener_id)?;
        let (mut after, tls) = change.check(before, load_balancer, self)?;
        if let Some(tls) = tls {
            after.tls = Some(tls.settle(self, occasion)?);
        }
        let listener_id = after.id.clone();
        let region = self.region_mut(region_name)?;
        region.load_balancer_mut(&id, Rule::LbNotFoundUnlisted)?.listeners.insert(listener_id.clone(), Arc::new(after));
        region.tasks.start_work(occasion, vec![id], Work::Changing(vec![listener_id]));
        Ok(())
    }

    /// Deletes a listener and unbinds its targets.
    pub fn delete_listener(
        &mut self,
        region: &str,
        load_balancer_id: &str,
        listener_id: &str,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        let id =
            region.idle_load_balancer(load_balancer_id, Rule::LbNotFoundUnlisted, Rule::LbTaskLockUnlistedWrites)?;
        let load_balancer = region.load_balancer_mut(&id, Rule::LbNotFoundUnlisted)?;
        let listener_id = load_balancer.listener(listener_id)?.id.clone();
        load_balancer.listeners.remove(&listener_id);
        region.tasks.start(occasion, vec![id]);
        Ok(())
    }

    /// Deletes listeners and unbinds their targets: all that are named, or none; every one of the load balancer when none
    /// is named (SDK).
    pub fn delete_listeners(
        &mut self,
        region: &str,
        load_balancer_id: &str,
        listener_ids: &[String],
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        let id = region.idle_load_balancer(load_balancer_id, Rule::LbNotFoundUnlisted, Rule::LbTaskLock)?;
        require(listener_ids.len() <= MOST_IN_A_DELETION, || {
            Refusal::new(Rule::ListenerDeleteIdsMax20).at(Field::ListenerIds).given(listener_ids.len())
        })?;
        let load_balancer = region.load_balancer(id.as_str(), Rule::LbNotFoundUnlisted)?;
        let leaving = load_balancer.those_or_all(listener_ids, Rule::ListenerNotFoundBatchDelete)?;
        if !leaving.is_empty() {
            let listeners = &mut region.load_balancer_mut(&id, Rule::LbNotFoundUnlisted)?.listeners;
            listeners.retain(|id, _| !leaving.contains(id));
        }
        region.tasks.start(occasion, vec![id]);
        Ok(())
    }

    /// Every listener of every region.
    pub fn listeners(&self) -> impl Iterator<Item = &Listener> {
        self.regions().flat_map(Region::load_balancers).flat_map(LoadBalancer::listeners)
    }

    /// An id that no listener of this world has.
    fn new_listener_id(&self, occasion: &mut Occasion<'_>) -> ListenerId {
        loop {
            let id = ListenerId::from_random(occasion.chance.bits());
            let mut load_balancers = self.regions().flat_map(Region::load_balancers);
            if !load_balancers.any(|load_balancer| load_balancer.listeners.contains_key(&id)) {
                return id;
            }
        }
    }
}

impl LoadBalancer {
    /// The listeners of those ids, which must all be there; every one when there are no ids.
    fn those_or_all(&self, ids: &[String], unknown: Rule) -> Result<Vec<ListenerId>, Refusal> {
        if ids.is_empty() {
            return Ok(self.listeners.keys().cloned().collect());
        }
        let missing: Vec<&str> = ids.iter().map(String::as_str).filter(|id| self.listener(id).is_err()).collect();
        require(missing.is_empty(), || Refusal::new(unknown).at(Field::ListenerIds).given(missing.join(",")))?;
        Ok(ids.iter().map(|id| ListenerId::from(id.as_str())).collect())
    }
}

impl Region {
    /// A listener whose port could not be opened is taken away again (a choice: what the platform leaves is not
    /// established). Gives its address, if it was there.
    pub(crate) fn drop_listener(&mut self, owners: &[LoadBalancerId], id: &ListenerId) -> Option<SocketAddr> {
        owners.iter().find_map(|owner| {
            let load_balancer = Arc::make_mut(self.load_balancers.get_mut(owner)?);
            let listener = load_balancer.listeners.remove(id)?;
            Some(SocketAddr::new(load_balancer.address(), listener.port))
        })
    }
}

/// The word for a scheduler, as the API writes it.
pub fn scheduler_word(scheduler: Scheduler) -> &'static str {
    match scheduler {
        Scheduler::WeightedRoundRobin => "WRR",
        Scheduler::LeastConnections => "LEAST_CONN",
    }
}

/// Reads a scheduler's word; `None` for any other.
pub(crate) fn parse_scheduler(word: &str) -> Option<Scheduler> {
    [Scheduler::WeightedRoundRobin, Scheduler::LeastConnections]
        .into_iter()
        .find(|scheduler| scheduler_word(*scheduler) == word)
}

/// `-1` is no limit; another number needs an LCU load balancer.
pub(crate) fn check_limit(
    given: Option<i64>,
    base: Option<u32>,
    lcu: bool,
    needs_lcu: Rule,
    field: Field,
) -> Result<Option<u32>, Refusal> {
    match given {
        None => Ok(base),
        Some(-1) => Ok(None),
        Some(value) => {
            let limit = u32::try_from(value).ok().filter(|limit| *limit > 0);
            require(limit.is_some(), || Refusal::new(Rule::ConnectionLimitRange).at(field).given(value))?;
            require(lcu, || Refusal::new(needs_lcu).at(field).given(value))?;
            Ok(limit)
        }
    }
}
