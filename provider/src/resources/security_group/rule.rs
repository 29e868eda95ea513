//! What can be said of a rule without asking anybody: how its texts are to be written, and what goes with what.

use std::collections::BTreeSet;
use std::net::IpAddr;

use tfplugin_sdk::{Path, Report, Value, path};

use super::{Cidr, Ports, Protocol, SecurityGroupConfig, SecurityRuleConfig};

/// The rules of a security group refer to at most this many groups.
const MOST_GROUPS: usize = 10;

/// Refuses what is no port, list or range of ports.
pub(super) fn check_ports(ports: &Ports) -> Result<(), String> {
    let text = canonical_ports(&ports.0);
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok();
    let is_good = match text.split_once('-') {
        _ if text == "all" => true,
        Some((first, last)) => {
            let in_order = || first.parse::<u16>().ok() <= last.parse::<u16>().ok();
            is_port(first) && is_port(last) && in_order()
        }
        None => text.split(',').all(is_port),
    };
    if is_good {
        return Ok(());
    }
    Err(format!("{:?} is none of: `all`, a port (443), a list (80,443), a range from low to high (8000-8999)", ports.0))
}

/// How ports are written that are the same as these.
pub(super) fn canonical_ports(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_ascii_lowercase()
}

/// Refuses what is no network and no address.
pub(super) fn check_cidr(cidr: &Cidr) -> Result<(), String> {
    let Some((ip, length)) = network(&cidr.0) else {
        return Err(format!("{:?} is no IPv4 or IPv6 network such as 10.0.0.0/8, and no address", cidr.0));
    };
    let masked = masked(ip, length);
    if masked == ip {
        return Ok(());
    }
    Err(format!("{} has bits behind its prefix of {length}: the network is {masked}/{length}", cidr.0))
}

/// How a network is written that is the same as this one; a text that is none stays as it is.
pub(super) fn canonical_cidr(text: &str) -> String {
    match network(text) {
        Some((ip, length)) if length == bits(ip) => ip.to_string(),
        Some((ip, length)) => format!("{ip}/{length}"),
        None => text.to_owned(),
    }
}

/// Whether addresses are IPv6.
pub(super) fn is_ipv6(cidr: &Cidr) -> bool {
    network(&cidr.0).is_some_and(|(ip, _)| ip.is_ipv6())
}

fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (ip, length) = match text.trim().split_once('/') {
        Some((ip, length)) => (ip.parse().ok()?, Some(length)),
        None => (text.trim().parse().ok()?, None),
    };
    let length = length.map_or(Some(bits(ip)), |length| {
        length.bytes().all(|byte| byte.is_ascii_digit()).then(|| length.parse().ok()).flatten()
    })?;
    (length <= bits(ip)).then_some((ip, length))
}

fn bits(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}

fn masked(ip: IpAddr, length: u8) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            IpAddr::V4((u32::from(ip) & mask).into())
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
            IpAddr::V6((u128::from(ip) & mask).into())
        }
    }
}

/// Refuses ports of a protocol that has none, the wrong ICMP, and a rule that stands there twice.
pub(super) fn validate(rules: &Value<Vec<Value<SecurityRuleConfig>>>, at: &Path, report: &mut Report) {
    let Value::Known(rules) = rules else { return };
    for (position, rule) in rules.iter().enumerate() {
        let Value::Known(rule) = rule else { continue };
        let at = at.clone().index(position);
        let protocol = if rule.protocol.is_null() { Some(Protocol::All) } else { rule.protocol.known().copied() };
        let has_ports = protocol.is_none_or(|protocol| matches!(protocol, Protocol::Tcp | Protocol::Udp));
        let names_ports = rule.ports.known().is_some_and(|ports| canonical_ports(&ports.0) != "all");
        if names_ports && !has_ports {
            report.error(
                at.clone().attribute("ports"),
                "Only tcp and udp have ports",
                "Set protocol to \"tcp\" or \"udp\" (QUIC is udp), or leave out ports.",
            );
        }
        if protocol == Some(Protocol::Icmp) && rule.cidr.known().is_some_and(is_ipv6) {
            report.error(
                at.clone().attribute("protocol"),
                "The ICMP of IPv6 is icmpv6",
                "Set protocol to \"icmpv6\", or name an IPv4 network in cidr.",
            );
        }
        let Some(said) = said(rule) else { continue };
        if let Some(first) =
            rules[..position].iter().position(|other| other.known().and_then(self::said) == Some(said.clone()))
        {
            report.error(
                at,
                "This rule stands there twice",
                format!(
                    "It says the same as the rule with the index {first}, which is asked before it. Remove one of them."
                ),
            );
        }
    }
}

/// Refuses rules that name more groups than the rules of one group may (INTL 215/41428).
pub(super) fn count_groups(config: &SecurityGroupConfig, report: &mut Report) {
    let mut named = BTreeSet::new();
    for (at, rules) in [(path!(ingress), &config.ingress), (path!(egress), &config.egress)] {
        for (position, rule) in rules.known().into_iter().flatten().enumerate() {
            let Some(id) = rule.known().and_then(|rule| rule.security_group_id.known()) else { continue };
            if named.insert(id) && named.len() > MOST_GROUPS {
                let detail = format!(
                    "{id} is number {} of the groups that ingress and egress name. Name networks in `cidr` in place of some.",
                    named.len()
                );
                let at = at.clone().index(position).attribute("security_group_id");
                report.error(at, format!("The rules of a group name at most {MOST_GROUPS} other groups"), detail);
            }
        }
    }
}

/// What a rule says, in one form, whatever its remark; `None` while some of it is unknown. The platform refuses a rule that is
/// equal to another.
fn said(rule: &SecurityRuleConfig) -> Option<(String, String, String, String)> {
    let or =
        |value: Option<String>, is_null: bool, otherwise: &str| value.or_else(|| is_null.then(|| otherwise.to_owned()));
    let protocol = or(rule.protocol.known().map(|it| format!("{it:?}")), rule.protocol.is_null(), "All")?;
    let ports = or(rule.ports.known().map(|it| canonical_ports(&it.0)), rule.ports.is_null(), "all")?;
    let cidr = or(rule.cidr.known().map(|it| canonical_cidr(&it.0)), rule.cidr.is_null(), "")?;
    let group = or(rule.security_group_id.known().cloned(), rule.security_group_id.is_null(), "")?;
    let action = rule.action.known()?;
    Some((format!("{action:?} {protocol}"), ports, cidr, group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_all_or_one_or_a_list_or_a_range() {
        for good in ["all", "ALL", "443", "80,443", "80, 443", "8000-8999", "0", "65535"] {
            assert_eq!(check_ports(&Ports(good.to_owned())), Ok(()), "{good}");
        }
        for bad in ["", "some", "65536", "-1", "443-", "9000-8000", "80,,443", "80-90,443", "+80"] {
            assert!(check_ports(&Ports(bad.to_owned())).is_err(), "{bad}");
        }
        assert_eq!(canonical_ports(" 80, 443 "), "80,443");
    }

    #[test]
    fn networks_have_no_bits_behind_their_prefix() {
        for good in ["0.0.0.0/0", "10.0.0.0/8", "10.1.2.3", "10.1.2.3/32", "::/0", "2001:db8::/32", "2001:db8::1"] {
            assert_eq!(check_cidr(&Cidr(good.to_owned())), Ok(()), "{good}");
        }
        for bad in
            ["", "10.0.0.0/33", "10.0.0.1/8", "10.0.0/8", "::/129", "2001:db8::1/32", "10.0.0.0/+8", "example.com"]
        {
            assert!(check_cidr(&Cidr(bad.to_owned())).is_err(), "{bad}");
        }
        let said = check_cidr(&Cidr("10.1.2.3/8".to_owned())).expect_err("bits behind the prefix");
        assert!(said.contains("10.0.0.0/8"), "{said}");
    }

    #[test]
    fn one_address_is_the_network_that_has_only_it() {
        assert_eq!(canonical_cidr("10.1.2.3/32"), canonical_cidr("10.1.2.3"));
        assert_eq!(canonical_cidr("2001:DB8:0:0::1/128"), "2001:db8::1");
        assert_eq!(canonical_cidr("nothing"), "nothing");
    }
}
