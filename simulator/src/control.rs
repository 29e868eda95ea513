//! The control plane: takes its lock, reads its clock, asks the model, publishes the forwarding table, takes in what the
//! data plane observes.
//!
//! It names no door and no data plane: they call it, or listen to its channels. A connection never takes its lock.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clb_model::chance::Chance;
use clb_model::forwarding::{ForwardingTable, Observation};
use clb_model::quota::{Quota, Quotas};
use clb_model::refusal::Refusal;
use clb_model::task::{Occasion, Pace, Step, TaskId, TaskState};
use clb_model::time::Timestamp;
use clb_model::vip_pool::VipPool;
use clb_model::world::World;
use tokio::sync::{mpsc, watch};

use crate::account::NoWorld;
use crate::clock::Clock;
use crate::pace::{self, PaceTable};
use crate::rate_limit::{RateLimited, RateLimits};
use crate::seed::Seed;
use crate::store::{self, Progress, Store, TaskOrder};

pub use crate::store::{Awaited, Difference, DiskFailed, OpenError, PrivateKeys, Snapshot, SnapshotError, Ticket};

/// How many observations may wait to be taken in; the data plane waits with the next.
pub const OBSERVATIONS_WAITING: usize = 1024;

/// The control plane.
#[derive(Debug)]
pub struct Control {
    store: Mutex<Store>,
    request_ids: Mutex<Chance>,
    tables: watch::Sender<Arc<ForwardingTable>>,
    /// The number of the newest table in effect.
    applied: watch::Sender<u64>,
    /// Sent when tasks may have ended: what waits for one looks again then.
    tasks: watch::Sender<()>,
    /// When the next task ends because of time, as far as the timer knows it.
    due: watch::Sender<Option<Timestamp>>,
    weather: Mutex<Weather>,
    /// How far the state file is written, when there is one.
    progress: Option<watch::Receiver<Progress>>,
    clock: Clock,
    beginning: Beginning,
}

/// What a store is made from, at first and with every reset.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// The worlds.
    pub worlds: Arc<Seed>,
    /// Addresses for load balancers.
    pub vips: VipPool,
    /// The seed of ids.
    pub seed: u64,
    /// How fast, how often and how much.
    pub weather: Weather,
}

/// How fast tasks are, how often an account may call, and how much it may have: levers, and off from the start.
#[derive(Clone, Debug, Default)]
pub struct Weather {
    /// How long tasks take.
    pub paces: PaceTable,
    /// How often an account may call an action.
    pub rates: RateLimits,
    /// How much an account may have.
    pub quotas: Quotas,
}

/// A write: whose, and the task that it starts.
#[derive(Clone, Debug)]
pub struct Writing<'a> {
    /// The account.
    pub account: &'a str,
    /// The id of the request, and of the task.
    pub task_id: &'a str,
    /// The action's name.
    pub action: &'a str,
    /// With this the task fails, with this message. No matter for an action that is over when it answers.
    pub fails_with: Option<String>,
}

impl Beginning {
    fn store(&self, clock: &Clock) -> Store {
        let (chance, quotas) = (Chance::seeded(self.seed), self.weather.quotas);
        Store::seeded(Arc::clone(&self.worlds), self.vips.clone(), chance, quotas, clock.now())
    }
}

/// Why an account's world is not asked for a change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoWrite {
    /// There is none.
    #[error(transparent)]
    NoWorld(#[from] NoWorld),
    /// It could not be stored.
    #[error(transparent)]
    Disk(#[from] DiskFailed),
}

/// Why a snapshot is not loaded.
#[derive(Debug, thiserror::Error)]
pub enum NoLoad {
    /// It cannot be.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// It could not be stored.
    #[error(transparent)]
    Disk(#[from] DiskFailed),
}

/// How the control plane and the data plane stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The number of the newest table.
    pub generation: u64,
    /// The number of the newest table in effect.
    pub applied: u64,
    /// How many listeners the newest table has.
    pub listeners: usize,
    /// How many worlds there are.
    pub worlds: usize,
    /// How many load balancers they have.
    pub load_balancers: usize,
}

impl Control {
    /// A control plane at its beginning.
    pub fn new(beginning: Beginning, clock: Clock) -> Arc<Self> {
        let store = beginning.store(&clock);
        Self::of(store, beginning, clock)
    }

    /// A control plane that goes on where a state file says, and keeps it up to date.
    pub fn opened(path: &Path, beginning: Beginning, clock: Clock) -> Result<Arc<Self>, OpenError> {
        let Beginning { worlds, vips, seed, weather } = &beginning;
        let (chance, quotas) = (Chance::seeded(*seed), weather.quotas);
        let store = Store::opened(path, Arc::clone(worlds), vips.clone(), chance, quotas, clock.now())?;
        Ok(Self::of(store, beginning, clock))
    }

    fn of(mut store: Store, beginning: Beginning, clock: Clock) -> Arc<Self> {
        // Another stream than that of resource ids: how many requests come must not change those. And another one after
        // every restart: ids of requests are ids of tasks.
        let request_ids = Chance::seeded(!beginning.seed ^ store.generation().rotate_left(32));
        let mut table = Arc::new(store.table());
        if store.generation() > 0 {
            // Tasks that ran when the simulator ended wait for a table that nobody has put into effect.
            store.bring_up(&mut table);
        }
        Arc::new(Self {
            request_ids: Mutex::new(request_ids),
            tables: watch::Sender::new(table),
            applied: watch::Sender::new(0),
            tasks: watch::Sender::new(()),
            due: watch::Sender::new(store.next_ending()),
            weather: Mutex::new(beginning.weather.clone()),
            progress: store.progress(),
            store: Mutex::new(store),
            clock,
            beginning,
        })
    }

    /// Where forwarding tables are published.
    pub fn tables(&self) -> watch::Receiver<Arc<ForwardingTable>> {
        self.tables.subscribe()
    }

    /// What time it is.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// A new id for a request: a lower-case UUID of version 4.
    pub fn new_request_id(&self) -> String {
        let (high, low) = {
            let mut chance = lock(&self.request_ids);
            (chance.bits(), chance.bits())
        };
        let hex = format!(
            "{:016x}{:016x}",
            (high & !0xF000) | 0x4000,
            (low & !0xC000_0000_0000_0000) | 0x8000_0000_0000_0000
        );
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// Asks an account's world.
    pub fn read<T>(&self, account: &str, ask: impl FnOnce(&World) -> T) -> Result<T, NoWorld> {
        self.enter(account)?.world(account).map(ask).ok_or(NoWorld::NoSuchAccount)
    }

    /// The store, with a world for the account in it: one that may be used is made when it is first asked for.
    fn enter(&self, account: &str) -> Result<MutexGuard<'_, Store>, NoWorld> {
        let mut store = lock(&self.store);
        let now = self.clock.now();
        store.enter(account, now)?;
        // What is due is over, even if the timer has not come to it yet.
        let due = *self.due.borrow();
        if due.is_some_and(|at| at <= now) {
            let step = store.pass_time(now);
            self.follow(&mut store, step);
        }
        Ok(store)
    }

    /// Asks an account's world for a change, and publishes what should be forwarding then. The change is accepted when its
    /// ticket is on the disk ([`Control::written`]).
    pub fn write<T>(
        &self,
        writing: Writing<'_>,
        change: impl FnOnce(&mut World, &mut Occasion<'_>) -> Result<T, Refusal>,
    ) -> Result<Result<(T, Ticket), Refusal>, NoWrite> {
        self.check_disk()?;
        let Writing { account, task_id, action, fails_with } = writing;
        let pace = lock(&self.weather).paces.of(action);
        let fails_with = fails_with.filter(|_| pace::is_asynchronous(action));
        let order = TaskOrder { id: TaskId::from(task_id.to_owned()), pace, fails_with };
        let mut store = self.enter(account)?;
        let now = self.clock.now();
        let done = store.write(account, order, now, change).ok_or(NoWorld::NoSuchAccount)?;
        if let (Ok(_), Pace::After(time)) = (&done, pace) {
            self.wake_timer(now.after(time));
        }
        Ok(done.map(|done| (done, self.publish(&mut store))))
    }

    /// Waits until the state of that number is on the disk; not at all without a state file.
    pub async fn written(&self, ticket: Ticket) -> Result<(), DiskFailed> {
        match &self.progress {
            Some(progress) => store::written(progress.clone(), ticket).await,
            None => Ok(()),
        }
    }

    /// Nothing more is accepted when the disk has failed.
    fn check_disk(&self) -> Result<(), DiskFailed> {
        self.progress.as_ref().map_or(Ok(()), |progress| progress.borrow().clone().map(drop))
    }

    /// Writes what is not on the disk yet and closes the state file. Blocks.
    pub fn close(&self) {
        lock(&self.store).close();
    }

    /// Counts a call of an account, unless it is one too many.
    pub fn count_call(&self, account: &str, service: &str, action: &str) -> Result<(), RateLimited> {
        lock(&self.weather).rates.count(account, service, action, self.clock.now())
    }

    /// The levers, to be read or set.
    pub fn weather<T>(&self, ask: impl FnOnce(&mut Weather) -> T) -> T {
        ask(&mut lock(&self.weather))
    }

    /// Sets a limit of an account; of every account, those to come too, without a name.
    pub fn set_quota(&self, account: Option<&str>, quota: Quota, limit: u32) -> Result<(), NoWorld> {
        let mut store = match account {
            Some(account) => self.enter(account)?,
            None => lock(&self.store),
        };
        if store.set_quota(account, quota, limit) { Ok(()) } else { Err(NoWorld::NoSuchAccount) }
    }

    /// Ends tasks whose time has come, for ever. There is one of these for a control plane.
    pub async fn run_timer(&self) {
        let mut due = self.due.subscribe();
        loop {
            due.mark_unchanged();
            let next = {
                let mut store = lock(&self.store);
                let step = store.pass_time(self.clock.now());
                self.follow(&mut store, step);
                store.next_ending()
            };
            self.due.send_if_modified(|known| {
                *known = next;
                false
            });
            let earlier = due.changed();
            match next {
                Some(at) => tokio::select! {
                    () = self.clock.sleep_until(at) => {}
                    _ = earlier => {}
                },
                None => {
                    let _ = earlier.await;
                }
            }
        }
    }

    /// A task ends then because of time: the timer looks again when that is earlier than what it waits for.
    fn wake_timer(&self, at: Timestamp) {
        self.due.send_if_modified(|known| {
            let earlier = known.is_none_or(|known| at < known);
            if earlier {
                *known = Some(at);
            }
            earlier
        });
    }

    /// Publishes, stores and tells what a step has brought.
    fn follow(&self, store: &mut Store, step: Step) {
        if step.forwarding {
            self.publish(store);
        } else {
            self.settle(store);
        }
        if step.ended {
            self.tasks.send_replace(());
        }
    }

    /// Takes in observations until there are no more to come.
    pub async fn observe(&self, mut observations: mpsc::Receiver<Observation>) {
        while let Some(observation) = observations.recv().await {
            let mut store = lock(&self.store);
            let step = store.observe(&observation, self.clock.now());
            self.follow(&mut store, step);
            let applied = store.applied();
            drop(store);
            self.applied.send_if_modified(|known| std::mem::replace(known, applied) != applied);
        }
    }

    /// Waits until the task has ended, at most so long; then says how it stands. When its pace holds it, it says so at
    /// once. Counts one question.
    pub async fn task_state(
        &self,
        account: &str,
        region: &str,
        task_id: &str,
        within: Duration,
    ) -> Result<Result<TaskState, Refusal>, NoWorld> {
        let mut ends = self.tasks.subscribe();
        {
            let mut store = self.enter(account)?;
            let now = self.clock.now();
            if store.poll_task(account, region, task_id, now).ok_or(NoWorld::NoSuchAccount)? == Ok(None) {
                // It may have been the last question that the task waited for.
                let step = store.pass_time(now);
                self.follow(&mut store, step);
                return Ok(Ok(TaskState::Running));
            }
        }
        let look = || {
            self.read(account, |world| {
                world.region(region).and_then(|region| region.tasks.view(task_id)).map(|task| task.state.clone())
            })
        };
        let ended = async {
            loop {
                ends.mark_unchanged();
                let found = look();
                if found != Ok(Ok(TaskState::Running)) || ends.changed().await.is_err() {
                    return found;
                }
            }
        };
        let found = tokio::time::timeout(within, ended).await.unwrap_or_else(|_| look());
        if found != Ok(Ok(TaskState::Running)) {
            // An end that somebody was told of does not come to nothing. A disk that has failed has been reported.
            let newest = lock(&self.store).ticket();
            let _ = self.written(newest).await;
        }
        found
    }

    /// Puts every world back to its seed, or to another one. Gives the number of the table that says so, and whether the
    /// data plane had put it into effect in time.
    pub async fn reset(&self, seed: Option<Seed>, within: Duration) -> (u64, bool) {
        let (generation, ticket) = {
            let worlds = seed.map_or_else(|| Arc::clone(&self.beginning.worlds), Arc::new);
            let mut store = lock(&self.store);
            store.replace(Beginning { worlds, ..self.beginning.clone() }.store(&self.clock));
            *lock(&self.weather) = self.beginning.weather.clone();
            let ticket = self.publish(&mut store);
            (store.generation(), ticket)
        };
        // A disk that has failed has been reported; the reset is true as long as this process is.
        let _ = self.written(ticket).await;
        (generation, self.wait_until_applied(generation, within).await)
    }

    /// The same for one world; the others stay as they are. `None` when there is no such world, or the seed does not know
    /// its account.
    pub async fn reset_world(&self, account: &str, seed: Option<&Seed>, within: Duration) -> Option<(u64, bool)> {
        let (generation, ticket) = {
            let mut store = lock(&self.store);
            if !store.restart(account, seed.unwrap_or(&self.beginning.worlds), self.clock.now()) {
                return None;
            }
            let ticket = self.publish(&mut store);
            (store.generation(), ticket)
        };
        let _ = self.written(ticket).await;
        Some((generation, self.wait_until_applied(generation, within).await))
    }

    /// What the simulator was started with.
    pub fn seed(&self) -> &Seed {
        &self.beginning.worlds
    }

    /// A snapshot of every world, or of one.
    pub fn snapshot(&self, only: Option<&str>, keys: PrivateKeys) -> Result<Snapshot, SnapshotError> {
        let worlds = self.copies(|account| only.is_none_or(|only| only == account));
        match only {
            Some(only) if worlds.is_empty() => Err(SnapshotError::NoSuchWorld(only.to_owned())),
            _ => Snapshot::of(worlds.iter(), keys),
        }
    }

    /// Puts the worlds of a snapshot, or only that one of them, in place of those of their accounts. Gives the number of
    /// the table that says so, and whether the data plane had put it into effect in time.
    pub async fn load(&self, snapshot: &Snapshot, only: Option<&str>, within: Duration) -> Result<(u64, bool), NoLoad> {
        self.check_disk()?;
        let worlds = snapshot.worlds(only, self.copies(|_| true).values())?;
        let (generation, ticket) = {
            let mut store = lock(&self.store);
            store.load(worlds)?;
            let ticket = self.publish(&mut store);
            (store.generation(), ticket)
        };
        self.written(ticket).await?;
        Ok((generation, self.wait_until_applied(generation, within).await))
    }

    /// Copies of worlds, to be looked at without the lock.
    fn copies(&self, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, World> {
        let store = lock(&self.store);
        let wanted = store.worlds().filter(|(account, _)| wanted(account.as_str()));
        wanted.map(|(account, world)| (account.clone(), world.clone())).collect()
    }

    /// How far the data plane is.
    pub fn standing(&self) -> Standing {
        let store = lock(&self.store);
        Standing {
            generation: store.generation(),
            applied: store.applied(),
            listeners: self.tables.borrow().listeners.len(),
            worlds: store.worlds().count(),
            load_balancers: store
                .worlds()
                .flat_map(|(_, world)| world.regions())
                .map(|region| region.load_balancers().count())
                .sum(),
        }
    }

    /// Asks every world there is, by account; each with whether it was made on first use.
    pub fn worlds<T>(&self, ask: impl Fn(&str, bool, &World) -> T) -> Vec<T> {
        let store = lock(&self.store);
        store.worlds().map(|(name, world)| ask(name, !store.is_seeded(name), world)).collect()
    }

    /// Waits until that table, or a newer one, is in effect; false when it is not in time.
    pub async fn wait_until_applied(&self, generation: u64, within: Duration) -> bool {
        let mut applied = self.applied.subscribe();
        let in_effect = tokio::time::timeout(within, applied.wait_for(|applied| *applied >= generation)).await;
        in_effect.is_ok_and(|seen| seen.is_ok())
    }

    /// Still under the lock, so that tables are published in the order of their numbers.
    fn publish(&self, store: &mut Store) -> Ticket {
        let mut ticket = Ticket::default();
        self.tables.send_modify(|table| ticket = store.bring_up(table));
        ticket
    }

    /// What has changed without being a new table: the newest one shows the same afterwards.
    fn settle(&self, store: &mut Store) -> Ticket {
        let mut ticket = Ticket::default();
        self.tables.send_if_modified(|table| {
            ticket = store.settle(table);
            false
        });
        ticket
    }
}

/// The model changes nothing before all its checks are done, so a lock that a panic has poisoned is still good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
