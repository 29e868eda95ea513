//! Whether a listener takes one more connection: its own limits, and a bound that always holds.
//!
//! A connection that is not admitted is refused with CONNECTION_REFUSED. What the platform does when `MaxConn` or
//! `MaxCps` is exceeded is not documented; this is our choice. Counting per client is not done here.

use std::time::Duration;

use clb_model::forwarding::ConnectionLimits;
use tokio::time::Instant;

use super::counters::Refused;

/// Connections of one listener at a time, whatever its limits say. An idle one takes about 40 KiB.
pub const MAX_CONNECTIONS: usize = 10_000;

/// The limits of a listener and the second that is being counted.
#[derive(Debug)]
pub struct Admission {
    limits: ConnectionLimits,
    since: Option<Instant>,
    admitted: u32,
}

impl Admission {
    /// Nothing has been admitted yet.
    pub fn new(limits: ConnectionLimits) -> Self {
        Self { limits, since: None, admitted: 0 }
    }

    /// New limits; the second that is being counted goes on.
    pub fn update(&mut self, limits: ConnectionLimits) {
        self.limits = limits;
    }

    /// Whether a connection may come in at `now` beside `live` others, or why not. One that may is counted.
    pub fn admit(&mut self, now: Instant, live: usize) -> Result<(), Refused> {
        if live >= MAX_CONNECTIONS {
            return Err(Refused::Bound);
        }
        if self.limits.concurrent.is_some_and(|limit| live >= limit as usize) {
            return Err(Refused::MaxConn);
        }
        if self.since.is_none_or(|since| now.duration_since(since) >= Duration::from_secs(1)) {
            self.since = Some(now);
            self.admitted = 0;
        }
        if self.limits.new_per_second.is_some_and(|limit| self.admitted >= limit) {
            return Err(Refused::MaxCps);
        }
        self.admitted = self.admitted.saturating_add(1);
        Ok(())
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
    fn no_more_than_the_limit_in_one_second() {
        let mut admission = Admission::new(ConnectionLimits { concurrent: None, new_per_second: Some(2) });
        let start = Instant::now();
        assert_eq!(admission.admit(start, 0), Ok(()));
        assert_eq!(admission.admit(start, 0), Ok(()));
        assert_eq!(admission.admit(start + Duration::from_millis(999), 0), Err(Refused::MaxCps));
        assert_eq!(admission.admit(start + Duration::from_secs(1), 0), Ok(()));
    }
}
