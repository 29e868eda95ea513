//! Whether a listener takes one more connection: its own limits, and bounds that always hold.
//!
//! - A connection beyond `MaxConn`, or beyond `MaxCps` in any one second, is refused with CONNECTION_REFUSED. What the
//!   platform does then, and how it counts, is not documented; this is our choice.
//! - Past [`HALF_OPEN_BEFORE_RETRY`] handshakes a client must prove its address first (Retry), so that a flood from
//!   addresses that are not its own holds no more than that.
//! - Past [`MAX_HALF_OPEN`] the handshake that has waited longest gives way to the newest, once it has had [`ITS_TIME`]: a
//!   client that goes on is done within a few round trips, one that only holds a place is not. If none has had it, the
//!   newest is not answered; a client comes again by itself.
//!
//! Counting per client is not done here.

use std::collections::VecDeque;
use std::time::Duration;

use clb_model::forwarding::ConnectionLimits;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::counters::Refused;

/// Connections of one listener at a time, whatever its limits say. An idle one takes about 36 KiB (BENCHMARKS.md).
pub const MAX_CONNECTIONS: usize = 10_000;
/// Handshakes at a time before clients are asked to prove their address first (Retry); HAProxy's number.
pub const HALF_OPEN_BEFORE_RETRY: usize = 100;
/// Handshakes of one listener at a time.
pub const MAX_HALF_OPEN: usize = 1_000;
/// How long a handshake may keep its place, however many wait. Until [`super::connection`] gives it up, if none waits.
const ITS_TIME: Duration = Duration::from_secs(1);
/// What `MaxCps` counts in.
const SECOND: Duration = Duration::from_secs(1);

/// The limits of a listener and the second that ends now.
#[derive(Debug)]
pub struct Admission {
    limits: ConnectionLimits,
    /// When those of the last second were admitted, oldest first; at most `MaxCps`, and none without one.
    recent: VecDeque<Instant>,
}

impl Admission {
    /// Nothing has been admitted yet.
    pub fn new(limits: ConnectionLimits) -> Self {
        Self { limits, recent: VecDeque::new() }
    }

    /// New limits; what was admitted under the old ones still counts.
    pub fn update(&mut self, limits: ConnectionLimits) {
        self.limits = limits;
    }

    /// Whether a connection may come in at `now` beside `live` others, or why not. One that may is counted, one that
    /// may not is not. A handshake is a connection from its first packet on.
    pub fn admit(&mut self, now: Instant, live: usize) -> Result<(), Refused> {
        if live >= MAX_CONNECTIONS {
            return Err(Refused::Bound);
        }
        if self.limits.concurrent.is_some_and(|limit| live >= limit as usize) {
            return Err(Refused::MaxConn);
        }
        let Some(limit) = self.limits.new_per_second else {
            self.recent = VecDeque::new();
            return Ok(());
        };
        while self.recent.front().is_some_and(|then| now.duration_since(*then) >= SECOND) {
            self.recent.pop_front();
        }
        if self.recent.len() >= limit as usize {
            return Err(Refused::MaxCps);
        }
        self.recent.push_back(now);
        Ok(())
    }
}

/// The handshakes of a listener that are not completed.
#[derive(Debug, Default)]
pub struct HalfOpen {
    /// When each began, and whom to tell that it shall give way; oldest first. Those that are over may still be among
    /// them, as long as there are few.
    places: VecDeque<(Instant, oneshot::Sender<()>)>,
}

/// The place of one handshake; dropped when that is over.
#[derive(Debug)]
pub struct Place(oneshot::Receiver<()>);

impl HalfOpen {
    /// Whether there are so many that a client must prove its address.
    pub fn are_many(&mut self) -> bool {
        if self.places.len() >= HALF_OPEN_BEFORE_RETRY {
            self.places.retain(|(_, place)| !place.is_closed());
        }
        self.places.len() >= HALF_OPEN_BEFORE_RETRY
    }

    /// Whether there is a place for one more, or one that can be made.
    pub fn have_room(&self, now: Instant) -> bool {
        self.places.len() < MAX_HALF_OPEN
            || self.places.front().is_none_or(|(began, _)| now.duration_since(*began) >= ITS_TIME)
    }

    /// The place for one more; if there is none, the oldest gives way.
    pub fn enter(&mut self, now: Instant) -> Place {
        if self.places.len() >= MAX_HALF_OPEN {
            // An error says that it was over by itself.
            self.places.pop_front().map(|(_, oldest)| oldest.send(()));
        }
        let (give_way, asked) = oneshot::channel();
        self.places.push_back((now, give_way));
        Place(asked)
    }
}

impl Place {
    /// Ends when the place is needed for another.
    pub async fn needed(self) {
        if self.0.await.is_err() {
            // The listener admits nobody any more.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_concurrent_limit() {
        let mut admission = Admission::new(ConnectionLimits { concurrent: Some(2), new_per_second: None });
        let now = Instant::now();
        assert_eq!(admission.admit(now, 1), Ok(()));
        assert_eq!(admission.admit(now, 2), Err(Refused::MaxConn));
        admission.update(ConnectionLimits::default());
        assert_eq!(admission.admit(now, 2), Ok(()));
        assert_eq!(admission.admit(now, MAX_CONNECTIONS), Err(Refused::Bound), "it holds without a limit");
    }

    #[test]
    fn no_more_than_the_limit_in_any_one_second() {
        let limits = |new_per_second| ConnectionLimits { concurrent: None, new_per_second };
        let mut admission = Admission::new(limits(Some(2)));
        let start = Instant::now();
        let mut at = |millis| admission.admit(start + Duration::from_millis(millis), 0);
        assert_eq!(at(0), Ok(()));
        assert_eq!(at(900), Ok(()));
        assert_eq!(at(999), Err(Refused::MaxCps));
        assert_eq!(at(1_000), Ok(()), "the first is a second ago");
        assert_eq!(at(1_001), Err(Refused::MaxCps), "a new second does not bring two more");
        assert_eq!(at(1_899), Err(Refused::MaxCps), "those that were refused do not count");
        assert_eq!(at(1_900), Ok(()));
        admission.update(limits(None));
        for _ in 0..1_000 {
            assert_eq!(admission.admit(start, 0), Ok(()));
        }
        assert!(admission.recent.is_empty());
    }

    #[test]
    fn handshakes_that_are_over_do_not_count() {
        let mut half_open = HalfOpen::default();
        let now = Instant::now();
        for _ in 0..5 * MAX_HALF_OPEN {
            assert!(!half_open.are_many());
            drop(half_open.enter(now));
        }
        let open: Vec<Place> = (0..HALF_OPEN_BEFORE_RETRY).map(|_| half_open.enter(now)).collect();
        assert!(half_open.are_many());
        drop(open);
        assert!(!half_open.are_many());
    }

    #[test]
    fn the_one_that_has_waited_longest_gives_way_once_it_has_had_its_time() {
        let mut half_open = HalfOpen::default();
        let now = Instant::now();
        let mut open: VecDeque<Place> = (0..MAX_HALF_OPEN).map(|_| half_open.enter(now)).collect();
        assert!(open.iter_mut().all(|place| place.0.try_recv().is_err()));
        assert!(!half_open.have_room(now));
        let later = now + ITS_TIME;
        assert!(half_open.have_room(later));
        open.push_back(half_open.enter(later));
        assert_eq!(open.pop_front().expect("there").0.try_recv(), Ok(()));
        assert!(open.iter_mut().all(|place| place.0.try_recv().is_err()), "and no other");
        assert_eq!(half_open.places.len(), MAX_HALF_OPEN);
    }
}
