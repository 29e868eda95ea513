//! The order of writes: one after the other on each load balancer, side by side on different ones.
//!
//! It keeps this process from meeting its own tasks as `ResourceInOperating`; those of others are [`super::Turn`]'s topic.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

type Line = Arc<tokio::sync::Mutex<()>>;

/// The lines of writers, one per load balancer.
#[derive(Debug, Default)]
pub struct WriteQueue {
    /// Holds no more lines than there are operations under way, plus those that ended since the last one came.
    lines: Mutex<HashMap<String, Line>>,
}

/// A place at the head of a line, until it is dropped.
#[derive(Debug)]
pub struct Place {
    _guard: OwnedMutexGuard<()>,
}

impl WriteQueue {
    /// Waits for the place at the head of the load balancer's line; first come, first served.
    pub async fn place(&self, load_balancer_id: &str) -> Place {
        let line = self.line(load_balancer_id);
        Place { _guard: line.lock_owned().await }
    }

    fn line(&self, load_balancer_id: &str) -> Line {
        // A panic while it was held left the map whole.
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|_, line| Arc::strong_count(line) > 1);
        Arc::clone(lines.entry(load_balancer_id.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use futures_util::poll;

    use super::WriteQueue;

    #[tokio::test]
    async fn writers_of_one_load_balancer_are_served_in_the_order_they_came() {
        let queue = Arc::new(WriteQueue::default());
        let first = queue.place("lb-1").await;
        let served = Arc::new(Mutex::new(Vec::new()));
        let mut writers = Vec::new();
        for number in 0..5 {
            let (queue, served) = (Arc::clone(&queue), Arc::clone(&served));
            let mut writer = Box::pin(async move {
                let _place = queue.place("lb-1").await;
                served.lock().expect("no writer panics").push(number);
            });
            assert!(poll!(&mut writer).is_pending(), "the line is not free");
            writers.push(writer);
        }
        drop(first);
        for writer in writers.into_iter().rev() {
            tokio::spawn(writer);
        }
        let _last = queue.place("lb-1").await;
        assert_eq!(*served.lock().expect("no writer panics"), [0, 1, 2, 3, 4]);
    }

    #[tokio::test]
    async fn different_load_balancers_do_not_wait_for_each_other() {
        let queue = WriteQueue::default();
        let _one = queue.place("lb-1").await;
        let _other = queue.place("lb-2").await;
    }

    #[tokio::test]
    async fn lines_without_writers_are_forgotten() {
        let queue = WriteQueue::default();
        for number in 0..100 {
            drop(queue.place(&format!("lb-{number}")).await);
        }
        assert_eq!(queue.lines.lock().expect("no writer panics").len(), 1);
    }
}
