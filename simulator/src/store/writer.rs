//! The thread that writes the state file: what has changed since its last commit goes into the next one, however many
//! writes that were.
//!
//! ```text
//!  a write, under the lock ──► changes wait, newest by row ──► commit ──► progress ──► the answers that wait leave
//! ```
//!
//! What waits is bounded by what there is: a row waits once. When the disk fails, nothing is written any more and
//! everybody is told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use clb_model::world::changes::Change;
use tokio::sync::watch;

use super::file::{Numbers, StateFile};
use super::row::{Key, encode};

/// The number of a state: it is on the disk when a commit of that number, or of a later one, is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// The newest of the states that a call has led to.
#[derive(Debug, Default)]
pub struct Awaited(AtomicU64);

impl Awaited {
    /// The call has led to that state.
    pub fn note(&self, Ticket(number): Ticket) {
        self.0.fetch_max(number, Ordering::Relaxed);
    }

    /// What the call's answer has to wait for.
    pub fn ticket(&self) -> Ticket {
        Ticket(self.0.load(Ordering::Relaxed))
    }
}

/// The disk has failed; nothing is written any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the state file cannot be written: {0}")]
pub struct DiskFailed(Arc<str>);

/// How far the thread is.
pub type Progress = Result<Ticket, DiskFailed>;

/// The thread that writes, and what waits for it. Dropping it writes what still waits.
pub struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    waiting: Mutex<Waiting>,
    wake: Condvar,
    progress: watch::Sender<Progress>,
}

#[derive(Default)]
struct Waiting {
    /// What a row is to be; `None` where it is to go.
    rows: BTreeMap<Key, Option<Change>>,
    numbers: Numbers,
    /// The state these lead to.
    newest: Ticket,
    /// The state of the last commit that was begun.
    begun: Ticket,
    ending: bool,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("progress", &*self.shared.progress.borrow()).finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts the thread.
    pub fn start(file: StateFile) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            waiting: Mutex::default(),
            wake: Condvar::new(),
            progress: watch::Sender::new(Ok(Ticket::default())),
        });
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("state file".to_owned()).spawn(move || theirs.write(&file))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// What rows have become, `None` for one that is gone, and the numbers after that: all of it goes into one commit.
    /// Gives the number of the state.
    pub fn put(&self, rows: Vec<(Key, Option<Change>)>, numbers: Numbers) -> Ticket {
        let shared = &self.shared;
        let mut waiting = lock(&shared.waiting);
        // After a failure nothing is kept for later.
        if shared.progress.borrow().is_ok() && !(rows.is_empty() && numbers == waiting.numbers) {
            waiting.rows.extend(rows);
            waiting.numbers = numbers;
            waiting.newest.0 += 1;
            shared.wake.notify_one();
        }
        waiting.newest
    }

    /// The number of the newest state.
    pub fn newest(&self) -> Ticket {
        lock(&self.shared.waiting).newest
    }

    /// How far the thread is, now and from now on.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.shared.progress.subscribe()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        lock(&self.shared.waiting).ending = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            // An error would be a panic, which has been reported where it happened.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// Writes until the end or until the disk fails.
    fn write(&self, file: &StateFile) {
        while let Some((rows, numbers, number)) = self.next() {
            let written = rows
                .into_iter()
                .map(|(key, change)| Ok((key, change.as_ref().map(encode).transpose()?.flatten())))
                .collect::<Result<Vec<_>, serde_json::Error>>()
                .map_err(|error| error.to_string())
                .and_then(|rows| file.commit(rows.into_iter(), numbers).map_err(|error| error.to_string()));
            if let Err(reason) = written {
                return self.fail(file, &reason);
            }
            self.progress.send_modify(|progress| *progress = Ok(number));
        }
    }

    /// Waits for the next state to write; `None` at the end.
    fn next(&self) -> Option<(BTreeMap<Key, Option<Change>>, Numbers, Ticket)> {
        let mut waiting = lock(&self.waiting);
        while waiting.begun == waiting.newest {
            if waiting.ending {
                return None;
            }
            waiting = self.wake.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.begun = waiting.newest;
        Some((std::mem::take(&mut waiting.rows), waiting.numbers, waiting.newest))
    }

    fn fail(&self, file: &StateFile, reason: &str) {
        let path = file.path().display();
        eprintln!(
            "error: the state file {path} cannot be written ({reason}): the simulator accepts no more writes. Make room, \
             or make the file writable, and start it again; what was answered is in the file."
        );
        self.progress.send_modify(|progress| *progress = Err(DiskFailed(Arc::from(reason))));
        lock(&self.waiting).rows.clear();
    }
}

/// Waits until a state is on the disk.
pub async fn written(mut progress: watch::Receiver<Progress>, ticket: Ticket) -> Result<(), DiskFailed> {
    let done = progress.wait_for(|progress| progress.as_ref().map_or(true, |done| *done >= ticket)).await;
    match done {
        Ok(progress) => progress.clone().map(drop),
        Err(_) => Err(DiskFailed(Arc::from("the simulator has stopped"))),
    }
}

/// What waits is only ever replaced as a whole, so a lock that a panic has poisoned is still good.
fn lock(mutex: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
