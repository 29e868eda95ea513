//! The call journal: a bounded record of the calls of the cloud API, and counts of what was asked for and is not
//! simulated.
//!
//! It remembers requests and replies without their secrets, and only so much of each. It does not decide anything, and
//! nothing that answers a call reads it.

mod redaction;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::watch;

use crate::faults::fits;

/// How many different things that are not simulated are counted; further ones are not.
const NOT_SIMULATED: usize = 512;
/// How many different answers to actions are counted each by itself; further ones are counted together.
const ANSWERS: usize = 1_000;
/// The longest name kept of what a client sends, in characters.
const LONGEST_NAME: usize = 100;
/// The most bytes kept of a request, and of a reply.
const LONGEST_TEXT: usize = 8 * 1024;
/// The most bytes of requests and replies kept in all; the oldest calls are forgotten first.
const TEXTS: usize = 8 * 1024 * 1024;

/// The newest calls, up to a capacity.
#[derive(Debug)]
pub struct CallJournal {
    capacity: usize,
    calls: Mutex<Calls>,
    /// The number of the newest call.
    newest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Calls {
    kept: VecDeque<Arc<CallRecord>>,
    texts: usize,
    total: u64,
    forgotten: u64,
    not_simulated: BTreeMap<NotSimulated, u64>,
    answers: BTreeMap<Answer, u64>,
}

/// What a call was answered with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    /// Such as `clb`; empty when it could not be told.
    pub service: String,
    /// Such as `CreateListener`; `other` for what is counted together.
    pub action: String,
    /// The code of the error; empty for a success.
    pub code: String,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// Counts up from 1; the journal gives it.
    pub number: u64,
    /// When it came.
    pub at: SystemTime,
    /// How long its answer took.
    pub took: Duration,
    /// The id it was given.
    pub request_id: String,
    /// Whose it was; empty when the signature was not accepted.
    pub account: String,
    /// The secret id it was signed with, whether that was accepted or not.
    pub secret_id: String,
    /// What the client calls itself (`X-TC-RequestClient`).
    pub client: String,
    /// Where it came from.
    pub peer: Option<SocketAddr>,
    /// Such as `clb`; empty when it could not be told.
    pub service: String,
    /// Such as `CreateListener`.
    pub action: String,
    /// Such as `ap-guangzhou`; may be empty.
    pub region: String,
    /// The arguments.
    pub request: Text,
    /// The answer's body.
    pub reply: Text,
    /// The answer's status of HTTP; 0 when there was no answer.
    pub status: u16,
    /// The code of the error that was answered; empty for a success.
    pub error_code: String,
    /// The id of the rule that said no, when one did.
    pub rule: &'static str,
    /// The fault that struck it, and what that did.
    pub fault: Option<(u64, &'static str)>,
}

/// A text of which only the beginning is kept, and no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// What is kept.
    pub kept: String,
    /// How many bytes there were.
    pub bytes: usize,
}

impl Text {
    /// What is kept of a JSON text.
    pub fn of(json: &[u8]) -> Self {
        let beginning = String::from_utf8_lossy(&json[..json.len().min(LONGEST_TEXT)]);
        Self { kept: redaction::redacted(&beginning), bytes: json.len() }
    }
}

/// Something that was asked for and is not simulated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotSimulated {
    /// Such as `clb`.
    pub service: String,
    /// The action.
    pub action: String,
    /// The argument of it; empty when it is the action.
    pub argument: String,
    /// The rule that said no.
    pub rule: &'static str,
}

/// Which calls to list; what is empty lists all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Such as `clb`.
    pub service: String,
    /// An action's name, or its beginning and `*`.
    pub action: String,
    /// The account's name.
    pub world: String,
    /// Only those that were answered with an error or not at all.
    pub failed: bool,
    /// Only those with a greater number.
    pub after: u64,
}

/// A part of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallPage {
    /// The calls, oldest first.
    pub calls: Vec<Arc<CallRecord>>,
    /// How many calls there were in all.
    pub total: u64,
    /// How many of them are forgotten.
    pub forgotten: u64,
}

/// A call that is being answered. It is remembered when this goes, however the answering ends.
#[derive(Debug)]
pub struct Recording<'a> {
    /// Where it will be remembered.
    pub journal: &'a CallJournal,
    /// What is known of it so far.
    pub record: CallRecord,
    began: Instant,
}

impl<'a> Recording<'a> {
    /// The answering begins.
    pub fn new(journal: &'a CallJournal, record: CallRecord) -> Self {
        Self { journal, record, began: Instant::now() }
    }
}

impl Drop for Recording<'_> {
    fn drop(&mut self) {
        self.record.took = self.began.elapsed();
        let nothing = CallRecord::new(self.record.at, String::new());
        self.journal.add(std::mem::replace(&mut self.record, nothing));
    }
}

impl CallRecord {
    /// A call that has just come, of which no more is known.
    pub fn new(at: SystemTime, request_id: String) -> Self {
        Self {
            number: 0,
            at,
            took: Duration::ZERO,
            request_id,
            account: String::new(),
            secret_id: String::new(),
            client: String::new(),
            peer: None,
            service: String::new(),
            action: String::new(),
            region: String::new(),
            request: Text::default(),
            reply: Text::default(),
            status: 0,
            error_code: String::new(),
            rule: "",
            fault: None,
        }
    }

    fn texts(&self) -> usize {
        self.request.kept.len() + self.reply.kept.len()
    }

    fn failed(&self) -> bool {
        self.status != 200 || !self.error_code.is_empty()
    }
}

impl CallFilter {
    fn lets_pass(&self, call: &CallRecord) -> bool {
        let is = |wanted: &str, given: &str| wanted.is_empty() || wanted == given;
        call.number > self.after
            && is(&self.service, &call.service)
            && (self.action.is_empty() || fits(&self.action, &call.action))
            && is(&self.world, &call.account)
            && (!self.failed || call.failed())
    }
}

impl CallJournal {
    /// An empty journal that remembers up to `capacity` calls.
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), calls: Mutex::default(), newest: watch::Sender::new(0) }
    }

    /// Remembers a call; gives it its number.
    pub fn add(&self, record: CallRecord) {
        let mut calls = self.lock();
        calls.total += 1;
        let record = CallRecord {
            number: calls.total,
            secret_id: shortened(&record.secret_id),
            client: shortened(&record.client),
            service: shortened(&record.service),
            action: shortened(&record.action),
            region: shortened(&record.region),
            ..record
        };
        calls.count_answer(&record);
        calls.texts += record.texts();
        calls.kept.push_back(Arc::new(record));
        while calls.kept.len() > self.capacity || (calls.texts > TEXTS && calls.kept.len() > 1) {
            let oldest = calls.kept.pop_front();
            calls.texts -= oldest.map_or(0, |oldest| oldest.texts());
            calls.forgotten += 1;
        }
        let newest = calls.total;
        drop(calls);
        self.newest.send_if_modified(|known| std::mem::replace(known, newest.max(*known)) < newest);
    }

    /// Counts something that was asked for and is not simulated.
    pub fn count_not_simulated(&self, what: &NotSimulated) {
        let mut calls = self.lock();
        let what = NotSimulated {
            service: shortened(&what.service),
            action: shortened(&what.action),
            argument: shortened(&what.argument),
            rule: what.rule,
        };
        if calls.not_simulated.len() < NOT_SIMULATED || calls.not_simulated.contains_key(&what) {
            *calls.not_simulated.entry(what).or_default() += 1;
        }
    }

    /// The calls that pass the filter, oldest first; of more than `most` only the newest.
    pub fn list(&self, filter: &CallFilter, most: usize) -> CallPage {
        let calls = self.lock();
        let passing = calls.kept.iter().rev().filter(|call| filter.lets_pass(call)).take(most);
        let mut newest_first: Vec<Arc<CallRecord>> = passing.cloned().collect();
        newest_first.reverse();
        CallPage { calls: newest_first, total: calls.total, forgotten: calls.forgotten }
    }

    /// The number of the newest call; wait for its change, then [`CallJournal::list`].
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// How many calls there were in all.
    pub fn total(&self) -> u64 {
        self.lock().total
    }

    /// What was asked for and is not simulated, and how often.
    pub fn not_simulated(&self) -> Vec<(NotSimulated, u64)> {
        self.lock().not_simulated.iter().map(|(what, count)| (what.clone(), *count)).collect()
    }

    /// How many calls were answered with what, since the beginning.
    pub fn counts(&self) -> Vec<(Answer, u64)> {
        self.lock().answers.iter().map(|(answer, count)| (answer.clone(), *count)).collect()
    }

    /// Forgets every call and what was not simulated. Numbers go on, so that one who follows misses nothing and sees
    /// nothing twice, and so do the counts of answers.
    pub fn clear(&self) {
        let mut calls = self.lock();
        let (total, answers) = (calls.total, std::mem::take(&mut calls.answers));
        *calls = Calls { total, forgotten: total, answers, ..Calls::default() };
    }

    /// Nothing that is kept can be left half-written, so a poisoned lock is still good.
    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    fn count_answer(&mut self, record: &CallRecord) {
        let CallRecord { service, action, error_code: code, .. } = record;
        let answer = Answer { service: service.clone(), action: action.clone(), code: code.clone() };
        let known = self.answers.len() < ANSWERS || self.answers.contains_key(&answer);
        let other = || Answer { service: String::new(), action: "other".to_owned(), code: String::new() };
        *self.answers.entry(if known { answer } else { other() }).or_default() += 1;
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_NAME).collect()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::{
        CallFilter, CallJournal, CallPage, CallRecord, LONGEST_TEXT, NOT_SIMULATED, NotSimulated, TEXTS, Text,
    };

    fn call(action: &str) -> CallRecord {
        CallRecord {
            service: "clb".into(),
            action: action.into(),
            status: 200,
            ..CallRecord::new(SystemTime::UNIX_EPOCH, String::new())
        }
    }

    fn names(page: &CallPage) -> Vec<(u64, &str)> {
        page.calls.iter().map(|call| (call.number, call.action.as_str())).collect()
    }

    #[test]
    fn only_the_newest_calls_are_remembered_and_all_are_counted() {
        let journal = CallJournal::new(2);
        for action in ["A", "B", "C"] {
            journal.add(call(action));
        }
        let page = journal.list(&CallFilter::default(), 10);
        assert_eq!((names(&page), page.total, page.forgotten), (vec![(2, "B"), (3, "C")], 3, 1));
        journal.clear();
        journal.add(call("D"));
        assert_eq!(names(&journal.list(&CallFilter::default(), 10)), [(4, "D")]);
    }

    #[test]
    fn calls_are_chosen_by_name_world_failure_and_number() {
        let journal = CallJournal::new(10);
        journal.add(CallRecord { account: "demo".into(), ..call("CreateListener") });
        journal.add(CallRecord { account: "other".into(), ..call("CreateLoadBalancer") });
        journal.add(CallRecord { error_code: "InternalError".into(), ..call("DeleteListener") });
        let listed = |filter: CallFilter| journal.list(&filter, 2).calls.iter().map(|it| it.number).collect::<Vec<_>>();
        assert_eq!(listed(CallFilter::default()), [2, 3], "of three only the newest two");
        assert_eq!(listed(CallFilter { action: "Create*".into(), ..CallFilter::default() }), [1, 2]);
        assert_eq!(listed(CallFilter { action: "CreateListener".into(), ..CallFilter::default() }), [1]);
        assert_eq!(listed(CallFilter { world: "other".into(), ..CallFilter::default() }), [2]);
        assert_eq!(listed(CallFilter { failed: true, ..CallFilter::default() }), [3]);
        assert_eq!(listed(CallFilter { after: 2, ..CallFilter::default() }), [3]);
        assert_eq!(listed(CallFilter { service: "vpc".into(), ..CallFilter::default() }), [0; 0]);
    }

    #[test]
    fn texts_are_bounded_each_and_in_all() {
        let text = Text::of("é".repeat(LONGEST_TEXT).as_bytes());
        assert_eq!((text.kept.len(), text.bytes), (LONGEST_TEXT, 2 * LONGEST_TEXT));
        let journal = CallJournal::new(usize::MAX);
        for _ in 0..2 * TEXTS / LONGEST_TEXT {
            journal.add(CallRecord { reply: text.clone(), ..call("A") });
        }
        assert_eq!(journal.list(&CallFilter::default(), usize::MAX).calls.len(), TEXTS / LONGEST_TEXT);
    }

    #[test]
    fn what_is_not_simulated_is_counted_and_bounded() {
        let what = |number: usize| NotSimulated {
            service: "clb".into(),
            action: format!("Action{number}"),
            argument: String::new(),
            rule: "rule",
        };
        let journal = CallJournal::new(1);
        for number in 0..NOT_SIMULATED + 10 {
            journal.count_not_simulated(&what(number));
        }
        journal.count_not_simulated(&what(0));
        let counted = journal.not_simulated();
        assert_eq!(counted.len(), NOT_SIMULATED);
        assert!(counted.contains(&(what(0), 2)));
    }
}
