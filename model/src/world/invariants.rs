//! What holds of a world after every step, whatever was asked of it. Nothing calls this in production; tests do.

use std::collections::BTreeSet;

use super::World;
use crate::forwarding::Scheduler;
use crate::health::Check;
use crate::id::SecurityGroupId;
use crate::listener::{Listener, Protocol, ProtocolSettings, SessionType};
use crate::load_balancer::{IpVersion, Kind, LoadBalancer, Phase, Placement};
use crate::region::Region;
use crate::tag::ResourceName;
use crate::vip_pool::VipPool;

impl World {
    /// Every sentence that should hold and does not; empty when all is well.
    pub fn broken_invariants(&self, vips: &VipPool) -> Vec<String> {
        let mut broken = Vec::new();
        let mut addresses = BTreeSet::new();
        for region in self.regions() {
            check_tasks(region, &mut broken);
            check_networks(region, &mut broken);
            check_security_groups(region, &mut broken);
            for load_balancer in region.load_balancers() {
                check_load_balancer(region, load_balancer, vips, &mut broken);
                check_listeners(load_balancer, &mut broken);
                check_bindings(load_balancer, &mut broken);
                if !addresses.insert(load_balancer.vip) {
                    broken.push(format!("{} is the address of two load balancers", load_balancer.vip));
                }
            }
        }
        self.check_tags(&mut broken);
        self.check_forwardings(&mut broken);
        broken
    }

    fn check_tags(&self, broken: &mut Vec<String>) {
        for name in self.tags.keys() {
            let gone = match name.prefix.as_str() {
                "clb" => !self.regions().any(|region| region.has_load_balancer(&name.id)),
                "certificate" => {
                    *name == ResourceName::certificate(&name.id.as_str().into()) && self.certificate(&name.id).is_err()
                }
                _ => false,
            };
            if gone {
                broken.push(format!("{name} has tags and is not there"));
            }
        }
    }

    fn check_forwardings(&self, broken: &mut Vec<String>) {
        let mut sockets = BTreeSet::new();
        for (id, forwarding) in self.forwardings() {
            if !sockets.insert(forwarding.address) {
                broken.push(format!("{} forwards twice, once for {id}", forwarding.address));
            }
            let shown = &forwarding.tls.certificates;
            if shown.is_empty() || shown.iter().any(|it| it.private_key_pem.is_empty() || it.chain_pem.is_empty()) {
                broken.push(format!("{id} forwards without a certificate"));
            }
            if forwarding.probe.is_none() && forwarding.backends.iter().any(|backend| !backend.eligible) {
                broken.push(format!("{id} is not watched and yet has a backend that gets nothing"));
            }
        }
    }
}

/// A subnet lies in its VPC and overlaps no other one of it, and instances are in networks that are there.
fn check_networks(region: &Region, broken: &mut Vec<String>) {
    let network = &region.network;
    for vpc in network.vpcs() {
        let subnets: Vec<_> = network.subnets_of(&vpc.id).collect();
        for (index, subnet) in subnets.iter().enumerate() {
            if !vpc.cidrs().any(|range| range.covers(&subnet.cidr)) {
                broken.push(format!("{} lies outside {}", subnet.id, vpc.id));
            }
            if subnets[..index].iter().any(|other| other.cidr.overlaps(&subnet.cidr)) {
                broken.push(format!("{} overlaps another subnet of {}", subnet.id, vpc.id));
            }
        }
    }
    if let Some(subnet) = network.subnets().find(|subnet| network.vpc(subnet.vpc_id.as_str()).is_none()) {
        broken.push(format!("{} is in a VPC that is not there", subnet.id));
    }
    if let Some(instance) = network.instances().find(|instance| network.vpc(instance.vpc_id.as_str()).is_none()) {
        broken.push(format!("{} is in a VPC that is not there", instance.id));
    }
}

/// The groups that rules name are there, and so are those of instances.
fn check_security_groups(region: &Region, broken: &mut Vec<String>) {
    let is_there = |group: &SecurityGroupId| region.security_group(group.as_str()).is_ok();
    for group in region.security_groups() {
        if !group.policies().filter_map(|policy| policy.peer.group()).all(is_there) {
            broken.push(format!("{} has a rule about a group that is not there", group.id));
        }
    }
    for instance in region.network.instances() {
        if !instance.security_groups.iter().all(is_there) {
            broken.push(format!("{} has a security group that is not there", instance.id));
        }
    }
}

/// A load balancer has at most one running task, and is being created only while one runs.
fn check_tasks(region: &Region, broken: &mut Vec<String>) {
    let mut busy = BTreeSet::new();
    for id in region.tasks.running().flat_map(|task| &task.load_balancers) {
        if !busy.insert(id) {
            broken.push(format!("{id} has two running tasks"));
        }
    }
    for load_balancer in region.load_balancers() {
        if load_balancer.phase == Phase::Creating && !busy.contains(&load_balancer.id) {
            broken.push(format!("{} is being created and no task runs", load_balancer.id));
        }
    }
}

fn check_load_balancer(region: &Region, it: &LoadBalancer, vips: &VipPool, broken: &mut Vec<String>) {
    let id = &it.id;
    if !vips.is_taken(it.vip) {
        broken.push(format!("{id} has the address {}, which the pool thinks is free", it.vip));
    }
    if let Placement::Vpc { vpc_id, subnet_id } = &it.placement {
        let subnet = subnet_id.as_ref().map(|subnet| region.network.subnet(subnet.as_str()));
        let subnet_fits = subnet.is_none_or(|subnet| subnet.is_some_and(|subnet| subnet.vpc_id == *vpc_id));
        if region.network.vpc(vpc_id.as_str()).is_none() || !subnet_fits {
            broken.push(format!("{id} is in a network that is not there"));
        }
    }
    if !it.security_groups.iter().all(|group| region.security_group(group.as_str()).is_ok()) {
        broken.push(format!("{id} is bound to a security group that is not there"));
    }
}

/// A port is used once in its class, and only load balancers that can carry QUIC have QUIC listeners.
fn check_listeners(it: &LoadBalancer, broken: &mut Vec<String>) {
    let carries =
        it.kind == Kind::Current && it.placement != Placement::Basic && it.ip_version != IpVersion::V6FullChain;
    let mut ports = BTreeSet::new();
    for listener in it.listeners() {
        if listener.protocol == Protocol::Quic && !carries {
            broken.push(format!("{} has a QUIC listener and cannot carry one", it.id));
        }
        if !ports.insert((listener.protocol.class(), listener.port)) {
            broken.push(format!("{} has port {} twice", it.id, listener.port));
        }
        check_settings(listener, broken);
    }
}

/// A listener has what its protocol has, and nothing else.
fn check_settings(listener: &Listener, broken: &mut Vec<String>) {
    let (id, protocol) = (&listener.id, listener.protocol);
    let mut holds = |it: bool, sentence: &str| {
        if !it {
            broken.push(format!("{id} on {protocol} {sentence}"));
        }
    };
    holds(listener.tls.is_some() == protocol.ends_tls(), "has certificates although it ends no TLS, or none");
    let check = &listener.health_check;
    holds(u16::from(check.timeout) < check.interval, "probes with a timeout that is not below the interval");
    let possible = match check.check {
        Check::Tcp | Check::Http(_) => protocol != Protocol::Udp,
        Check::Ping => protocol == Protocol::Udp,
        Check::Custom(_) => protocol.passes_through(),
    };
    holds(possible, "has a check that is not for it");
    holds(check.port.is_none() || protocol.passes_through(), "probes another port than the backends'");
    let settings = &listener.settings;
    let foreign = ProtocolSettings { ssl_close: settings.ssl_close, ..ProtocolSettings::default() };
    holds(protocol.passes_through() || *settings == foreign, "has settings that are not for it");
    holds(!settings.ssl_close || protocol == Protocol::TcpSsl, "drops a TLS layer that it has not");
    let by_id = settings.session_type == SessionType::QuicConnectionId;
    let can = protocol == Protocol::Udp && listener.scheduler == Scheduler::WeightedRoundRobin;
    holds(!by_id || can, "has sessions by connection id");
}

/// A backend's address is bound once among all listeners of a protocol, and its weight is a weight.
fn check_bindings(it: &LoadBalancer, broken: &mut Vec<String>) {
    let mut bound = BTreeSet::new();
    for listener in it.listeners() {
        for binding in &listener.bindings {
            if !bound.insert((listener.protocol, binding.address)) {
                broken.push(format!("{} binds {} twice on {}", it.id, binding.address, listener.protocol));
            }
            if binding.weight > 100 || binding.key.port != binding.address.port {
                broken.push(format!("{} has an impossible binding {}", it.id, binding.key));
            }
        }
    }
}
