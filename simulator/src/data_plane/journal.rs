//! The connection journal: a bounded record of the QUIC connections that were accepted, readable while they live.
//!
//! It only remembers. It does not decide, and what it says is never read by the data plane itself.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use clb_model::forwarding::BackendAddress;
use clb_model::id::{ListenerId, LoadBalancerId};
use tokio::sync::watch;

/// Notes kept for one connection; further ones are dropped.
const MAX_NOTES: usize = 8;
/// Longest text kept from a peer or an error, in characters.
const MAX_TEXT: usize = 200;

type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// The newest connections, up to a capacity, and totals of all.
pub struct Journal {
    now: Clock,
    capacity: usize,
    ring: Mutex<Ring>,
    revision: watch::Sender<u64>,
    datagrams_dropped: Arc<AtomicU64>,
}

#[derive(Default)]
struct Ring {
    connections: VecDeque<Arc<Connection>>,
    totals: Totals,
}

/// Counts since the journal began. They are not bounded by its capacity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Connections whose handshake was completed.
    pub opened: u64,
    /// Those of them that have ended.
    pub closed: u64,
    /// Connections that ended before their handshake was completed.
    pub failed_handshakes: u64,
    /// Connections refused because a bound was reached.
    pub refused: u64,
    /// Records that were forgotten to keep to the capacity.
    pub forgotten: u64,
}

/// What is known when a connection opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The load balancer of the listener.
    pub load_balancer_id: LoadBalancerId,
    /// The listener that accepted.
    pub listener_id: ListenerId,
    /// The client's address.
    pub client: SocketAddr,
    /// The application protocol that was chosen (the client's first offer), if it offered any.
    pub alpn: Option<Vec<u8>>,
    /// The server name the client asked for.
    pub server_name: Option<String>,
}

/// One connection as it stands when it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionRecord {
    /// Counts up from 1 in the order of opening.
    pub number: u64,
    /// What was known at the beginning. `client` follows the client to a new address once that is validated.
    pub opening: Opening,
    /// The backend it is served by; `None` if there was none to choose.
    pub backend: Option<BackendAddress>,
    /// When its handshake was completed.
    pub opened: SystemTime,
    /// When and why it ended; `None` while it lives.
    pub closed: Option<Closed>,
    /// Streams the client opened.
    pub streams: u64,
    /// Bytes written to backends.
    pub bytes_from_client: u64,
    /// Bytes handed to QUIC for the client.
    pub bytes_to_client: u64,
    /// What went another way than usual, in order; at most eight.
    pub notes: Vec<String>,
}

/// The end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// When.
    pub at: SystemTime,
    /// Why, in words.
    pub reason: String,
}

/// A connection that is being written about. When it is dropped without a reason, the record still ends.
pub struct Entry {
    journal: Arc<Journal>,
    connection: Arc<Connection>,
}

struct Connection {
    number: u64,
    opened: SystemTime,
    streams: AtomicU64,
    bytes_from_client: AtomicU64,
    bytes_to_client: AtomicU64,
    rest: Mutex<Rest>,
}

struct Rest {
    opening: Opening,
    backend: Option<BackendAddress>,
    closed: Option<Closed>,
    notes: Vec<String>,
}

impl Journal {
    /// An empty journal that remembers up to `capacity` connections and takes the time from `now`.
    pub fn new(capacity: usize, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self {
            now: Box::new(now),
            capacity: capacity.max(1),
            ring: Mutex::default(),
            revision: watch::channel(0).0,
            datagrams_dropped: Arc::default(),
        }
    }

    /// The connections remembered, oldest first.
    pub fn list(&self) -> Vec<ConnectionRecord> {
        lock(&self.ring).connections.iter().map(|connection| connection.record()).collect()
    }

    /// Counts since the beginning.
    pub fn totals(&self) -> Totals {
        lock(&self.ring).totals
    }

    /// Where datagrams are counted that security groups have not let in.
    pub fn datagrams_dropped(&self) -> &Arc<AtomicU64> {
        &self.datagrams_dropped
    }

    /// A number that grows whenever a connection opens, moves to a new client address or ends; wait for its change,
    /// then [`Journal::list`].
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// Forgets all connections that have ended, and the counts. Living ones stay, and stay counted also if their
    /// record had been forgotten: their ends will be counted.
    pub fn clear(&self) {
        let mut ring = lock(&self.ring);
        ring.connections.retain(|connection| lock(&connection.rest).closed.is_none());
        ring.totals = Totals { opened: ring.totals.opened - ring.totals.closed, ..Totals::default() };
        drop(ring);
        self.changed();
    }

    pub(super) fn open(self: &Arc<Self>, opening: Opening) -> Entry {
        let mut ring = lock(&self.ring);
        let number = ring.connections.back().map_or(0, |newest| newest.number).max(ring.totals.opened) + 1;
        let connection = Arc::new(Connection {
            number,
            opened: (self.now)(),
            streams: AtomicU64::default(),
            bytes_from_client: AtomicU64::default(),
            bytes_to_client: AtomicU64::default(),
            rest: Mutex::new(Rest { opening, backend: None, closed: None, notes: Vec::new() }),
        });
        ring.totals.opened += 1;
        if ring.connections.len() == self.capacity {
            ring.connections.pop_front();
            ring.totals.forgotten += 1;
        }
        ring.connections.push_back(Arc::clone(&connection));
        drop(ring);
        self.changed();
        Entry { journal: Arc::clone(self), connection }
    }

    pub(super) fn handshake_failed(&self) {
        lock(&self.ring).totals.failed_handshakes += 1;
    }

    pub(super) fn refused(&self) {
        lock(&self.ring).totals.refused += 1;
    }

    fn changed(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }
}

impl Entry {
    /// The connection is now served by `backend`.
    pub(super) fn served_by(&self, backend: BackendAddress) {
        lock(&self.connection.rest).backend = Some(backend);
    }

    /// The client has a new, validated address.
    pub(super) fn moved_to(&self, client: SocketAddr) {
        lock(&self.connection.rest).opening.client = client;
        self.journal.changed();
    }

    /// Something went another way than usual. A note that is there already is not repeated.
    pub(super) fn note(&self, text: &str) {
        let text = shortened(text);
        let mut rest = lock(&self.connection.rest);
        if rest.notes.len() < MAX_NOTES && !rest.notes.contains(&text) {
            rest.notes.push(text);
        }
    }

    pub(super) fn stream_opened(&self) {
        self.connection.streams.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn sent_by_client(&self, bytes: usize) {
        self.connection.bytes_from_client.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn sent_to_client(&self, bytes: usize) {
        self.connection.bytes_to_client.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The connection has ended. Only the first reason counts.
    pub(super) fn close(&self, reason: &str) {
        let at = (self.journal.now)();
        let mut rest = lock(&self.connection.rest);
        if rest.closed.is_some() {
            return;
        }
        rest.closed = Some(Closed { at, reason: shortened(reason) });
        drop(rest);
        lock(&self.journal.ring).totals.closed += 1;
        self.journal.changed();
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.close("given up by the data plane");
    }
}

impl Connection {
    fn record(&self) -> ConnectionRecord {
        let rest = lock(&self.rest);
        ConnectionRecord {
            number: self.number,
            opening: rest.opening.clone(),
            backend: rest.backend,
            opened: self.opened,
            closed: rest.closed.clone(),
            streams: self.streams.load(Ordering::Relaxed),
            bytes_from_client: self.bytes_from_client.load(Ordering::Relaxed),
            bytes_to_client: self.bytes_to_client.load(Ordering::Relaxed),
            notes: rest.notes.clone(),
        }
    }
}

/// Nothing that is kept can be left half-written, so a lock that a panic poisoned is still good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(port: u16) -> Opening {
        Opening {
            load_balancer_id: "lb-00000001".into(),
            listener_id: "lbl-00000001".into(),
            client: SocketAddr::from(([127, 0, 0, 7], port)),
            alpn: None,
            server_name: None,
        }
    }

    fn journal(capacity: usize) -> Arc<Journal> {
        Arc::new(Journal::new(capacity, || SystemTime::UNIX_EPOCH))
    }

    #[test]
    fn a_connection_can_be_read_while_it_lives() {
        let journal = journal(4);
        let entry = journal.open(opening(1));
        entry.sent_by_client(5);
        entry.sent_to_client(7);
        let record = &journal.list()[0];
        assert_eq!((record.bytes_from_client, record.bytes_to_client), (5, 7));
        assert_eq!(record.closed, None);
        entry.close("done");
        entry.close("too late");
        assert_eq!(journal.list()[0].closed.as_ref().map(|c| c.reason.as_str()), Some("done"));
    }

    #[test]
    fn only_the_newest_are_remembered_and_all_are_counted() {
        let journal = journal(3);
        for port in 1..=5 {
            drop(journal.open(opening(port)));
        }
        let numbers: Vec<u64> = journal.list().iter().map(|record| record.number).collect();
        assert_eq!(numbers, [3, 4, 5]);
        let totals = journal.totals();
        assert_eq!((totals.opened, totals.closed, totals.forgotten), (5, 5, 2));
    }

    #[test]
    fn notes_and_texts_are_bounded() {
        let journal = journal(1);
        let entry = journal.open(opening(1));
        for number in 0..50 {
            entry.note(&format!("{number}{}", "x".repeat(1000)));
        }
        let notes = &journal.list()[0].notes;
        assert_eq!(notes.len(), MAX_NOTES);
        assert!(notes.iter().all(|note| note.chars().count() == MAX_TEXT));
    }

    #[test]
    fn every_opening_and_end_can_be_waited_for() {
        let journal = journal(1);
        let mut changes = journal.subscribe();
        let entry = journal.open(opening(1));
        assert!(changes.has_changed().expect("the journal lives"));
        changes.mark_unchanged();
        entry.close("done");
        assert!(changes.has_changed().expect("the journal lives"));
    }

    #[test]
    fn clearing_forgets_what_has_ended_only() {
        let journal = journal(4);
        drop(journal.open(opening(1)));
        let living = journal.open(opening(2));
        journal.clear();
        assert_eq!(journal.list().len(), 1);
        assert_eq!(journal.list()[0].closed, None);
        living.close("done");
        let totals = journal.totals();
        assert_eq!((totals.opened, totals.closed), (1, 1));
    }

    #[test]
    fn a_connection_beyond_the_capacity_is_counted_after_clearing_too() {
        let journal = journal(1);
        let living = [journal.open(opening(1)), journal.open(opening(2))];
        journal.clear();
        drop(living);
        let totals = journal.totals();
        assert_eq!((totals.opened, totals.closed), (2, 2));
    }
}
