//! What plans name by its id: whether it is there, and what a plan has to know of it. Asked about together, and once.
//!
//! Many plans are made at the same time and name the same few things. What has been seen is remembered for the life of the
//! process, which is one command of Terraform; if it goes away meanwhile, the platform refuses the write that names it. What is
//! missing is looked for again.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::sync::{Mutex, PoisonError};

use clb_cloud_api::CallError;

/// What became of an id that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting<T> {
    /// It is there.
    Seen(T),
    /// It certainly is not.
    Missing,
    /// The platform does not tell these credentials.
    Untold,
}

/// Things of one kind.
#[derive(Debug)]
pub(super) struct Sightings<T> {
    /// Ids that somebody waits to ask about: those of the plans under way, which Terraform bounds.
    wanted: Mutex<BTreeSet<String>>,
    /// What has been seen: no more than configurations name.
    seen: tokio::sync::Mutex<HashMap<String, T>>,
}

impl<T> Default for Sightings<T> {
    fn default() -> Self {
        Self { wanted: Mutex::default(), seen: tokio::sync::Mutex::default() }
    }
}

impl<T: Clone> Sightings<T> {
    /// Looks for ids. `ask` is called with at most `at_once` of them, also with those of others who wait, and gives what it
    /// found; `None` when the platform does not tell.
    pub(super) async fn look<F>(
        &self,
        ids: &[String],
        at_once: usize,
        ask: impl Fn(Vec<String>) -> F,
    ) -> Result<Vec<(String, Sighting<T>)>, CallError>
    where
        F: Future<Output = Result<Option<Vec<(String, T)>>, CallError>>,
    {
        self.wanted().extend(ids.iter().cloned());
        let mut seen = self.seen.lock().await;
        let mut new = std::mem::take(&mut *self.wanted());
        new.extend(ids.iter().cloned());
        let new: Vec<String> = new.into_iter().filter(|id| !seen.contains_key(id)).collect();
        let mut untold = BTreeSet::new();
        for some in new.chunks(at_once) {
            match ask(some.to_vec()).await? {
                Some(found) => seen.extend(found),
                None => untold.extend(some),
            }
        }
        let sighting = |id: &String| match seen.get(id) {
            Some(found) => Sighting::Seen(found.clone()),
            None if untold.contains(id) => Sighting::Untold,
            None => Sighting::Missing,
        };
        Ok(ids.iter().map(|id| (id.clone(), sighting(id))).collect())
    }

    fn wanted(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::{Sighting, Sightings};

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[tokio::test]
    async fn those_who_wait_are_asked_for_together_and_nothing_is_asked_twice() {
        let (sightings, calls) = (Sightings::<usize>::default(), AtomicUsize::new(0));
        let ask = |ids: Vec<String>| {
            calls.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::task::yield_now().await;
                Ok(Some(ids.into_iter().map(|id| (id.clone(), id.len())).collect()))
            }
        };
        let plans = (0..10).map(|number| ids(&["shared", &format!("own-{number}")]));
        let looked = join_all(plans.map(|ids| {
            let (sightings, ask) = (&sightings, &ask);
            async move { sightings.look(&ids, 100, ask).await.expect("answered") }
        }))
        .await;
        assert!(looked.iter().all(|seen| seen[0] == ("shared".to_owned(), Sighting::Seen(6))));
        assert_eq!(calls.load(Ordering::Relaxed), 2, "one for who came first, and one for all who came meanwhile");
        sightings.look(&ids(&["shared", "own-3"]), 100, ask).await.expect("answered");
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_call_takes_no_more_than_the_platform_allows_and_what_is_missing_is_looked_for_again() {
        let (sightings, calls) = (Sightings::<()>::default(), AtomicUsize::new(0));
        let nothing = |ids: Vec<String>| {
            assert!(ids.len() <= 2);
            calls.fetch_add(1, Ordering::Relaxed);
            async { Ok(Some(Vec::new())) }
        };
        for round in 1..=2 {
            let looked = sightings.look(&ids(&["a", "b", "c"]), 2, nothing).await.expect("answered");
            assert!(looked.iter().all(|(_, sighting)| *sighting == Sighting::Missing));
            assert_eq!(calls.load(Ordering::Relaxed), 2 * round);
        }
    }

    #[tokio::test]
    async fn what_the_platform_does_not_tell_is_not_taken_for_missing() {
        let sightings = Sightings::<()>::default();
        let looked = sightings.look(&ids(&["a"]), 1, |_| async { Ok(None) }).await.expect("answered");
        assert_eq!(looked, [("a".to_owned(), Sighting::Untold)]);
    }
}
