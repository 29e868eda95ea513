//! Faults of datagrams: which of those between clients and load balancers are lost, doubled, delayed, overtaken, or come
//! from another port.
//!
//! Every fault that is for a datagram throws its dice, oldest first, until one loses it; so several go together. Pure
//! deciding: the data plane carries it out.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

pub use super::datagram_draft::{DatagramDraft, DatagramDraftError, MOST_BEHIND, MOST_COPIES};

use super::occasions::unit;
use super::standing::Standing;
use super::{AddressFilter, Listed, Occasions, Tally, TooMany};

/// The faults of datagrams of one simulator.
#[derive(Debug, Default)]
pub struct DatagramFaults {
    /// Whether any can still strike; looked at for every datagram.
    is_any: AtomicBool,
    overflowed: AtomicU64,
    table: Mutex<Standing<DatagramFault>>,
}

/// A fault that can be carried out: made from a [`DatagramDraft`] that was checked.
#[derive(Clone, Debug, PartialEq)]
pub struct DatagramFault {
    /// The datagrams it is for.
    pub datagrams: Datagrams,
    /// Which of those it strikes.
    pub occasions: Occasions,
    /// How long it lasts from when it is added; `None` until it is removed.
    pub lasting: Option<Duration>,
    /// What becomes of a struck one.
    pub effect: DatagramEffect,
}

/// Which datagrams a fault is for; what is `None` is for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Datagrams {
    /// The listener's id.
    pub listener: Option<String>,
    /// The client: its address, and its port too if one is given.
    pub client: Option<AddressFilter>,
    /// The way they go.
    pub direction: Option<Direction>,
    /// Only those with more bytes than this, without the headers of IP and UDP.
    pub longer_than: Option<usize>,
}

/// The way a datagram goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From a client to a load balancer.
    FromClients,
    /// From a load balancer to a client.
    ToClients,
}

/// What becomes of a struck datagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatagramEffect {
    /// It never arrives.
    Lose,
    /// It arrives so many times more.
    Duplicate(u32),
    /// It is held back.
    Delay {
        /// So long,
        by: Duration,
        /// and up to so much longer, by the dice.
        jitter: Duration,
    },
    /// It is held back until so many later ones of its client, going the same way, have passed.
    Reorder(u32),
    /// From this one on its client has another port, as behind a NAT that has forgotten it.
    Rebind,
}

/// One datagram.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// The listener's id.
    pub listener: &'a str,
    /// The client's own address, whatever port it seems to have.
    pub client: SocketAddr,
    /// The way it goes.
    pub direction: Direction,
    /// Its bytes.
    pub length: usize,
}

/// What becomes of one datagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// It never arrives; nothing else counts then.
    pub is_lost: bool,
    /// How many times more it arrives.
    pub copies: u32,
    /// How long it is held back.
    pub delay: Duration,
    /// How many later ones pass it; 0 for none.
    pub behind: u32,
    /// Dice for another port of its client, if it gets one.
    pub rebind: Option<u64>,
}

impl DatagramFaults {
    /// Adds a fault; gives its id, which no other gets.
    pub fn add(&self, fault: DatagramFault, now: Instant) -> Result<u64, TooMany> {
        let until = fault.lasting.and_then(|lasting| now.checked_add(lasting));
        let tally = Tally::new(&fault.occasions);
        let mut table = self.lock();
        let id = table.add(fault, tally, until)?;
        self.is_any.store(true, Ordering::Release);
        Ok(id)
    }

    /// Whether any fault can strike. Without one a datagram costs this and no more.
    pub fn is_any(&self) -> bool {
        self.is_any.load(Ordering::Acquire)
    }

    /// What becomes of a datagram. Throws the dice of the faults that are for it.
    pub fn fate(&self, datagram: &Datagram<'_>, now: Instant) -> Fate {
        let mut table = self.lock();
        let mut fate = Fate::default();
        let mut is_any = false;
        for row in table.rows().filter(|row| !row.is_over(now)) {
            if !fate.is_lost && row.fault.datagrams.include(datagram) && row.tally.strikes() {
                fate.suffer(&row.fault.effect, &mut row.tally);
            }
            is_any |= !row.tally.is_spent();
        }
        self.is_any.store(is_any, Ordering::Release);
        fate
    }

    /// Every fault, oldest first.
    pub fn list(&self) -> Vec<Listed<DatagramFault>> {
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

    /// Datagrams that were lost because too many were held back.
    pub fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }

    /// Counts such datagrams.
    pub fn count_overflowed(&self, datagrams: u64) {
        self.overflowed.fetch_add(datagrams, Ordering::Relaxed);
    }

    /// Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Standing<DatagramFault>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Datagrams {
    fn include(&self, datagram: &Datagram<'_>) -> bool {
        self.listener.as_deref().is_none_or(|listener| listener == datagram.listener)
            && self.client.is_none_or(|filter| filter.admits(datagram.client))
            && self.direction.is_none_or(|direction| direction == datagram.direction)
            && self.longer_than.is_none_or(|bytes| datagram.length > bytes)
    }
}

impl Fate {
    fn suffer(&mut self, effect: &DatagramEffect, tally: &mut Tally) {
        match *effect {
            DatagramEffect::Lose => self.is_lost = true,
            DatagramEffect::Duplicate(copies) => self.copies = self.copies.saturating_add(copies).min(MOST_COPIES),
            DatagramEffect::Delay { by, jitter } => {
                self.delay += by;
                if !jitter.is_zero() {
                    self.delay += jitter.mul_f64(unit(tally.chance().bits()));
                }
            }
            DatagramEffect::Reorder(behind) => self.behind = self.behind.max(behind),
            DatagramEffect::Rebind => self.rebind = Some(tally.chance().bits()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTENER: &str = "lbl-1";

    fn fault(effect: DatagramEffect) -> DatagramFault {
        DatagramFault { datagrams: Datagrams::default(), occasions: Occasions::default(), lasting: None, effect }
    }

    fn share(effect: DatagramEffect, share: f64, seed: u64) -> DatagramFault {
        let occasions = Occasions { share: Some((share, seed)), ..Occasions::default() };
        DatagramFault { occasions, ..fault(effect) }
    }

    fn datagram() -> Datagram<'static> {
        let client = SocketAddr::from(([127, 0, 0, 7], 4000));
        Datagram { listener: LISTENER, client, direction: Direction::FromClients, length: 1200 }
    }

    fn with(faults: impl IntoIterator<Item = DatagramFault>) -> DatagramFaults {
        let table = DatagramFaults::default();
        for fault in faults {
            table.add(fault, Instant::now()).expect("room");
        }
        table
    }

    fn fates(faults: &DatagramFaults, count: usize) -> Vec<Fate> {
        (0..count).map(|_| faults.fate(&datagram(), Instant::now())).collect()
    }

    #[test]
    fn a_fault_is_for_the_datagrams_that_it_names() {
        let struck = |datagrams: Datagrams| {
            let faults = with([DatagramFault { datagrams, ..fault(DatagramEffect::Lose) }]);
            faults.fate(&datagram(), Instant::now()).is_lost
        };
        let all = Datagrams::default;
        assert!(struck(all()));
        assert!(struck(Datagrams { listener: Some(LISTENER.into()), ..all() }));
        assert!(!struck(Datagrams { listener: Some("lbl-2".into()), ..all() }));
        assert!(struck(Datagrams { client: "127.0.0.7".parse().map(Some).expect("a filter"), ..all() }));
        assert!(struck(Datagrams { client: "127.0.0.7:4000".parse().map(Some).expect("a filter"), ..all() }));
        assert!(!struck(Datagrams { client: "127.0.0.7:4001".parse().map(Some).expect("a filter"), ..all() }));
        assert!(!struck(Datagrams { client: "127.0.0.8".parse().map(Some).expect("a filter"), ..all() }));
        assert!(struck(Datagrams { direction: Some(Direction::FromClients), ..all() }));
        assert!(!struck(Datagrams { direction: Some(Direction::ToClients), ..all() }));
        assert!(struck(Datagrams { longer_than: Some(1199), ..all() }));
        assert!(!struck(Datagrams { longer_than: Some(1200), ..all() }));
    }

    #[test]
    fn faults_add_up_until_one_loses_the_datagram() {
        let by = Duration::from_millis(10);
        let delay = || fault(DatagramEffect::Delay { by, jitter: Duration::ZERO });
        let faults = with([delay(), fault(DatagramEffect::Duplicate(2)), delay(), fault(DatagramEffect::Reorder(3))]);
        let fate = faults.fate(&datagram(), Instant::now());
        assert_eq!(fate, Fate { copies: 2, delay: by * 2, behind: 3, ..Fate::default() });
        let faults = with([fault(DatagramEffect::Lose), delay()]);
        assert!(faults.fate(&datagram(), Instant::now()).is_lost);
        let matched: Vec<u64> = faults.list().iter().map(|it| it.tally.matched).collect();
        assert_eq!(matched, [1, 0], "later ones do not see what is lost");
    }

    #[test]
    fn the_same_seed_throws_the_same_dice() {
        let jitter = Duration::from_millis(30);
        let all = |seed| {
            with([
                share(DatagramEffect::Lose, 0.2, seed),
                share(DatagramEffect::Delay { by: Duration::ZERO, jitter }, 0.5, seed),
                share(DatagramEffect::Rebind, 0.1, seed),
            ])
        };
        let first = fates(&all(7), 1000);
        assert_eq!(fates(&all(7), 1000), first);
        assert_ne!(fates(&all(8), 1000), first);
        let lost = first.iter().filter(|fate| fate.is_lost).count();
        assert!((150..250).contains(&lost), "{lost}");
        assert!(first.iter().all(|fate| fate.delay < jitter));
        assert!(first.iter().any(|fate| fate.delay > jitter / 2) && first.iter().any(|fate| fate.rebind.is_some()));
    }

    #[test]
    fn a_fault_ends_when_its_time_is_over_or_its_count_is_reached() {
        let lasting = Some(Duration::from_secs(2));
        let faults = with([]);
        let start = Instant::now();
        faults.add(DatagramFault { lasting, ..fault(DatagramEffect::Lose) }, start).expect("room");
        assert!(faults.is_any() && faults.fate(&datagram(), start).is_lost);
        assert!(!faults.fate(&datagram(), start + Duration::from_secs(2)).is_lost);
        assert!(!faults.is_any(), "datagrams cost nothing again");

        let count = Some(1);
        let occasions = Occasions { count, ..Occasions::default() };
        let faults = with([DatagramFault { occasions, ..fault(DatagramEffect::Lose) }]);
        assert_eq!(fates(&faults, 2).iter().map(|fate| fate.is_lost).collect::<Vec<_>>(), [true, false]);
        assert!(!faults.is_any());
        assert_eq!(faults.clear(), 1, "it is still listed");
    }
}
