//! Places for connections: how many there may be, and who makes us wait. Sockets are not here.
//!
//! A connection waits for its client (for a request, or for an answer to be taken) or works for it. When all places are
//! taken the one that has waited longest is given up, so clients that only hold connections cannot keep others out. One
//! that works is never given up.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

/// All places.
#[derive(Debug)]
pub struct Places {
    most: usize,
    taken: Mutex<Taken>,
    /// One is given back, or begins to wait.
    changed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    places: BTreeMap<u64, Arc<Place>>,
}

/// What is known of a connection.
#[derive(Debug)]
pub struct Place {
    waiting_since: Mutex<Option<Instant>>,
    given_up: Notify,
    changed: Arc<Notify>,
}

/// A place that is given back when this is dropped.
#[derive(Debug)]
pub struct Held {
    places: Arc<Places>,
    number: u64,
    place: Arc<Place>,
}

impl Places {
    /// So many places, at least one.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most: most.max(1), taken: Mutex::default(), changed: Arc::default() })
    }

    /// A place for a connection; when all are taken, that of the one that has waited longest. Waits while all of them work.
    pub async fn take(self: &Arc<Self>) -> Held {
        loop {
            let changed = self.changed.notified();
            if let Some(held) = self.try_take() {
                return held;
            }
            changed.await;
        }
    }

    fn try_take(self: &Arc<Self>) -> Option<Held> {
        let mut taken = lock(&self.taken);
        if taken.places.len() >= self.most {
            let waiting = taken.places.iter().filter_map(|(number, place)| Some((place.waiting_since()?, *number)));
            let (_, longest) = waiting.min()?;
            if let Some(place) = taken.places.remove(&longest) {
                place.given_up.notify_one();
            }
        }
        let number = taken.next;
        taken.next += 1;
        let place = Arc::new(Place {
            waiting_since: Mutex::new(Some(Instant::now())),
            given_up: Notify::new(),
            changed: Arc::clone(&self.changed),
        });
        taken.places.insert(number, Arc::clone(&place));
        Some(Held { places: Arc::clone(self), number, place })
    }
}

impl Place {
    /// Since when the connection has waited for its client; `None` while it works.
    pub fn waiting_since(&self) -> Option<Instant> {
        *lock(&self.waiting_since)
    }

    /// The connection works for its client.
    pub fn work(&self) {
        *lock(&self.waiting_since) = None;
    }

    /// The connection waits for its client, from now on.
    pub fn wait(&self) {
        *lock(&self.waiting_since) = Some(Instant::now());
        self.changed.notify_one();
    }

    /// Ends when the place has been given to another.
    pub async fn given_up(&self) {
        self.given_up.notified().await;
    }
}

impl Held {
    /// What is known of the connection.
    pub fn place(&self) -> &Arc<Place> {
        &self.place
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        lock(&self.places.taken).places.remove(&self.number);
        self.places.changed.notify_one();
    }
}

/// Nothing that is kept can be left half-written, so a poisoned lock is still good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Places;

    #[tokio::test]
    async fn the_one_that_waits_longest_is_given_up_and_never_one_that_works() {
        let places = Places::new(2);
        let (working, waiting) = (places.take().await, places.take().await);
        working.place().work();
        let third = places.take().await;
        waiting.place().given_up().await;
        drop(waiting);
        third.place().work();
        assert!(places.try_take().is_none(), "all work");
        working.place().wait();
        let fourth = places.take().await;
        working.place().given_up().await;
        drop((third, fourth));
    }

    #[tokio::test]
    async fn whoever_needs_a_place_is_given_that_of_the_first_that_begins_to_wait() {
        let places = Places::new(1);
        let first = places.take().await;
        first.place().work();
        let next = tokio::spawn({
            let places = Arc::clone(&places);
            async move { places.take().await }
        });
        tokio::task::yield_now().await;
        first.place().wait();
        next.await.expect("no panic");
        first.place().given_up().await;
    }

    #[tokio::test]
    async fn a_place_that_is_given_back_is_taken_by_the_next() {
        let places = Places::new(1);
        let first = places.take().await;
        first.place().work();
        let next = tokio::spawn({
            let places = Arc::clone(&places);
            async move { places.take().await }
        });
        drop(first);
        next.await.expect("no panic");
    }
}
