//! The connection journal: a bounded record of the QUIC connections that were accepted, readable while they live, and of
//! the attempts that came to nothing. It keeps the [`Counters`], too.
//!
//! It only remembers. It does not decide, and what it says is never read by the data plane itself. A record is a few
//! hundred bytes, and nothing is allocated for what has not happened.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use clb_model::forwarding::BackendAddress;
use tokio::sync::watch;

use super::counters::{Counters, HandshakeFailure, ListenerCounters, Refused};
pub use super::ending::{EndedBy, Ending};
use super::journal_entry::{Connection, Rest};

pub use super::journal_entry::{Entry, StreamEntry};
pub use super::journal_record::{AttemptKind, Change, Closed, ConnectionRecord, FailedAttempt, Opening, Totals};

/// Notes kept for one connection; further ones are dropped. The same number of addresses and of backends.
pub(super) const MAX_NOTES: usize = 8;
/// Longest text kept from a peer or an error, in characters.
const MAX_TEXT: usize = 300;
/// Attempts that are remembered, whatever the capacity for connections is.
const MAX_ATTEMPTS: usize = 1_000;

type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// The newest connections and attempts, each up to a capacity; totals and counts of all.
pub struct Journal {
    now: Clock,
    capacity: usize,
    ring: Mutex<Ring>,
    counters: Counters,
    revision: watch::Sender<u64>,
}

#[derive(Default)]
struct Ring {
    connections: VecDeque<Arc<Connection>>,
    /// Each with the revision it came with.
    attempts: VecDeque<(u64, FailedAttempt)>,
    totals: Totals,
}

impl Journal {
    /// An empty journal that remembers up to `capacity` connections and takes the time from `now`.
    pub fn new(capacity: usize, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self {
            now: Box::new(now),
            capacity: capacity.max(1),
            ring: Mutex::default(),
            counters: Counters::default(),
            revision: watch::channel(0).0,
        }
    }

    /// The connections remembered, oldest first.
    pub fn list(&self) -> Vec<ConnectionRecord> {
        lock(&self.ring).connections.iter().map(|connection| connection.record()).collect()
    }

    /// The attempts remembered that did not become connections, oldest first.
    pub fn failed_attempts(&self) -> Vec<FailedAttempt> {
        lock(&self.ring).attempts.iter().map(|(_, attempt)| attempt.clone()).collect()
    }

    /// What has changed after the revision `seen`, in the order of its latest change; and the revision that is seen
    /// with it. What changed several times is there once.
    pub fn changes(&self, seen: u64) -> (Vec<Change>, u64) {
        let now = *self.revision.borrow();
        // What changes from here on is for the next time, else it might be there twice, or something before it not at
        // all.
        let is_new = |revision: u64| seen < revision && revision <= now;
        let ring = lock(&self.ring);
        let mut found = Vec::new();
        for connection in &ring.connections {
            let revision = connection.revision.load(Ordering::Relaxed);
            if is_new(revision) {
                found.push((revision, Change::Connection(Box::new(connection.record()))));
            }
        }
        for (revision, attempt) in &ring.attempts {
            if is_new(*revision) {
                found.push((*revision, Change::FailedAttempt(attempt.clone())));
            }
        }
        drop(ring);
        found.sort_by_key(|(revision, _)| *revision);
        (found.into_iter().map(|(_, change)| change).collect(), now)
    }

    /// Totals since the beginning.
    pub fn totals(&self) -> Totals {
        lock(&self.ring).totals
    }

    /// Counts of the listeners whose ports are open.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// A number that grows with every [`Change`]; wait for its change, then [`Journal::list`] or [`Journal::changes`].
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// Forgets every connection that has ended, every attempt, and the totals but those of connections that live.
    /// Counts go on.
    pub fn clear(&self) {
        let mut ring = lock(&self.ring);
        ring.connections.retain(|connection| lock(&connection.rest).closed.is_none());
        ring.attempts.clear();
        ring.totals = Totals { opened: ring.totals.opened - ring.totals.closed, ..Totals::default() };
        drop(ring);
        self.revision.send_modify(|revision| *revision += 1);
    }

    pub(super) fn open(
        self: &Arc<Self>,
        opening: Opening,
        backend: Option<BackendAddress>,
        counters: Arc<ListenerCounters>,
    ) -> Entry {
        counters.connections_opened.one();
        let mut ring = lock(&self.ring);
        let number = ring.connections.back().map_or(0, |newest| newest.number).max(ring.totals.opened) + 1;
        let connection = Arc::new(Connection {
            number,
            opened: (self.now)(),
            revision: AtomicU64::default(),
            streams: AtomicU64::default(),
            streams_ended: AtomicU64::default(),
            streams_reset: AtomicU64::default(),
            bytes_from_client: AtomicU64::default(),
            bytes_to_client: AtomicU64::default(),
            rest: Mutex::new(Rest {
                opening,
                backend,
                closed: None,
                moves: Vec::new(),
                earlier_backends: Vec::new(),
                notes: Vec::new(),
            }),
        });
        ring.totals.opened += 1;
        if ring.connections.len() == self.capacity {
            ring.connections.pop_front();
            ring.totals.forgotten += 1;
        }
        ring.connections.push_back(Arc::clone(&connection));
        drop(ring);
        self.changed(&connection);
        Entry { journal: Arc::clone(self), counters, connection }
    }

    pub(super) fn handshake_failed(
        &self,
        counters: &ListenerCounters,
        client: SocketAddr,
        failure: HandshakeFailure,
        ending: Ending,
    ) {
        counters.failed_handshakes.one(failure);
        self.attempt_failed(counters, client, AttemptKind::Handshake(failure), ending);
    }

    pub(super) fn refused(&self, counters: &ListenerCounters, client: SocketAddr, refused: Refused) {
        counters.refused.one(refused);
        let ending = Ending::refused(refused);
        self.attempt_failed(counters, client, AttemptKind::Refused(refused), ending);
    }

    fn attempt_failed(&self, counters: &ListenerCounters, client: SocketAddr, kind: AttemptKind, ending: Ending) {
        let attempt = FailedAttempt {
            at: (self.now)(),
            load_balancer_id: counters.load_balancer_id.clone(),
            listener_id: counters.listener_id.clone(),
            client,
            kind,
            ending: shortened_ending(ending),
        };
        let mut ring = lock(&self.ring);
        match kind {
            AttemptKind::Handshake(_) => ring.totals.failed_handshakes += 1,
            AttemptKind::Refused(_) => ring.totals.refused += 1,
        }
        if ring.attempts.len() == MAX_ATTEMPTS {
            ring.attempts.pop_front();
        }
        // Under the lock of the ring, so that whoever sees the revision finds the attempt.
        self.revision.send_modify(|revision| {
            *revision += 1;
            ring.attempts.push_back((*revision, attempt));
        });
    }

    /// The time by the journal's clock.
    pub(super) fn time(&self) -> SystemTime {
        (self.now)()
    }

    /// A connection has ended.
    pub(super) fn ended(&self, connection: &Connection) {
        lock(&self.ring).totals.closed += 1;
        self.changed(connection);
    }

    /// Something about a connection has changed.
    pub(super) fn changed(&self, connection: &Connection) {
        self.revision.send_modify(|revision| {
            *revision += 1;
            connection.revision.store(*revision, Ordering::Relaxed);
        });
    }
}

/// Nothing that is kept can be left half-written, so a lock that a panic poisoned is still good.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn shortened(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

pub(super) fn shortened_ending(ending: Ending) -> Ending {
    match ending.reason {
        Cow::Owned(reason) => Ending { reason: shortened(&reason).into(), ..ending },
        Cow::Borrowed(_) => ending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_plane::counters::StreamEnd;

    fn opening(port: u16) -> Opening {
        Opening {
            load_balancer_id: "lb-00000001".into(),
            listener_id: "lbl-00000001".into(),
            client: SocketAddr::from(([127, 0, 0, 7], port)),
            alpn: None,
            server_name: None,
            certificate_subject: None,
        }
    }

    fn listener() -> Arc<ListenerCounters> {
        Arc::new(ListenerCounters::new("lb-00000001".into(), "lbl-00000001".into(), &[]))
    }

    fn done() -> Ending {
        Ending::by_silence("done")
    }

    fn refuse(journal: &Journal, port: u16) {
        journal.refused(&listener(), opening(port).client, Refused::MaxConn);
    }

    /// The client's port of what has changed, and whether it has ended or failed.
    fn ports(changes: &[Change]) -> Vec<(u16, bool)> {
        let port = |change: &Change| match change {
            Change::Connection(it) => (it.opening.client.port(), it.closed.is_some()),
            Change::FailedAttempt(it) => (it.client.port(), true),
        };
        changes.iter().map(port).collect()
    }

    fn journal(capacity: usize) -> Arc<Journal> {
        Arc::new(Journal::new(capacity, || SystemTime::UNIX_EPOCH))
    }

    #[test]
    fn a_connection_can_be_read_while_it_lives() {
        let journal = journal(4);
        let entry = journal.open(opening(1), None, listener());
        entry.sent_by_client(5);
        entry.sent_to_client(7);
        let record = &journal.list()[0];
        assert_eq!((record.bytes_from_client, record.bytes_to_client), (5, 7));
        assert_eq!(record.closed, None);
        entry.close(done());
        entry.close(Ending::given_up());
        assert_eq!(journal.list()[0].closed.as_ref().map(|closed| &*closed.ending.reason), Some("done"));
    }

    #[test]
    fn only_the_newest_are_remembered_and_all_are_counted() {
        let journal = journal(3);
        for port in 1..=5 {
            drop(journal.open(opening(port), None, listener()));
        }
        let numbers: Vec<u64> = journal.list().iter().map(|record| record.number).collect();
        assert_eq!(numbers, [3, 4, 5]);
        let totals = journal.totals();
        assert_eq!((totals.opened, totals.closed, totals.forgotten), (5, 5, 2));
    }

    #[test]
    fn notes_and_texts_are_bounded() {
        let journal = journal(1);
        let entry = journal.open(opening(1), None, listener());
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
        let entry = journal.open(opening(1), None, listener());
        assert!(changes.has_changed().expect("the journal lives"));
        changes.mark_unchanged();
        entry.close(done());
        assert!(changes.has_changed().expect("the journal lives"));
    }

    #[test]
    fn clearing_forgets_what_has_ended_only() {
        let journal = journal(4);
        drop(journal.open(opening(1), None, listener()));
        let living = journal.open(opening(2), None, listener());
        journal.clear();
        assert_eq!(journal.list().len(), 1);
        assert_eq!(journal.list()[0].closed, None);
        living.close(done());
        let totals = journal.totals();
        assert_eq!((totals.opened, totals.closed), (1, 1));
    }

    #[test]
    fn a_connection_beyond_the_capacity_is_counted_after_clearing_too() {
        let journal = journal(1);
        let living = [journal.open(opening(1), None, listener()), journal.open(opening(2), None, listener())];
        journal.clear();
        drop(living);
        let totals = journal.totals();
        assert_eq!((totals.opened, totals.closed), (2, 2));
    }

    #[test]
    fn streams_are_counted_until_they_end_and_one_that_is_dropped_has_ended() {
        let journal = journal(1);
        let counters = listener();
        let entry = journal.open(opening(1), None, Arc::clone(&counters));
        let [whole, reset, lost, _open] = [(); 4].map(|()| entry.stream());
        whole.ended(StreamEnd::Whole);
        reset.ended(StreamEnd::BackendLost);
        drop(lost);
        let record = &journal.list()[0];
        assert_eq!((record.streams, record.streams_open, record.streams_reset), (4, 1, 1));
        assert_eq!((counters.streams_opened.get(), counters.streams_open()), (4, 1));
    }

    #[test]
    fn moves_and_backends_are_remembered_with_their_time_and_bounded() {
        let journal = journal(1);
        let entry = journal.open(opening(1), None, listener());
        let backend = |port| BackendAddress { ip: [10, 0, 0, 1].into(), port };
        entry.served_by(backend(1));
        entry.served_by(backend(1));
        assert_eq!(journal.list()[0].earlier_backends, []);
        for port in 2..50 {
            entry.served_by(backend(port));
            entry.moved_to(opening(port).client);
        }
        let record = &journal.list()[0];
        assert_eq!((record.backend, record.opening.client), (Some(backend(49)), opening(49).client));
        assert_eq!((record.earlier_backends.len(), record.moves.len()), (MAX_NOTES, MAX_NOTES));
        assert_eq!(record.earlier_backends[0], (SystemTime::UNIX_EPOCH, backend(1)));
        assert_eq!(record.moves[0], (SystemTime::UNIX_EPOCH, opening(2).client));
    }

    #[test]
    fn attempts_that_fail_are_remembered_and_bounded() {
        let journal = journal(1);
        for port in 0..2_000 {
            refuse(&journal, port);
        }
        let attempts = journal.failed_attempts();
        assert_eq!((attempts.len(), attempts[0].client.port(), journal.totals().refused), (MAX_ATTEMPTS, 1_000, 2_000));
        journal.clear();
        assert_eq!((journal.failed_attempts().len(), journal.totals().refused), (0, 0));
    }

    #[test]
    fn one_who_follows_sees_every_change_in_order_and_none_twice() {
        let journal = journal(10);
        let first = journal.open(opening(1), None, listener());
        let second = journal.open(opening(2), None, listener());
        refuse(&journal, 3);
        let (changes, seen) = journal.changes(0);
        assert_eq!(ports(&changes), [(1, false), (2, false), (3, true)]);
        assert_eq!(journal.changes(seen), (Vec::new(), seen));
        second.close(done());
        first.moved_to(opening(9).client);
        first.close(done());
        let (changes, seen) = journal.changes(seen);
        assert_eq!(ports(&changes), [(2, true), (9, true)]);
        assert_eq!(journal.changes(seen).0, []);
    }
}
