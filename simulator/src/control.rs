//! The control plane: takes its lock, reads its clock, asks the model, publishes the forwarding table, takes in what the
//! data plane observes.
//!
//! It names no door and no data plane: they call it, or listen to its channels. A connection never takes its lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clb_model::chance::Chance;
use clb_model::forwarding::{ForwardingTable, Observation};
use clb_model::refusal::Refusal;
use clb_model::task::{Occasion, TaskId, TaskState};
use clb_model::vip_pool::VipPool;
use clb_model::world::World;
use tokio::sync::{mpsc, watch};

use crate::account::NoWorld;
use crate::clock::Clock;
use crate::store::Store;

/// How many observations may wait to be taken in; the data plane waits with the next.
pub const OBSERVATIONS_WAITING: usize = 1024;

/// The control plane.
#[derive(Debug)]
pub struct Control {
    store: Mutex<Store>,
    request_ids: Mutex<Chance>,
    tables: watch::Sender<Arc<ForwardingTable>>,
    /// Grows with every table that is put into effect: what waits for a task looks again then.
    applied: watch::Sender<u64>,
    clock: Clock,
    beginning: Beginning,
}

/// What a store is made from, at first and with every reset.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// The accounts.
    pub accounts: Vec<String>,
    /// Addresses for load balancers.
    pub vips: VipPool,
    /// The seed of ids.
    pub seed: u64,
}

impl Beginning {
    fn store(&self, clock: &Clock) -> Store {
        Store::seeded(&self.accounts, self.vips.clone(), Chance::seeded(self.seed), clock.now())
    }
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
        Arc::new(Self {
            store: Mutex::new(beginning.store(&clock)),
            // Another stream than that of resource ids: how many requests come must not change those.
            request_ids: Mutex::new(Chance::seeded(!beginning.seed)),
            tables: watch::Sender::new(Arc::default()),
            applied: watch::Sender::new(0),
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
        store.enter(account, &self.beginning.accounts, self.clock.now())?;
        Ok(store)
    }

    /// Asks an account's world for a change, and publishes what should be forwarding then.
    pub fn write<T>(
        &self,
        account: &str,
        task_id: &str,
        change: impl FnOnce(&mut World, &mut Occasion<'_>) -> Result<T, Refusal>,
    ) -> Result<Result<T, Refusal>, NoWorld> {
        let mut store = self.enter(account)?;
        let written = store.write(account, TaskId::from(task_id.to_owned()), self.clock.now(), change);
        let done = written.ok_or(NoWorld::NoSuchAccount)?;
        if done.is_ok() {
            self.publish(&mut store);
        }
        Ok(done)
    }

    /// Takes in observations until there are no more to come.
    pub async fn observe(&self, mut observations: mpsc::Receiver<Observation>) {
        while let Some(observation) = observations.recv().await {
            let mut store = lock(&self.store);
            if store.observe(&observation) {
                self.publish(&mut store);
            }
            let applied = store.applied();
            drop(store);
            self.applied.send_if_modified(|known| std::mem::replace(known, applied) != applied);
        }
    }

    /// Waits until the task has ended, at most so long; then says how it stands.
    pub async fn task_state(
        &self,
        account: &str,
        region: &str,
        task_id: &str,
        within: Duration,
    ) -> Result<Result<TaskState, Refusal>, NoWorld> {
        let mut applied = self.applied.subscribe();
        let look = || {
            self.read(account, |world| {
                world.region(region).and_then(|region| region.tasks.view(task_id)).map(|task| task.state.clone())
            })
        };
        let ended = async {
            loop {
                applied.mark_unchanged();
                let found = look();
                if found != Ok(Ok(TaskState::Running)) || applied.changed().await.is_err() {
                    return found;
                }
            }
        };
        tokio::time::timeout(within, ended).await.unwrap_or_else(|_| look())
    }

    /// Puts every world back to its seed. Gives the number of the table that says so, and whether the data plane had put
    /// it into effect in time.
    pub async fn reset(&self, within: Duration) -> (u64, bool) {
        let generation = {
            let mut store = lock(&self.store);
            *store = self.beginning.store(&self.clock).continuing(&store);
            // Whole and anew: this store has shown nothing yet.
            self.tables.send_modify(|table| {
                *table = Arc::default();
                store.bring_up(Arc::make_mut(table));
            });
            store.generation()
        };
        (generation, self.wait_until_applied(generation, within).await)
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
        store.worlds().map(|(name, world)| ask(name, !self.beginning.accounts.contains(name), world)).collect()
    }

    /// Waits until that table, or a newer one, is in effect; false when it is not in time.
    pub async fn wait_until_applied(&self, generation: u64, within: Duration) -> bool {
        let mut applied = self.applied.subscribe();
        let in_effect = tokio::time::timeout(within, applied.wait_for(|applied| *applied >= generation)).await;
        in_effect.is_ok_and(|seen| seen.is_ok())
    }

    /// Still under the lock, so that tables are published in the order of their numbers.
    fn publish(&self, store: &mut Store) {
        self.tables.send_modify(|table| store.bring_up(Arc::make_mut(table)));
    }
}

/// The model changes nothing before all its checks are done, so a lock that a panic has poisoned is still good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
