//! The simulator's clock: where the time of tasks, signatures and journals comes from. The model has none.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clb_model::time::Timestamp;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::reading(SystemTime::now)
    }

    /// A clock that tells what `now` gives.
    pub fn reading(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    pub fn system_time(&self) -> SystemTime {
        (self.0)()
    }

    /// The time as the model counts it; the epoch for times before it.
    pub fn now(&self) -> Timestamp {
        let since_epoch = self.system_time().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
