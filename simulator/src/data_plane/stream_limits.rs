//! What a client may not do with its streams: break off too many of them.
//!
//! Each stream costs a connection to a backend, so a client that opens and breaks off streams as fast as it can (as in
//! HTTP/2's "rapid reset") is cut off. How many may be open at a time is said by the transport parameters
//! ([`super::transport`]); one on which nobody ever says anything is ended by its bridge. All of this is our choice.

use std::time::Duration;

use tokio::time::Instant;

/// Streams that a client may break off at once.
const AT_ONCE: u32 = 1_000;
/// From then on it may break off one more each time this has passed: 33 in a second. Both are nghttp2's numbers.
const INTERVAL: Duration = Duration::from_nanos(1_000_000_000 / 33);

/// How many streams the client of one connection has broken off lately.
#[derive(Debug)]
pub struct BrokenOff {
    /// What it still has to wait until nothing is held against it any more, at `since`.
    debt: Duration,
    since: Instant,
}

impl BrokenOff {
    /// None yet.
    pub fn new(now: Instant) -> Self {
        Self { debt: Duration::ZERO, since: now }
    }

    /// Takes in one more. Says whether they are too many now.
    pub fn one_more(&mut self, now: Instant) -> bool {
        self.debt = self.debt.saturating_sub(now.saturating_duration_since(self.since)) + INTERVAL;
        self.since = now;
        self.debt > INTERVAL * AT_ONCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_at_once_and_thirty_three_a_second_are_allowed() {
        let start = Instant::now();
        let mut broken_off = BrokenOff::new(start);
        assert!((0..AT_ONCE).all(|_| !broken_off.one_more(start)));
        let second = |number| start + Duration::from_secs(number);
        for number in 1..100 {
            assert!((0..33).all(|_| !broken_off.one_more(second(number))), "in second {number}");
        }
        assert!((0..33).any(|_| broken_off.one_more(second(99))));
        let hour = second(3_600);
        assert!((0..AT_ONCE).all(|_| !broken_off.one_more(hour)), "what is long ago is forgotten");
        assert!(broken_off.one_more(hour));
    }
}
