//! Where a backend of the cloud is on this machine: `10.0.1.5` is dialled at `127.10.1.5`.
//!
//! Loopback only: the plan never maps an address to one that leaves the machine, and what it does not know is not
//! dialled. In a private network, which nothing leaves, a plan may take addresses as they are. It resolves no names and
//! opens no sockets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use clb_model::forwarding::BackendAddress;
use ipnet::IpNet;

/// Networks of the cloud and the local networks of the same size they are mapped to. The first that fits counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressPlan {
    entries: Vec<(IpNet, IpNet)>,
    /// Whether an address that no entry names is dialled as it is.
    rest_as_it_is: bool,
}

/// Why a plan cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PlanError {
    /// The two networks differ in size or family.
    #[error("the address plan maps {from} to {to}: both must have the same family and prefix length")]
    Unequal {
        /// The cloud's network.
        from: IpNet,
        /// The local one.
        to: IpNet,
    },
    /// The local network is not a loopback network.
    #[error("the address plan maps {from} to {to}, which is not in 127.0.0.0/8: the data plane dials loopback only")]
    NotLoopback {
        /// The cloud's network.
        from: IpNet,
        /// The local one.
        to: IpNet,
    },
    /// The text of an entry cannot be read.
    #[error(
        "address plan entry `{text}` cannot be read: write it as CLOUD=LOCAL, for example 10.0.0.0/16=127.10.0.0/16"
    )]
    Unreadable {
        /// What was given.
        text: String,
    },
}

/// A backend that is not dialled, because the plan does not say where it is.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{address} is not dialled: the address plan has no loopback address for it (it knows {known})")]
pub struct Unmapped {
    /// The backend.
    pub address: BackendAddress,
    /// The networks the plan knows.
    pub known: String,
}

impl Default for AddressPlan {
    /// The default VPC `10.0.0.0/16` at `127.10.0.0/16`; loopback addresses are what they are.
    fn default() -> Self {
        let net = |a, b, len| IpNet::new_assert(IpAddr::V4(Ipv4Addr::new(a, b, 0, 0)), len);
        let loopback = net(127, 0, 8);
        Self { entries: vec![(net(10, 0, 16), net(127, 10, 16)), (loopback, loopback)], rest_as_it_is: false }
    }
}

impl AddressPlan {
    /// A plan with these entries, in this order.
    pub fn new(entries: Vec<(IpNet, IpNet)>) -> Result<Self, PlanError> {
        for &(from, to) in &entries {
            if from.prefix_len() != to.prefix_len() || from.max_prefix_len() != to.max_prefix_len() {
                return Err(PlanError::Unequal { from, to });
            }
            if !is_loopback(&to) {
                return Err(PlanError::NotLoopback { from, to });
            }
        }
        Ok(Self { entries, rest_as_it_is: false })
    }

    /// Every backend at its own address. Leads off the machine, so it is for a private network only.
    pub fn as_they_are() -> Self {
        Self { entries: Vec::new(), rest_as_it_is: true }
    }

    /// The plan with these entries in place of its own.
    pub fn with_entries(self, entries: Vec<(IpNet, IpNet)>) -> Result<Self, PlanError> {
        Ok(Self { rest_as_it_is: self.rest_as_it_is, ..Self::new(entries)? })
    }

    /// Whether it may map a backend to an address that is not loopback.
    pub fn leaves_loopback(&self) -> bool {
        self.rest_as_it_is
    }

    /// One entry as people write it: `10.0.0.0/16=127.10.0.0/16`.
    pub fn entry(text: &str) -> Result<(IpNet, IpNet), PlanError> {
        text.split_once('=')
            .and_then(|(from, to)| Some((from.trim().parse().ok()?, to.trim().parse().ok()?)))
            .ok_or_else(|| PlanError::Unreadable { text: text.to_owned() })
    }

    /// Where to dial a backend.
    pub fn local(&self, backend: BackendAddress) -> Result<SocketAddr, Unmapped> {
        let ip = match self.entries.iter().find(|(from, _)| from.contains(&backend.ip)) {
            Some((_, to)) => moved(backend.ip, to),
            None => self.rest_as_it_is.then_some(backend.ip),
        };
        ip.map(|ip| SocketAddr::new(ip, backend.port)).ok_or_else(|| Unmapped { address: backend, known: self.known() })
    }

    /// What the cloud calls an address of this machine: the reverse of [`AddressPlan::local`]. Rules of security groups
    /// name the cloud's addresses. An address that stands for none of the cloud's is what it is.
    pub fn cloud(&self, local: IpAddr) -> IpAddr {
        let local = local.to_canonical();
        let entry = self.entries.iter().find(|(_, to)| to.contains(&local));
        entry.and_then(|(from, _)| moved(local, from)).unwrap_or(local)
    }

    fn known(&self) -> String {
        let networks: Vec<String> = self.entries.iter().map(|(from, _)| from.to_string()).collect();
        networks.join(", ")
    }
}

fn is_loopback(net: &IpNet) -> bool {
    match net {
        IpNet::V4(net) => net.prefix_len() >= 8 && net.network().is_loopback(),
        IpNet::V6(net) => net.prefix_len() == 128 && net.network().is_loopback(),
    }
}

/// The address with the host bits of `ip` and the network bits of `net`; `None` across families.
fn moved(ip: IpAddr, net: &IpNet) -> Option<IpAddr> {
    match (ip, net) {
        (IpAddr::V4(ip), IpNet::V4(net)) => {
            let host = u32::from(ip) & u32::from(net.hostmask());
            Some(IpAddr::V4(Ipv4Addr::from(u32::from(net.network()) | host)))
        }
        (IpAddr::V6(ip), IpNet::V6(net)) => {
            let host = u128::from(ip) & u128::from(net.hostmask());
            Some(IpAddr::V6(Ipv6Addr::from(u128::from(net.network()) | host)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ip: &str) -> BackendAddress {
        BackendAddress { ip: ip.parse().expect("an address"), port: 8080 }
    }

    fn plan(entries: &[&str]) -> Result<AddressPlan, PlanError> {
        AddressPlan::new(entries.iter().map(|text| AddressPlan::entry(text)).collect::<Result<_, _>>()?)
    }

    #[test]
    fn the_default_vpc_is_on_loopback() {
        let plan = AddressPlan::default();
        assert_eq!(plan.local(at("10.0.1.5")), Ok("127.10.1.5:8080".parse().expect("an address")));
        assert_eq!(plan.local(at("127.0.0.1")), Ok("127.0.0.1:8080".parse().expect("an address")));
    }

    #[test]
    fn an_address_of_this_machine_is_that_of_the_cloud_it_stands_for() {
        let plan = AddressPlan::default();
        for (local, cloud) in
            [("127.10.1.5", "10.0.1.5"), ("127.0.0.77", "127.0.0.77"), ("192.0.2.1", "192.0.2.1"), ("::1", "::1")]
        {
            let cloud: IpAddr = cloud.parse().expect("an address");
            assert_eq!(plan.cloud(local.parse().expect("an address")), cloud, "{local}");
        }
        assert_eq!(plan.cloud("::ffff:127.10.1.5".parse().expect("an address")), IpAddr::from([10, 0, 1, 5]));
    }

    #[test]
    fn what_the_plan_does_not_know_is_not_dialled() {
        let error = AddressPlan::default().local(at("192.0.2.1")).expect_err("not in the plan");
        assert!(error.to_string().contains("192.0.2.1:8080"), "{error}");
        assert!(error.to_string().contains("10.0.0.0/16"), "{error}");
    }

    #[test]
    fn a_plan_cannot_lead_off_the_machine() {
        let refused = |text| plan(&[text]).expect_err("refused");
        assert!(matches!(refused("10.0.0.0/16=192.168.0.0/16"), PlanError::NotLoopback { .. }));
        assert!(matches!(refused("0.0.0.0/0=127.0.0.0/0"), PlanError::NotLoopback { .. }));
        assert!(matches!(refused("10.0.0.0/16=127.10.0.0/24"), PlanError::Unequal { .. }));
        assert!(matches!(refused("10.0.0.0/16"), PlanError::Unreadable { .. }));
    }

    #[test]
    fn in_a_private_network_a_backend_is_where_it_is_unless_an_entry_says_otherwise() {
        let as_they_are = AddressPlan::as_they_are();
        assert_eq!(as_they_are.local(at("10.0.1.5")).map(|a| a.to_string()), Ok("10.0.1.5:8080".to_owned()));
        assert_eq!(as_they_are.local(at("fd00::5")).map(|a| a.to_string()), Ok("[fd00::5]:8080".to_owned()));
        let entries = vec![AddressPlan::entry("10.0.1.0/24=127.10.1.0/24").expect("an entry")];
        let plan = as_they_are.with_entries(entries.clone()).expect("a plan");
        assert_eq!(plan.local(at("10.0.1.5")).map(|a| a.to_string()), Ok("127.10.1.5:8080".to_owned()));
        assert_eq!(plan.local(at("10.0.2.5")).map(|a| a.to_string()), Ok("10.0.2.5:8080".to_owned()));
        assert!(plan.leaves_loopback());
        let elsewhere = AddressPlan::default().with_entries(entries).expect("a plan");
        assert!(!elsewhere.leaves_loopback() && elsewhere.local(at("10.0.2.5")).is_err());
    }

    #[test]
    fn the_first_entry_that_fits_counts() {
        let plan = plan(&["10.1.2.0/24=127.20.0.0/24", "10.1.0.0/16=127.21.0.0/16"]).expect("a plan");
        assert_eq!(plan.local(at("10.1.2.9")).map(|a| a.to_string()), Ok("127.20.0.9:8080".to_owned()));
        assert_eq!(plan.local(at("10.1.3.9")).map(|a| a.to_string()), Ok("127.21.3.9:8080".to_owned()));
    }
}
