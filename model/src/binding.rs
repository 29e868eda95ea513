//! Bindings: backends bound to a listener, each with a port and a weight; and the verbs on the bindings of one
//! listener. Calls that name several listeners are in [`batch`].

pub mod batch;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use crate::forwarding::BackendAddress;
use crate::health::Health;
use crate::id::{InstanceId, ListenerId, LoadBalancerId};
use crate::listener::Listener;
use crate::network::Network;
use crate::quota::{Quota, Quotas};
use crate::refusal::{Field, Refusal, require};
use crate::region::Region;
use crate::rules::Rule;
use crate::task::Occasion;
use crate::time::Timestamp;
use crate::world::World;

/// The most targets one call registers or deregisters (SDK).
const MOST_IN_A_CALL: usize = 20;
/// The weight of a target that names none (SDK).
const DEFAULT_WEIGHT: i64 = 10;

/// A backend bound to a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// What is bound, and its port: together the binding's identity.
    pub key: BindingKey,
    /// Where that is.
    pub address: BackendAddress,
    /// 0 to 100; 0 takes no new connections.
    pub weight: u8,
    /// A remark.
    pub tag: Option<String>,
    /// When it was bound.
    pub registered_at: Timestamp,
    /// What its probes say.
    pub health: Health,
}

impl Binding {
    /// The address it names, when it does not name an instance.
    pub(crate) fn named_address(&self) -> Option<IpAddr> {
        match self.key.backend {
            BackendRef::Address(ip) => Some(ip),
            BackendRef::Instance(_) => None,
        }
    }
}

/// What is bound, and at which port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BindingKey {
    /// Instance or address.
    pub backend: BackendRef,
    /// Its port.
    pub port: u16,
}

/// How a request names a backend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BackendRef {
    /// By instance: its primary address.
    Instance(InstanceId),
    /// By address, such as that of a further network interface.
    Address(IpAddr),
}

impl std::fmt::Display for BindingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.backend {
            BackendRef::Instance(id) => write!(f, "{id}:{}", self.port),
            BackendRef::Address(ip) => std::net::SocketAddr::new(*ip, self.port).fmt(f),
        }
    }
}

/// What a request says about one target.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields of `Binding`, unchecked")]
pub struct TargetDraft {
    pub instance_id: Option<String>,
    pub eni_ip: Option<String>,
    pub port: i64,
    pub weight: Option<i64>,
    pub tag: Option<String>,
}

/// Targets of one listener.
#[derive(Clone, Debug, Default)]
pub struct TargetsDraft {
    /// The load balancer.
    pub load_balancer_id: String,
    /// The listener.
    pub listener_id: String,
    /// A layer-7 rule, which no listener here has.
    pub location: Option<String>,
    /// The targets.
    pub targets: Vec<TargetDraft>,
}

impl TargetDraft {
    /// What is meant, whether or not it is there.
    pub(crate) fn check_key(&self) -> Result<BindingKey, Refusal> {
        let port = check_port(self.port, Field::TargetPort)?;
        let backend = match (self.instance_id.as_deref(), self.eni_ip.as_deref()) {
            (Some(id), None) => BackendRef::Instance(InstanceId::from(id)),
            // An IPv4 address has one identity, however it is written: `::ffff:10.0.1.5` is 10.0.1.5.
            (None, Some(ip)) => {
                BackendRef::Address(ip.parse::<IpAddr>().map(|ip| ip.to_canonical()).map_err(|_| {
                    Refusal::new(Rule::TargetEniIpFormat).at(Field::TargetEniIp).given(format_args!("{ip:?}"))
                })?)
            }
            (Some(_), Some(_)) => return Err(not_exactly_one("both")),
            (None, None) => return Err(not_exactly_one("none")),
        };
        Ok(BindingKey { backend, port })
    }

    fn check_weight(&self, default: i64) -> Result<u8, Refusal> {
        let value = self.weight.unwrap_or(default);
        u8::try_from(value)
            .ok()
            .filter(|weight| *weight <= 100)
            .ok_or_else(|| Refusal::new(Rule::TargetWeightRange).at(Field::TargetWeight).given(value))
    }

    /// The binding it would make; `vpc_of_load_balancer` is where an instance has to be.
    pub(crate) fn check(
        &self,
        network: &Network,
        vpc_of_load_balancer: Option<&crate::id::VpcId>,
        now: Timestamp,
    ) -> Result<Binding, Refusal> {
        let key = self.check_key()?;
        let weight = self.check_weight(DEFAULT_WEIGHT)?;
        let ip = match &key.backend {
            BackendRef::Address(ip) => *ip,
            BackendRef::Instance(id) => {
                let refused = |rule| Refusal::new(rule).at(Field::TargetInstanceId).given(id);
                let instance = network.instance(id.as_str()).ok_or_else(|| refused(Rule::TargetInstanceMustExist))?;
                require(vpc_of_load_balancer.is_none_or(|vpc| *vpc == instance.vpc_id), || {
                    refused(Rule::TargetSameVpc)
                })?;
                instance.primary_ip
            }
        };
        let address = BackendAddress { ip, port: key.port };
        Ok(Binding { key, address, weight, tag: self.tag.clone(), registered_at: now, health: Health::default() })
    }
}

fn not_exactly_one(given: &str) -> Refusal {
    Refusal::new(Rule::TargetInstanceOrEniExactlyOne).at(Field::Targets).given(given)
}

fn check_port(given: i64, field: Field) -> Result<u16, Refusal> {
    u16::try_from(given)
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| Refusal::new(Rule::TargetPortRange).at(field).given(given))
}

impl World {
    /// Binds targets: all that are named, or none. One that is bound already gets the weight.
    pub fn create_bindings(
        &mut self,
        region: &str,
        draft: &TargetsDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let quotas = self.quotas;
        let region = self.region_mut(region)?;
        let (id, listener) = region.targeted(draft, Rule::LbTaskLock)?;
        draft.check_count()?;
        draft.check_keys()?;
        let bindings = region.with_bound(&id, &listener.id, &draft.targets, quotas, occasion.now)?;
        region.set_bindings(&id, &listener.id.clone(), bindings);
        region.tasks.start(occasion, vec![id]);
        Ok(())
    }

    /// Changes weights: of all targets that are named, or of none. A target's own weight wins over `weight`, which is
    /// 10 when absent (SDK).
    pub fn modify_binding_weights(
        &mut self,
        region: &str,
        draft: &TargetsDraft,
        weight: Option<i64>,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        let (id, listener) = region.targeted(draft, Rule::LbTaskLock)?;
        draft.check_keys()?;
        let bindings = with_weights(listener, &draft.targets, weight)?;
        region.set_bindings(&id, &listener.id.clone(), bindings);
        region.tasks.start(occasion, vec![id]);
        Ok(())
    }

    /// Moves targets to a new port: all that are named, or none. Their health starts anew.
    pub fn modify_binding_ports(
        &mut self,
        region: &str,
        draft: &TargetsDraft,
        new_port: i64,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        let (id, listener) = region.targeted(draft, Rule::LbTaskLock)?;
        let keys = draft.check_keys()?;
        let new_port = check_port(new_port, Field::NewPort)?;
        let beside = region.load_balancer(id.as_str(), Rule::LbNotFoundUnlisted)?.addresses_beside(listener);
        let bindings = with_port(listener, &keys, new_port, &beside)?;
        region.set_bindings(&id, &listener.id.clone(), bindings);
        region.tasks.start(occasion, vec![id]);
        Ok(())
    }

    /// Unbinds targets: all that are named, or none.
    pub fn delete_bindings(
        &mut self,
        region: &str,
        draft: &TargetsDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        let (id, listener) = region.targeted(draft, Rule::LbTaskLockUnlistedWrites)?;
        draft.check_count()?;
        let bindings = without(listener, &draft.check_keys()?)?;
        region.set_bindings(&id, &listener.id.clone(), bindings);
        region.tasks.start(occasion, vec![id]);
        Ok(())
    }
}

impl TargetsDraft {
    fn check_count(&self) -> Result<(), Refusal> {
        let count = self.targets.len();
        require(count <= MOST_IN_A_CALL, || Refusal::new(Rule::TargetRegisterMax20).at(Field::Targets).given(count))
    }

    /// What the targets are; none may be named twice, and one must be.
    fn check_keys(&self) -> Result<Vec<BindingKey>, Refusal> {
        require(!self.targets.is_empty(), || Refusal::new(Rule::TargetListNotEmpty).at(Field::Targets))?;
        check_keys(&self.targets)
    }
}

/// What the targets are; none may be named twice.
fn check_keys(targets: &[TargetDraft]) -> Result<Vec<BindingKey>, Refusal> {
    let mut seen = BTreeSet::new();
    let mut keys = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        let key = target.check_key().map_err(|refusal| refusal.nth(index))?;
        require(seen.insert(key.clone()), || {
            Refusal::new(Rule::TargetRepeatedInRequest).at(Field::Targets).nth(index).given(&key)
        })?;
        keys.push(key);
    }
    Ok(keys)
}

impl Region {
    /// The load balancer and listener that a call on targets means: there, idle, and without a layer-7 rule.
    fn targeted(&self, draft: &TargetsDraft, lock: Rule) -> Result<(LoadBalancerId, &Listener), Refusal> {
        let id = self.idle_load_balancer(&draft.load_balancer_id, Rule::LbNotFoundUnlisted, lock)?;
        let listener = self.load_balancer(id.as_str(), Rule::LbNotFoundUnlisted)?.listener(&draft.listener_id)?;
        require(draft.location.is_none(), || {
            Refusal::new(Rule::TargetNoLocationOnL4)
                .at(Field::TargetLocation)
                .given(draft.location.as_deref().unwrap_or_default())
        })?;
        Ok((id, listener))
    }

    /// The listener's bindings with the targets bound.
    fn with_bound(
        &self,
        id: &LoadBalancerId,
        listener_id: &ListenerId,
        targets: &[TargetDraft],
        quotas: Quotas,
        now: Timestamp,
    ) -> Result<Vec<Binding>, Refusal> {
        let load_balancer = self.load_balancer(id.as_str(), Rule::LbNotFoundUnlisted)?;
        let listener = load_balancer.listener(listener_id.as_str())?;
        let mut bindings = listener.bindings.clone();
        let beside = load_balancer.addresses_beside(listener);
        for (index, target) in targets.iter().enumerate() {
            let new = target.check(&self.network, load_balancer.vpc_id(), now).map_err(|refusal| refusal.nth(index))?;
            if let Some(bound) = bindings.iter_mut().find(|bound| bound.key == new.key) {
                bound.weight = new.weight;
                bound.tag = new.tag.or_else(|| bound.tag.take());
                continue;
            }
            let taken = beside.contains(&new.address) || bindings.iter().any(|bound| bound.address == new.address);
            require(!taken, || {
                Refusal::new(Rule::TargetFourTupleUnique).at(Field::Targets).nth(index).given(new.address)
            })?;
            bindings.push(new);
        }
        quotas.check(Quota::Targets, bindings.len(), Rule::TargetQuotaPerListener, Field::Targets)?;
        Ok(bindings)
    }

    fn set_bindings(&mut self, id: &LoadBalancerId, listener_id: &ListenerId, bindings: Vec<Binding>) {
        let load_balancer = self.load_balancers.get_mut(id).map(Arc::make_mut);
        if let Some(listener) = load_balancer.and_then(|it| it.listeners.get_mut(listener_id)) {
            Arc::make_mut(listener).bindings = bindings;
        }
    }
}

/// The listener's bindings with new weights.
fn with_weights(listener: &Listener, targets: &[TargetDraft], weight: Option<i64>) -> Result<Vec<Binding>, Refusal> {
    let mut bindings = listener.bindings.clone();
    for (index, target) in targets.iter().enumerate() {
        let key = target.check_key().map_err(|refusal| refusal.nth(index))?;
        let weight = target.check_weight(weight.unwrap_or(DEFAULT_WEIGHT)).map_err(|refusal| refusal.nth(index))?;
        let bound = bindings.iter_mut().find(|bound| bound.key == key).ok_or_else(|| not_bound(index, &key))?;
        bound.weight = weight;
    }
    Ok(bindings)
}

/// The listener's bindings with new remarks; an empty one is none.
fn with_tags(listener: &Listener, targets: &[TargetDraft], tag: Option<&str>) -> Result<Vec<Binding>, Refusal> {
    let mut bindings = listener.bindings.clone();
    for (index, target) in targets.iter().enumerate() {
        let key = target.check_key().map_err(|refusal| refusal.nth(index))?;
        let bound = bindings.iter_mut().find(|bound| bound.key == key).ok_or_else(|| not_bound(index, &key))?;
        let own = target.tag.as_deref().filter(|own| !own.is_empty());
        bound.tag = own.or(tag).filter(|tag| !tag.is_empty()).map(str::to_owned);
    }
    Ok(bindings)
}

/// The listener's bindings with some at another port.
fn with_port(
    listener: &Listener,
    keys: &[BindingKey],
    new_port: u16,
    beside: &BTreeSet<BackendAddress>,
) -> Result<Vec<Binding>, Refusal> {
    let mut bindings = listener.bindings.clone();
    for (index, key) in keys.iter().enumerate() {
        let position = bindings.iter().position(|bound| bound.key == *key).ok_or_else(|| not_bound(index, key))?;
        if key.port == new_port {
            continue;
        }
        let address = BackendAddress { port: new_port, ..bindings[position].address };
        let taken = |rule| Err(Refusal::new(rule).at(Field::NewPort).nth(index).given(address));
        if bindings.iter().any(|bound| bound.address == address) {
            return taken(Rule::TargetNewPortTaken);
        }
        if beside.contains(&address) {
            return taken(Rule::TargetFourTupleUnique);
        }
        let moved = &mut bindings[position];
        moved.key.port = new_port;
        moved.address = address;
        moved.health = Health::default();
    }
    Ok(bindings)
}

/// The listener's bindings without some.
fn without(listener: &Listener, keys: &[BindingKey]) -> Result<Vec<Binding>, Refusal> {
    let mut bindings = listener.bindings.clone();
    for (index, key) in keys.iter().enumerate() {
        let position = bindings.iter().position(|bound| bound.key == *key).ok_or_else(|| not_bound(index, key))?;
        bindings.remove(position);
    }
    Ok(bindings)
}

fn not_bound(index: usize, key: &BindingKey) -> Refusal {
    Refusal::new(Rule::TargetNotBound).at(Field::Targets).nth(index).given(key)
}
