//! The line of those who want to write to one load balancer: one write at a time, and what fits together goes out together.
//!
//! The platform runs one task at a time on each load balancer and refuses other writes meanwhile. So whoever comes while a write
//! is under way waits; when it is over, the first in line goes and takes along all who [fit](super::batch). This keeps this
//! process from meeting its own tasks as `ResourceInOperating`; for those of others, what was refused is offered again.
//!
//! A line is driven by a task of its own while somebody stands in it, so that a write is seen to its end whatever becomes of those
//! who wait for it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clb_cloud_api::clb::{BatchDeregisterTargetsReply, BatchRegisterTargetsReply};
use clb_cloud_api::{Answered, ApiError, CallError, TaskError};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep, timeout_at};

use super::batch::{Answer, Part, Request, Share, is_to_blame, may_be_of_one, shares};
use super::claims::{Claim, Claimed, Claims};
use super::connection::Connection;
use super::gathering::Rhythm;
use crate::errors::Failure;

/// The pause before a busy load balancer is asked again: it doubles from the first to the longest. How often it is asked is for
/// the `timeouts` of the resource to say.
const FIRST_BUSY_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_BUSY_PAUSE: Duration = Duration::from_secs(3);

/// The pauses between the offers of one write.
#[derive(Debug)]
pub struct BusyPauses {
    next: Duration,
}

impl Default for BusyPauses {
    fn default() -> Self {
        Self { next: FIRST_BUSY_PAUSE }
    }
}

impl BusyPauses {
    /// How long to wait this time.
    pub fn next(&mut self) -> Duration {
        let longer = (self.next * 2).min(LONGEST_BUSY_PAUSE);
        std::mem::replace(&mut self.next, longer)
    }
}

/// The lines, one per load balancer.
#[derive(Debug)]
pub struct Lines {
    connection: Arc<Connection>,
    crowd: Arc<Crowd>,
    /// No more than there are operations under way, plus those that ended since the last one came.
    by_load_balancer: Mutex<HashMap<String, Arc<Line>>>,
}

/// Those who are about to stand in a line.
#[derive(Debug, Default)]
struct Crowd {
    claims: Claims,
    rhythm: Mutex<Rhythm>,
}

#[derive(Debug)]
struct Line {
    load_balancer_id: String,
    connection: Arc<Connection>,
    crowd: Arc<Crowd>,
    waiting: Mutex<Waiting>,
    /// How many have come.
    arrivals: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// First come, first served. No more than there are operations under way.
    entries: VecDeque<Entry>,
    is_driven: bool,
}

#[derive(Debug)]
enum Entry {
    /// Somebody who wants to be alone with the load balancer.
    Alone(oneshot::Sender<Place>),
    /// A write that may go out with others.
    Write(Write),
}

/// The place at the head of a line, until it is dropped.
#[derive(Debug)]
pub struct Place {
    connection: Arc<Connection>,
    load_balancer_id: String,
    _left: oneshot::Sender<()>,
}

/// One part, and those who wait for it.
#[derive(Debug)]
struct Write {
    part: Part,
    stage: Arc<Mutex<Stage>>,
    accepted: Option<oneshot::Sender<Result<Accepted, Failure>>>,
    done: oneshot::Sender<Result<(), Failure>>,
}

/// How far a write has come. Why it was refused the last time is kept when that was for being busy.
#[derive(Debug)]
enum Stage {
    /// It can still be taken back.
    Waiting(Option<CallError>),
    /// It is under way, or over.
    Sent,
    /// It is under way, and not to be sent again.
    Unwanted,
    /// It was taken back.
    Withdrawn(Option<CallError>),
}

/// What the platform said when it accepted a part.
#[derive(Debug)]
pub struct Accepted {
    /// The listeners that were created for it.
    pub created: Vec<String>,
    /// The id of the request, which is that of its task.
    pub request_id: String,
}

/// A write in line, for the one who waits for it. Dropped before it is sent, it is taken back.
#[derive(Debug)]
pub struct Ticket {
    stage: Arc<Mutex<Stage>>,
    /// Whether it was accepted; comes once.
    pub accepted: oneshot::Receiver<Result<Accepted, Failure>>,
    /// Whether it was carried out; comes after that.
    pub done: oneshot::Receiver<Result<(), Failure>>,
}

impl Lines {
    /// Lines in which nobody stands.
    pub fn new(connection: Arc<Connection>) -> Self {
        Self { connection, crowd: Arc::default(), by_load_balancer: Mutex::default() }
    }

    /// Waits until nobody else is changing these backends. Whoever holds a claim is expected to hand in something.
    pub async fn claim(&self, what: Claimed) -> Claim<'_> {
        self.crowd.come();
        self.crowd.claims.take(what).await
    }

    /// Waits for the place at the head of the line.
    pub async fn place(&self, load_balancer_id: &str) -> Option<Place> {
        let (give, given) = oneshot::channel();
        self.line(load_balancer_id).join(Entry::Alone(give));
        given.await.ok()
    }

    /// Puts a part in line.
    pub fn hand_in(&self, load_balancer_id: &str, part: Part) -> Ticket {
        let stage = Arc::new(Mutex::new(Stage::Waiting(None)));
        let ((accept, accepted), (finish, done)) = (oneshot::channel(), oneshot::channel());
        if !part.is_of_a_claim() {
            self.crowd.come();
        }
        let write = Write { part, stage: Arc::clone(&stage), accepted: Some(accept), done: finish };
        self.line(load_balancer_id).join(Entry::Write(write));
        Ticket { stage, accepted, done }
    }

    fn line(&self, load_balancer_id: &str) -> Arc<Line> {
        // A panic while it was held left the map whole.
        let mut lines = self.by_load_balancer.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|_, line| Arc::strong_count(line) > 1);
        let new = || {
            Arc::new(Line {
                load_balancer_id: load_balancer_id.to_owned(),
                connection: Arc::clone(&self.connection),
                crowd: Arc::clone(&self.crowd),
                waiting: Mutex::default(),
                arrivals: watch::Sender::new(0),
            })
        };
        Arc::clone(lines.entry(load_balancer_id.to_owned()).or_insert_with(new))
    }
}

impl Crowd {
    fn come(&self) {
        self.rhythm().come(Instant::now());
    }

    fn patience(&self, usual: Duration) -> (Duration, Duration) {
        self.rhythm().patience(usual)
    }

    /// A panic while it was held left it whole.
    fn rhythm(&self) -> MutexGuard<'_, Rhythm> {
        self.rhythm.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn join(self: Arc<Self>, entry: Entry) {
        let mut waiting = self.waiting();
        waiting.entries.push_back(entry);
        let is_first = !std::mem::replace(&mut waiting.is_driven, true);
        drop(waiting);
        self.arrivals.send_modify(|arrivals| *arrivals += 1);
        if is_first {
            tokio::spawn(self.drive());
        }
    }

    /// Serves one after the other until nobody waits.
    async fn drive(self: Arc<Self>) {
        while let Some(first) = self.next() {
            match first {
                Entry::Alone(give) => {
                    let (left, has_left) = oneshot::channel();
                    let (connection, load_balancer_id) = (Arc::clone(&self.connection), self.load_balancer_id.clone());
                    let place = Place { connection, load_balancer_id, _left: left };
                    if give.send(place).is_ok() {
                        // Nothing is ever sent: it ends when the place is dropped.
                        let _ = has_left.await;
                    }
                }
                Entry::Write(first) => {
                    let batch = self.gather(first).await;
                    self.carry_out(batch).await;
                }
            }
        }
    }

    fn next(&self) -> Option<Entry> {
        let mut waiting = self.waiting();
        let first = waiting.entries.pop_front();
        waiting.is_driven = first.is_some();
        first
    }

    /// Waits for those who are about to come, and gives all who go with the first.
    async fn gather(&self, first: Write) -> Vec<Write> {
        if !self.connection.is_merging() {
            return vec![first];
        }
        let mut arrivals = self.arrivals.subscribe();
        let started = Instant::now();
        loop {
            let (quiet, longest) = self.crowd.patience(self.connection.usual(first.part.action()));
            let end = started + longest;
            let came = timeout_at(end.min(Instant::now() + quiet), arrivals.changed()).await.is_ok();
            if Instant::now() >= end || !came && self.is_complete(&first) {
                break;
            }
        }
        let mut batch = vec![first];
        let mut waiting = self.waiting();
        let mut left = VecDeque::with_capacity(waiting.entries.len());
        for entry in waiting.entries.drain(..) {
            match entry {
                Entry::Write(write) if write.part.fits(&parts(&batch)) => batch.push(write),
                other => left.push_back(other),
            }
        }
        waiting.entries = left;
        batch
    }

    /// Whether everyone who has claimed something has handed in what there is to write.
    fn is_complete(&self, first: &Write) -> bool {
        let waiting = self.waiting();
        let parts =
            waiting.entries.iter().filter_map(|it| if let Entry::Write(write) = it { Some(write) } else { None });
        let of_claims = parts.chain([first]).filter(|write| write.part.is_of_a_claim()).count();
        self.crowd.claims.count(&self.load_balancer_id) <= of_claims
    }

    /// Sends a batch and waits until it is carried out. What is refused as a whole, when only a part of it may be to blame, is sent
    /// again in halves: one that is to blame costs the others a few calls, and nobody's success depends on another's mistake.
    async fn carry_out(&self, batch: Vec<Write>) {
        // The last goes first.
        let mut groups = vec![batch];
        let mut pauses = BusyPauses::default();
        while let Some(mut group) = groups.pop() {
            group.retain(Write::set_out);
            let Some(first) = group.first() else { continue };
            let (action, started) = (first.part.action(), Instant::now());
            let Some(request) = Request::of(&self.load_balancer_id, &parts(&group)) else { continue };
            tracing::debug!(load_balancer = self.load_balancer_id, parts = group.len(), "writing");
            match self.send(&request).await {
                Ok(answered) => {
                    groups.extend(self.settle(action, group, answered).await);
                    self.connection.learn(action, started.elapsed());
                }
                Err(CallError::Api(busy)) if busy.is_busy() => {
                    let pause = pauses.next();
                    tracing::debug!(
                        action = busy.action,
                        ?pause,
                        "the load balancer is busy with somebody else's task"
                    );
                    for write in &group {
                        write.wait_again(Some(CallError::Api(busy.clone())));
                    }
                    groups.push(group);
                    sleep(pause).await;
                }
                Err(CallError::Api(refusal)) if group.len() > 1 && may_be_of_one(&refusal) => {
                    for write in &group {
                        write.wait_again(None);
                    }
                    groups.extend(halves(group));
                }
                Err(error) => {
                    for write in group {
                        write.fail(&Failure::Call(error.clone()));
                    }
                }
            }
        }
    }

    async fn send(&self, request: &Request) -> Result<Answered<Answer>, CallError> {
        let connection = &self.connection;
        // While it is under way, what was read before does not count any more, nor what is read until then.
        connection.forget(&self.load_balancer_id);
        let answered = match request {
            Request::Create(action) => answer(connection.call(&**action).await, |reply| Answer {
                created: reply.listener_ids,
                ..Answer::default()
            }),
            Request::Delete(action) => answer(connection.call(action).await, |_| Answer::default()),
            Request::DeleteSeveral(action) => answer(connection.call(action).await, |_| Answer::default()),
            Request::Reweigh(action) => answer(connection.call(action).await, |_| Answer::default()),
            Request::Bind(action) => answer(connection.call(action).await, |reply| {
                let BatchRegisterTargetsReply { fail_listener_id_set: refused, message } = reply;
                Answer { created: Vec::new(), refused, message }
            }),
            Request::Unbind(action) => answer(connection.call(action).await, |reply| {
                let BatchDeregisterTargetsReply { fail_listener_id_set: refused, message } = reply;
                Answer { created: Vec::new(), refused, message }
            }),
        };
        connection.forget(&self.load_balancer_id);
        answered
    }

    /// Tells everyone what became of an accepted call; gives those who have to be sent again.
    async fn settle(&self, action: &'static str, group: Vec<Write>, answered: Answered<Answer>) -> Vec<Vec<Write>> {
        let Answered { reply, request_id } = answered;
        let shares = shares(&parts(&group), &reply);
        let (mut accepted, mut again) = (Vec::new(), Vec::<(usize, Vec<Write>)>::new());
        for (mut write, share) in group.into_iter().zip(shares) {
            match share {
                Share::Accepted(created) => {
                    write.accept(Accepted { created: created.clone(), request_id: request_id.clone() });
                    accepted.push((write, created));
                }
                Share::Refused(message) => {
                    let message = if message.is_empty() { "it gave no reason".to_owned() } else { message };
                    let request_id = request_id.clone();
                    write.fail(&Failure::Partly(ApiError { action, code: String::new(), message, request_id }));
                }
                Share::Again(number) => match again.iter_mut().find(|(other, _)| *other == number) {
                    Some((_, group)) => group.push(write),
                    None => again.push((number, vec![write])),
                },
            }
        }
        let mut again: Vec<Vec<Write>> = again.into_iter().map(|(_, group)| group).collect();
        again.extend(self.finish(action, accepted, &request_id).await);
        for write in again.iter().flatten() {
            write.wait_again(None);
        }
        again
    }

    /// Waits until what was accepted is carried out, or until nobody waits for it any more; gives those who have to be sent again.
    async fn finish(
        &self,
        action: &'static str,
        mut accepted: Vec<(Write, Vec<String>)>,
        request_id: &str,
    ) -> Vec<Vec<Write>> {
        let ended = if accepted.first().is_some_and(|(write, _)| write.part.is_task()) {
            let everyone_has_left = async {
                for (write, _) in &mut accepted {
                    write.done.closed().await;
                }
            };
            tokio::select! {
                ended = self.connection.finish(action, request_id) => ended.map(|_| ()),
                () = everyone_has_left => return Vec::new(),
            }
        } else {
            Ok(())
        };
        self.connection.forget(&self.load_balancer_id);
        let failed = if let Err(TaskError::Failed { message, .. }) = &ended { Some(message.as_str()) } else { None };
        let failed = failed.filter(|_| accepted.len() > 1);
        if failed.is_some() && accepted.iter().all(|(write, _)| write.part.is_repeatable()) {
            return halves(accepted.into_iter().map(|(write, _)| write).collect()).into();
        }
        let created: Vec<Vec<String>> = accepted.iter().map(|(_, created)| created.clone()).collect();
        for (at, (write, _)) in accepted.into_iter().enumerate() {
            let innocent = failed.is_some_and(|message| is_to_blame(message, &created, at) == Some(false));
            write.finish(if innocent { Ok(()) } else { ended.clone().map_err(Failure::Task) });
        }
        Vec::new()
    }

    /// A panic while it was held left the line whole.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// What was read of the load balancer until now does not count any more.
    pub fn forget(&self) {
        self.connection.forget(&self.load_balancer_id);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.forget();
    }
}

impl Write {
    /// Marks it as under way; false when it was taken back.
    fn set_out(&self) -> bool {
        let mut stage = lock(&self.stage);
        let goes = matches!(*stage, Stage::Waiting(_));
        if goes {
            *stage = Stage::Sent;
        }
        goes
    }

    /// It was not carried out, and may be taken back until it is sent again.
    fn wait_again(&self, busy: Option<CallError>) {
        let mut stage = lock(&self.stage);
        *stage = if matches!(*stage, Stage::Sent) { Stage::Waiting(busy) } else { Stage::Withdrawn(busy) };
    }

    // Whoever waits for a write may leave; then nobody is told.
    fn accept(&mut self, what: Accepted) {
        if let Some(accepted) = self.accepted.take() {
            let _ = accepted.send(Ok(what));
        }
    }

    fn finish(self, result: Result<(), Failure>) {
        let _ = self.done.send(result);
    }

    fn fail(mut self, failure: &Failure) {
        if let Some(accepted) = self.accepted.take() {
            let _ = accepted.send(Err(failure.clone()));
        }
        self.finish(Err(failure.clone()));
    }
}

impl Ticket {
    /// Takes the write back, or sees to it that it is not sent again; whether it was in time.
    pub fn withdraw(&self) -> bool {
        let mut stage = lock(&self.stage);
        *stage = match std::mem::replace(&mut *stage, Stage::Unwanted) {
            Stage::Waiting(busy) | Stage::Withdrawn(busy) => Stage::Withdrawn(busy),
            Stage::Sent | Stage::Unwanted => Stage::Unwanted,
        };
        matches!(*stage, Stage::Withdrawn(_))
    }

    /// The refusal that it was waiting to be sent again for.
    pub fn busy(&self) -> Option<CallError> {
        match &*lock(&self.stage) {
            Stage::Waiting(busy) | Stage::Withdrawn(busy) => busy.clone(),
            Stage::Sent | Stage::Unwanted => None,
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.withdraw();
    }
}

/// A panic while it was held left it whole.
fn lock(stage: &Mutex<Stage>) -> MutexGuard<'_, Stage> {
    stage.lock().unwrap_or_else(PoisonError::into_inner)
}

fn parts(batch: &[Write]) -> Vec<&Part> {
    batch.iter().map(|write| &write.part).collect()
}

fn halves(mut group: Vec<Write>) -> [Vec<Write>; 2] {
    let second = group.split_off(group.len() / 2);
    [second, group]
}

fn answer<R>(
    answered: Result<Answered<R>, CallError>,
    read: impl FnOnce(R) -> Answer,
) -> Result<Answered<Answer>, CallError> {
    answered.map(|Answered { reply, request_id }| Answered { reply: read(reply), request_id })
}
