//! The passive check: backends that have failed several times in a row are left out for a while.
//!
//! The platform has it for TCP SSL listeners ("3 consecutive failures block a backend for 10 s", INTL 214/6097); QUIC is
//! not named there. Here it can be switched on for QUIC listeners, by the same numbers (our choice). It is a listener's
//! own memory: health checks, and what DescribeTargetHealth says, know nothing of it. What a failure is, and what is done
//! if every backend is blocked, is decided by who asks.

use std::collections::BTreeMap;
use std::time::Duration;

use clb_model::forwarding::{Backend, BackendAddress};
use tokio::time::Instant;

/// Failures in a row that block a backend.
const FAILURES: u32 = 3;
/// For how long.
const BLOCKED: Duration = Duration::from_secs(10);

/// The backends of one listener that have failed lately.
#[derive(Debug, Default)]
pub struct PassiveCheck {
    marks: BTreeMap<BackendAddress, Mark>,
}

#[derive(Debug)]
enum Mark {
    /// So many times in a row.
    Failed(u32),
    BlockedUntil(Instant),
}

impl PassiveCheck {
    /// A backend did not take a connection. While it is blocked, that changes nothing.
    pub fn failed(&mut self, now: Instant, address: BackendAddress) {
        let mark = self.marks.entry(address).or_insert(Mark::Failed(0));
        let before = match mark {
            Mark::Failed(times) => *times,
            Mark::BlockedUntil(end) if now < *end => return,
            Mark::BlockedUntil(_) => 0,
        };
        let times = before + 1;
        *mark = if times < FAILURES { Mark::Failed(times) } else { Mark::BlockedUntil(now + BLOCKED) };
    }

    /// A backend took a connection: nothing is held against it.
    pub fn passed(&mut self, address: BackendAddress) {
        self.marks.remove(&address);
    }

    /// Whether a backend is blocked.
    pub fn is_blocked(&self, now: Instant, address: BackendAddress) -> bool {
        matches!(self.marks.get(&address), Some(Mark::BlockedUntil(end)) if now < *end)
    }

    /// Those that are blocked.
    pub fn blocked(&self, now: Instant) -> impl Iterator<Item = BackendAddress> {
        self.marks.keys().copied().filter(move |address| self.is_blocked(now, *address))
    }

    /// Forgets those that are not bound any more.
    pub fn update(&mut self, bound: &[Backend]) {
        self.marks.retain(|address, _| bound.iter().any(|backend| backend.address == *address));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backend(port: u16) -> Backend {
        Backend { address: BackendAddress { ip: [10, 0, 0, 1].into(), port }, weight: 1, eligible: true }
    }

    fn blocked(check: &PassiveCheck, now: Instant) -> Vec<u16> {
        check.blocked(now).map(|address| address.port).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn three_failures_in_a_row_block_a_backend_for_ten_seconds() {
        let (one, two) = (backend(1).address, backend(2).address);
        let mut check = PassiveCheck::default();
        for _ in 0..2 {
            check.failed(Instant::now(), one);
            check.failed(Instant::now(), two);
        }
        check.passed(two);
        check.failed(Instant::now(), two);
        assert!(blocked(&check, Instant::now()).is_empty());
        check.failed(Instant::now(), one);
        assert_eq!(blocked(&check, Instant::now()), [1], "the other one's were not in a row");
        tokio::time::advance(Duration::from_millis(9_999)).await;
        check.failed(Instant::now(), one);
        assert!(check.is_blocked(Instant::now(), one));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!check.is_blocked(Instant::now(), one), "a failure while it is blocked adds nothing");
        for _ in 0..2 {
            check.failed(Instant::now(), one);
        }
        assert!(blocked(&check, Instant::now()).is_empty(), "they count anew");
        check.failed(Instant::now(), one);
        assert_eq!(blocked(&check, Instant::now()), [1]);
        check.passed(one);
        assert!(blocked(&check, Instant::now()).is_empty(), "one that was tried all the same and answers is back");
    }

    #[test]
    fn what_is_not_bound_is_forgotten() {
        let mut check = PassiveCheck::default();
        let now = Instant::now();
        for port in 0..100 {
            for _ in 0..3 {
                check.failed(now, backend(port).address);
            }
        }
        check.update(&[backend(1), backend(200)]);
        assert_eq!(blocked(&check, now), [1]);
        assert_eq!(check.marks.len(), 1);
    }
}
