//! Who is changing what: a backend of a listener has one writer at a time, so that what it has read of it stays true until it
//! has written.
//!
//! Only what this process does is known here. In which order writes go out is [`super::line`]'s topic.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// What is being changed.
#[derive(Debug)]
pub struct Claims {
    /// No more than there are operations under way.
    held: Mutex<Vec<Held>>,
    given_back: watch::Sender<()>,
}

#[derive(Debug)]
struct Held {
    number: u64,
    what: Claimed,
}

/// What somebody wants to change.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The load balancer.
    pub load_balancer_id: String,
    /// Its listener.
    pub listener_id: String,
    /// Some of its backends, by name and port; `None` for all of them, whatever they are.
    pub backends: Option<BTreeSet<String>>,
}

/// The right to change it, until it is dropped.
#[derive(Debug)]
pub struct Claim<'a> {
    claims: &'a Claims,
    number: u64,
}

impl Default for Claims {
    fn default() -> Self {
        Self { held: Mutex::default(), given_back: watch::Sender::new(()) }
    }
}

impl Claims {
    /// Waits until nobody else is changing any of it.
    pub async fn take(&self, what: Claimed) -> Claim<'_> {
        let mut given_back = self.given_back.subscribe();
        loop {
            if let Some(claim) = self.try_take(&what) {
                return claim;
            }
            // The sender is not dropped before `self` is.
            let _ = given_back.changed().await;
        }
    }

    /// How many hold a claim on something of a load balancer.
    pub fn count(&self, load_balancer_id: &str) -> usize {
        self.held().iter().filter(|held| held.what.load_balancer_id == load_balancer_id).count()
    }

    fn try_take(&self, what: &Claimed) -> Option<Claim<'_>> {
        let mut held = self.held();
        if held.iter().any(|held| held.what.meets(what)) {
            return None;
        }
        let number = held.last().map_or(0, |last| last.number + 1);
        held.push(Held { number, what: what.clone() });
        Some(Claim { claims: self, number })
    }

    /// A panic while it was held left the list whole.
    fn held(&self) -> std::sync::MutexGuard<'_, Vec<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.claims.held().retain(|held| held.number != self.number);
        self.claims.given_back.send_replace(());
    }
}

impl Claimed {
    fn meets(&self, other: &Self) -> bool {
        let overlap = match (&self.backends, &other.backends) {
            (Some(own), Some(others)) => !own.is_disjoint(others),
            _ => true,
        };
        self.listener_id == other.listener_id && overlap
    }
}

#[cfg(test)]
mod tests {
    use futures_util::poll;

    use super::{Claimed, Claims};

    fn some(listener: &str, backends: &[&str]) -> Claimed {
        let backends = Some(backends.iter().map(|name| (*name).to_owned()).collect());
        Claimed { load_balancer_id: "lb-1".to_owned(), listener_id: listener.to_owned(), backends }
    }

    fn all(listener: &str) -> Claimed {
        Claimed { load_balancer_id: "lb-1".to_owned(), listener_id: listener.to_owned(), backends: None }
    }

    #[tokio::test]
    async fn different_backends_are_changed_side_by_side() {
        let claims = Claims::default();
        let _one = claims.take(some("lbl-1", &["ins-1:80"])).await;
        let _other = claims.take(some("lbl-1", &["ins-1:81", "ins-2:80"])).await;
        let elsewhere = claims.take(all("lbl-2")).await;
        assert_eq!((claims.count("lb-1"), claims.count("lb-2")), (3, 0));
        drop(elsewhere);
        assert_eq!(claims.count("lb-1"), 2);
    }

    #[tokio::test]
    async fn the_same_backend_is_changed_by_one_at_a_time() {
        let claims = Claims::default();
        let first = claims.take(some("lbl-1", &["ins-1:80", "ins-2:80"])).await;
        let mut second = Box::pin(claims.take(some("lbl-1", &["ins-2:80", "ins-3:80"])));
        assert!(poll!(&mut second).is_pending());
        let third = claims.take(some("lbl-1", &["ins-3:80"])).await;
        drop(first);
        assert!(poll!(&mut second).is_pending(), "all of it or nothing");
        drop(third);
        second.await;
    }

    #[tokio::test]
    async fn whoever_claims_a_whole_listener_is_alone_on_it() {
        let claims = Claims::default();
        let all_of_it = claims.take(all("lbl-1")).await;
        let mut one = Box::pin(claims.take(some("lbl-1", &["ins-1:80"])));
        assert!(poll!(&mut one).is_pending());
        drop(all_of_it);
        let _one = one.await;
        assert!(poll!(Box::pin(claims.take(all("lbl-1")))).is_pending());
    }
}
