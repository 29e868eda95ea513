//! The simulator's clock: where the time of tasks, certificates and journals comes from. The model has none.
//!
//! It tells the machine's time until it is frozen or put forward; whoever waits for a time is woken by that too.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clb_model::time::Timestamp;
use tokio::sync::watch;

/// The farthest that the clock can be put forward in all: seven thousand years, so that a year has four digits.
const FARTHEST: Duration = Duration::from_hours(7000 * 365 * 24);

/// Tells the time. Copies tell the same time.
#[derive(Clone)]
pub struct Clock(Arc<Shared>);

struct Shared {
    machine: Box<dyn Fn() -> SystemTime + Send + Sync>,
    setting: Mutex<Setting>,
    /// Sent when the setting changes.
    set: watch::Sender<()>,
}

/// How the clock stands to the machine's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Setting {
    /// The time it stands at, when it is frozen.
    frozen: Option<SystemTime>,
    /// How far it is ahead of the machine's while it runs.
    ahead: Duration,
}

/// How a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The time.
    pub now: SystemTime,
    /// Whether it stands still.
    pub frozen: bool,
    /// How far it has been put forward while it ran.
    pub ahead: Duration,
}

/// The clock cannot be put so far forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the clock cannot be put forward by more than {} days in all", FARTHEST.as_secs() / 86_400)]
pub struct TooFar;

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::reading(SystemTime::now)
    }

    /// A clock that takes `machine` for the machine's.
    pub fn reading(machine: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        let (machine, setting) = (Box::new(machine), Mutex::new(Setting::default()));
        Self(Arc::new(Shared { machine, setting, set: watch::Sender::new(()) }))
    }

    /// The time.
    pub fn system_time(&self) -> SystemTime {
        self.time_at(*self.setting())
    }

    /// The time as the model counts it; the epoch for times before it.
    pub fn now(&self) -> Timestamp {
        timestamp(self.system_time())
    }

    /// The machine's time, as the model counts it: that of clients when they sign.
    pub fn machine(&self) -> Timestamp {
        timestamp((self.0.machine)())
    }

    /// How it stands.
    pub fn read(&self) -> Reading {
        let setting = *self.setting();
        Reading { now: self.time_at(setting), frozen: setting.frozen.is_some(), ahead: setting.ahead }
    }

    /// Stands still from now on.
    pub fn freeze(&self) -> Reading {
        self.set(|setting, now| Setting { frozen: Some(setting.frozen.unwrap_or(now)), ..setting })
    }

    /// Is put forward, whether it stands still or runs.
    pub fn advance(&self, by: Duration) -> Result<Reading, TooFar> {
        if self.setting().ahead.checked_add(by).is_none_or(|ahead| ahead > FARTHEST) {
            return Err(TooFar);
        }
        Ok(self.set(|setting, _| Setting { frozen: setting.frozen.map(|at| at + by), ahead: setting.ahead + by }))
    }

    /// Tells the machine's time again, and goes on.
    pub fn resume(&self) -> Reading {
        self.set(|_, _| Setting::default())
    }

    /// Returns when it is that time, at once when it has been. While the clock stands still nothing but an advance or a
    /// resume brings the time nearer.
    pub async fn sleep_until(&self, at: Timestamp) {
        let mut set = self.0.set.subscribe();
        loop {
            set.mark_unchanged();
            let Reading { now, frozen, .. } = self.read();
            let missing = at.since(timestamp(now));
            if missing.is_zero() {
                return;
            }
            // The sender lives as long as this clock does.
            let changed = set.changed();
            if frozen {
                let _ = changed.await;
            } else {
                let _ = tokio::time::timeout(missing, changed).await;
            }
        }
    }

    fn set(&self, change: impl FnOnce(Setting, SystemTime) -> Setting) -> Reading {
        {
            let mut setting = self.setting();
            *setting = change(*setting, self.time_at(*setting));
        }
        self.0.set.send_replace(());
        self.read()
    }

    fn time_at(&self, setting: Setting) -> SystemTime {
        setting.frozen.unwrap_or_else(|| (self.0.machine)() + setting.ahead)
    }

    /// Nothing panics while it holds the lock.
    fn setting(&self) -> MutexGuard<'_, Setting> {
        self.0.setting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn timestamp(at: SystemTime) -> Timestamp {
    let since_epoch = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.read()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};
    use std::time::{Duration, UNIX_EPOCH};

    use clb_model::time::Timestamp;

    use super::{Clock, TooFar};

    const SECOND: Duration = Duration::from_secs(1);

    fn standing() -> Clock {
        let clock = Clock::reading(|| UNIX_EPOCH + SECOND);
        clock.freeze();
        clock
    }

    #[test]
    fn a_frozen_clock_moves_only_when_it_is_put_forward() {
        let clock = standing();
        assert_eq!(clock.advance(SECOND * 9).map(|read| (read.now, read.frozen)), Ok((UNIX_EPOCH + SECOND * 10, true)));
        assert_eq!(clock.freeze().now, UNIX_EPOCH + SECOND * 10, "it is frozen already");
        assert_eq!(clock.now(), Timestamp::from_unix_millis(10_000));
    }

    #[test]
    fn a_running_clock_can_be_put_forward_and_back_to_the_machine() {
        let clock = Clock::reading(|| UNIX_EPOCH);
        clock.advance(SECOND).expect("near");
        clock.advance(SECOND).expect("near");
        assert_eq!(
            (clock.read().now, clock.read().ahead, clock.read().frozen),
            (UNIX_EPOCH + SECOND * 2, SECOND * 2, false)
        );
        assert_eq!((clock.resume().now, clock.read().ahead), (UNIX_EPOCH, Duration::ZERO));
    }

    #[test]
    fn there_is_an_end_to_it() {
        let clock = Clock::reading(|| UNIX_EPOCH);
        assert_eq!(clock.advance(Duration::MAX), Err(TooFar));
        assert_eq!(clock.read().now, UNIX_EPOCH);
    }

    #[test]
    fn who_sleeps_is_woken_by_an_advance() {
        let clock = standing();
        let mut sleeping = pin!(clock.sleep_until(Timestamp::from_unix_millis(5000)));
        let mut poll = || sleeping.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(poll(), Poll::Pending);
        clock.advance(SECOND * 3).expect("near");
        assert_eq!(poll(), Poll::Pending, "a second is missing");
        clock.advance(SECOND).expect("near");
        assert_eq!(poll(), Poll::Ready(()));
    }
}
