//! One rule of a security group: what it matches, and whether that passes. Rules are typed once, when they come in, and
//! remember how they were written, because that is how the API shows them.

use crate::address_range::AddressRange;
use crate::id::SecurityGroupId;
use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;
use crate::time::Timestamp;

/// The most ports of a comma list; our bound.
const MOST_PORTS: usize = 100;
/// The most characters of a rule's description (SDK).
const LONGEST_DESCRIPTION: usize = 100;

/// One rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What becomes of what it matches.
    pub action: Verdict,
    /// Which protocols it matches.
    pub protocol: Protocol,
    /// Which ports it matches.
    pub ports: Ports,
    /// Who is on the other side.
    pub peer: Peer,
    /// A remark.
    pub description: String,
    /// How protocol, ports and addresses were written.
    pub written: Written,
    /// When it was made or changed.
    pub modified_at: Timestamp,
}

/// Whether traffic passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// `ACCEPT`.
    Accept,
    /// `DROP`.
    Drop,
}

/// Which protocols a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP: what QUIC arrives as.
    Udp,
    /// ICMP.
    Icmp,
    /// ICMP for IPv6.
    Icmpv6,
    /// GRE.
    Gre,
    /// All.
    All,
}

/// Which ports a rule matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ports {
    /// All; protocols without ports have no other choice.
    All,
    /// Those in one of the ranges, both ends included.
    These(Vec<(u16, u16)>),
}

/// Who is on the other side of a rule: the sources of traffic that comes in, the destinations of what goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Addresses.
    Addresses(AddressRange),
    /// The instances that have that group.
    Members(SecurityGroupId),
}

/// How a rule was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Such as `tcp`.
    pub protocol: String,
    /// Such as `80,443`.
    pub port: String,
    /// Such as `10.0.0.1`; empty when the other side is a group.
    pub addresses: String,
}

/// What a request says about a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyDraft {
    /// Its place, 0 = first.
    pub index: Option<i64>,
    /// A protocol; `ALL` when it is left out.
    pub protocol: Option<String>,
    /// Ports; `ALL` when they are left out.
    pub port: Option<String>,
    /// IPv4 addresses.
    pub cidr: Option<String>,
    /// IPv6 addresses.
    pub ipv6_cidr: Option<String>,
    /// A group.
    pub group: Option<String>,
    /// `ACCEPT` or `DROP`.
    pub action: Option<String>,
    /// A remark.
    pub description: Option<String>,
}

impl Verdict {
    /// The word of the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accept => "ACCEPT",
            Self::Drop => "DROP",
        }
    }
}

impl Protocol {
    fn read(text: &str) -> Option<Self> {
        let named = |name: &str| text.eq_ignore_ascii_case(name);
        [
            ("TCP", Self::Tcp),
            ("UDP", Self::Udp),
            ("ICMP", Self::Icmp),
            ("ICMPV6", Self::Icmpv6),
            ("GRE", Self::Gre),
            ("ALL", Self::All),
        ]
        .into_iter()
        .find_map(|(name, protocol)| named(name).then_some(protocol))
    }
}

impl Ports {
    fn read(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("all") {
            return Some(Self::All);
        }
        if let Some((first, last)) = text.split_once('-') {
            let (first, last) = (port(first)?, port(last)?);
            return (first <= last).then(|| Self::These(vec![(first, last)]));
        }
        let ports: Option<Vec<_>> = text.split(',').map(|text| port(text).map(|port| (port, port))).collect();
        ports.filter(|ports| ports.len() <= MOST_PORTS).map(Self::These)
    }

    /// Whether the port is one of them.
    pub fn contain(&self, port: u16) -> bool {
        match self {
            Self::All => true,
            Self::These(ranges) => ranges.iter().any(|(first, last)| (*first..=*last).contains(&port)),
        }
    }
}

fn port(text: &str) -> Option<u16> {
    let text = text.trim();
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl Peer {
    /// The group, when it is one.
    pub const fn group(&self) -> Option<&SecurityGroupId> {
        match self {
            Self::Members(group) => Some(group),
            Self::Addresses(_) => None,
        }
    }
}

impl Policy {
    /// A rule that lets all IPv4 traffic through.
    pub fn everything(now: Timestamp) -> Self {
        let everyone = AddressRange::ALL_IPV4;
        Self {
            action: Verdict::Accept,
            protocol: Protocol::All,
            ports: Ports::All,
            peer: Peer::Addresses(everyone),
            description: String::new(),
            written: Written { protocol: "ALL".into(), port: "ALL".into(), addresses: everyone.to_string() },
            modified_at: now,
        }
    }

    /// Whether it says the same as another, whatever its words and its remark.
    pub fn equals(&self, other: &Self) -> bool {
        (self.action, self.protocol, &self.ports, &self.peer)
            == (other.action, other.protocol, &other.ports, &other.peer)
    }
}

/// A text that was left out is none.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

impl PolicyDraft {
    /// The rule that is meant. Whether the group of its other side is there is asked elsewhere.
    pub fn check(&self, now: Timestamp) -> Result<Policy, Refusal> {
        let (protocol, protocol_word) = self.check_protocol()?;
        let (ports, port_word) = self.check_ports(protocol)?;
        let (peer, addresses) = self.check_peer(protocol)?;
        let description = self.description.clone().unwrap_or_default();
        let length = description.chars().count();
        require(length <= LONGEST_DESCRIPTION, || {
            Refusal::new(Rule::SecurityGroupRuleDescriptionMax100)
                .at(Field::PolicyDescription)
                .given(format_args!("{length} characters"))
        })?;
        Ok(Policy {
            action: self.check_action()?,
            protocol,
            ports,
            peer,
            description,
            written: Written { protocol: protocol_word, port: port_word, addresses },
            modified_at: now,
        })
    }

    fn check_protocol(&self) -> Result<(Protocol, String), Refusal> {
        let word = given(self.protocol.as_ref()).unwrap_or("ALL");
        let protocol = Protocol::read(word).ok_or_else(|| {
            Refusal::new(Rule::SecurityGroupRuleProtocol).at(Field::PolicyProtocol).given(format_args!("{word:?}"))
        })?;
        Ok((protocol, word.to_owned()))
    }

    fn check_ports(&self, protocol: Protocol) -> Result<(Ports, String), Refusal> {
        let word = given(self.port.as_ref()).unwrap_or("ALL");
        let ports =
            Ports::read(word).filter(|ports| *ports == Ports::All || matches!(protocol, Protocol::Tcp | Protocol::Udp));
        let ports = ports.ok_or_else(|| {
            Refusal::new(Rule::SecurityGroupRulePortFormat).at(Field::PolicyPort).given(format_args!("{word:?}"))
        })?;
        Ok((ports, word.to_owned()))
    }

    fn check_peer(&self, protocol: Protocol) -> Result<(Peer, String), Refusal> {
        let (cidr, ipv6, group) =
            (given(self.cidr.as_ref()), given(self.ipv6_cidr.as_ref()), given(self.group.as_ref()));
        match (cidr, ipv6, group) {
            (Some(text), None, None) => check_addresses(text, true),
            (None, Some(text), None) => {
                // The platform asks for ICMPV6 there (INTL 215/15807).
                require(protocol != Protocol::Icmp, || {
                    Refusal::new(Rule::SecurityGroupRuleNoIcmpForIpv6).at(Field::PolicyProtocol).given("ICMP")
                })?;
                check_addresses(text, false)
            }
            (None, None, Some(group)) => Ok((Peer::Members(group.into()), String::new())),
            _ => Err(Refusal::new(Rule::SecurityGroupRuleOneSource)
                .at(Field::PolicyPeer)
                .given(format_args!("{} of them", [cidr, ipv6, group].iter().flatten().count()))),
        }
    }

    fn check_action(&self) -> Result<Verdict, Refusal> {
        let word = given(self.action.as_ref()).unwrap_or_default();
        [Verdict::Accept, Verdict::Drop].into_iter().find(|it| it.word().eq_ignore_ascii_case(word)).ok_or_else(|| {
            Refusal::new(Rule::SecurityGroupRuleAction).at(Field::PolicyAction).given(format_args!("{word:?}"))
        })
    }
}

/// Addresses of one family.
fn check_addresses(text: &str, ipv4: bool) -> Result<(Peer, String), Refusal> {
    let range = text.parse::<AddressRange>().ok().filter(|range| range.is_ipv4() == ipv4);
    let range = range.ok_or_else(|| {
        Refusal::new(Rule::SecurityGroupRuleAddressFormat).at(Field::PolicyPeer).given(format_args!("{text:?}"))
    })?;
    if text.starts_with("0.0.0.0/") {
        // All addresses, whatever the length of the prefix (SDK).
        let everyone = AddressRange::ALL_IPV4;
        return Ok((Peer::Addresses(everyone), everyone.to_string()));
    }
    Ok((Peer::Addresses(range), text.to_owned()))
}
