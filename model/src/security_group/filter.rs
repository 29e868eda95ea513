//! Whether a packet passes security groups. A filter is made of a region's groups as they are now, and answers on its
//! own from then on: whoever moves packets needs nothing of the world.
//!
//! The groups of a load balancer are matched against the client's address and the listener's port, and QUIC is UDP
//! there (QD 78ae521d; that it is UDP is our inference).

use std::net::IpAddr;

use super::policy::{Peer, Policy, Ports, Protocol, Verdict};
use crate::address_range::AddressRange;
use crate::id::SecurityGroupId;
use crate::region::Region;

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
    /// The first rule that matches decides.
    pub fn decide(&self, packet: &Packet) -> Verdict {
        self.rules.iter().find(|rule| rule.matches(packet)).map_or(self.otherwise, |rule| rule.action)
    }
}

impl Region {
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
