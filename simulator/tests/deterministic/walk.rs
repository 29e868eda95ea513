//! One run of a seed: random steps, what must hold after each of them, and what must be left at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use clb_model::chance::Chance;
use clb_model::forwarding::{
    Backend, BackendAddress, ConnectionLimits, Forwarding, ForwardingTable, Observation, Probe, ProbeKind, Scheduler,
};
use clb_model::id::ListenerId;
use clb_model::security_group::filter::SecurityFilters;
use clb_simulator::data_plane::address_plan::AddressPlan;
use clb_simulator::data_plane::journal::Journal;
use clb_simulator::data_plane::{DataPlane, Settings};
use quinn::{Connection, VarInt};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::backend;
use crate::certificates::{SERVER_NAME, certificates, client_config};
use crate::fabric::{Fabric, Weather};
use crate::ledger::Ledger;
use crate::machine::Machine;
use crate::peer::{self, Peer};
use crate::tcp::{Backends, Door};
use crate::trace::Trace;

const LISTENERS: usize = 2;
const BACKENDS: usize = 4;
/// Clients at a time.
const PEERS: usize = 4;
/// A step that is not over then never will be.
const PATIENCE: Duration = Duration::from_mins(2);

pub struct Walk {
    trace: Arc<Trace>,
    chance: Chance,
    fabric: Arc<Fabric>,
    doors: Arc<Backends>,
    kills: Vec<watch::Sender<u64>>,
    ledger: Arc<Ledger>,
    journal: Arc<Journal>,
    plane: DataPlane,
    table: ForwardingTable,
    tables: watch::Sender<Arc<ForwardingTable>>,
    applied: watch::Receiver<u64>,
    peers: Vec<Peer>,
    /// Clients so far.
    met: usize,
    streams: JoinSet<()>,
    pub tally: BTreeMap<&'static str, usize>,
}

pub fn listener_id(place: usize) -> ListenerId {
    format!("lbl-{place}").as_str().into()
}

pub fn listener_address(place: usize) -> SocketAddr {
    SocketAddr::new(Ipv4Addr::new(127, 1, 0, u8::try_from(place).unwrap() + 1).into(), 443)
}

pub fn backend_address(place: usize) -> SocketAddr {
    SocketAddr::new(Ipv4Addr::new(127, 2, 0, u8::try_from(place).unwrap() + 1).into(), 80)
}

pub fn cloud_address(place: usize) -> BackendAddress {
    let address = backend_address(place);
    BackendAddress { ip: address.ip(), port: address.port() }
}

impl Walk {
    /// A data plane with every listener in front of every backend.
    pub async fn begin(seed: u64, keeps_all: bool) -> Self {
        let mut chance = Chance::seeded(seed);
        let trace = Arc::new(Trace::begin(keeps_all));
        let fabric = Fabric::new(Arc::clone(&trace), Chance::seeded(chance.bits()));
        let doors = Backends::new(Arc::clone(&trace), Chance::seeded(chance.bits()));
        let ledger = Ledger::new(Arc::clone(&trace));
        let kills: Vec<_> = (0..BACKENDS).map(|_| watch::Sender::new(0)).collect();
        for (place, kill) in kills.iter().enumerate() {
            let mut accepted = doors.add(backend_address(place));
            let (ledger, trace, kill) = (Arc::clone(&ledger), Arc::clone(&trace), kill.clone());
            let mut chance = Chance::seeded(chance.bits());
            tokio::spawn(async move {
                while let Some(stream) = accepted.recv().await {
                    let own = Chance::seeded(chance.bits());
                    tokio::spawn(backend::serve(
                        stream,
                        Arc::clone(&ledger),
                        Arc::clone(&trace),
                        own,
                        kill.subscribe(),
                    ));
                }
            });
        }
        let seeds = Mutex::new(Chance::seeded(chance.bits()));
        let machine = Machine { fabric: Arc::clone(&fabric), backends: Arc::clone(&doors), seeds };
        let began = Instant::now();
        let journal = Arc::new(Journal::new(1000, move || SystemTime::UNIX_EPOCH + began.elapsed()));
        let (tables, current) = watch::channel(Arc::default());
        let (results, observed) = mpsc::channel(64);
        let plane = DataPlane::start_on(
            machine,
            current,
            results,
            AddressPlan::default(),
            Arc::clone(&journal),
            Arc::default(),
            Settings::default(),
        );
        let mut walk = Self {
            applied: follow(observed, Arc::clone(&trace)),
            trace,
            chance,
            fabric,
            doors,
            kills,
            ledger,
            journal,
            plane,
            table: ForwardingTable::default(),
            tables,
            peers: Vec::new(),
            met: 0,
            streams: JoinSet::new(),
            tally: BTreeMap::new(),
        };
        for place in 0..LISTENERS {
            walk.table.listeners.insert(listener_id(place), Arc::new(forwarding(place)));
        }
        walk.apply().await;
        walk
    }

    fn pick(&mut self, bound: usize) -> usize {
        usize::try_from(self.chance.below(bound as u64)).unwrap()
    }

    fn draw(&mut self) -> Chance {
        Chance::seeded(self.chance.bits())
    }

    /// Does something, waits a little, and looks.
    pub async fn step(&mut self) {
        let did = match self.chance.below(40) {
            _ if self.peers.is_empty() => self.connect().await,
            0..6 => self.connect().await,
            6..20 => self.open_streams(),
            20..22 => self.rebind(),
            22..24 => self.migrate(),
            24..27 => self.turn_weather(),
            27..31 => self.change_backends().await,
            31 => self.change_certificate().await,
            32 | 39 => self.delete_or_create().await,
            33 | 34 => self.turn_door(),
            35 => self.kill(),
            36 => self.close_peer(),
            37 => self.lose_peer(),
            38 => self.change_manners().await,
            _ => "wait",
        };
        *self.tally.entry(did).or_default() += 1;
        self.trace.event(&format!("step: {did}"));
        let wait = [0, 1, 10, 50, 200, 1_000][self.pick(6)];
        sleep(Duration::from_millis(wait)).await;
        while self.streams.try_join_next().is_some() {}
        self.look();
    }

    /// What must hold at any time.
    fn look(&self) {
        let totals = self.journal.totals();
        if totals.closed > totals.opened {
            self.trace.fault(format!("{} connections are closed of {}", totals.closed, totals.opened));
        }
        for counters in self.journal.counters().list() {
            let opened = counters.connections_opened.get();
            if counters.connections_closed.get() > opened {
                self.trace.fault(format!("{}: more connections closed than opened", counters.listener_id));
            }
            for (address, backend) in counters.backends() {
                if backend.connections_ended.get() > backend.connections_given.get() {
                    self.trace.fault(format!("{address}: more connections ended than given"));
                }
            }
        }
        for record in self.journal.list() {
            if record.closed.is_some() && record.streams_open > 0 {
                self.trace
                    .fault(format!("connection {} is closed with {} streams", record.number, record.streams_open));
            }
        }
    }

    async fn apply(&mut self) {
        self.table.generation += 1;
        self.trace.event(&format!("table {}", self.table.generation));
        self.tables.send_replace(Arc::new(self.table.clone()));
        let wanted = self.table.generation;
        if timeout(PATIENCE, self.applied.wait_for(|applied| *applied >= wanted)).await.is_err() {
            self.trace.fault(format!("table {wanted} is not put into effect"));
        }
        for place in 0..LISTENERS {
            let is_wanted = self.table.listeners.contains_key(&listener_id(place));
            if self.fabric.is_open(listener_address(place)) != is_wanted {
                self.trace.fault(format!("table {wanted}: the port of listener {place} is as before"));
            }
        }
    }

    fn listener(&mut self, place: usize) -> Option<&mut Forwarding> {
        self.table.listeners.get_mut(&listener_id(place)).map(Arc::make_mut)
    }

    async fn connect(&mut self) -> &'static str {
        if self.peers.len() >= PEERS {
            return "too many clients";
        }
        let listener = self.pick(LISTENERS);
        let number = self.met;
        self.met += 1;
        let mut chance = self.draw();
        if !self.table.listeners.contains_key(&listener_id(listener)) {
            return "nothing to connect to";
        }
        let port = u16::try_from(number / 250).unwrap();
        let at = SocketAddr::new(Ipv4Addr::new(127, 3, 0, u8::try_from(number % 250).unwrap()).into(), 40_000 + port);
        let (endpoint, port) = peer::endpoint(&self.fabric, at, client_config(), &mut chance);
        let connecting = endpoint.connect(listener_address(listener), SERVER_NAME).unwrap();
        let Ok(Ok(connection)) = timeout(Duration::from_secs(20), connecting).await else {
            port.shut();
            return "connect in vain";
        };
        self.check_certificate(listener, &connection);
        self.trace.event(&format!("connection {number} to listener {listener}"));
        if !self.is_served(listener, at).await {
            self.ledger.disturb(number);
            connection.close(VarInt::from_u32(0), b"done");
            return "connect to nobody";
        }
        self.peers.push(Peer { number, endpoint, connection, port, listener });
        "connect"
    }

    /// Whether the newest connection from that address has a backend. It has one that the table lets be chosen, or none
    /// because the table has none: no table changes meanwhile.
    async fn is_served(&self, listener: usize, client: SocketAddr) -> bool {
        for _ in 0..200 {
            // The handshake is over for the client before it is for the listener.
            sleep(Duration::from_millis(50)).await;
            let records = self.journal.list();
            let Some(record) = records.iter().find(|record| record.opening.client == client) else { continue };
            let forwarding = self.table.listeners.get(&listener_id(listener));
            let choice: Vec<_> = forwarding
                .iter()
                .flat_map(|forwarding| &forwarding.backends)
                .filter(|backend| backend.eligible && backend.weight > 0)
                .map(|backend| backend.address)
                .collect();
            if record.backend.map_or(!choice.is_empty(), |backend| !choice.contains(&backend)) {
                self.trace.fault(format!("{client} was given {:?} of {choice:?}", record.backend));
            }
            return record.backend.is_some();
        }
        false
    }

    /// No table has changed while it connected, so it must have seen the certificate of the current one.
    fn check_certificate(&self, place: usize, connection: &Connection) {
        let Some(listener) = self.table.listeners.get(&listener_id(place)) else {
            return self.trace.fault(format!("connected to listener {place}, which does not exist"));
        };
        let shown =
            connection.peer_identity().and_then(|it| it.downcast::<Vec<rustls::pki_types::CertificateDer>>().ok());
        let wanted = certificates().iter().find(|known| known.tls == listener.tls).map(|known| &known.der);
        if shown.as_deref().and_then(|chain| chain.first()) != wanted {
            self.trace.fault(format!("listener {place} shows another certificate than its own"));
        }
    }

    fn open_streams(&mut self) -> &'static str {
        if self.peers.is_empty() {
            return "no client";
        }
        let place = self.pick(self.peers.len());
        for _ in 0..=self.pick(3) {
            let chance = self.draw();
            let peer = &self.peers[place];
            let (ledger, trace) = (Arc::clone(&self.ledger), Arc::clone(&self.trace));
            self.streams.spawn(peer::stream(peer.connection.clone(), peer.number, ledger, trace, chance));
        }
        "streams"
    }

    /// An address that no client has had.
    fn new_address(&mut self) -> SocketAddr {
        self.met += 1;
        let number = u16::try_from(self.met % 20_000).unwrap();
        SocketAddr::new(Ipv4Addr::new(127, 4, 0, 1 + u8::try_from(number % 200).unwrap()).into(), 20_000 + number)
    }

    fn rebind(&mut self) -> &'static str {
        if self.peers.is_empty() {
            return "no client";
        }
        let address = self.new_address();
        let place = self.pick(self.peers.len());
        self.peers[place].port.rebind(address);
        "rebind"
    }

    fn migrate(&mut self) -> &'static str {
        if self.peers.is_empty() {
            return "no client";
        }
        let address = self.new_address();
        let place = self.pick(self.peers.len());
        let port = self.fabric.open(address).unwrap();
        let peer = &mut self.peers[place];
        peer.endpoint.rebind_abstract(port.clone()).unwrap();
        std::mem::replace(&mut peer.port, port).shut();
        "migrate"
    }

    fn turn_weather(&mut self) -> &'static str {
        let weather = Weather {
            lost: [0, 0, 10, 50, 150][self.pick(5)],
            doubled: [0, 0, 20, 200][self.pick(4)],
            delay: [0, 1, 10, 60][self.pick(4)],
            jitter: [0, 0, 2, 20, 100][self.pick(5)],
        };
        self.trace.event(&format!("{weather:?}"));
        self.fabric.turn(weather);
        "weather"
    }

    async fn change_backends(&mut self) -> &'static str {
        let place = self.pick(LISTENERS);
        let mut backends = Vec::new();
        for backend in 0..BACKENDS {
            if self.chance.below(4) > 0 {
                let weight = [0, 1, 10, 10, 100][self.pick(5)];
                let eligible = self.chance.below(5) > 0;
                backends.push(Backend { address: cloud_address(backend), weight, eligible });
            }
        }
        let scheduler =
            if self.chance.below(2) == 0 { Scheduler::LeastConnections } else { Scheduler::WeightedRoundRobin };
        let Some(listener) = self.listener(place) else { return "no listener" };
        (listener.backends, listener.scheduler) = (backends, scheduler);
        self.apply().await;
        "backends"
    }

    async fn change_certificate(&mut self) -> &'static str {
        let place = self.pick(LISTENERS);
        let tls = certificates()[self.pick(2)].tls.clone();
        let Some(listener) = self.listener(place) else { return "no listener" };
        listener.tls = tls;
        self.apply().await;
        "certificate"
    }

    /// PROXY protocol, SNAT, probes.
    async fn change_manners(&mut self) -> &'static str {
        let place = self.pick(LISTENERS);
        let (proxy_protocol, snat) = (self.chance.below(2) == 0, self.chance.below(2) == 0);
        let probe = Probe { kind: ProbeKind::Tcp, interval: Duration::from_secs(2), timeout: Duration::from_secs(1) };
        let probe = (self.chance.below(3) == 0).then_some(probe);
        let Some(listener) = self.listener(place) else { return "no listener" };
        (listener.proxy_protocol, listener.snat, listener.probe) = (proxy_protocol, snat, probe);
        self.apply().await;
        "manners"
    }

    async fn delete_or_create(&mut self) -> &'static str {
        let missing = (0..LISTENERS).find(|place| !self.table.listeners.contains_key(&listener_id(*place)));
        let place = missing.unwrap_or_else(|| self.pick(LISTENERS));
        let id = listener_id(place);
        let did = if self.table.listeners.remove(&id).is_some() {
            for peer in self.peers.extract_if(.., |peer| peer.listener == place) {
                self.ledger.disturb(peer.number);
            }
            "delete"
        } else {
            self.table.listeners.insert(id, Arc::new(forwarding(place)));
            "create"
        };
        self.apply().await;
        did
    }

    fn turn_door(&mut self) -> &'static str {
        let place = self.pick(BACKENDS);
        let doors = [Door::Accepts, Door::Accepts, Door::Refuses, Door::Silent, Door::Slow(200), Door::Slow(4_000)];
        let door = doors[self.pick(doors.len())];
        self.doors.set(backend_address(place), door);
        self.trace.event(&format!("backend {place}: {door:?}"));
        "door"
    }

    fn kill(&mut self) -> &'static str {
        let place = self.pick(BACKENDS);
        self.kills[place].send_modify(|count| *count += 1);
        "kill"
    }

    fn close_peer(&mut self) -> &'static str {
        if self.peers.is_empty() {
            return "no client";
        }
        let place = self.pick(self.peers.len());
        let peer = self.peers.remove(place);
        self.ledger.disturb(peer.number);
        peer.connection.close(VarInt::from_u32(0), b"done");
        "close"
    }

    /// It is never heard of again.
    fn lose_peer(&mut self) -> &'static str {
        if self.peers.is_empty() {
            return "no client";
        }
        let place = self.pick(self.peers.len());
        let peer = self.peers.remove(place);
        self.ledger.disturb(peer.number);
        peer.port.shut();
        "lose"
    }

    /// Good weather, open doors, and time for everyone; then nothing may be left.
    pub async fn settle(mut self) -> (Arc<Trace>, usize) {
        self.trace.event("settling");
        self.fabric.turn(Weather { delay: 1, ..Weather::default() });
        for place in 0..BACKENDS {
            self.doors.set(backend_address(place), Door::Accepts);
        }
        let mut unfinished = self.ledger.unfinished();
        for _ in 0..200 {
            if unfinished.is_empty() {
                break;
            }
            sleep(Duration::from_secs(1)).await;
            unfinished = self.ledger.unfinished();
        }
        for stream in unfinished {
            self.trace.fault(format!("a stream that nobody disturbed has not come to its end: {stream}"));
        }
        for peer in std::mem::take(&mut self.peers) {
            if let Some(why) = peer.connection.close_reason() {
                self.trace.fault(format!("connection {} ended by itself: {why}", peer.number));
            }
            self.ledger.disturb(peer.number);
            peer.connection.close(VarInt::from_u32(0), b"done");
        }
        // Those that were lost are given up 30 seconds after the listener had something new to say to them.
        for _ in 0..120 {
            let totals = self.journal.totals();
            if totals.opened == totals.closed {
                break;
            }
            sleep(Duration::from_secs(1)).await;
        }
        // Lets the wires of the last ones run dry.
        sleep(Duration::from_secs(1)).await;
        self.nothing_is_left("after the last client");
        self.leases_are_back().await;
        let whole = self.ledger.whole();
        if timeout(PATIENCE, self.plane.stop()).await.is_err() {
            self.trace.fault("the data plane does not stop".to_owned());
        }
        for place in 0..LISTENERS {
            if self.fabric.is_open(listener_address(place)) {
                self.trace.fault(format!("the port of listener {place} is still open"));
            }
        }
        (self.trace, whole)
    }

    fn nothing_is_left(&self, when: &str) {
        self.look();
        let totals = self.journal.totals();
        if totals.opened != totals.closed {
            self.trace.fault(format!("{when}: {} connections opened, {} closed", totals.opened, totals.closed));
        }
        // A probe may be at work.
        let probes = self.table.listeners.values().filter(|it| it.probe.is_some()).map(|it| it.backends.len());
        if self.doors.held() > probes.sum::<usize>() {
            self.trace.fault(format!("{when}: {} connections to backends are open", self.doors.held()));
        }
        for counters in self.journal.counters().list() {
            let (connections, streams) = (counters.connections_open(), counters.streams_open());
            if connections > 0 || streams > 0 {
                self.trace.fault(format!("{when}: {connections} connections and {streams} streams are counted"));
            }
            for (address, backend) in counters.backends() {
                let (given, ended) = (backend.connections_given.get(), backend.connections_ended.get());
                if given != ended {
                    self.trace.fault(format!("{when}: {address} was given {given} connections, {ended} have ended"));
                }
            }
        }
    }

    /// A backend of which a lease is held gets fewer connections than its equals: with as many connections as backends,
    /// by least connections, each backend has one.
    async fn leases_are_back(&mut self) {
        for place in 0..LISTENERS {
            let Some(listener) = self.listener(place) else { continue };
            *listener =
                Forwarding { scheduler: Scheduler::LeastConnections, tls: listener.tls.clone(), ..forwarding(place) };
        }
        self.apply().await;
        let before = self.journal.list().last().map_or(0, |record| record.number);
        let mut connected = 0;
        for place in 0..LISTENERS {
            if !self.table.listeners.contains_key(&listener_id(place)) {
                continue;
            }
            for _ in 0..BACKENDS {
                self.connect_at(place).await;
                connected += 1;
            }
        }
        // The last handshake is over for the client before it is for the listener.
        sleep(Duration::from_secs(1)).await;
        let records = self.journal.list();
        let given: BTreeSet<_> = records
            .iter()
            .filter(|record| record.number > before)
            .map(|record| (record.opening.listener_id.clone(), record.backend))
            .collect();
        if given.len() != connected {
            self.trace.fault(format!("leases are held by nobody: {connected} connections were given {given:?}"));
        }
        for peer in std::mem::take(&mut self.peers) {
            peer.connection.close(VarInt::from_u32(0), b"done");
        }
        sleep(Duration::from_secs(5)).await;
        self.nothing_is_left("at the end");
    }

    async fn connect_at(&mut self, listener: usize) {
        let at = self.new_address();
        let mut chance = self.draw();
        let (endpoint, port) = peer::endpoint(&self.fabric, at, client_config(), &mut chance);
        match endpoint.connect(listener_address(listener), SERVER_NAME).unwrap().await {
            Ok(connection) => self.peers.push(Peer { number: self.met, endpoint, connection, port, listener }),
            Err(error) => self.trace.fault(format!("no connection in good weather: {error}")),
        }
    }
}

pub fn forwarding(place: usize) -> Forwarding {
    let address = listener_address(place);
    Forwarding {
        load_balancer_id: "lb-1".into(),
        address,
        source: address.ip(),
        scheduler: Scheduler::WeightedRoundRobin,
        tls: certificates()[0].tls.clone(),
        probe: None,
        proxy_protocol: false,
        snat: false,
        limits: ConnectionLimits::default(),
        backends: (0..BACKENDS)
            .map(|backend| Backend { address: cloud_address(backend), weight: 10, eligible: true })
            .collect(),
        security: SecurityFilters::default(),
    }
}

/// Which table is in effect.
fn follow(mut observed: mpsc::Receiver<Observation>, trace: Arc<Trace>) -> watch::Receiver<u64> {
    let (newest, applied) = watch::channel(0);
    tokio::spawn(async move {
        while let Some(observation) = observed.recv().await {
            if let Observation::Applied { generation, failed } = observation {
                if !failed.is_empty() {
                    trace.fault(format!("table {generation} failed: {failed:?}"));
                }
                newest.send_replace(generation);
            }
        }
    });
    applied
}
