//! Rate limits: how often an account may call an action. The platform's default is 20 times a second (INTL; TKE); here
//! there is none until one is set.
//!
//! One token bucket per account and action, on the simulator's clock: a second's worth may come at once.

use std::collections::BTreeMap;

use clb_model::time::Timestamp;

/// The most buckets that are kept. A bucket that is full again says nothing and goes first.
const MOST_BUCKETS: usize = 10_000;
/// The most accounts with a limit of their own.
const MOST_ACCOUNTS: usize = 10_000;
/// A call, in thousandths: a bucket of limit n gains n thousandths of a call per millisecond.
const CALL: u64 = 1000;

/// The platform's default, calls per second of one account and action.
pub const PLATFORM_DEFAULT: u32 = 20;

/// Which calls are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Counted {
    account: String,
    service: String,
    action: String,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Thousandths of calls that are left.
    left: u64,
    at: Timestamp,
}

/// The limits, and what has been called lately.
#[derive(Clone, Debug, Default)]
pub struct RateLimits {
    default: Option<u32>,
    by_account: BTreeMap<String, Option<u32>>,
    buckets: BTreeMap<Counted, Bucket>,
}

/// A call too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the account calls this action more than {limit} times a second")]
pub struct RateLimited {
    /// Calls per second.
    pub limit: u32,
}

impl RateLimits {
    /// No limits but this one for every account.
    pub fn new(default: Option<u32>) -> Self {
        Self { default, ..Self::default() }
    }

    /// Sets an account's limit, or that of accounts without one of their own; `None` is no limit. False when there are
    /// too many accounts with a limit of their own.
    pub fn set(&mut self, account: Option<&str>, limit: Option<u32>) -> bool {
        match account {
            None => self.default = limit,
            Some(account) => {
                if self.by_account.len() >= MOST_ACCOUNTS && !self.by_account.contains_key(account) {
                    return false;
                }
                self.by_account.insert(account.to_owned(), limit);
            }
        }
        self.buckets.clear();
        true
    }

    /// The default, and the accounts with limits of their own.
    pub fn view(&self) -> (Option<u32>, impl Iterator<Item = (&str, Option<u32>)>) {
        (self.default, self.by_account.iter().map(|(account, limit)| (account.as_str(), *limit)))
    }

    /// Counts a call, unless it is one too many.
    pub fn count(&mut self, account: &str, service: &str, action: &str, now: Timestamp) -> Result<(), RateLimited> {
        let Some(limit) = self.by_account.get(account).copied().unwrap_or(self.default) else { return Ok(()) };
        let counted = Counted { account: account.into(), service: service.into(), action: action.into() };
        if self.buckets.len() >= MOST_BUCKETS && !self.buckets.contains_key(&counted) {
            self.make_room(now);
        }
        let full = u64::from(limit) * CALL;
        let bucket = self.buckets.entry(counted).or_insert(Bucket { left: full, at: now });
        bucket.left = bucket.filled(limit, now);
        // A clock that was put back starts the second anew.
        bucket.at = now;
        match bucket.left.checked_sub(CALL) {
            Some(left) => {
                bucket.left = left;
                Ok(())
            }
            None => Err(RateLimited { limit }),
        }
    }

    /// Forgets the buckets that say nothing; all, when every one says something.
    fn make_room(&mut self, now: Timestamp) {
        let Self { default, by_account, buckets } = self;
        buckets.retain(|counted, bucket| {
            let limit = by_account.get(&counted.account).copied().unwrap_or(*default);
            limit.is_some_and(|limit| bucket.filled(limit, now) < u64::from(limit) * CALL)
        });
        if buckets.len() >= MOST_BUCKETS {
            buckets.clear();
        }
    }
}

impl Bucket {
    fn filled(&self, limit: u32, now: Timestamp) -> u64 {
        let since = u64::try_from(now.since(self.at).as_millis()).unwrap_or(u64::MAX);
        since.saturating_mul(u64::from(limit)).saturating_add(self.left).min(u64::from(limit) * CALL)
    }
}

#[cfg(test)]
mod tests {
    use clb_model::time::Timestamp;

    use super::{MOST_BUCKETS, RateLimited, RateLimits};

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_unix_millis(millis)
    }

    fn calls(limits: &mut RateLimits, action: &str, now: u64, count: usize) -> usize {
        (0..count).filter(|_| limits.count("demo", "clb", action, at(now)).is_ok()).count()
    }

    #[test]
    fn there_is_no_limit_until_one_is_set() {
        assert_eq!(calls(&mut RateLimits::default(), "CreateListener", 0, 1000), 1000);
    }

    #[test]
    fn a_second_has_as_many_calls_as_the_limit_and_they_come_back_one_by_one() {
        let mut limits = RateLimits::new(Some(20));
        assert_eq!(calls(&mut limits, "CreateListener", 1000, 30), 20);
        assert_eq!(calls(&mut limits, "CreateListener", 1049, 30), 0);
        assert_eq!(calls(&mut limits, "CreateListener", 1050, 30), 1);
        assert_eq!(calls(&mut limits, "CreateListener", 9000, 30), 20, "no more than a second is saved up");
    }

    #[test]
    fn actions_and_accounts_are_counted_apart() {
        let mut limits = RateLimits::new(Some(1));
        assert_eq!((calls(&mut limits, "CreateListener", 0, 2), calls(&mut limits, "DeleteListener", 0, 2)), (1, 1));
        assert!(limits.count("other", "clb", "CreateListener", at(0)).is_ok());
        assert!(limits.set(Some("demo"), None));
        assert_eq!(calls(&mut limits, "CreateListener", 0, 9), 9);
        limits.set(Some("demo"), Some(0));
        assert_eq!(limits.count("demo", "clb", "CreateListener", at(0)), Err(RateLimited { limit: 0 }));
    }

    #[test]
    fn memory_is_bounded() {
        let mut limits = RateLimits::new(Some(20));
        for number in 0..=MOST_BUCKETS {
            let _ = limits.count("demo", "clb", &number.to_string(), at(0));
        }
        assert!(limits.buckets.len() <= MOST_BUCKETS);
    }
}
