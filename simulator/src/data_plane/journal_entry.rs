//! What is written about a connection while it lives, and about its streams: counts without a lock, the rest under one of
//! its own. What was never ended on purpose ends when it is dropped.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use clb_model::forwarding::BackendAddress;

use super::counters::{ListenerCounters, StreamEnd};
use super::ending::Ending;
use super::journal::{Journal, MAX_NOTES, lock, shortened, shortened_ending};
use super::journal_record::{Closed, ConnectionRecord, Opening};

/// A connection that is being written about. When it is dropped without a reason, the record still ends.
pub struct Entry {
    pub(super) journal: Arc<Journal>,
    pub(super) counters: Arc<ListenerCounters>,
    pub(super) connection: Arc<Connection>,
}

/// A stream that is being written about. When it is dropped without an end, its connection has ended.
pub struct StreamEntry<'a> {
    entry: &'a Entry,
    end: StreamEnd,
}

/// A connection as the journal and its [`Entry`] share it.
pub(super) struct Connection {
    pub(super) number: u64,
    pub(super) opened: SystemTime,
    /// The revision of the journal with which it changed last.
    pub(super) revision: AtomicU64,
    pub(super) streams: AtomicU64,
    pub(super) streams_ended: AtomicU64,
    pub(super) streams_reset: AtomicU64,
    pub(super) bytes_from_client: AtomicU64,
    pub(super) bytes_to_client: AtomicU64,
    pub(super) rest: Mutex<Rest>,
}

/// What changes seldom.
pub(super) struct Rest {
    pub(super) opening: Opening,
    pub(super) backend: Option<BackendAddress>,
    pub(super) closed: Option<Closed>,
    pub(super) moves: Vec<(SystemTime, SocketAddr)>,
    pub(super) earlier_backends: Vec<(SystemTime, BackendAddress)>,
    pub(super) notes: Vec<String>,
}

impl Entry {
    /// The connection is now served by `backend`.
    pub(super) fn served_by(&self, backend: BackendAddress) {
        let mut rest = lock(&self.connection.rest);
        let Some(earlier) = rest.backend.replace(backend).filter(|earlier| *earlier != backend) else { return };
        if rest.earlier_backends.len() < MAX_NOTES {
            rest.earlier_backends.push((self.journal.time(), earlier));
        }
        drop(rest);
        self.journal.changed(&self.connection);
    }

    /// The client has a new, validated address.
    pub(super) fn moved_to(&self, client: SocketAddr) {
        let mut rest = lock(&self.connection.rest);
        rest.opening.client = client;
        if rest.moves.len() < MAX_NOTES {
            rest.moves.push((self.journal.time(), client));
        }
        drop(rest);
        self.journal.changed(&self.connection);
    }

    /// Something went another way than usual. A note that is there already is not repeated.
    pub(super) fn note(&self, text: &str) {
        let text = shortened(text);
        let mut rest = lock(&self.connection.rest);
        if rest.notes.len() < MAX_NOTES && !rest.notes.contains(&text) {
            rest.notes.push(text);
        }
    }

    /// The client has opened a stream.
    pub(super) fn stream(&self) -> StreamEntry<'_> {
        self.connection.streams.fetch_add(1, Ordering::Relaxed);
        self.counters.streams_opened.one();
        StreamEntry { entry: self, end: StreamEnd::ConnectionLost }
    }

    pub(super) fn sent_by_client(&self, bytes: usize) {
        self.connection.bytes_from_client.fetch_add(bytes as u64, Ordering::Relaxed);
        self.counters.bytes_from_client.add(bytes as u64);
    }

    pub(super) fn sent_to_client(&self, bytes: usize) {
        self.connection.bytes_to_client.fetch_add(bytes as u64, Ordering::Relaxed);
        self.counters.bytes_to_client.add(bytes as u64);
    }

    /// The connection has ended. Only the first end counts, so who closes it on purpose says so before.
    pub(super) fn close(&self, ending: Ending) {
        let at = self.journal.time();
        let mut rest = lock(&self.connection.rest);
        if rest.closed.is_some() {
            return;
        }
        rest.closed = Some(Closed { at, ending: shortened_ending(ending) });
        drop(rest);
        self.counters.connections_closed.one();
        self.journal.ended(&self.connection);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.close(Ending::given_up());
    }
}

impl StreamEntry<'_> {
    /// How the stream ended.
    pub(super) fn ended(mut self, end: StreamEnd) {
        self.end = end;
    }
}

impl Drop for StreamEntry<'_> {
    fn drop(&mut self) {
        let connection = &self.entry.connection;
        connection.streams_ended.fetch_add(1, Ordering::Relaxed);
        if self.end.is_reset() {
            connection.streams_reset.fetch_add(1, Ordering::Relaxed);
        }
        self.entry.counters.streams_ended.one(self.end);
    }
}

impl Connection {
    pub(super) fn record(&self) -> ConnectionRecord {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let rest = lock(&self.rest);
        // Those that have ended first: a stream that ends in between is not missing among those that were opened.
        let ended = count(&self.streams_ended);
        let streams = count(&self.streams);
        ConnectionRecord {
            number: self.number,
            opening: rest.opening.clone(),
            moves: rest.moves.clone(),
            backend: rest.backend,
            earlier_backends: rest.earlier_backends.clone(),
            opened: self.opened,
            closed: rest.closed.clone(),
            streams,
            streams_open: streams.saturating_sub(ended),
            streams_reset: count(&self.streams_reset),
            bytes_from_client: count(&self.bytes_from_client),
            bytes_to_client: count(&self.bytes_to_client),
            notes: rest.notes.clone(),
        }
    }
}
