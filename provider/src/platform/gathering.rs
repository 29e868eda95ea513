//! How long a write waits for company. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// A write waits until nobody has come for this part of the time that it usually takes, or for so many times the longest gap
/// that was seen between two who came soon after each other: on a busy machine they come slowly.
const PART_OF_USUAL: u32 = 20;
const GAPS: u32 = 2;
/// But no shorter than this, and no longer.
const SHORTEST: Duration = Duration::from_millis(25);
const LONGEST: Duration = Duration::from_millis(250);
/// And in all no longer than so many times that.
const MOST: u32 = 10;

/// In what rhythm operations come.
#[derive(Debug, Default)]
pub struct Rhythm {
    last: Option<Instant>,
    gap: Duration,
}

impl Rhythm {
    /// Somebody comes who is about to write.
    pub fn come(&mut self, now: Instant) {
        let gap = self.last.map(|last| now.saturating_duration_since(last));
        // What comes later than that does not belong to those before.
        if let Some(gap) = gap.filter(|gap| *gap <= LONGEST) {
            self.gap = gap.max(self.gap * 15 / 16);
        }
        self.last = Some(now);
    }

    /// How long nobody may have come, and how long it may take in all, before a write goes that usually takes so long.
    pub fn patience(&self, usual: Duration) -> (Duration, Duration) {
        let quiet = (usual / PART_OF_USUAL).max(self.gap * GAPS).clamp(SHORTEST, LONGEST);
        (quiet, quiet * MOST)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{LONGEST, Rhythm, SHORTEST};

    #[test]
    fn a_long_write_waits_longer_than_a_short_one_and_never_long() {
        let rhythm = Rhythm::default();
        assert_eq!(rhythm.patience(Duration::ZERO).0, SHORTEST);
        assert_eq!(rhythm.patience(Duration::from_secs(1)).0, Duration::from_millis(50));
        assert_eq!(rhythm.patience(Duration::from_mins(1)), (LONGEST, LONGEST * 10));
    }

    #[test]
    fn those_who_come_slowly_are_waited_for_longer() {
        let (mut rhythm, mut now) = (Rhythm::default(), Instant::now());
        for _ in 0..3 {
            now += Duration::from_millis(60);
            rhythm.come(now);
        }
        assert_eq!(rhythm.patience(Duration::ZERO).0, Duration::from_millis(120));
        now += Duration::from_secs(5);
        rhythm.come(now);
        assert_eq!(rhythm.patience(Duration::ZERO).0, Duration::from_millis(120), "a pause is no rhythm");
        for _ in 0..100 {
            rhythm.come(now);
        }
        assert_eq!(rhythm.patience(Duration::ZERO).0, SHORTEST, "a faster rhythm takes its place");
    }
}
