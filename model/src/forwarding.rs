//! The forwarding table: what should be forwarding now, derived from load balancers, listeners, bindings,
//! certificates and security groups; and the observations the data plane reports back.
//!
//! A table is a whole picture with a number (its generation). It says what should be, never how: no
//! sockets, no tasks, no connection counts.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::id::{ListenerId, LoadBalancerId, SecurityGroupId};
use crate::load_balancer::LoadBalancer;
use crate::region::Region;
use crate::security_group::filter::{Filters, SecurityFilters};
use crate::world::World;
use crate::world::changes::{Change, RegionChange};

/// What should be forwarding now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForwardingTable {
    /// Grows with every change.
    pub generation: u64,
    /// Every listener that has its port open, of all worlds and regions.
    pub listeners: BTreeMap<ListenerId, Arc<Forwarding>>,
}

impl ForwardingTable {
    /// Takes in what has changed in a world, which is as it is now. What does not forward differently stays the same in
    /// memory. The whole table made anew would be equal to this one.
    pub fn take_in(&mut self, world: &World, changes: &[Change]) {
        let mut filters: BTreeMap<&str, FilterChanges<'_>> = BTreeMap::new();
        for change in changes {
            let Change::In(name, change) = change else { continue };
            let region = world.region(name).ok();
            let owner = |id: &LoadBalancerId| region.and_then(|it| Some((it, it.load_balancers.get(id)?)));
            match change {
                RegionChange::Listener(_, id, None) => drop(self.listeners.remove(id)),
                RegionChange::Listener(owner_id, id, Some(listener)) => {
                    if let Some((region, owner)) = owner(owner_id) {
                        self.put(id, listener.forwarding(owner, || Filters::new(region).security(owner, listener)));
                    }
                }
                RegionChange::LoadBalancer(id, _) => {
                    let Some((region, owner)) = owner(id) else { continue };
                    for (id, forwarding) in forwardings_of(owner, &Filters::new(region)) {
                        self.put(id, forwarding);
                    }
                }
                RegionChange::SecurityGroup(id, _) => drop(filters.entry(name).or_default().groups.insert(id)),
                RegionChange::Instance(..) => filters.entry(name).or_default().instances = true,
                _ => {}
            }
        }
        for (name, changes) in filters {
            if let Ok(region) = world.region(name) {
                self.filter_anew(region, &changes);
            }
        }
    }

    /// Makes anew what forwards through filters that may have changed.
    fn filter_anew(&mut self, region: &Region, changes: &FilterChanges<'_>) {
        if changes.instances {
            // They come and go with seeds and snapshots, all at once.
            for (id, forwarding) in region.forwardings() {
                self.put(id, forwarding);
            }
            return;
        }
        let filters = Filters::new(region);
        for (load_balancer, listener) in region.filtered_by(&changes.groups) {
            self.put(&listener.id, listener.forwarding(load_balancer, || filters.security(load_balancer, listener)));
        }
    }

    /// `None` is a listener that does not forward.
    fn put(&mut self, id: &ListenerId, forwarding: Option<Forwarding>) {
        let Some(mut forwarding) = forwarding else {
            self.listeners.remove(id);
            return;
        };
        match self.listeners.get_mut(id) {
            Some(known) if **known == forwarding => {}
            Some(known) => {
                // Equal filters stay the shared ones.
                if known.security == forwarding.security {
                    forwarding.security.clone_from(&known.security);
                }
                *known = Arc::new(forwarding);
            }
            None => drop(self.listeners.insert(id.clone(), Arc::new(forwarding))),
        }
    }
}

/// What filters are made of and has changed in a region.
#[derive(Default)]
struct FilterChanges<'a> {
    /// Groups.
    groups: BTreeSet<&'a SecurityGroupId>,
    /// Whether instances have changed: the members of groups, or what is behind an address.
    instances: bool,
}

impl Region {
    /// What every listener of a region has to do; `None` is one that does not forward.
    pub(crate) fn forwardings(&self) -> Vec<(&ListenerId, Option<Forwarding>)> {
        let filters = Filters::new(self);
        self.load_balancers().flat_map(|it| forwardings_of(it, &filters)).collect()
    }
}

/// The same of one load balancer.
fn forwardings_of<'a>(
    load_balancer: &'a LoadBalancer,
    filters: &Filters<'a>,
) -> impl Iterator<Item = (&'a ListenerId, Option<Forwarding>)> {
    let listeners = load_balancer.listeners();
    listeners.map(move |it| (&it.id, it.forwarding(load_balancer, || filters.security(load_balancer, it))))
}

/// One listener that forwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Forwarding {
    /// The load balancer the listener belongs to.
    pub load_balancer_id: LoadBalancerId,
    /// The load balancer's address and the listener's port.
    pub address: SocketAddr,
    /// Where the load balancer's own connections to backends come from: probes, and streams with `snat`. Its address,
    /// but with NAT64 that of its side of IPv4.
    pub source: IpAddr,
    /// How a backend is chosen for a new connection.
    pub scheduler: Scheduler,
    /// What clients are shown, and asked for.
    pub tls: Tls,
    /// How backends are watched; `None` when the check is switched off.
    pub probe: Option<Probe>,
    /// Whether backends are sent a PROXY protocol header (version 2).
    pub proxy_protocol: bool,
    /// Whether backends see `source` as the TCP source, in place of the client's.
    pub snat: bool,
    /// The most connections at a time, and new ones per second; `None` is no limit.
    pub limits: ConnectionLimits,
    /// Where connections go.
    pub backends: Vec<Backend>,
    /// Who is let in, by the load balancer and by its backends.
    pub security: SecurityFilters,
}

/// How many connections a listener takes; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// At a time (`MaxConn`).
    pub concurrent: Option<u32>,
    /// New ones per second (`MaxCps`).
    pub new_per_second: Option<u32>,
}

/// How a backend is chosen for a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheduler {
    /// By weight, in turn (`WRR`).
    WeightedRoundRobin,
    /// The fewest connections for its weight (`LEAST_CONN`).
    LeastConnections,
}

/// The TLS side of a listener.
#[derive(Clone, PartialEq)]
pub struct Tls {
    /// What clients are shown, one of them each: at least one, and the first when nothing speaks for another.
    pub certificates: Vec<ServerCertificate>,
    /// The CA that client certificates must come from, for mutual TLS.
    pub client_ca_pem: Option<Arc<str>>,
    /// With a client CA: whether a client may do without a certificate.
    pub client_certificate: ClientCertificate,
}

/// A certificate that clients are shown. PEM text is shared with the certificate it comes from.
#[derive(Clone, PartialEq)]
pub struct ServerCertificate {
    /// The chain, the server's own certificate first.
    pub chain_pem: Arc<str>,
    /// Its private key.
    pub private_key_pem: Arc<str>,
}

/// Whether a client of a mutual TLS listener must show a certificate (`SSLVerifyClient`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientCertificate {
    /// No connection without one (`ON`, the platform's default).
    #[default]
    Required,
    /// One that is shown is verified, none is fine (`OPTIONAL`).
    Optional,
}

/// Private keys never show.
impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls")
            .field("certificates", &self.certificates.len())
            .field("mutual", &self.client_ca_pem.is_some())
            .finish_non_exhaustive()
    }
}

/// How a backend is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What is tried.
    pub kind: ProbeKind,
    /// From the start of one probe to the start of the next.
    pub interval: Duration,
    /// How long one probe may take.
    pub timeout: Duration,
}

/// What a probe tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeKind {
    /// A TCP connection that is accepted.
    Tcp,
    /// An HTTP request that is answered with an expected status class.
    Http {
        /// `HTTP/1.0` or `HTTP/1.1`.
        version: String,
        /// `HEAD` or `GET`.
        method: String,
        /// Absolute path.
        path: String,
        /// `Host` header; the backend's address when `None`.
        domain: Option<String>,
        /// Sum of accepted classes: 1 = 1xx, 2 = 2xx, 4 = 3xx, 8 = 4xx, 16 = 5xx.
        codes: u8,
    },
}

/// A backend's address as the cloud knows it; the data plane's address plan may map it to a local one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BackendAddress {
    /// Private address in the VPC.
    pub ip: IpAddr,
    /// Service port.
    pub port: u16,
}

impl std::fmt::Display for BackendAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        SocketAddr::new(self.ip, self.port).fmt(f)
    }
}

/// One backend of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// Where it is.
    pub address: BackendAddress,
    /// 0 to 100; 0 takes no new connections.
    pub weight: u8,
    /// Whether it is given new connections: the verdict on its probes, after the all-dead-means-all-alive rule.
    pub eligible: bool,
}

/// What the data plane reports back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// A table has been put into effect.
    Applied {
        /// Which table.
        generation: u64,
        /// Listeners of it whose port could not be opened, with the reason.
        failed: BTreeMap<ListenerId, String>,
    },
    /// A probe has ended.
    Probed {
        /// The load balancer of the listener.
        load_balancer_id: LoadBalancerId,
        /// The listener the backend was probed for.
        listener_id: ListenerId,
        /// The backend.
        address: BackendAddress,
        /// Whether it answered as expected.
        passed: bool,
    },
}
