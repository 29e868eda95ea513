//! The worlds: one per account, made from the seed at the start or on first use, the addresses they share, and the number
//! of the newest forwarding table.
//!
//! ```text
//!  write, observe ──► worlds ──► settle: what has changed ──► the forwarding table
//!                                             └─────────────► the state file, when there is one (writer, file, row)
//! ```
//!
//! The files beside this one say how each noun is stored: one record each.

mod account;
mod binding;
mod certificate;
mod deletions;
mod file;
mod health_check;
mod listener;
mod load_balancer;
mod network;
mod row;
mod security_group;
mod snapshot;
mod tag;
mod task;
mod writer;
mod written;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clb_model::chance::Chance;
use clb_model::forwarding::{ForwardingTable, Observation};
use clb_model::load_balancer::LoadBalancer;
use clb_model::quota::{Quota, Quotas};
use clb_model::refusal::Refusal;
use clb_model::region::Region;
use clb_model::task::{Moment, Occasion, Pace, Step, TaskId, TaskState};
use clb_model::time::Timestamp;
use clb_model::vip_pool::VipPool;
use clb_model::world::World;
use tokio::sync::watch;

use crate::account::{NoWorld, WORLDS_ON_USE, number, recognise};
use crate::seed::Seed;
use file::{Contents, Numbers, StateFile};
use row::Key;
use writer::Writer;

pub use file::{FORMAT, FileError};
pub use row::BadRow;
pub use snapshot::{Difference, PrivateKeys, Snapshot, SnapshotError};
pub use writer::{Awaited, DiskFailed, Progress, Ticket, written};

/// Everything the simulator knows of the cloud.
#[derive(Debug)]
pub struct Store {
    seed: Arc<Seed>,
    worlds: BTreeMap<String, Kept>,
    vips: VipPool,
    chance: Chance,
    generation: u64,
    applied: u64,
    /// Writes the state file, when there is one.
    writer: Option<Writer>,
    /// The limits of worlds that are made on first use.
    quotas: Quotas,
}

/// The task that a write starts.
#[derive(Clone, Debug)]
pub struct TaskOrder {
    /// Its id.
    pub id: TaskId,
    /// How long it takes.
    pub pace: Pace,
    /// With this it fails, with this message.
    pub fails_with: Option<String>,
}

/// A world, and the state of it that the forwarding table shows and the state file gets.
#[derive(Debug, Default)]
struct Kept {
    now: World,
    settled: World,
    /// Whether the two may differ.
    touched: bool,
    /// Whether the world is to go.
    leaving: bool,
}

/// Why the state cannot be kept in a file, or not be had from it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// What is in it is not in order.
    #[error(
        "the state file {} is damaged: {about}. Put a copy in its place, or move it away to begin anew from the seed",
        path.display()
    )]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is not.
        about: String,
    },
    /// Its load balancers have addresses of another pool.
    #[error(
        "the state file {} has a load balancer at {vip}, which is not in the address pool: start with the --vip-pool it \
         was made with",
        path.display()
    )]
    OtherPool {
        /// The file.
        path: PathBuf,
        /// The address.
        vip: std::net::Ipv4Addr,
    },
}

impl Kept {
    /// A world that is in no table and no file yet.
    fn new(now: World) -> Self {
        Self { now, touched: true, ..Self::default() }
    }

    /// A world that is in the file.
    fn known(now: World) -> Self {
        Self { settled: now.clone(), now, touched: false, leaving: false }
    }
}

impl Store {
    /// The seed's worlds, one for each of its accounts.
    pub fn seeded(seed: Arc<Seed>, mut vips: VipPool, chance: Chance, quotas: Quotas, now: Timestamp) -> Self {
        let worlds = seed
            .accounts()
            .iter()
            .filter_map(|account| {
                let mut world = seed.world(account, now, &mut vips)?;
                world.quotas = quotas;
                Some((account.clone(), Kept::new(world)))
            })
            .collect();
        Self { seed, worlds, vips, chance, generation: 0, applied: 0, writer: None, quotas }
    }

    /// The state that the file holds; the seed's, kept in the file from now on, when there is none yet. An account that
    /// the file does not know has the seed's world.
    pub fn opened(
        path: &Path,
        seed: Arc<Seed>,
        vips: VipPool,
        chance: Chance,
        quotas: Quotas,
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        let (file, store) = match StateFile::open(path)? {
            None => {
                let mut store = Self::seeded(seed, vips, chance, quotas, now);
                let contents = Contents { rows: store.rows(path)?, numbers: store.numbers() };
                let file = StateFile::create(path, &contents)?;
                for kept in store.worlds.values_mut() {
                    *kept = Kept::known(std::mem::take(&mut kept.now));
                }
                (file, store)
            }
            Some((file, contents)) => (file, Self::restored(path, &contents, &seed, vips, quotas, now)?),
        };
        let writer = Writer::start(file).map_err(|source| FileError::System { path: path.to_owned(), source })?;
        Ok(Self { writer: Some(writer), ..store })
    }

    fn restored(
        path: &Path,
        contents: &Contents,
        seed: &Arc<Seed>,
        vips: VipPool,
        quotas: Quotas,
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        let broken = |about: String| OpenError::Broken { path: path.to_owned(), about };
        let Numbers { generation, chance, next_vip } = contents.numbers;
        let worlds = row::worlds(&contents.rows).map_err(|bad| broken(bad.to_string()))?;
        let mut vips = vips.at(next_vip);
        for load_balancer in worlds.values().flat_map(World::regions).flat_map(Region::load_balancers) {
            let LoadBalancer { id, vip, .. } = load_balancer;
            if !vips.contains(*vip) {
                return Err(OpenError::OtherPool { path: path.to_owned(), vip: *vip });
            }
            if !vips.take_exactly(*vip) {
                return Err(broken(format!("{id} has the address {vip}, as another load balancer has")));
            }
        }
        let sentences = worlds.values().flat_map(|world| world.broken_invariants(&vips)).collect::<Vec<_>>();
        if !sentences.is_empty() {
            return Err(broken(sentences.join("; ")));
        }
        let mut store = Self {
            seed: Arc::clone(seed),
            worlds: worlds.into_iter().map(|(account, world)| (account, Kept::known(world))).collect(),
            vips,
            chance: Chance::seeded(chance),
            generation,
            applied: 0,
            writer: None,
            quotas,
        };
        for account in seed.accounts() {
            if !store.worlds.contains_key(account)
                && let Some(world) = seed.world(account, now, &mut store.vips)
            {
                store.worlds.insert(account.clone(), Kept::new(world));
            }
        }
        // Limits are levers: they are not in the file.
        store.worlds.values_mut().for_each(|kept| kept.now.quotas = quotas);
        Ok(store)
    }

    /// A row for everything there is.
    fn rows(&self, path: &Path) -> Result<BTreeMap<Key, Vec<u8>>, FileError> {
        let mut rows = BTreeMap::new();
        for (account, kept) in &self.worlds {
            for change in kept.now.changes_since(&World::default()) {
                let json = row::encode(&change)
                    .map_err(|error| FileError::System { path: path.to_owned(), source: error.into() })?;
                rows.extend(json.map(|json| (Key::of(account, &change), json)));
            }
        }
        Ok(rows)
    }

    fn numbers(&self) -> Numbers {
        Numbers { generation: self.generation, chance: self.chance.position(), next_vip: self.vips.position() }
    }

    /// Becomes another store, but goes on counting tables and writing the file.
    pub fn replace(&mut self, other: Self) {
        let Self { seed, mut worlds, vips, chance, quotas, .. } = other;
        self.seed = seed;
        for (account, kept) in &mut self.worlds {
            let new = worlds.remove(account);
            kept.leaving = new.is_none();
            kept.now = new.map(|new| new.now).unwrap_or_default();
            kept.touched = true;
        }
        self.worlds.extend(worlds);
        self.vips = vips;
        self.chance = chance;
        self.quotas = quotas;
    }

    /// Puts these worlds in place of those of their accounts; the others stay. Nothing is changed when something does not
    /// fit.
    pub fn load(&mut self, worlds: BTreeMap<String, World>) -> Result<(), SnapshotError> {
        let mut vips = self.vips.clone();
        let leaving = self.worlds.iter().filter(|(account, _)| worlds.contains_key(*account));
        for load_balancer in leaving.flat_map(|(_, kept)| kept.now.regions()).flat_map(Region::load_balancers) {
            vips.give_back(load_balancer.vip);
        }
        let staying: Vec<&World> = self
            .worlds
            .iter()
            .filter(|(account, _)| !worlds.contains_key(*account))
            .map(|(_, kept)| &kept.now)
            .collect();
        self.vips = snapshot::take_vips(&worlds, &staying, vips)?;
        for (account, world) in worlds {
            let kept = self.worlds.entry(account).or_default();
            kept.now = world;
            kept.touched = true;
        }
        Ok(())
    }

    /// Makes the world of an account that has none yet, where its name says from which of the seed's.
    pub fn enter(&mut self, account: &str, now: Timestamp) -> Result<(), NoWorld> {
        if self.worlds.contains_key(account) {
            return Ok(());
        }
        if self.worlds.keys().filter(|account| !self.is_seeded(account)).count() >= WORLDS_ON_USE {
            return Err(NoWorld::TooMany);
        }
        let world = self.make(&Arc::clone(&self.seed), account, now).ok_or(NoWorld::NoSuchAccount)?;
        self.worlds.insert(account.to_owned(), Kept::new(world));
        Ok(())
    }

    /// Puts one world back to a seed. False when that has no such account, or there is no such world.
    pub fn restart(&mut self, account: &str, seed: &Seed, now: Timestamp) -> bool {
        let Some(kept) = self.worlds.get(account) else { return false };
        let before = self.vips.clone();
        for load_balancer in kept.now.regions().flat_map(Region::load_balancers) {
            self.vips.give_back(load_balancer.vip);
        }
        let world = self.make(seed, account, now);
        let (Some(world), Some(kept)) = (world, self.worlds.get_mut(account)) else {
            self.vips = before;
            return false;
        };
        kept.now = world;
        kept.touched = true;
        true
    }

    /// Whether an account is one of the seed's own.
    pub fn is_seeded(&self, account: &str) -> bool {
        self.seed.accounts().iter().any(|seeded| seeded == account)
    }

    /// The world of an account of the seed, or of one whose name begins with that of such an account.
    fn make(&mut self, seed: &Seed, account: &str, now: Timestamp) -> Option<World> {
        let (origin, _) = recognise(account, seed.accounts().iter().map(String::as_str))?;
        let mut world = seed.world(origin, now, &mut self.vips)?;
        world.quotas = self.quotas;
        if origin != account {
            world.account.uin = number(account);
        }
        Some(world)
    }

    /// Every world with its account's name, by name.
    pub fn worlds(&self) -> impl Iterator<Item = (&String, &World)> {
        self.worlds.iter().map(|(account, kept)| (account, &kept.now))
    }

    /// The world of an account.
    pub fn world(&self, account: &str) -> Option<&World> {
        self.worlds.get(account).map(|kept| &kept.now)
    }

    /// Asks a world for a change. `None` when there is no such account. A change that is accepted is in the next table.
    pub fn write<T>(
        &mut self,
        account: &str,
        order: TaskOrder,
        now: Timestamp,
        change: impl FnOnce(&mut World, &mut Occasion<'_>) -> Result<T, Refusal>,
    ) -> Option<Result<T, Refusal>> {
        let kept = self.worlds.get_mut(account)?;
        kept.touched = true;
        let TaskOrder { id: task_id, pace, fails_with } = order;
        let mut occasion = Occasion {
            now,
            generation: self.generation + 1,
            task_id,
            pace,
            fails_with,
            chance: &mut self.chance,
            vips: &mut self.vips,
        };
        Some(kept.now.write(&mut occasion, change))
    }

    /// Takes in what the data plane reports.
    pub fn observe(&mut self, observation: &Observation, now: Timestamp) -> Step {
        if let Observation::Applied { generation, .. } = observation {
            self.applied = self.applied.max(*generation);
        }
        let mut moment = Moment { now, vips: &mut self.vips };
        let mut whole = Step::default();
        for kept in self.worlds.values_mut() {
            let runs = matches!(observation, Observation::Applied { .. })
                && kept.now.regions().any(|region| region.tasks.running().next().is_some());
            let step = kept.now.observe(observation, &mut moment);
            // What probes have found is not stored, so only a new verdict counts.
            kept.touched |= runs || step.forwarding;
            whole = whole.and(step);
        }
        whole
    }

    /// Time has passed: tasks that it held end.
    pub fn pass_time(&mut self, now: Timestamp) -> Step {
        let mut moment = Moment { now, vips: &mut self.vips };
        let mut whole = Step::default();
        for kept in self.worlds.values_mut() {
            let step = kept.now.pass_time(&mut moment);
            kept.touched |= step.ended;
            whole = whole.and(step);
        }
        whole
    }

    /// Somebody asks how a task stands ([`World::poll_task`]). `None` when there is no such account.
    pub fn poll_task(
        &mut self,
        account: &str,
        region: &str,
        id: &str,
        now: Timestamp,
    ) -> Option<Result<Option<TaskState>, Refusal>> {
        let kept = self.worlds.get_mut(account)?;
        let polled = kept.now.poll_task(region, id, now);
        kept.touched |= polled == Ok(None);
        Some(polled)
    }

    /// When the next task ends because of time.
    pub fn next_ending(&self) -> Option<Timestamp> {
        self.worlds.values().filter_map(|kept| kept.now.next_ending()).min()
    }

    /// Sets a limit of an account; of every account, those to come too, without a name. False when there is no such account.
    pub fn set_quota(&mut self, account: Option<&str>, quota: Quota, limit: u32) -> bool {
        if account.is_none() {
            self.quotas.set(quota, limit);
        }
        let worlds = self.worlds.iter_mut().filter(|(name, _)| account.is_none_or(|account| account == *name));
        worlds.map(|(_, kept)| kept.now.quotas.set(quota, limit)).count() > 0
    }

    /// The forwarding table as a whole.
    pub fn table(&self) -> ForwardingTable {
        let forwardings = self.worlds.values().flat_map(|kept| kept.now.forwardings());
        let listeners = forwardings.map(|(id, forwarding)| (id, Arc::new(forwarding))).collect();
        ForwardingTable { generation: self.generation, listeners }
    }

    /// Counts a new forwarding table, and takes into it what has changed.
    pub fn bring_up(&mut self, table: &mut Arc<ForwardingTable>) -> Ticket {
        self.generation += 1;
        Arc::make_mut(table).generation = self.generation;
        self.settle(table)
    }

    /// Takes what has changed into the table, and hands it to the state file. Gives the number that the file's state has
    /// with it.
    pub fn settle(&mut self, table: &mut Arc<ForwardingTable>) -> Ticket {
        let mut rows = Vec::new();
        for (account, kept) in self.worlds.iter_mut().filter(|(_, kept)| kept.touched) {
            kept.touched = false;
            let changes = kept.now.changes_since(&kept.settled);
            if changes.is_empty() {
                continue;
            }
            if self.writer.is_some() {
                rows.extend(changes.iter().map(|change| (Key::of(account, change), Some(change.clone()))));
                rows.extend(kept.leaving.then(|| (Key::account(account), None)));
            }
            Arc::make_mut(table).take_in(&kept.now, &changes);
            for change in changes {
                kept.settled.apply(change);
            }
        }
        self.worlds.retain(|_, kept| !kept.leaving);
        let numbers = self.numbers();
        self.writer.as_ref().map_or_else(Ticket::default, |writer| writer.put(rows, numbers))
    }

    /// The number of the state file's newest state.
    pub fn ticket(&self) -> Ticket {
        self.writer.as_ref().map_or_else(Ticket::default, Writer::newest)
    }

    /// How far the state file is written; `None` when there is none.
    pub fn progress(&self) -> Option<watch::Receiver<Progress>> {
        self.writer.as_ref().map(Writer::progress)
    }

    /// Writes what still waits and closes the state file. Blocks.
    pub fn close(&mut self) {
        self.writer = None;
    }

    /// The number of the newest table.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The number of the newest table that is in effect.
    pub fn applied(&self) -> u64 {
        self.applied
    }
}
