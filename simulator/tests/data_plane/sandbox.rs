//! A data plane of one test, with a control plane that consists of two channels, and TCP backends whose every move
//! the test decides.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use clb_model::forwarding::{
    Backend, BackendAddress, ConnectionLimits, Forwarding, ForwardingTable, Observation, Scheduler,
};
use clb_model::id::ListenerId;
use clb_model::security_group::filter::SecurityFilters;
use clb_simulator::client::{Client, Options};
use clb_simulator::data_plane::address_plan::AddressPlan;
use clb_simulator::data_plane::counters::ListenerCounters;
use clb_simulator::data_plane::journal::{ConnectionRecord, Journal};
use clb_simulator::data_plane::traces::Traces;
use clb_simulator::data_plane::{DataPlane, Settings};
use clb_simulator::faults::TrafficFaults;
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{Connection, RecvStream, SendStream};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};

use crate::certificates::Authority;

/// Nothing here takes that long; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something that must come.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it did not happen")
}

pub struct Sandbox {
    pub journal: Arc<Journal>,
    pub authority: Authority,
    pub table: ForwardingTable,
    pub observations: mpsc::Receiver<Observation>,
    pub faults: Arc<TrafficFaults>,
    tables: watch::Sender<Arc<ForwardingTable>>,
    plane: DataPlane,
}

impl Sandbox {
    /// An empty data plane.
    pub async fn start() -> Self {
        Self::start_with(Settings::default()).await
    }

    /// An empty data plane that is set up like this.
    pub async fn start_with(settings: Settings) -> Self {
        Self::start_traced(settings, Traces::default()).await
    }

    /// The same, and it writes connections down.
    pub async fn start_traced(settings: Settings, traces: Traces) -> Self {
        let (tables, current) = watch::channel(Arc::default());
        let (results, observations) = mpsc::channel(64);
        let journal = Arc::new(Journal::new(1000, SystemTime::now));
        let faults = Arc::new(TrafficFaults::default());
        let plane = DataPlane::start_traced(
            current,
            results,
            AddressPlan::default(),
            Arc::clone(&journal),
            Arc::clone(&faults),
            settings,
            traces,
        );
        let authority = Authority::new();
        let mut sandbox =
            Self { journal, authority, table: ForwardingTable::default(), observations, faults, tables, plane };
        assert_eq!(sandbox.applied(0).await, BTreeMap::new());
        sandbox
    }

    /// A data plane with one listener in front of these backends.
    pub async fn with(backends: Vec<Backend>) -> Self {
        Self::with_settings(backends, Settings::default()).await
    }

    /// The same of a data plane that is set up like this.
    pub async fn with_settings(backends: Vec<Backend>, settings: Settings) -> Self {
        let mut sandbox = Self::start_with(settings).await;
        sandbox.open(backends).await;
        sandbox
    }

    /// Opens the listener of [`Sandbox::with`].
    pub async fn open(&mut self, backends: Vec<Backend>) {
        let listener = self.forwarding(backends);
        self.table.listeners.insert(id(), listener.into());
        self.apply().await;
    }

    /// A listener on an address of its own, not in the table yet.
    pub fn forwarding(&self, backends: Vec<Backend>) -> Forwarding {
        let address = free_address();
        Forwarding {
            load_balancer_id: "lb-test0001".into(),
            address,
            source: address.ip(),
            scheduler: Scheduler::WeightedRoundRobin,
            tls: self.authority.server(),
            probe: None,
            proxy_protocol: false,
            snat: false,
            limits: ConnectionLimits::default(),
            backends,
            security: SecurityFilters::default(),
        }
    }

    /// The listener of [`Sandbox::with`].
    pub fn listener(&mut self) -> &mut Forwarding {
        Arc::make_mut(self.table.listeners.get_mut(&id()).expect("the sandbox has a listener"))
    }

    pub fn address(&self) -> SocketAddr {
        self.table.listeners[&id()].address
    }

    /// Publishes the table and waits until it is in effect without a failure.
    pub async fn apply(&mut self) {
        assert_eq!(self.apply_with_failures().await, BTreeMap::new());
    }

    /// Publishes the table and waits until it is in effect. Returns what failed.
    pub async fn apply_with_failures(&mut self) -> BTreeMap<ListenerId, String> {
        self.table.generation += 1;
        self.tables.send_replace(Arc::new(self.table.clone()));
        self.applied(self.table.generation).await
    }

    async fn applied(&mut self, wanted: u64) -> BTreeMap<ListenerId, String> {
        loop {
            match soon(self.observations.recv()).await.expect("the data plane lives") {
                Observation::Applied { generation, failed } if generation == wanted => return failed,
                _ => {}
            }
        }
    }

    pub async fn stop(self) {
        soon(self.plane.stop()).await;
    }

    /// How clients of this sandbox connect: the CA is trusted, the name asked for.
    pub fn options(&self) -> Options {
        Options {
            trust: self.authority.trust(),
            server_name: Some(crate::certificates::SERVER_NAME.to_owned()),
            ..Options::insecure(self.address())
        }
    }

    /// The same for a client that is made of quinn alone.
    pub fn quinn_config(&self) -> quinn::ClientConfig {
        let mut tls = rustls::ClientConfig::builder_with_provider(clb_simulator::tls::provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(clb_simulator::tls::roots("CA", &self.authority.certificate_pem).unwrap())
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"game/1".to_vec()];
        quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()))
    }

    pub fn client(&self) -> Client {
        Client::new(self.options()).unwrap()
    }

    pub async fn connect(&self) -> Connection {
        soon(self.client().connect()).await.unwrap()
    }

    /// What is counted of the listener of [`Sandbox::with`].
    pub fn counters(&self) -> Arc<ListenerCounters> {
        self.journal.counters().list().into_iter().find(|counters| counters.listener_id == id()).unwrap()
    }

    /// Waits until the journal shows what is wanted.
    pub async fn journal_shows(&self, wanted: impl Fn(&[ConnectionRecord]) -> bool) -> Vec<ConnectionRecord> {
        let mut changes = self.journal.subscribe();
        loop {
            changes.mark_unchanged();
            let records = self.journal.list();
            if wanted(&records) {
                return records;
            }
            soon(changes.changed()).await.unwrap();
        }
    }
}

/// The listener of [`Sandbox::with`].
pub fn id() -> ListenerId {
    "lbl-test0001".into()
}

/// A UDP address that is free now, on a loopback address that no other test of this process uses.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let process = std::process::id().to_be_bytes();
    let ip = IpAddr::V4(Ipv4Addr::new(127, 90 + process[3] % 100, number[2], number[3]));
    UdpSocket::bind((ip, 0)).unwrap().local_addr().unwrap()
}

/// Whether a UDP port can be bound, which is what a closed one is.
pub fn is_free(address: SocketAddr) -> bool {
    UdpSocket::bind(address).is_ok()
}

/// A backend of weight 10 that may be chosen.
pub fn backend(address: SocketAddr) -> Backend {
    let address = BackendAddress { ip: address.ip(), port: address.port() };
    Backend { address, weight: 10, eligible: true }
}

/// A TCP server that does only what the test does with its connections.
pub async fn tcp_server() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A TCP address that refuses connections as long as this lives: it is bound, so that nobody else gets the port, and
/// nobody listens.
pub struct Refusing {
    pub address: SocketAddr,
    _bound: TcpSocket,
}

impl Refusing {
    pub fn new() -> Self {
        let bound = TcpSocket::new_v4().unwrap();
        bound.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self { address: bound.local_addr().unwrap(), _bound: bound }
    }
}

/// Bytes that tell where they belong.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|place| (place * 31 + place / 251).to_le_bytes()[0]).collect()
}

/// One stream through one listener, and both its ends.
pub struct Joined {
    pub sandbox: Sandbox,
    pub connection: Connection,
    pub send: SendStream,
    pub recv: RecvStream,
    pub backend: TcpStream,
}

impl Joined {
    /// The client has sent `hello`, the backend has read nothing yet.
    pub async fn new() -> Self {
        let (server, address) = tcp_server().await;
        let sandbox = Sandbox::with(vec![backend(address)]).await;
        let connection = sandbox.connect().await;
        let (mut send, recv) = connection.open_bi().await.unwrap();
        send.write_all(b"hello").await.unwrap();
        let (backend, _) = soon(server.accept()).await.unwrap();
        Self { sandbox, connection, send, recv, backend }
    }
}
