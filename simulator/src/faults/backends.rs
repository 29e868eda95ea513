//! Faults of backends: which connections to them, and which probes, are refused, not answered, slow, or come to a bad
//! end.
//!
//! Of the faults that are for a connection the oldest that strikes is carried out; later ones do not see it. Pure
//! deciding: the data plane carries it out, and backends need not be changed.

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clb_model::forwarding::BackendAddress;
use tokio::time::Instant;

pub use super::backend_draft::{BackendDraft, BackendDraftError};

use super::standing::Standing;
use super::{AddressFilter, Listed, Occasions, Tally, TooMany};

/// The faults of backends of one simulator.
#[derive(Debug, Default)]
pub struct BackendFaults {
    /// Whether there may be any; looked at for every connection and probe.
    is_any: AtomicBool,
    table: Mutex<Standing<BackendFault, Tallies>>,
}

/// A fault that can be carried out: made from a [`BackendDraft`] that was checked.
#[derive(Clone, Debug, PartialEq)]
pub struct BackendFault {
    /// The listener's id; `None` for all.
    pub listener: Option<String>,
    /// The backend as the cloud knows it: its address, and its port too if one is given; `None` for all.
    pub backend: Option<AddressFilter>,
    /// Whether connections for streams are struck.
    pub strikes_dials: bool,
    /// Whether probes are struck.
    pub strikes_probes: bool,
    /// Which of those it strikes; connections and probes are counted each by themselves.
    pub occasions: Occasions,
    /// How long it lasts from when it is added; `None` until it is removed.
    pub lasting: Option<Duration>,
    /// What becomes of a struck one.
    pub effect: BackendEffect,
}

/// The counts of a fault.
#[derive(Clone, Debug)]
pub struct Tallies {
    /// Connections for streams.
    pub dials: Tally,
    /// Probes.
    pub probes: Tally,
}

/// What becomes of a struck connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackendEffect {
    /// It is refused at once.
    Refuse,
    /// Nobody answers.
    NoAnswer,
    /// It is made, and is not what it should be.
    Impair(Impairment),
}

/// What is wrong with a connection. By default nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impairment {
    /// How the backend takes what clients say.
    pub requests: Slowness,
    /// How it answers.
    pub answers: Slowness,
    /// How its answers end.
    pub end: AnswerEnd,
    /// When the connection breaks with a reset, whatever has passed.
    pub reset_after: Option<Duration>,
}

/// How slow one direction is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slowness {
    /// The most bytes per second.
    pub rate: Option<NonZeroU64>,
    /// How long each piece is held back, of 16 KiB at most; the next is taken when it has gone on.
    pub delay: Duration,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnswerEnd {
    /// As the backend ends it.
    #[default]
    AsItIs,
    /// With a reset after so many bytes.
    ResetAfter(u64),
    /// Cleanly after so many bytes; what else the backend says is thrown away.
    EndAfter(u64),
    /// Never, though the backend ends it.
    Never,
}

/// A fault that strikes a connection or a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendStrike {
    /// The fault.
    pub id: u64,
    /// What to do.
    pub effect: BackendEffect,
}

impl BackendFaults {
    /// Adds a fault; gives its id, which no other gets.
    pub fn add(&self, fault: BackendFault, now: Instant) -> Result<u64, TooMany> {
        let until = fault.lasting.and_then(|lasting| now.checked_add(lasting));
        let tallies = Tallies { dials: Tally::new(&fault.occasions), probes: Tally::new(&fault.occasions) };
        let mut table = self.lock();
        let id = table.add(fault, tallies, until)?;
        self.is_any.store(true, Ordering::Release);
        Ok(id)
    }

    /// The fault that strikes a connection for a stream, if one does.
    pub fn strike_dial(&self, listener: &str, backend: BackendAddress, now: Instant) -> Option<BackendStrike> {
        self.strike(listener, backend, now, |fault| fault.strikes_dials, |tallies| &mut tallies.dials)
    }

    /// The fault that strikes a probe, if one does.
    pub fn strike_probe(&self, listener: &str, backend: BackendAddress, now: Instant) -> Option<BackendStrike> {
        self.strike(listener, backend, now, |fault| fault.strikes_probes, |tallies| &mut tallies.probes)
    }

    fn strike(
        &self,
        listener: &str,
        backend: BackendAddress,
        now: Instant,
        is_for: fn(&BackendFault) -> bool,
        tally: fn(&mut Tallies) -> &mut Tally,
    ) -> Option<BackendStrike> {
        if !self.is_any.load(Ordering::Acquire) {
            return None;
        }
        let mut table = self.lock();
        let mut concerned =
            table.rows().filter(|row| !row.is_over(now) && is_for(&row.fault) && row.fault.includes(listener, backend));
        let struck = concerned.find_map(|row| tally(&mut row.tally).strikes().then_some(row))?;
        Some(BackendStrike { id: struck.id, effect: struck.fault.effect.clone() })
    }

    /// Every fault, oldest first.
    pub fn list(&self) -> Vec<Listed<BackendFault, Tallies>> {
        self.lock().list()
    }

    /// Removes one; false when there is none with that id.
    pub fn remove(&self, id: u64) -> bool {
        self.lock().remove(id)
    }

    /// Removes all; gives how many there were.
    pub fn clear(&self) -> usize {
        let mut table = self.lock();
        self.is_any.store(false, Ordering::Release);
        table.clear()
    }

    /// Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Standing<BackendFault, Tallies>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BackendFault {
    fn includes(&self, listener: &str, backend: BackendAddress) -> bool {
        let address = SocketAddr::new(backend.ip, backend.port);
        self.listener.as_deref().is_none_or(|it| it == listener)
            && self.backend.is_none_or(|filter| filter.admits(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTENER: &str = "lbl-1";

    fn backend() -> BackendAddress {
        BackendAddress { ip: [10, 0, 1, 5].into(), port: 8080 }
    }

    fn fault() -> BackendFault {
        BackendDraft { refuse: true, ..BackendDraft::default() }.check().expect("a fault")
    }

    fn with(fault: BackendFault) -> BackendFaults {
        let faults = BackendFaults::default();
        faults.add(fault, Instant::now()).expect("room");
        faults
    }

    fn strikes(faults: &BackendFaults) -> bool {
        faults.strike_dial(LISTENER, backend(), Instant::now()).is_some()
    }

    #[test]
    fn a_fault_is_for_the_backends_that_it_names() {
        assert!(!strikes(&BackendFaults::default()));
        assert!(strikes(&with(fault())));
        assert!(strikes(&with(BackendFault { listener: Some(LISTENER.into()), ..fault() })));
        assert!(!strikes(&with(BackendFault { listener: Some("lbl-2".into()), ..fault() })));
        assert!(strikes(&with(BackendFault { backend: "10.0.1.5".parse().map(Some).expect("a filter"), ..fault() })));
        assert!(strikes(&with(BackendFault {
            backend: "10.0.1.5:8080".parse().map(Some).expect("a filter"),
            ..fault()
        })));
        assert!(!strikes(&with(BackendFault {
            backend: "10.0.1.5:8081".parse().map(Some).expect("a filter"),
            ..fault()
        })));
        assert!(!strikes(&with(BackendFault { backend: "10.0.1.6".parse().map(Some).expect("a filter"), ..fault() })));
        let over = with(BackendFault { lasting: Some(Duration::from_secs(1)), ..fault() });
        assert_eq!(over.strike_dial(LISTENER, backend(), Instant::now() + Duration::from_secs(1)), None);
    }

    #[test]
    fn probes_take_nothing_from_the_count_of_connections() {
        let occasions = Occasions { count: Some(1), ..Occasions::default() };
        let faults = with(BackendFault { occasions, ..fault() });
        let probe = || faults.strike_probe(LISTENER, backend(), Instant::now()).is_some();
        assert_eq!([probe(), probe()], [true, false]);
        assert_eq!([strikes(&faults), strikes(&faults)], [true, false]);
        let tallies = &faults.list()[0].tally;
        assert_eq!((tallies.dials.matched, tallies.dials.hits), (2, 1));
        assert_eq!((tallies.probes.matched, tallies.probes.hits), (2, 1));
        let spared = with(BackendFault { strikes_probes: false, ..fault() });
        assert_eq!(spared.strike_probe(LISTENER, backend(), Instant::now()), None);
    }

    #[test]
    fn the_same_seed_strikes_the_same_connections() {
        let struck = |seed| {
            let occasions = Occasions { share: Some((0.3, seed)), ..Occasions::default() };
            let faults = with(BackendFault { occasions, ..fault() });
            (0..200).map(|_| strikes(&faults)).collect::<Vec<_>>()
        };
        assert_eq!(struck(7), struck(7));
        assert_ne!(struck(7), struck(8));
    }
}
