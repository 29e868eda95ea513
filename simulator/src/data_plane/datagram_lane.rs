//! Datagrams of one direction that are held back, in the order in which they are due.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use quinn::udp::EcnCodepoint;
use tokio::time::Instant;

use crate::faults::datagrams::Fate;

/// Most bytes held back in one direction of a listener.
pub const MOST_HELD: usize = 8 << 20;
/// What a held datagram counts beside its bytes.
const OVERHEAD: usize = 128;
/// How long a datagram waits for later ones to pass it. With none it is late, and no more.
pub const WAIT_TO_BE_PASSED: Duration = Duration::from_millis(100);

/// A datagram on its way.
#[derive(Clone, Debug)]
pub struct Held {
    /// What is in it.
    pub bytes: Box<[u8]>,
    /// The client: as it is seen on the way in, as it is on the way out.
    pub peer: SocketAddr,
    /// The load balancer's address.
    pub local: Option<IpAddr>,
    /// Its marks of congestion.
    pub ecn: Option<EcnCodepoint>,
}

/// When it is due, and its number, for those that are due at the same time.
type Place = (Instant, u64);

/// Datagrams in the order in which they are due.
#[derive(Debug, Default)]
pub struct Lane {
    held: BTreeMap<Place, Held>,
    bytes: usize,
    newest: u64,
    behind: Vec<Behind>,
}

/// One that waits until others have passed it.
#[derive(Debug)]
struct Behind {
    place: Place,
    peer: SocketAddr,
    left: u32,
}

impl Lane {
    /// Takes in a datagram with that fate. Gives how many did not fit, of it and its copies.
    pub fn put(&mut self, now: Instant, fate: &Fate, datagram: &Held) -> u64 {
        if fate.is_lost {
            return 0;
        }
        let mut due = now + fate.delay;
        if fate.behind > 0 {
            due += WAIT_TO_BE_PASSED;
        }
        let mut overflowed = 0;
        for _ in 0..=fate.copies {
            let size = datagram.bytes.len() + OVERHEAD;
            if self.bytes + size > MOST_HELD {
                overflowed += 1;
                continue;
            }
            let place = self.insert(due, datagram.clone());
            if fate.behind > 0 {
                self.behind.push(Behind { place, peer: datagram.peer, left: fate.behind });
            }
        }
        if fate.behind == 0 {
            self.pass(due, datagram.peer);
        }
        overflowed
    }

    /// Puts one back that could not be sent: it is the first again.
    pub fn put_back(&mut self, now: Instant, datagram: Held) {
        self.bytes += datagram.bytes.len() + OVERHEAD;
        // Numbers begin at 1, and only one is ever put back at a time.
        let first = self.earliest().map_or(now, |earliest| earliest.min(now));
        self.held.insert((first, 0), datagram);
    }

    /// When the next is due.
    pub fn earliest(&self) -> Option<Instant> {
        self.held.first_key_value().map(|((due, _), _)| *due)
    }

    /// The next that is due by now.
    pub fn due(&mut self, now: Instant) -> Option<Held> {
        let first = self.held.first_entry().filter(|first| first.key().0 <= now)?;
        let (place, held) = first.remove_entry();
        self.bytes -= held.bytes.len() + OVERHEAD;
        self.behind.retain(|it| it.place != place);
        Some(held)
    }

    fn insert(&mut self, due: Instant, datagram: Held) -> Place {
        self.newest += 1;
        self.bytes += datagram.bytes.len() + OVERHEAD;
        self.held.insert((due, self.newest), datagram);
        (due, self.newest)
    }

    /// One of that client has passed, and is due then: those that have waited for it follow it.
    fn pass(&mut self, due: Instant, peer: SocketAddr) {
        for it in self.behind.iter_mut().filter(|it| it.peer == peer) {
            it.left -= 1;
        }
        for Behind { place, .. } in self.behind.extract_if(.., |it| it.left == 0) {
            if let Some(held) = self.held.remove(&place) {
                self.newest += 1;
                self.held.insert((due, self.newest), held);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(number: u8) -> Held {
        Held { bytes: Box::new([number]), peer: ([127, 0, 0, 1], 4000).into(), local: None, ecn: None }
    }

    fn out(lane: &mut Lane, now: Instant) -> Vec<u8> {
        std::iter::from_fn(|| lane.due(now)).map(|held| held.bytes[0]).collect()
    }

    #[test]
    fn what_is_not_held_back_keeps_its_order() {
        let (mut lane, now) = (Lane::default(), Instant::now());
        for number in 1..=3 {
            assert_eq!(lane.put(now, &Fate::default(), &datagram(number)), 0);
        }
        assert_eq!(out(&mut lane, now), [1, 2, 3]);
        assert_eq!((lane.bytes, lane.earliest()), (0, None));
    }

    #[test]
    fn copies_follow_and_lost_ones_do_not() {
        let (mut lane, now) = (Lane::default(), Instant::now());
        lane.put(now, &Fate { copies: 2, ..Fate::default() }, &datagram(1));
        lane.put(now, &Fate { is_lost: true, ..Fate::default() }, &datagram(2));
        assert_eq!(out(&mut lane, now), [1, 1, 1]);
    }

    #[test]
    fn a_delayed_one_is_due_when_its_time_has_come() {
        let (mut lane, now) = (Lane::default(), Instant::now());
        let delay = Duration::from_millis(5);
        lane.put(now, &Fate { delay, ..Fate::default() }, &datagram(1));
        lane.put(now, &Fate::default(), &datagram(2));
        assert_eq!(out(&mut lane, now), [2]);
        assert_eq!(lane.earliest(), Some(now + delay));
        assert_eq!(out(&mut lane, now + delay), [1]);
    }

    #[test]
    fn as_many_as_were_asked_for_pass_one_that_waits() {
        let (mut lane, now) = (Lane::default(), Instant::now());
        lane.put(now, &Fate { behind: 2, ..Fate::default() }, &datagram(1));
        let other = Held { peer: ([127, 0, 0, 2], 4000).into(), ..datagram(9) };
        lane.put(now, &Fate::default(), &other);
        for number in 2..=4 {
            lane.put(now, &Fate::default(), &datagram(number));
        }
        assert_eq!(out(&mut lane, now), [9, 2, 3, 1, 4], "those of another client do not count");

        lane.put(now, &Fate { behind: 1, ..Fate::default() }, &datagram(5));
        assert!(out(&mut lane, now).is_empty());
        assert_eq!(out(&mut lane, now + WAIT_TO_BE_PASSED), [5], "nobody came");
        assert!(lane.behind.is_empty());
    }

    #[test]
    fn one_that_could_not_be_sent_is_the_first_again() {
        let (mut lane, now) = (Lane::default(), Instant::now());
        lane.put(now, &Fate::default(), &datagram(1));
        lane.put(now, &Fate::default(), &datagram(2));
        let first = lane.due(now).expect("one is due");
        lane.put_back(now, first);
        assert_eq!(out(&mut lane, now), [1, 2]);
        assert_eq!(lane.bytes, 0);
    }

    #[test]
    fn what_is_held_back_is_bounded() {
        let (mut lane, now) = (Lane::default(), Instant::now());
        let delay = Duration::from_secs(1);
        let large = Held { bytes: vec![0; 60_000].into(), ..datagram(0) };
        let overflowed: u64 = (0..200).map(|_| lane.put(now, &Fate { delay, ..Fate::default() }, &large)).sum();
        assert!(overflowed > 0 && lane.bytes <= MOST_HELD);
        assert_eq!(lane.held.len() as u64 + overflowed, 200);
    }
}
