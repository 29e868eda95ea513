//! One listener: its UDP port, its QUIC endpoint, the loop that admits connections, and its probes.
//!
//! One endpoint per listener, so a client that changes its address still reaches its connection. A change of
//! certificate, weights, scheduler or limits is put in place and reaches new connections only. Closing is quick: the
//! port and the connections share one socket, so a deleted listener closes its connections with a code instead of
//! letting them run out behind a closed port.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use clb_model::balancer::Balancer;
use clb_model::forwarding::{ConnectionLimits, Forwarding, Observation, Tls};
use clb_model::id::ListenerId;
use quinn::{Endpoint, Incoming, TokioRuntime, VarInt};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};

use super::address_plan::AddressPlan;
use super::admission::{Admission, HalfOpen};
use super::alpn::AnyAlpn;
use super::connection::{self, Current, Site};
use super::counters::{ListenerCounters, Refused};
use super::datagram_faults::FaultySocket;
use super::firewall::Firewall;
use super::host::{Host, UdpPort};
use super::journal::{Ending, Journal};
use super::passive_check::PassiveCheck;
use super::probe::Probes;
use super::traces::Traces;
use super::{Settings, transport};
use crate::faults::TrafficFaults;
use crate::tls;

/// How long a closing listener may take to tell its clients.
const FAREWELL: Duration = Duration::from_millis(300);

/// What all listeners share.
pub struct Surroundings<H> {
    /// The machine.
    pub host: Arc<H>,
    /// Where backends are on this machine.
    pub plan: Arc<AddressPlan>,
    /// Where connections are recorded.
    pub journal: Arc<Journal>,
    /// Where probe results go.
    pub observations: mpsc::Sender<Observation>,
    /// What goes wrong on request.
    pub faults: Arc<TrafficFaults>,
    /// What is done beyond what tables say.
    pub settings: Settings,
    /// What is written to files of connections.
    pub traces: Traces,
}

/// A listener whose port is open.
pub struct Listener<H: Host> {
    forwarding: Arc<Forwarding>,
    site: Arc<Site<H>>,
    limits: watch::Sender<ConnectionLimits>,
    port: Arc<H::Udp>,
    firewall: Arc<Firewall>,
    endpoint: Endpoint,
    settings: Settings,
    admitting: JoinHandle<()>,
    probes: Probes<H>,
}

impl<H: Host> Listener<H> {
    /// Opens the port and begins to admit and to probe. The error is for the reader of a failed task.
    pub fn open(id: &ListenerId, forwarding: &Arc<Forwarding>, around: &Arc<Surroundings<H>>) -> Result<Self, String> {
        let config = transport::server_config(crypto(&forwarding.tls, around.settings, &around.traces)?);
        let port = around.host.open(forwarding.address).map_err(|error| not_bound(forwarding.address, &error))?;
        let counters =
            Arc::new(ListenerCounters::new(forwarding.load_balancer_id.clone(), id.clone(), &forwarding.backends));
        // The layers between the port and QUIC, from below.
        let faulty = FaultySocket::new(port.clone(), Arc::clone(&around.faults), Arc::clone(&counters));
        let firewall = Firewall::new(
            faulty,
            forwarding.address.port(),
            Arc::clone(&around.plan),
            forwarding.security.clients.clone(),
            Arc::clone(&counters),
        );
        let runtime = Arc::new(TokioRuntime);
        let endpoint = Endpoint::new_with_abstract_socket(
            transport::endpoint_config(around.host.endpoint_seed()),
            Some(config.clone()),
            firewall.clone(),
            runtime,
        )
        .map_err(|error| format!("cannot start QUIC at {}: {error}", forwarding.address))?;
        let site = Arc::new(Site {
            host: Arc::clone(&around.host),
            load_balancer_id: forwarding.load_balancer_id.clone(),
            listener_id: id.clone(),
            address: forwarding.address,
            source: forwarding.source,
            plan: Arc::clone(&around.plan),
            journal: Arc::clone(&around.journal),
            faults: Arc::clone(&around.faults),
            counters: around.journal.counters().open(&counters),
            farewell: OnceLock::new(),
            traces: around.traces.clone(),
            current: Mutex::new(Current {
                balancer: Balancer::new(forwarding.scheduler, &forwarding.backends),
                proxy_protocol: forwarding.proxy_protocol,
                snat: forwarding.snat,
                security: forwarding.security.clone(),
                passive_check: around.settings.passive_health_check.then(PassiveCheck::default),
                config,
            }),
        });
        let limits = watch::channel(forwarding.limits).0;
        let admitting = tokio::spawn(admit(endpoint.clone(), Arc::clone(&site), limits.subscribe()));
        let mut probes = Probes::new(
            forwarding.load_balancer_id.clone(),
            id.clone(),
            forwarding.source,
            Arc::clone(around),
            Arc::clone(&site.counters),
        );
        probes.update(forwarding.probe.as_ref(), &forwarding.backends, &forwarding.security);
        let forwarding = Arc::clone(forwarding);
        let settings = around.settings;
        Ok(Self { forwarding, site, limits, port, firewall, endpoint, settings, admitting, probes })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.forwarding.address
    }

    /// Puts a newer table into effect: what it says of who is let in for the next datagram, everything else for new
    /// connections. Everything but the TLS material always succeeds; if that
    /// cannot be used, the old one stays and the error says why.
    pub fn update(&mut self, forwarding: &Arc<Forwarding>) -> Result<(), String> {
        if Arc::ptr_eq(&self.forwarding, forwarding) || self.forwarding == *forwarding {
            return Ok(());
        }
        if self.forwarding.security.clients != forwarding.security.clients {
            self.firewall.put(forwarding.security.clients.clone());
        }
        {
            let mut current = self.site.current();
            current.balancer.update(forwarding.scheduler, &forwarding.backends);
            current.proxy_protocol = forwarding.proxy_protocol;
            current.snat = forwarding.snat;
            current.security.clone_from(&forwarding.security);
            if let Some(check) = &mut current.passive_check {
                check.update(&forwarding.backends);
            }
        }
        self.site.counters.update(&forwarding.backends);
        self.limits.send_replace(forwarding.limits);
        self.probes.update(forwarding.probe.as_ref(), &forwarding.backends, &forwarding.security);
        let tls = if self.forwarding.tls == forwarding.tls { Ok(()) } else { self.show(&forwarding.tls) };
        self.forwarding = match &tls {
            Ok(()) => Arc::clone(forwarding),
            Err(_) => Arc::new(Forwarding { tls: self.forwarding.tls.clone(), ..Forwarding::clone(forwarding) }),
        };
        tls
    }

    /// Shows new TLS material to new connections. Only the crypto is replaced: the token key stays, so what clients
    /// hold of Retry and NEW_TOKEN stays good.
    fn show(&mut self, tls: &Tls) -> Result<(), String> {
        let crypto = crypto(tls, self.settings, &self.site.traces)?;
        let config = {
            let mut current = self.site.current();
            current.config.crypto = crypto;
            current.config.clone()
        };
        self.endpoint.set_server_config(Some(config));
        Ok(())
    }

    /// Closes connections with `code`, then the port. When this returns, the port can be bound again.
    pub async fn close(self, code: VarInt, reason: &'static str) {
        drop(self.probes);
        // It is closed once; who it was closed for does not matter to a second order.
        let _ = self.site.farewell.set(Ending::by_load_balancer(code, reason));
        self.endpoint.close(code, reason.as_bytes());
        // Connections drain in about three round trips; the port does not wait for those that take longer.
        let _ = timeout(FAREWELL, self.endpoint.wait_idle()).await;
        self.port.close().await;
        // Ends by itself: the endpoint is closed, and every connection with it.
        let _ = self.admitting.await;
        self.site.journal.counters().close(&self.site.listener_id);
    }
}

/// Admits connections until the endpoint is closed, then waits for the last of them to end.
async fn admit<H: Host>(endpoint: Endpoint, site: Arc<Site<H>>, mut limits: watch::Receiver<ConnectionLimits>) {
    let mut admission = Admission::new(*limits.borrow_and_update());
    let mut half_open = HalfOpen::default();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            // First: those that have ended make room for those that come.
            Some(_) = connections.join_next() => {}
            incoming = endpoint.accept() => {
                let Some(incoming) = incoming else { break };
                if limits.has_changed().unwrap_or(false) {
                    admission.update(*limits.borrow_and_update());
                }
                if half_open.are_many() && incoming.may_retry() {
                    site.counters.retries.one();
                    // Cannot fail: it may.
                    let _ = incoming.retry();
                    continue;
                }
                let now = Instant::now();
                if !half_open.have_room(now) {
                    site.journal.refused(&site.counters, incoming.remote_address(), Refused::HalfOpen);
                    incoming.ignore();
                    continue;
                }
                match admission.admit(now, connections.len()) {
                    Ok(()) => {
                        connections.spawn(connection::serve(incoming, half_open.enter(now), Arc::clone(&site)));
                    }
                    Err(why) => refuse(incoming, &site, why),
                }
            }
        }
    }
    while connections.join_next().await.is_some() {}
}

fn refuse<H>(incoming: Incoming, site: &Site<H>, why: Refused) {
    let client = incoming.remote_address();
    tracing::debug!(listener = %site.listener_id, %client, ?why, "refused: a limit is reached");
    site.journal.refused(&site.counters, client, why);
    incoming.refuse();
}

fn crypto(tls: &Tls, settings: Settings, traces: &Traces) -> Result<Arc<AnyAlpn>, String> {
    let mut config = tls::server_config(tls, settings.early_data).map_err(|error| error.to_string())?;
    if let Some(key_log) = &traces.key_log {
        config.key_log = key_log.clone();
    }
    Ok(Arc::new(AnyAlpn::new(config)?))
}

/// Why a port could not be opened, and what to do.
fn not_bound(address: SocketAddr, error: &io::Error) -> String {
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => "another program on this machine uses the port; stop it or choose another port",
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need privileges on this machine; choose a higher one, or lower net.ipv4.ip_unprivileged_port_start"
        }
        io::ErrorKind::AddrNotAvailable => "the address does not exist on this machine",
        _ => "the operating system refused",
    };
    format!("UDP {address} cannot be opened: {error} ({hint})")
}
