//! Statements about the platform that have no rule of their own here: they are part of another one, or nothing that the
//! simulator does depends on them. Each with its reason.

/// What became of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The rule or behaviour with this id says it too.
    PartOf(&'static str),
    /// The simulator does not do this.
    NotSimulated,
}

/// A statement of the platform without a rule of its own.
#[derive(Clone, Copy, Debug)]
pub struct Aside {
    /// Its stable name.
    pub id: &'static str,
    /// What became of it.
    pub fate: Fate,
    /// What the platform does.
    pub sentence: &'static str,
    /// Why there is no rule for it.
    pub reason: &'static str,
}

const fn part_of(id: &'static str, other: &'static str, sentence: &'static str, reason: &'static str) -> Aside {
    Aside { id, fate: Fate::PartOf(other), sentence, reason }
}

const fn not_simulated(id: &'static str, sentence: &'static str, reason: &'static str) -> Aside {
    Aside { id, fate: Fate::NotSimulated, sentence, reason }
}

/// Every such statement.
pub const ASIDES: &[Aside] = &[
    part_of(
        "lb-type-required",
        "api-required-parameter",
        "CreateLoadBalancer needs LoadBalancerType.",
        "A required argument like all others.",
    ),
    part_of(
        "target-port-required",
        "api-required-parameter",
        "Every target needs a port.",
        "A required argument like all others.",
    ),
    part_of(
        "listener-port-and-protocol-immutable",
        "api-unknown-parameter-refused",
        "ModifyListener has no Port and no Protocol argument, so a change means a new listener.",
        "Arguments that the action does not know, like any other name.",
    ),
    part_of(
        "target-group-out-of-scope",
        "action-not-served",
        "Target group actions are not served.",
        "Refused like every action that the platform has and the simulator has not.",
    ),
    not_simulated(
        "lb-domain-only-account",
        "Some accounts can create only domain-type instances.",
        "No such account can be had here.",
    ),
    not_simulated(
        "lb-delete-traffic-risk",
        "Without ForceDelete an instance with bound targets and a five-minute peak above 10 Mbit/s is not deleted.",
        "Tests delete load balancers right after sending traffic through them; nobody wants to wait five minutes.",
    ),
    not_simulated(
        "lb-delete-eip-traffic-risk",
        "An instance whose EIP carries traffic may be refused deletion.",
        "The exact condition is not established, and there are no EIPs here.",
    ),
    not_simulated(
        "listener-other-protocols-forward",
        "TCP, UDP and TCP_SSL listeners forward traffic, keep sessions, and probe their targets.",
        "Here they are objects of the control plane: their ports stay closed and their targets' health stays Unknown.",
    ),
    not_simulated(
        "listener-of-layer-7",
        "HTTP and HTTPS listeners have rules with domains and paths.",
        "Only listeners of layer 4 are made here.",
    ),
    not_simulated(
        "listener-port-ranges-forward",
        "TCP and UDP listeners may have a range of ports (EndPort, FullEndPorts).",
        "What such a listener does with its ports is traffic, and none of it is forwarded here.",
    ),
    not_simulated(
        "health-check-source-range",
        "With SourceIpType 1 probes come from 100.64.0.0/10.",
        "Probes come from the load balancer's address, for the range is not this machine's; the security groups of backends \
         are asked about the range.",
    ),
    not_simulated(
        "listener-port-https-quic-takes-udp",
        "An HTTPS listener with a QUIC-enabled rule also occupies its port in the UDP class.",
        "There are no HTTPS listeners here.",
    ),
    not_simulated(
        "target-cross-region-needs-snat-pro",
        "Cross-region binding 2.0 needs SnatPro on the instance and EniIp targets.",
        "Cross-region binding is not simulated; its arguments are refused.",
    ),
    not_simulated(
        "target-group-not-on-node-listener",
        "Associating a target group with a listener in NODE mode is refused.",
        "There are no target groups here.",
    ),
    not_simulated("target-group-no-quic", "A target group has no QUIC protocol.", "There are no target groups here."),
    not_simulated(
        "lb-sg-rule-not-for-public-lb",
        "A security group rule that public instances do not support is refused.",
        "Which rules those are is not established.",
    ),
    not_simulated(
        "certificate-too-fresh",
        "A certificate may be too fresh to delete.",
        "The condition is not established, and tests delete what they have just made.",
    ),
    not_simulated(
        "proxy-protocol-switch-not-hitless",
        "Switching PROXY protocol on or off interrupts traffic.",
        "Here connections that are open go on as they began; new ones follow the new setting.",
    ),
    not_simulated(
        "certificate-rate-limit",
        "Too many SSL calls are refused with LimitExceeded.RateLimitExceeded.",
        "Calls of every service are limited in the same way here (`api-rate-limit-per-action`), with its code.",
    ),
];
