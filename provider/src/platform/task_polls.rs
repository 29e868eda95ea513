//! When to ask whether a task is done: as seldom as its end is still seen soon. Pure.

use std::time::Duration;

/// Questions to a task never follow each other faster, nor slower than this.
const SHORTEST_GAP: Duration = Duration::from_millis(20);
const LONGEST_GAP: Duration = Duration::from_secs(2);

/// The questions to one task: the first when such a task is usually done, and then in growing gaps.
#[derive(Clone, Copy, Debug)]
pub struct TaskPolls {
    usual: Duration,
    gap: Duration,
    running_at: Duration,
}

impl TaskPolls {
    /// For a task that usually takes so long: zero when that is not known, for a simulated task is done at once.
    pub fn new(usual: Duration) -> Self {
        Self { usual, gap: (usual / 16).clamp(SHORTEST_GAP, LONGEST_GAP), running_at: Duration::ZERO }
    }

    /// How long to wait before the first question.
    pub fn first(self) -> Duration {
        self.usual
    }

    /// How long to wait before the next, when the task was still running after this time.
    pub fn next(&mut self, elapsed: Duration) -> Duration {
        let gap = self.gap;
        self.gap = (gap * 2).min(LONGEST_GAP);
        self.running_at = elapsed;
        gap
    }

    /// How long such a task usually takes, now that one was found done after this time: between the last question and this one.
    /// One that was done at the first question may have been done long before.
    pub fn learned(self, elapsed: Duration) -> Duration {
        let running = if self.running_at.is_zero() { elapsed.min(self.usual) * 7 / 8 } else { self.running_at };
        (running + elapsed) / 2
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::TaskPolls;

    /// Questions to a task that takes so long, when the end was seen, and what is usual from then on.
    fn follow(usual: Duration, takes: Duration) -> (u32, Duration, Duration) {
        let mut polls = TaskPolls::new(usual);
        let (mut asked, mut elapsed) = (1, polls.first());
        while elapsed < takes {
            elapsed += polls.next(elapsed);
            asked += 1;
        }
        (asked, elapsed, polls.learned(elapsed))
    }

    #[test]
    fn a_task_that_is_done_at_once_is_asked_once_and_at_once() {
        assert_eq!(follow(Duration::ZERO, Duration::ZERO), (1, Duration::ZERO, Duration::ZERO));
    }

    #[test]
    fn a_task_of_unknown_length_is_asked_in_growing_gaps() {
        let (asked, seen, _) = follow(Duration::ZERO, Duration::from_secs(1));
        assert!(asked <= 8 && seen <= Duration::from_secs(2), "{asked} questions, seen after {seen:?}");
        let (asked, seen, _) = follow(Duration::ZERO, Duration::from_mins(1));
        assert!(asked <= 40 && seen <= Duration::from_secs(62), "{asked} questions, seen after {seen:?}");
    }

    #[test]
    fn tasks_that_take_as_long_as_usual_are_asked_once_or_twice() {
        let takes = Duration::from_secs(1);
        let (mut usual, mut all) = (Duration::ZERO, 0);
        for _ in 0..20 {
            let (asked, seen, learned) = follow(usual, takes);
            assert!(usual.is_zero() || seen <= takes * 5 / 4, "seen after {seen:?}, usual was {usual:?}");
            (usual, all) = (learned, all + asked);
        }
        assert!(all <= 20 * 3, "{all} questions for 20 tasks");
    }

    #[test]
    fn what_was_learned_from_a_slow_task_is_forgotten_again() {
        let mut usual = Duration::from_mins(1);
        for _ in 0..100 {
            usual = follow(usual, Duration::from_millis(100)).2;
        }
        assert!(usual <= Duration::from_millis(200), "{usual:?}");
    }
}
