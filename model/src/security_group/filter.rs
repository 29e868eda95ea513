//! Whether a packet passes security groups. A filter is made of a region's groups as they are now, and answers on its
//! own from then on: whoever moves packets needs nothing of the world.
//!
//! The groups of a load balancer are matched against the client's address and the listener's port, and QUIC is UDP
//! there; those of a backend are matched against the client's address and the service port, and the way to it is TCP
//! (QD 78ae521d; that it is UDP and TCP is our inference). [`SecurityFilters`] is both for one listener.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::policy::{Peer, Policy, Ports, Protocol, Verdict};
use crate::address_range::AddressRange;
use crate::binding::{BackendRef, Binding};
use crate::forwarding::BackendAddress;
use crate::health::CheckSource;
use crate::id::{InstanceId, SecurityGroupId};
use crate::listener::Listener;
use crate::load_balancer::LoadBalancer;
use crate::network::Instance;
use crate::region::Region;

/// Where the probes of `SourceIpType` 1 come from, as the rules of backends are asked: an address of 100.64.0.0/10. Which
/// ones the platform takes is not documented, so a rule has to allow the whole range (QD 78ae521d) to be sure of it; that
/// this is the one is our choice.
const SHARED_RANGE_PROBE: IpAddr = IpAddr::V4(Ipv4Addr::new(100, 64, 0, 1));

/// A packet, as far as rules look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The address of the other side: the client's, for traffic that comes in.
    pub peer: IpAddr,
    /// TCP, UDP and so on; never [`Protocol::All`].
    pub protocol: Protocol,
    /// The port at our side for what comes in, at the other for what goes out; `None` where the protocol has none.
    pub port: Option<u16>,
}

/// Rules in the order in which they are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketFilter {
    rules: Vec<FilterRule>,
    /// What becomes of what no rule matches.
    otherwise: Verdict,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FilterRule {
    action: Verdict,
    protocol: Protocol,
    ports: Ports,
    peers: Vec<AddressRange>,
}

impl FilterRule {
    fn matches(&self, packet: &Packet) -> bool {
        (self.protocol == Protocol::All || self.protocol == packet.protocol)
            && packet.port.map_or(self.ports == Ports::All, |port| self.ports.contain(port))
            && self.peers.iter().any(|range| range.contains(packet.peer))
    }
}

impl PacketFilter {
    /// How many rules there are.
    pub fn rules(&self) -> usize {
        self.rules.len()
    }

    /// The first rule that matches decides.
    pub fn decide(&self, packet: &Packet) -> Verdict {
        self.rules.iter().find(|rule| rule.matches(packet)).map_or(self.otherwise, |rule| rule.action)
    }
}

/// What security groups say about the traffic of one listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityFilters {
    /// Decides about clients: their address, UDP, and the listener's port. `None` lets everyone in.
    pub clients: Option<Arc<PacketFilter>>,
    /// Decide about connections to backends. A backend that is not in here lets everyone in.
    pub backends: BTreeMap<BackendAddress, Arc<PacketFilter>>,
    /// What the filters of backends see probes come from; `None` is the load balancer's address.
    pub probe_source: Option<IpAddr>,
}

impl SecurityFilters {
    /// Whether a backend lets a TCP connection in from that address.
    pub fn admits_at_backend(&self, backend: BackendAddress, source: IpAddr) -> bool {
        let packet = Packet { peer: source, protocol: Protocol::Tcp, port: Some(backend.port) };
        self.backends.get(&backend).is_none_or(|filter| filter.decide(&packet) == Verdict::Accept)
    }
}

/// The filters of a region as it is now, each made once: whoever has the same groups shares one.
pub(crate) struct Filters<'a> {
    region: &'a Region,
    made: RefCell<BTreeMap<&'a [SecurityGroupId], Arc<PacketFilter>>>,
}

impl<'a> Filters<'a> {
    /// None is made yet.
    pub(crate) fn new(region: &'a Region) -> Self {
        Self { region, made: RefCell::default() }
    }

    /// What lets traffic in through these groups; `None` without groups, which is open to everyone (QD 78ae521d).
    fn of(&self, groups: &'a [SecurityGroupId]) -> Option<Arc<PacketFilter>> {
        if groups.is_empty() {
            return None;
        }
        let mut made = self.made.borrow_mut();
        let filter = made.entry(groups).or_insert_with(|| Arc::new(self.region.ingress_filter(groups)));
        Some(Arc::clone(filter))
    }

    /// What security groups say about the traffic of a listener.
    pub(crate) fn security(&self, load_balancer: &'a LoadBalancer, listener: &'a Listener) -> SecurityFilters {
        SecurityFilters {
            clients: self.of(&load_balancer.security_groups),
            backends: self.backends(load_balancer, listener),
            probe_source: match listener.health_check.source {
                CheckSource::Vip => None,
                CheckSource::SharedRange => Some(SHARED_RANGE_PROBE),
            },
        }
    }

    /// The filters of the backends that have groups. Where the load balancer passes its clients on to its targets only
    /// its own groups count (QD 78ae521d).
    fn backends(
        &self,
        load_balancer: &'a LoadBalancer,
        listener: &'a Listener,
    ) -> BTreeMap<BackendAddress, Arc<PacketFilter>> {
        if load_balancer.pass_to_target {
            return BTreeMap::new();
        }
        let instances = self.region.instances_behind(load_balancer, listener);
        instances.filter_map(|(binding, it)| Some((binding.address, self.of(&it.security_groups)?))).collect()
    }
}

impl Region {
    /// The bindings of a listener behind which there is an instance: the one they name, or the one of the load balancer's
    /// VPC whose primary address they name. Behind any other address there may be anything; it has no groups and lets
    /// everyone in (our choice: on the platform its network interface has groups of its own).
    fn instances_behind<'a>(
        &'a self,
        load_balancer: &'a LoadBalancer,
        listener: &'a Listener,
    ) -> impl Iterator<Item = (&'a Binding, &'a Instance)> {
        let named: BTreeSet<IpAddr> = listener.bindings.iter().filter_map(Binding::named_address).collect();
        let in_reach = self.network.instances().filter(|it| load_balancer.vpc_id().is_none_or(|vpc| *vpc == it.vpc_id));
        let by_address: BTreeMap<IpAddr, &Instance> = if named.is_empty() {
            BTreeMap::new()
        } else {
            in_reach.filter(|it| named.contains(&it.primary_ip)).map(|it| (it.primary_ip, it)).collect()
        };
        listener.bindings.iter().filter_map(move |binding| {
            let instance = match &binding.key.backend {
                BackendRef::Instance(id) => self.network.instance(id.as_str()),
                BackendRef::Address(ip) => by_address.get(ip).copied(),
            };
            Some((binding, instance?))
        })
    }

    /// The listeners whose filters are made of one of these groups.
    pub(crate) fn filtered_by(&self, groups: &BTreeSet<&SecurityGroupId>) -> Vec<(&LoadBalancer, &Listener)> {
        let has_one = |of: &[SecurityGroupId]| of.iter().any(|group| groups.contains(group));
        let instances: BTreeSet<&InstanceId> =
            self.network.instances().filter(|it| has_one(&it.security_groups)).map(|it| &it.id).collect();
        let mut found = Vec::new();
        for load_balancer in self.load_balancers() {
            let is_bound = has_one(&load_balancer.security_groups);
            // Most often neither, and then no listener need be looked at.
            if !is_bound && (load_balancer.pass_to_target || instances.is_empty()) {
                continue;
            }
            let reaches_one = |listener: &&Listener| {
                self.instances_behind(load_balancer, listener).any(|(_, it)| instances.contains(&it.id))
            };
            let concerned = load_balancer.listeners().filter(|listener| is_bound || reaches_one(listener));
            found.extend(concerned.map(|listener| (load_balancer, listener)));
        }
        found
    }

    /// What lets traffic in through these groups, asked in their order. Without groups everything passes (QD 78ae521d);
    /// with groups what no rule names is dropped.
    pub fn ingress_filter(&self, groups: &[SecurityGroupId]) -> PacketFilter {
        let otherwise = if groups.is_empty() { Verdict::Accept } else { Verdict::Drop };
        let known = groups.iter().filter_map(|group| self.security_groups.get(group));
        let rules = known.flat_map(|group| &group.ingress).map(|policy| self.filter_rule(policy)).collect();
        PacketFilter { rules, otherwise }
    }

    fn filter_rule(&self, policy: &Policy) -> FilterRule {
        let peers = match &policy.peer {
            Peer::Addresses(range) => vec![*range],
            Peer::Members(group) => self.members_of(group).collect(),
        };
        FilterRule { action: policy.action, protocol: policy.protocol, ports: policy.ports.clone(), peers }
    }

    /// The addresses of the instances that have a group.
    fn members_of<'a>(&'a self, group: &'a SecurityGroupId) -> impl Iterator<Item = AddressRange> + 'a {
        let members = self.network.instances().filter(|it| it.security_groups.contains(group));
        members.filter_map(|it| AddressRange::around(it.primary_ip, if it.primary_ip.is_ipv4() { 32 } else { 128 }))
    }
}
