//! One QUIC connection: its handshake, the backend it is served by, its streams and its path.
//!
//! One scheduling decision per connection; each stream the client opens becomes one TCP connection to that backend.
//! The connection moves to another backend only while a stream has nothing sent yet: when the dial fails, or when the
//! backend is no longer bound. No lock of the control plane is taken; what changes while the connection lives
//! (weights, health, certificate) does not reach its streams.

use std::future::Future;
use std::mem;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use clb_model::balancer::{Balancer, Lease};
use clb_model::forwarding::BackendAddress;
use clb_model::id::{ListenerId, LoadBalancerId};
use clb_model::security_group::filter::SecurityFilters;
use quinn::crypto::rustls::HandshakeData;
use quinn::{Connecting, Connection, ConnectionError, Incoming, RecvStream, SendStream, ServerConfig, VarInt};
use rustls::pki_types::CertificateDer;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::address_plan::AddressPlan;
use super::admission::Place;
use super::bridge::{self, Abortable, Ended};
use super::client_address::{Path, SeenAddress, shown};
use super::close_code;
use super::counters::{Given, HandshakeFailure, ListenerCounters, StreamEnd};
use super::host::Host;
use super::journal::{Ending, Entry, Journal, Opening};
use super::passive_check::PassiveCheck;
use super::proxy_header;
use super::stream_limits::BrokenOff;
use super::traces::Traces;
use super::transport::{self, MAX_STREAMS};
use crate::faults::TrafficFaults;
use crate::faults::backends::{BackendEffect, Impairment};
use crate::tls;

/// A handshake that takes longer is given up.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A backend that does not accept within this time counts as unreachable for this stream.
const DIAL_TIMEOUT: Duration = Duration::from_secs(3);
/// How often a connection's address is looked at, and how often while a new one waits to be validated.
const PATH_TICK: Duration = Duration::from_secs(1);
const PATH_TICK_WHILE_CHANGING: Duration = Duration::from_millis(100);

/// What the connections of one listener share.
pub struct Site<H> {
    /// The machine.
    pub host: Arc<H>,
    /// The load balancer of the listener.
    pub load_balancer_id: LoadBalancerId,
    /// The listener.
    pub listener_id: ListenerId,
    /// Its address.
    pub address: SocketAddr,
    /// Where the load balancer's own connections to backends come from.
    pub source: IpAddr,
    /// Where backends are on this machine.
    pub plan: Arc<AddressPlan>,
    /// Where connections are recorded.
    pub journal: Arc<Journal>,
    /// What goes wrong on request.
    pub faults: Arc<TrafficFaults>,
    /// Where they are counted.
    pub counters: Arc<ListenerCounters>,
    /// How the listener has been closed, if it has.
    pub farewell: OnceLock<Ending>,
    /// What is written to files of connections.
    pub traces: Traces,
    /// What newer tables change.
    pub current: Mutex<Current>,
}

/// What the newest table says to new connections and streams of a listener.
pub struct Current {
    /// The scheduling state.
    pub balancer: Balancer,
    /// Whether backends are sent a PROXY protocol header.
    pub proxy_protocol: bool,
    /// Whether backends see the load balancer's address in place of the client's.
    pub snat: bool,
    /// Whom backends let in.
    pub security: SecurityFilters,
    /// Which backends have failed lately, if that is watched.
    pub passive_check: Option<PassiveCheck>,
    /// What QUIC tells new connections.
    pub config: ServerConfig,
}

impl Current {
    /// A backend that has not just failed, and is not blocked; if all others are blocked, one of them.
    fn choose(&mut self, failed: &[BackendAddress]) -> Option<Lease> {
        if let Some(check) = &self.passive_check {
            let except: Vec<_> = failed.iter().copied().chain(check.blocked(Instant::now())).collect();
            if let Some(lease) = self.balancer.choose(&except) {
                return Some(lease);
            }
        }
        self.balancer.choose(failed)
    }

    fn is_blocked(&self, address: BackendAddress) -> bool {
        self.passive_check.as_ref().is_some_and(|check| check.is_blocked(Instant::now(), address))
    }

    /// A backend was dialled.
    fn dialled(&mut self, address: BackendAddress, connected: bool) {
        match &mut self.passive_check {
            Some(check) if connected => check.passed(address),
            Some(check) => check.failed(Instant::now(), address),
            None => {}
        }
    }
}

impl<H> Site<H> {
    /// The state of now. Held for the length of a decision only, never across a wait.
    pub fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a backend lets connections from that address of this machine in.
    fn is_admitted(&self, backend: BackendAddress, source: IpAddr) -> bool {
        self.current().security.admits_at_backend(backend, self.plan.cloud(source))
    }

    /// Begins a handshake, with a qlog file if there is to be one.
    fn accept(&self, incoming: Incoming) -> Result<Connecting, ConnectionError> {
        let Some(stream) = self.traces.qlog.as_ref().and_then(|qlog| qlog.begin(&self.listener_id)) else {
            return incoming.accept();
        };
        let mut parameters = transport::parameters();
        parameters.qlog_stream(Some(stream));
        let mut config = self.current().config.clone();
        config.transport_config(Arc::new(parameters));
        incoming.accept_with(Arc::new(config))
    }

    /// How a connection ended, or a handshake.
    fn ending(&self, error: &ConnectionError) -> Ending {
        match (error, self.farewell.get()) {
            (ConnectionError::LocallyClosed, Some(farewell)) => farewell.clone(),
            _ => Ending::of(error),
        }
    }
}

/// Serves one connection from its first packet to its end. `place` is given back when the handshake is over.
///
/// The handshake is in a box of its own, and no part of what lives as long as the connection: its memory is given back.
pub fn serve<H: Host>(incoming: Incoming, place: Place, site: Arc<Site<H>>) -> impl Future<Output = ()> + Send {
    let handshake = Box::pin(shake_hands(incoming, place, Arc::clone(&site)));
    async move {
        if let Some(connection) = handshake.await {
            serve_streams(connection, site).await;
        }
    }
}

/// The connection, when its handshake is completed; the journal knows why not.
async fn shake_hands<H: Host>(incoming: Incoming, place: Place, site: Arc<Site<H>>) -> Option<Connection> {
    let client = incoming.remote_address();
    let handshake = timeout(HANDSHAKE_TIMEOUT, async { site.accept(incoming)?.await });
    let shaken = tokio::select! {
        biased;
        shaken = handshake => shaken,
        () = place.needed() => {
            tracing::debug!(listener = %site.listener_id, %client, "handshake gave way to newer ones");
            let ending = Ending::by_load_balancer(close_code::STOPPED, "the handshake gave way to newer ones");
            site.journal.handshake_failed(&site.counters, client, HandshakeFailure::GaveWay, ending);
            return None;
        }
    };
    match shaken {
        Ok(Ok(connection)) => return Some(connection),
        Ok(Err(error)) => {
            tracing::debug!(listener = %site.listener_id, %client, %error, "handshake failed");
            let ending = site.ending(&error);
            site.journal.handshake_failed(&site.counters, client, Ending::of_handshake(&error), ending);
        }
        Err(_) => {
            tracing::debug!(listener = %site.listener_id, %client, "handshake timed out");
            let ending = Ending::by_silence("the handshake was not completed in time");
            site.journal.handshake_failed(&site.counters, client, HandshakeFailure::TimedOut, ending);
        }
    }
    None
}

/// Chooses the backend and serves streams until the connection ends.
async fn serve_streams<H: Host>(connection: Connection, site: Arc<Site<H>>) {
    let lease = site.current().choose(&[]);
    let backend = lease.as_ref().map(Lease::address);
    let entry = Arc::new(site.journal.open(opening(&connection, &site), backend, Arc::clone(&site.counters)));
    let Some(lease) = lease else {
        const WHY: &str = "no backend takes new connections";
        connection.close(close_code::NO_BACKEND, WHY.as_bytes());
        return entry.close(Ending::by_load_balancer(close_code::NO_BACKEND, WHY));
    };
    let seen = Mutex::new(SeenAddress::new(connection.remote_address()));
    let chosen = Mutex::new(Chosen::new(lease, &site.counters));
    let served = Arc::new(Served { site, entry, chosen, seen });
    let end = served.streams(&connection).await;
    served.entry.close(served.site.ending(&end));
}

fn opening<H>(connection: &Connection, site: &Site<H>) -> Opening {
    let data = connection.handshake_data().and_then(|data| data.downcast::<HandshakeData>().ok());
    let (alpn, server_name) = data.map_or((None, None), |data| (data.protocol, data.server_name));
    Opening {
        load_balancer_id: site.load_balancer_id.clone(),
        listener_id: site.listener_id.clone(),
        client: connection.remote_address(),
        alpn: alpn.map(Vec::into_boxed_slice),
        server_name: server_name.map(String::into_boxed_str),
        certificate_subject: certificate_subject(connection).map(String::into_boxed_str),
    }
}

/// Whom the certificate names that the client showed, if it was asked for one and showed one.
fn certificate_subject(connection: &Connection) -> Option<String> {
    let chain = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    tls::subject(chain.first()?)
}

/// A connection that has its backend.
struct Served<H> {
    site: Arc<Site<H>>,
    entry: Arc<Entry>,
    chosen: Mutex<Chosen>,
    seen: Mutex<SeenAddress>,
}

/// The one scheduling decision. It counts until the connection ends, or until a failed dial moves it.
struct Chosen {
    lease: Lease,
    _given: Given,
}

impl Chosen {
    fn new(lease: Lease, counters: &ListenerCounters) -> Self {
        let given = Given::to(counters.backend(lease.address()));
        Self { lease, _given: given }
    }
}

/// Why a stream gets no backend.
enum NotServed {
    NoBackend,
    Unreachable,
}

impl<H: Host> Served<H> {
    /// Takes streams until the connection ends; then breaks off those that are left.
    async fn streams(self: &Arc<Self>, connection: &Connection) -> ConnectionError {
        // At most as many as the transport parameters allow the client to have open.
        let mut streams = JoinSet::new();
        let mut broken_off = BrokenOff::new(Instant::now());
        let mut tick = PATH_TICK;
        let mut is_first = true;
        let end = loop {
            tokio::select! {
                biased;
                // First, so that ended streams do not pile up while new ones keep coming.
                Some(ended) = streams.join_next() => {
                    if ended.is_ok_and(StreamEnd::is_by_client) && broken_off.one_more(Instant::now()) {
                        const WHY: &str = "the client has broken off too many streams in too short a time";
                        self.entry.close(Ending::by_load_balancer(close_code::TOO_MANY_RESETS, WHY));
                        connection.close(close_code::TOO_MANY_RESETS, WHY.as_bytes());
                        break ConnectionError::LocallyClosed;
                    }
                }
                accepted = connection.accept_bi() => match accepted {
                    Ok((send, recv)) => {
                        if mem::take(&mut is_first) {
                            connection.set_max_concurrent_bi_streams(MAX_STREAMS.into());
                        }
                        tick = self.look_at_path(connection);
                        streams.spawn(Arc::clone(self).stream(send, recv));
                    }
                    Err(end) => break end,
                },
                // Last: each new stream looks at the path as well.
                () = sleep(tick) => tick = self.look_at_path(connection),
            }
        };
        // Each one that is aborted drops its backend connection, which sends RST.
        streams.shutdown().await;
        end
    }

    /// Notices a migration; returns when to look again.
    fn look_at_path(&self, connection: &Connection) -> Duration {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let path = || Path { challenges: connection.stats().frame_tx.path_challenge, rtt: connection.rtt() };
        if let Some(client) = seen.observe(Instant::now(), connection.remote_address(), path) {
            self.entry.moved_to(client);
        }
        if seen.is_changing() { PATH_TICK_WHILE_CHANGING } else { PATH_TICK }
    }

    /// The client's address that counts.
    fn client(&self) -> SocketAddr {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get()
    }

    async fn stream(self: Arc<Self>, send: SendStream, recv: RecvStream) -> StreamEnd {
        let stream = self.entry.stream();
        // What the client has sent meanwhile waits in QUIC's receive window until there is a backend to take it.
        let end = match self.dial().await {
            Ok((backend, impairment)) => {
                let ended = bridge::bridge(send, recv, backend, impairment.as_ref(), &self.entry).await;
                if let Ended::BackendLost(error) = &ended {
                    self.entry.note(&format!("the backend's connection broke: {error}"));
                }
                tracing::trace!(listener = %self.site.listener_id, ?ended, "stream ended");
                ended.into()
            }
            Err(why) => {
                bridge::refuse_stream(send, recv, why.code());
                why.into()
            }
        };
        stream.ended(end);
        end
    }

    /// A connection to the backend, or to another one as long as none has answered, and what a fault does to it. Each is
    /// tried once.
    async fn dial(&self) -> Result<(Abortable<H::Tcp>, Option<Impairment>), NotServed> {
        let mut failed = Vec::new();
        while let Some(address) = self.backend(&failed) {
            let began = Instant::now();
            match self.connect_in_time(address).await {
                Ok(backend) => {
                    self.site.current().dialled(address, true);
                    self.site.counters.dials.take(began.elapsed());
                    self.site.counters.backend(address).dials_connected.one();
                    self.entry.served_by(address);
                    return Ok(backend);
                }
                Err(reason) => self.entry.note(&format!("backend {address}: {reason}")),
            }
            self.site.current().dialled(address, false);
            self.site.counters.backend(address).dials_failed.one();
            failed.push(address);
        }
        Err(if failed.is_empty() { NotServed::NoBackend } else { NotServed::Unreachable })
    }

    /// The connection's backend; another one from now on if it has just failed or is no longer bound, or if it is
    /// blocked and there is one that is not.
    ///
    /// Here stands our choice of what becomes of a connection whose backend is unbound, which is not documented for QUIC:
    /// streams that are open run out, as the platform has it for HTTP; new ones go elsewhere. With weight 0 and with
    /// health checks that fail all of them go on.
    fn backend(&self, failed: &[BackendAddress]) -> Option<BackendAddress> {
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut current = self.site.current();
        let address = chosen.lease.address();
        if failed.contains(&address) || !current.balancer.is_bound(address) {
            *chosen = Chosen::new(current.choose(failed)?, &self.site.counters);
        } else if current.is_blocked(address)
            && let Some(other) = current.choose(failed)
            && !current.is_blocked(other.address())
        {
            *chosen = Chosen::new(other, &self.site.counters);
        }
        Some(chosen.lease.address())
    }

    /// A backend whose security groups do not let this source in is one that does not answer: on the platform its
    /// packets are dropped on their way, and the load balancer knows nothing of it. That the connection then goes to
    /// another backend, as with any dial that fails, is our choice.
    async fn connect_in_time(
        &self,
        address: BackendAddress,
    ) -> Result<(Abortable<H::Tcp>, Option<Impairment>), String> {
        let source = self.source(address);
        if !self.site.is_admitted(address, source) {
            sleep(DIAL_TIMEOUT).await;
            return Err(format!("no answer within {DIAL_TIMEOUT:?}: its security groups do not let {source} in"));
        }
        let impairment = self.suffer(address).await?;
        let connected = timeout(DIAL_TIMEOUT, self.connect(address, source)).await;
        let backend = connected.unwrap_or_else(|_| Err(format!("no answer within {DIAL_TIMEOUT:?}")))?;
        Ok((backend, impairment))
    }

    /// What a fault makes of a connection to this backend: none, or one that is impaired.
    async fn suffer(&self, address: BackendAddress) -> Result<Option<Impairment>, String> {
        let faults = &self.site.faults.backends;
        let Some(strike) = faults.strike_dial(self.site.listener_id.as_str(), address, Instant::now()) else {
            return Ok(None);
        };
        let by = format!("by fault {} of backends", strike.id);
        match strike.effect {
            BackendEffect::Refuse => Err(format!("refused {by}")),
            BackendEffect::NoAnswer => {
                sleep(DIAL_TIMEOUT).await;
                Err(format!("no answer within {DIAL_TIMEOUT:?}, {by}"))
            }
            BackendEffect::Impair(impairment) => {
                self.entry.note(&format!("backend {address}: impaired {by}"));
                Ok(Some(impairment))
            }
        }
    }

    /// The address that this backend sees.
    fn source(&self, backend: BackendAddress) -> IpAddr {
        if self.site.current().snat { self.site.source } else { shown(self.client().ip(), backend.ip) }
    }

    async fn connect(&self, address: BackendAddress, source: IpAddr) -> Result<Abortable<H::Tcp>, String> {
        let destination = self.site.plan.local(address).map_err(|error| error.to_string())?;
        let dialled = self.site.host.connect(source, destination).await.map_err(|error| error.to_string())?;
        if let Some(error) = dialled.unbound {
            self.entry.note(&format!("backends see this machine's address instead of {source}: {error}"));
        }
        let mut backend = Abortable::from(dialled.stream);
        if self.site.current().proxy_protocol {
            let header = proxy_header::version_2(self.client(), self.site.address);
            backend.write_first(&header).await.map_err(|error| error.to_string())?;
        }
        Ok(backend)
    }
}

impl NotServed {
    fn code(&self) -> VarInt {
        match self {
            Self::NoBackend => close_code::NO_BACKEND,
            Self::Unreachable => close_code::BACKEND_UNREACHABLE,
        }
    }
}

impl From<NotServed> for StreamEnd {
    fn from(why: NotServed) -> Self {
        match why {
            NotServed::NoBackend => Self::NoBackend,
            NotServed::Unreachable => Self::Unreachable,
        }
    }
}

impl From<Ended> for StreamEnd {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Whole => Self::Whole,
            Ended::Unwanted => Self::ClientStopped,
            Ended::ClientReset => Self::ClientReset,
            Ended::BackendLost(_) => Self::BackendLost,
            Ended::Silent => Self::Silent,
            Ended::ConnectionLost => Self::ConnectionLost,
        }
    }
}
