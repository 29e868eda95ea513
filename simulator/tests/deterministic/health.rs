//! Health checks to the second, on virtual time: real probes on the simulated network, the model's thresholds, and real
//! connections that are given a backend or not.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use clb_model::chance::Chance;
use clb_model::forwarding::{ForwardingTable, Observation};
use clb_model::health::{Health, HealthCheck, Verdict, eligible};
use clb_model::listener::Protocol;
use clb_simulator::data_plane::address_plan::AddressPlan;
use clb_simulator::data_plane::close_code;
use clb_simulator::data_plane::journal::Journal;
use clb_simulator::data_plane::{DataPlane, Settings};
use quinn::ConnectionError;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

use crate::certificates::{SERVER_NAME, client_config};
use crate::fabric::Fabric;
use crate::machine::Machine;
use crate::peer;
use crate::tcp::{Backends, Door};
use crate::trace::Trace;
use crate::walk::{backend_address, cloud_address, forwarding, listener_address, listener_id};

/// Backends, each at [`backend_address`] of its place.
const BACKENDS: usize = 2;
/// A change is seen so long after the probe that brought it about has begun, if it is answered.
const AT_ONCE: u128 = 100;

/// When a backend began or ceased to be given connections: milliseconds, place, and which of both.
type Change = (u128, usize, bool);

struct Watched {
    fabric: Arc<Fabric>,
    doors: Arc<Backends>,
    began: Instant,
    changes: Arc<Mutex<Vec<Change>>>,
    _plane: DataPlane,
}

impl Watched {
    /// A listener with the platform's default check in front of backends that accept.
    fn start() -> Self {
        let trace = Arc::new(Trace::begin(false));
        let fabric = Fabric::new(Arc::clone(&trace), Chance::seeded(1));
        let doors = Backends::new(trace, Chance::seeded(2));
        for place in 0..BACKENDS {
            let mut accepted = doors.add(backend_address(place));
            tokio::spawn(async move { while accepted.recv().await.is_some() {} });
        }
        let seeds = Mutex::new(Chance::seeded(3));
        let machine = Machine { fabric: Arc::clone(&fabric), backends: Arc::clone(&doors), seeds };
        let check = HealthCheck::of(Protocol::Quic);
        let mut table = ForwardingTable::default();
        let mut listener = forwarding(0);
        listener.probe = check.probe();
        listener.backends.truncate(BACKENDS);
        for backend in &mut listener.backends {
            backend.eligible = false;
        }
        table.listeners.insert(listener_id(0), Arc::new(listener));
        let (tables, current) = watch::channel(Arc::new(table));
        let (results, observed) = mpsc::channel(64);
        let journal = Arc::new(Journal::new(100, || SystemTime::UNIX_EPOCH));
        let plane = DataPlane::start_on(
            machine,
            current,
            results,
            AddressPlan::default(),
            journal,
            Arc::default(),
            Settings::default(),
        );
        let (began, changes) = (Instant::now(), Arc::default());
        tokio::spawn(judge(observed, tables, check, began, Arc::clone(&changes)));
        Self { fabric, doors, began, changes, _plane: plane }
    }

    async fn at(&self, second: u64) {
        sleep_until(self.began + Duration::from_secs(second)).await;
    }

    fn changes(&self) -> Vec<Change> {
        self.changes.lock().unwrap().clone()
    }

    /// Whether a new connection is given a backend.
    async fn serves(&self) -> bool {
        let at = SocketAddr::from(([127, 3, 0, 1], 40_000));
        let (endpoint, port) = peer::endpoint(&self.fabric, at, client_config(), &mut Chance::seeded(4));
        let connection = endpoint.connect(listener_address(0), SERVER_NAME).unwrap().await.unwrap();
        sleep(Duration::from_millis(100)).await;
        port.shut();
        match connection.close_reason() {
            None => true,
            Some(ConnectionError::ApplicationClosed(close)) if close.error_code == close_code::NO_BACKEND => false,
            Some(why) => panic!("{why}"),
        }
    }
}

/// What the control plane does with probes: the model's thresholds, and a new table when a verdict changes.
async fn judge(
    mut observed: mpsc::Receiver<Observation>,
    tables: watch::Sender<Arc<ForwardingTable>>,
    check: HealthCheck,
    began: Instant,
    changes: Arc<Mutex<Vec<Change>>>,
) {
    let mut health = [Health::default(); BACKENDS];
    while let Some(observation) = observed.recv().await {
        let Observation::Probed { address, passed, .. } = observation else { continue };
        let place = (0..BACKENDS).find(|place| cloud_address(*place) == address).unwrap();
        health[place].observe(passed, &check);
        let all_dead = health.iter().all(|health| health.verdict() == Verdict::Dead);
        let mut table = ForwardingTable::clone(&tables.borrow());
        let listener = Arc::make_mut(table.listeners.get_mut(&listener_id(0)).unwrap());
        for (place, backend) in listener.backends.iter_mut().enumerate() {
            let now = eligible(health[place].verdict(), all_dead, &check);
            if backend.eligible != now {
                backend.eligible = now;
                changes.lock().unwrap().push((began.elapsed().as_millis(), place, now));
            }
        }
        table.generation += 1;
        tables.send_replace(Arc::new(table));
    }
}

/// The changes, each within [`AT_ONCE`] of when it must come.
fn assert_changes(changes: &[Change], wanted: &[Change]) {
    let fits = |(at, place, to): &Change, (due, of, wanted): &Change| {
        (place, to) == (of, wanted) && (*due..due + AT_ONCE).contains(at)
    };
    let all_fit =
        changes.len() == wanted.len() && changes.iter().zip(wanted).all(|(change, wanted)| fits(change, wanted));
    assert!(all_fit, "{changes:?} instead of {wanted:?}");
}

#[tokio::test(start_paused = true)]
async fn a_new_backend_is_given_nothing_before_its_third_probe() {
    let watched = Watched::start();
    watched.doors.set(backend_address(1), Door::Silent);
    watched.at(9).await;
    assert!(!watched.serves().await);
    watched.at(11).await;
    assert!(watched.serves().await);
    // The first probe comes at once, so the third after two intervals of five seconds.
    assert_changes(&watched.changes(), &[(10_000, 0, true)]);
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_refuses_or_is_silent_is_given_nothing_after_its_third_failed_probe() {
    let watched = Watched::start();
    watched.at(21).await;
    watched.doors.set(backend_address(0), Door::Refuses);
    watched.at(41).await;
    watched.doors.set(backend_address(0), Door::Accepts);
    watched.at(61).await;
    watched.doors.set(backend_address(0), Door::Silent);
    watched.at(81).await;
    let wanted = [
        (10_000, 0, true),
        (10_000, 1, true),
        // Refused at 25, 30 and 35 seconds.
        (35_000, 0, false),
        (55_000, 0, true),
        // Not answered at 65, 70 and 75 seconds, for two seconds each.
        (77_000, 0, false),
    ];
    assert_changes(&sorted(watched.changes()), &wanted);
    assert!(watched.serves().await, "the other backend is there");
}

#[tokio::test(start_paused = true)]
async fn when_all_are_dead_all_are_given_connections() {
    let watched = Watched::start();
    for place in 0..BACKENDS {
        watched.doors.set(backend_address(place), Door::Refuses);
    }
    watched.at(9).await;
    assert!(!watched.serves().await, "unknown is not dead");
    watched.at(11).await;
    assert!(watched.serves().await);
    assert_changes(&sorted(watched.changes()), &[(10_000, 0, true), (10_000, 1, true)]);
}

/// In the order of seconds, and of places within one.
fn sorted(mut changes: Vec<Change>) -> Vec<Change> {
    changes.sort_by_key(|(at, place, _)| (at / 1_000, *place));
    changes
}
