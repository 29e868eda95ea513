//! How often an action is called: below the platform's limit, so that it refuses nobody.
//!
//! One bucket per action: a token comes back a while after it was spent. Other processes of the account share the limit and are not
//! known here; what the platform refuses for its rate all the same, the client repeats.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Tokens of an action. The platform allows an account 20 calls of one action per second (INTL, TKE); other actions' limits are
/// not established.
const TOKENS: usize = 18;
/// When a spent token is back: a second, and what calls may overtake each other on their way.
const BACK_AFTER: Duration = Duration::from_millis(1100);

/// The buckets.
#[derive(Debug, Default)]
pub struct Pace {
    /// One per action that was called: no more than there are actions.
    buckets: Mutex<HashMap<&'static str, Bucket>>,
}

impl Pace {
    /// Waits until the action may be called; first come, first served.
    pub async fn pass(&self, action: &'static str) {
        let at = {
            // A panic while it was held left the buckets whole.
            let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
            buckets.entry(action).or_default().spend(Instant::now())
        };
        if at > Instant::now() {
            sleep_until(at).await;
        }
    }
}

/// When the tokens of one action were spent, or will be; the oldest first, and no more than there are tokens.
#[derive(Debug, Default)]
struct Bucket {
    spent: VecDeque<Instant>,
}

impl Bucket {
    /// Spends a token: now, or as soon as there is one.
    fn spend(&mut self, now: Instant) -> Instant {
        let back = if self.spent.len() < TOKENS { None } else { self.spent.pop_front() };
        let at = back.map_or(now, |spent| now.max(spent + BACK_AFTER));
        self.spent.push_back(at);
        at
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{BACK_AFTER, Bucket, TOKENS};

    #[test]
    fn no_second_sees_more_calls_than_there_are_tokens() {
        let (mut bucket, start) = (Bucket::default(), Instant::now());
        let sent: Vec<Instant> = (0..100).map(|_| bucket.spend(start)).collect();
        assert_eq!(sent[..TOKENS], [start; TOKENS], "as many as there are tokens go at once");
        for at in &sent {
            let within = sent.iter().filter(|other| **other >= *at && **other - *at <= Duration::from_secs(1)).count();
            assert!(within <= TOKENS, "{within} calls in a second");
        }
    }

    #[test]
    fn those_who_call_seldom_never_wait() {
        let (mut bucket, start) = (Bucket::default(), Instant::now());
        for number in 0..100 {
            let now = start + BACK_AFTER * number / 10;
            assert_eq!(bucket.spend(now), now);
        }
        assert_eq!(bucket.spent.len(), TOKENS, "what is remembered is bounded");
    }
}
