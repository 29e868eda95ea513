//! The call journal: a bounded record of the calls of the cloud API, and counts of actions that are not served.
//!
//! It remembers names and codes, never arguments: those may be secret.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// How many different unknown actions are counted; further names are not.
const UNKNOWN_ACTIONS: usize = 256;
/// The longest text kept of what a client sends.
const LONGEST_TEXT: usize = 100;

/// The newest calls, up to a capacity.
#[derive(Debug)]
pub struct CallJournal {
    capacity: usize,
    calls: Mutex<Calls>,
}

#[derive(Debug, Default)]
struct Calls {
    newest: VecDeque<CallRecord>,
    total: u64,
    unknown: BTreeMap<(String, String), u64>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// Counts up from 1.
    pub number: u64,
    /// When it was answered.
    pub at: SystemTime,
    /// The id it was given.
    pub request_id: String,
    /// Whose it was; empty when the signature was not accepted.
    pub account: String,
    /// Such as `clb`; empty when it could not be told.
    pub service: String,
    /// Such as `CreateListener`.
    pub action: String,
    /// Such as `ap-guangzhou`; may be empty.
    pub region: String,
    /// The code of the error that was answered; empty for a success.
    pub error_code: String,
}

impl CallJournal {
    /// An empty journal that remembers up to `capacity` calls.
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), calls: Mutex::default() }
    }

    /// Remembers a call; gives it its number.
    pub fn add(&self, record: CallRecord) {
        let mut calls = self.lock();
        calls.total += 1;
        let record = CallRecord {
            number: calls.total,
            service: shortened(&record.service),
            action: shortened(&record.action),
            region: shortened(&record.region),
            ..record
        };
        if calls.newest.len() == self.capacity {
            calls.newest.pop_front();
        }
        calls.newest.push_back(record);
    }

    /// Counts an action that is not served.
    pub fn count_unknown(&self, service: &str, action: &str) {
        let mut calls = self.lock();
        let name = (shortened(service), shortened(action));
        if calls.unknown.len() < UNKNOWN_ACTIONS || calls.unknown.contains_key(&name) {
            *calls.unknown.entry(name).or_default() += 1;
        }
    }

    /// The calls remembered, oldest first, and how many there were in all.
    pub fn list(&self) -> (Vec<CallRecord>, u64) {
        let calls = self.lock();
        (calls.newest.iter().cloned().collect(), calls.total)
    }

    /// How many calls there were in all.
    pub fn total(&self) -> u64 {
        self.lock().total
    }

    /// Service and action of what was asked for and is not served, and how often.
    pub fn unknown_actions(&self) -> Vec<(String, String, u64)> {
        let calls = self.lock();
        calls.unknown.iter().map(|((service, action), count)| (service.clone(), action.clone(), *count)).collect()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.lock() = Calls::default();
    }

    /// Nothing that is kept can be left half-written, so a poisoned lock is still good.
    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::{CallJournal, CallRecord, UNKNOWN_ACTIONS};

    fn call(action: &str) -> CallRecord {
        CallRecord {
            number: 0,
            at: SystemTime::UNIX_EPOCH,
            request_id: String::new(),
            account: String::new(),
            service: "clb".into(),
            action: action.into(),
            region: String::new(),
            error_code: String::new(),
        }
    }

    #[test]
    fn only_the_newest_calls_are_remembered_and_all_are_counted() {
        let journal = CallJournal::new(2);
        for action in ["A", "B", "C"] {
            journal.add(call(action));
        }
        let (calls, total) = journal.list();
        let names: Vec<(u64, &str)> = calls.iter().map(|call| (call.number, call.action.as_str())).collect();
        assert_eq!((names, total), (vec![(2, "B"), (3, "C")], 3));
    }

    #[test]
    fn unknown_actions_are_counted_and_bounded() {
        let journal = CallJournal::new(1);
        for number in 0..UNKNOWN_ACTIONS + 10 {
            journal.count_unknown("clb", &format!("Action{number}"));
        }
        journal.count_unknown("clb", "Action0");
        let unknown = journal.unknown_actions();
        assert_eq!(unknown.len(), UNKNOWN_ACTIONS);
        assert!(unknown.contains(&("clb".into(), "Action0".into(), 2)));
    }
}
