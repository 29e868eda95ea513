//! A question that many have at once, or soon after each other: it is asked once for all of them.
//!
//! What is asked, and what the answer means, is [`super::reads`]' topic.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clb_cloud_api::CallError;
use tokio::time::Instant;

/// How old an answer may be to count as recent. Terraform itself looks at one thing after the other: what it refreshes first is as
/// old when it is done.
const RECENT: Duration = Duration::from_secs(2);

/// How old an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Of a call that was sent after it was asked for: for those who are about to write, or have just written.
    Now,
    /// Of a call that was sent within the last seconds, if this process has not written since: for looking around.
    Recent,
}

/// One question, about many things by name.
#[derive(Debug)]
pub struct SharedRead<T> {
    /// One per name that is being asked about, or was until recently.
    flights: Mutex<HashMap<String, Arc<Flight<T>>>>,
    sharing: bool,
}

/// The calls about one thing, numbered from 1: one at a time.
#[derive(Debug)]
struct Flight<T> {
    numbers: Mutex<Numbers>,
    last: tokio::sync::Mutex<Option<Landed<T>>>,
}

#[derive(Debug, Default)]
struct Numbers {
    /// The newest call that has started.
    newest: u64,
    /// The newest whose answer does not count as recent any more.
    forgotten: u64,
}

#[derive(Debug)]
struct Landed<T> {
    number: u64,
    asked: Instant,
    answer: Result<Arc<T>, CallError>,
}

impl<T> SharedRead<T> {
    /// With or without sharing; without, everyone asks alone.
    pub fn new(sharing: bool) -> Self {
        Self { flights: Mutex::default(), sharing }
    }

    /// The answer to the question about this name. While a call is on its way, those who come wait for the next one and share its
    /// answer, unless they are content with a recent one.
    pub async fn ask(
        &self,
        name: &str,
        age: Age,
        question: impl Future<Output = Result<T, CallError>>,
    ) -> Result<Arc<T>, CallError> {
        if !self.sharing {
            return question.await.map(Arc::new);
        }
        let flight = self.flight(name);
        let before = flight.numbers().newest;
        let mut last = flight.last.lock().await;
        if let Some(landed) = last.as_ref() {
            let is_recent = || landed.is_recent() && landed.number > flight.numbers().forgotten;
            if landed.number > before || age == Age::Recent && is_recent() {
                return landed.answer.clone();
            }
        }
        let (number, asked) = (flight.start(), Instant::now());
        let answer = question.await.map(Arc::new);
        *last = Some(Landed { number, asked, answer: answer.clone() });
        answer
    }

    /// What was asked about this name until now is not recent any more.
    pub fn forget(&self, name: &str) {
        if let Some(flight) = self.flights().get(name) {
            let mut numbers = flight.numbers();
            numbers.forgotten = numbers.newest;
        }
    }

    fn flight(&self, name: &str) -> Arc<Flight<T>> {
        let mut flights = self.flights();
        flights.retain(|_, flight| Arc::strong_count(flight) > 1 || flight.is_recent());
        Arc::clone(flights.entry(name.to_owned()).or_insert_with(|| Arc::new(Flight::new())))
    }

    /// A panic while it was held left the map whole.
    fn flights(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Flight<T>>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Flight<T> {
    fn new() -> Self {
        Self { numbers: Mutex::default(), last: tokio::sync::Mutex::new(None) }
    }

    fn numbers(&self) -> std::sync::MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self) -> u64 {
        let mut numbers = self.numbers();
        numbers.newest += 1;
        numbers.newest
    }

    fn is_recent(&self) -> bool {
        self.last.try_lock().is_ok_and(|last| last.as_ref().is_some_and(Landed::is_recent))
    }
}

impl<T> Landed<T> {
    fn is_recent(&self) -> bool {
        self.answer.is_ok() && self.asked.elapsed() < RECENT
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use futures_util::future::join_all;
    use tokio::sync::oneshot;
    use tokio::time::advance;

    use super::{Age, SharedRead};

    #[tokio::test]
    async fn those_who_ask_while_a_call_is_on_its_way_share_the_next_one() {
        let (reads, calls) = (SharedRead::<u8>::new(true), AtomicUsize::new(0));
        let (release, released) = oneshot::channel::<()>();
        let first = reads.ask("lb-1", Age::Now, async {
            calls.fetch_add(1, Ordering::Relaxed);
            released.await.expect("the test releases it");
            Ok(1)
        });
        let later = (0..10).map(|_| {
            reads.ask("lb-1", Age::Now, async {
                calls.fetch_add(1, Ordering::Relaxed);
                Ok(2)
            })
        });
        let later = async {
            let later = join_all(later);
            release.send(()).expect("the first call waits");
            later.await
        };
        let (first, later) = futures_util::join!(first, later);
        assert_eq!(*first.expect("answered"), 1);
        assert!(later.into_iter().all(|answer| *answer.expect("answered") == 2), "nobody gets the earlier answer");
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn one_after_the_other_everyone_asks_anew() {
        let reads = SharedRead::<usize>::new(true);
        for number in 0..3 {
            assert_eq!(*reads.ask("lb-1", Age::Now, async { Ok(number) }).await.expect("answered"), number);
        }
    }

    #[tokio::test]
    async fn different_names_do_not_share() {
        let reads = SharedRead::<u8>::new(true);
        let (one, other) = futures_util::join!(
            reads.ask("lb-1", Age::Recent, async { Ok(1) }),
            reads.ask("lb-2", Age::Recent, async { Ok(2) })
        );
        assert_eq!((*one.expect("answered"), *other.expect("answered")), (1, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_recent_answer_does_for_those_who_look_around_until_something_was_written() {
        let reads = SharedRead::<u8>::new(true);
        let ask = async |age, now| *reads.ask("lb-1", age, async { Ok(now) }).await.expect("answered");
        assert_eq!(ask(Age::Recent, 1).await, 1);
        assert_eq!(ask(Age::Recent, 2).await, 1, "it is a moment old");
        assert_eq!(ask(Age::Now, 3).await, 3, "those who write ask anew");
        assert_eq!(ask(Age::Recent, 4).await, 3);
        reads.forget("lb-1");
        assert_eq!(ask(Age::Recent, 5).await, 5, "it was written to");
        advance(Duration::from_secs(3)).await;
        assert_eq!(ask(Age::Recent, 6).await, 6, "it was seconds ago");
    }

    #[tokio::test]
    async fn what_is_not_asked_any_more_is_forgotten() {
        let reads = SharedRead::<u8>::new(true);
        for number in 0..100 {
            let failed = clb_cloud_api::CallError::Request { action: "DescribeListeners", detail: String::new() };
            let _ = reads.ask(&format!("lb-{number}"), Age::Now, async { Err(failed) }).await;
        }
        assert_eq!(reads.flights().len(), 1);
    }

    #[tokio::test]
    async fn without_sharing_everyone_asks_alone() {
        let reads = SharedRead::<u8>::new(false);
        for number in 0..3 {
            assert_eq!(*reads.ask("lb-1", Age::Recent, async { Ok(number) }).await.expect("answered"), number);
        }
    }
}
