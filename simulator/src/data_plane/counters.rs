//! What the data plane counts: by listener, and by backend of a listener.
//!
//! Whoever counts holds the counters, so counting is one relaxed addition and takes no lock; the maps here are locked
//! when a listener opens, changes or closes, when a connection is given a backend, and when the counts are read. A
//! listener's counts begin with its port and are forgotten with it, a backend's with its binding, so that there are
//! never more of them than listeners and bindings. How counts are shown is not here.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use clb_model::forwarding::{Backend, BackendAddress};
use clb_model::id::{ListenerId, LoadBalancerId};

/// What a count is split by; each has a count of its own.
pub trait Label: Copy + 'static {
    /// All there are.
    const ALL: &'static [Self];
    /// Its name where counts are shown.
    fn name(self) -> &'static str;
    /// Its place in [`Label::ALL`].
    fn place(self) -> usize;
}

macro_rules! labels {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$each])* $variant,)+ }

        impl Label for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            fn place(self) -> usize {
                self as usize
            }
        }
    };
}

labels! {
    /// Why a handshake came to nothing.
    HandshakeFailure {
        /// TLS went wrong on this side, which said so with an alert.
        AlertSent = "tls_alert_sent",
        /// TLS went wrong on the client's side.
        AlertReceived = "tls_alert_received",
        /// The client did not go on.
        TimedOut = "timed_out",
        /// The client closed the connection for another reason.
        ClosedByClient = "closed_by_client",
        /// It gave way to newer ones, because there were too many.
        GaveWay = "gave_way",
        /// Anything else, such as a client that broke QUIC's rules.
        Transport = "transport_error",
    }
}

labels! {
    /// Which bound a refused connection ran into.
    Refused {
        /// The bound on connections that holds for every listener.
        Bound = "bound",
        /// The bound on handshakes at a time; such a connection is not answered.
        HalfOpen = "half_open",
        /// The listener's `MaxConn`.
        MaxConn = "max_conn",
        /// The listener's `MaxCps`.
        MaxCps = "max_cps",
    }
}

labels! {
    /// How a stream ended.
    StreamEnd {
        /// Both directions came to their end.
        Whole = "whole",
        /// The client reset its half.
        ClientReset = "client_reset",
        /// The client wanted no more of the answer.
        ClientStopped = "client_stopped",
        /// The backend reset its connection, or it broke.
        BackendLost = "backend_lost",
        /// There was no backend to choose.
        NoBackend = "no_backend",
        /// No backend could be reached.
        Unreachable = "unreachable",
        /// Neither side said anything.
        Silent = "silent",
        /// Its connection ended first.
        ConnectionLost = "connection_lost",
    }
}

labels! {
    /// Why a datagram went no further.
    DatagramDrop {
        /// The security groups do not allow it.
        SecurityGroup = "security_group",
        /// A fault struck it.
        Fault = "fault",
    }
}

impl StreamEnd {
    /// Whether the client broke it off.
    pub fn is_by_client(self) -> bool {
        matches!(self, Self::ClientReset | Self::ClientStopped)
    }

    /// Whether one of both sides broke it off.
    pub fn is_reset(self) -> bool {
        matches!(self, Self::ClientReset | Self::ClientStopped | Self::BackendLost)
    }
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// One more.
    pub fn one(&self) {
        self.add(1);
    }

    /// So many more.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// How many there were.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A count for each label.
#[derive(Debug)]
pub struct CountBy<L> {
    counts: Box<[Count]>,
    label: std::marker::PhantomData<L>,
}

impl<L: Label> Default for CountBy<L> {
    fn default() -> Self {
        Self { counts: L::ALL.iter().map(|_| Count::default()).collect(), label: std::marker::PhantomData }
    }
}

impl<L: Label> CountBy<L> {
    /// One more of these.
    pub fn one(&self, label: L) {
        self.add(label, 1);
    }

    /// So many more of these.
    pub fn add(&self, label: L, more: u64) {
        if let Some(count) = self.counts.get(label.place()) {
            count.add(more);
        }
    }

    /// How many there were of these.
    pub fn of(&self, label: L) -> u64 {
        self.counts.get(label.place()).map_or(0, Count::get)
    }

    /// How many there were of each.
    pub fn each(&self) -> impl Iterator<Item = (L, u64)> {
        L::ALL.iter().copied().zip(self.counts.iter().map(Count::get))
    }
}

/// How long something took, in classes.
#[derive(Debug, Default)]
pub struct Durations {
    /// One for each of [`Durations::UP_TO`], and one for what took longer.
    classes: [Count; 11],
    micros: Count,
}

impl Durations {
    /// The classes: up to so many microseconds.
    pub const UP_TO: [u64; 10] = [100, 250, 1_000, 2_500, 10_000, 25_000, 100_000, 250_000, 1_000_000, 3_000_000];

    /// Takes in one.
    pub fn take(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.micros.add(micros);
        if let Some(class) = self.classes.get(Self::UP_TO.partition_point(|up_to| *up_to < micros)) {
            class.one();
        }
    }

    /// How many there were in each class; the last are those that took longer than any.
    pub fn classes(&self) -> impl Iterator<Item = u64> {
        self.classes.iter().map(Count::get)
    }

    /// All of them together, in microseconds.
    pub fn micros(&self) -> u64 {
        self.micros.get()
    }
}

/// What is counted of one listener.
#[derive(Debug)]
#[expect(missing_docs, reason = "each says by its name what it counts")]
pub struct ListenerCounters {
    pub load_balancer_id: LoadBalancerId,
    pub listener_id: ListenerId,
    pub connections_opened: Count,
    pub connections_closed: Count,
    pub failed_handshakes: CountBy<HandshakeFailure>,
    pub refused: CountBy<Refused>,
    pub retries: Count,
    pub streams_opened: Count,
    pub streams_ended: CountBy<StreamEnd>,
    pub bytes_from_client: Count,
    pub bytes_to_client: Count,
    pub datagrams_received: Count,
    pub datagrams_sent: Count,
    pub datagrams_dropped: CountBy<DatagramDrop>,
    /// Dials that led to a connection.
    pub dials: Durations,
    backends: RwLock<BTreeMap<BackendAddress, Arc<BackendCounters>>>,
}

/// What is counted of one backend of a listener.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each says by its name what it counts")]
pub struct BackendCounters {
    pub connections_given: Count,
    pub connections_ended: Count,
    pub dials_connected: Count,
    pub dials_failed: Count,
    pub probes_passed: Count,
    pub probes_failed: Count,
}

impl ListenerCounters {
    /// Nothing has been counted yet.
    pub fn new(load_balancer_id: LoadBalancerId, listener_id: ListenerId, backends: &[Backend]) -> Self {
        let counters = Self {
            load_balancer_id,
            listener_id,
            connections_opened: Count::default(),
            connections_closed: Count::default(),
            failed_handshakes: CountBy::default(),
            refused: CountBy::default(),
            retries: Count::default(),
            streams_opened: Count::default(),
            streams_ended: CountBy::default(),
            bytes_from_client: Count::default(),
            bytes_to_client: Count::default(),
            datagrams_received: Count::default(),
            datagrams_sent: Count::default(),
            datagrams_dropped: CountBy::default(),
            dials: Durations::default(),
            backends: RwLock::default(),
        };
        counters.update(backends);
        counters
    }

    /// Counts exactly these backends from now on; counts of those that stay go on.
    pub fn update(&self, backends: &[Backend]) {
        let mut counted = self.backends.write().unwrap_or_else(PoisonError::into_inner);
        let mut known = std::mem::take(&mut *counted);
        *counted = backends
            .iter()
            .map(|backend| (backend.address, known.remove(&backend.address).unwrap_or_default()))
            .collect();
    }

    /// The counters of a backend; of one that is not bound any more, counters that nobody reads.
    pub fn backend(&self, address: BackendAddress) -> Arc<BackendCounters> {
        let backends = self.backends.read().unwrap_or_else(PoisonError::into_inner);
        backends.get(&address).cloned().unwrap_or_default()
    }

    /// The backends that are bound.
    pub fn backends(&self) -> Vec<(BackendAddress, Arc<BackendCounters>)> {
        let backends = self.backends.read().unwrap_or_else(PoisonError::into_inner);
        backends.iter().map(|(address, counters)| (*address, Arc::clone(counters))).collect()
    }

    /// Streams that are open. Both counts are read one after the other, so it may be off by what happens in between.
    pub fn streams_open(&self) -> u64 {
        let ended: u64 = self.streams_ended.each().map(|(_, count)| count).sum();
        self.streams_opened.get().saturating_sub(ended)
    }

    /// Connections that are open.
    pub fn connections_open(&self) -> u64 {
        let closed = self.connections_closed.get();
        self.connections_opened.get().saturating_sub(closed)
    }
}

/// A connection that a backend was given. It counts as one of the backend's until it is dropped.
#[derive(Debug)]
pub struct Given(Arc<BackendCounters>);

impl Given {
    /// The backend is given one more.
    pub fn to(backend: Arc<BackendCounters>) -> Self {
        backend.connections_given.one();
        Self(backend)
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        self.0.connections_ended.one();
    }
}

/// The counters of every listener whose port is open.
#[derive(Debug, Default)]
pub struct Counters(Mutex<BTreeMap<ListenerId, Arc<ListenerCounters>>>);

impl Counters {
    /// A listener's port opens: its counts begin.
    pub fn open(&self, counters: &Arc<ListenerCounters>) -> Arc<ListenerCounters> {
        self.lock().insert(counters.listener_id.clone(), Arc::clone(counters));
        Arc::clone(counters)
    }

    /// A listener's port is closed: its counts are forgotten.
    pub fn close(&self, listener_id: &ListenerId) {
        self.lock().remove(listener_id);
    }

    /// Those of every listener, by id.
    pub fn list(&self) -> Vec<Arc<ListenerCounters>> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<ListenerId, Arc<ListenerCounters>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backend(port: u16) -> Backend {
        Backend { address: BackendAddress { ip: [10, 0, 0, 1].into(), port }, weight: 1, eligible: true }
    }

    #[test]
    fn every_label_has_its_own_count_and_name() {
        fn check<L: Label + std::fmt::Debug>() {
            let counts = CountBy::<L>::default();
            for (place, label) in L::ALL.iter().enumerate() {
                assert_eq!(label.place(), place, "{label:?}");
                counts.add(*label, place as u64 + 1);
            }
            let seen: Vec<u64> = counts.each().map(|(_, count)| count).collect();
            assert_eq!(seen, (1..=L::ALL.len() as u64).collect::<Vec<_>>());
            let mut names: Vec<&str> = L::ALL.iter().map(|label| label.name()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), L::ALL.len());
        }
        check::<HandshakeFailure>();
        check::<Refused>();
        check::<StreamEnd>();
        check::<DatagramDrop>();
    }

    #[test]
    fn durations_fall_into_the_class_that_ends_where_they_do() {
        let durations = Durations::default();
        for micros in [0, 100, 101, 3_000_000, 3_000_001] {
            durations.take(Duration::from_micros(micros));
        }
        assert_eq!(durations.classes().collect::<Vec<_>>(), [2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!(durations.micros(), 6_000_202);
    }

    #[test]
    fn a_backend_is_counted_while_it_is_bound_and_anew_when_it_comes_back() {
        let counters = ListenerCounters::new("lb-1".into(), "lbl-1".into(), &[backend(1), backend(2)]);
        let given = [backend(1), backend(2)].map(|backend| Given::to(counters.backend(backend.address)));
        counters.update(&[backend(2), backend(3)]);
        let counts: Vec<_> = counters
            .backends()
            .iter()
            .map(|(address, counts)| (address.port, counts.connections_given.get()))
            .collect();
        assert_eq!(counts, [(2, 1), (3, 0)]);
        drop(given);
        assert_eq!(counters.backend(backend(2).address).connections_ended.get(), 1);
        counters.update(&[backend(1)]);
        assert_eq!(counters.backend(backend(1).address).connections_given.get(), 0);
    }

    #[test]
    fn a_listener_that_is_closed_is_not_counted_any_more() {
        let counters = Counters::default();
        let listener = counters.open(&Arc::new(ListenerCounters::new("lb-1".into(), "lbl-1".into(), &[])));
        listener.connections_opened.one();
        assert_eq!(counters.list()[0].connections_open(), 1);
        counters.close(&"lbl-1".into());
        assert!(counters.list().is_empty());
    }
}
