//! The worlds: one per account, made from the seed at the start or on first use, the addresses they share, and the number
//! of the newest forwarding table.
//!
//! In memory only; what is stored is gone with the process.

use std::collections::BTreeMap;

use clb_model::chance::Chance;
use clb_model::forwarding::{ForwardingTable, Observation};
use clb_model::refusal::Refusal;
use clb_model::task::{Occasion, TaskId};
use clb_model::time::Timestamp;
use clb_model::vip_pool::VipPool;
use clb_model::world::World;

use crate::account::{self, NoWorld, WORLDS_ON_USE};
use crate::seed;

/// Everything the simulator knows of the cloud.
#[derive(Debug)]
pub struct Store {
    worlds: BTreeMap<String, Kept>,
    vips: VipPool,
    chance: Chance,
    generation: u64,
    applied: u64,
}

/// A world, and the state of it that the newest forwarding table shows.
#[derive(Debug, Default)]
struct Kept {
    now: World,
    shown: World,
}

impl Kept {
    fn new(now: World) -> Self {
        Self { now, shown: World::default() }
    }
}

impl Store {
    /// The seed's worlds, one for each of the accounts it knows.
    pub fn seeded(accounts: &[String], mut vips: VipPool, chance: Chance, now: Timestamp) -> Self {
        let worlds = accounts
            .iter()
            .filter_map(|account| Some((account.clone(), Kept::new(seed::world(account, now, &mut vips)?))))
            .collect();
        Self { worlds, vips, chance, generation: 0, applied: 0 }
    }

    /// Goes on counting tables where another store has stopped.
    #[must_use]
    pub fn continuing(self, before: &Self) -> Self {
        Self { generation: before.generation, applied: before.applied, ..self }
    }

    /// Makes the world of an account that has none yet, where its name says from which of the seed's.
    pub fn enter(&mut self, account: &str, seeded: &[String], now: Timestamp) -> Result<(), NoWorld> {
        if self.worlds.contains_key(account) {
            return Ok(());
        }
        let (origin, _) =
            account::recognise(account, seeded.iter().map(String::as_str)).ok_or(NoWorld::NoSuchAccount)?;
        if self.worlds.keys().filter(|account| !seeded.contains(account)).count() >= WORLDS_ON_USE {
            return Err(NoWorld::TooMany);
        }
        let mut world = seed::world(origin, now, &mut self.vips).ok_or(NoWorld::NoSuchAccount)?;
        world.account.uin = account::number(account);
        self.worlds.insert(account.to_owned(), Kept::new(world));
        Ok(())
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
        task_id: TaskId,
        now: Timestamp,
        change: impl FnOnce(&mut World, &mut Occasion<'_>) -> Result<T, Refusal>,
    ) -> Option<Result<T, Refusal>> {
        let world = &mut self.worlds.get_mut(account)?.now;
        let mut occasion =
            Occasion { now, generation: self.generation + 1, task_id, chance: &mut self.chance, vips: &mut self.vips };
        Some(change(world, &mut occasion))
    }

    /// Takes in what the data plane reports. True when that changed what should be forwarding.
    pub fn observe(&mut self, observation: &Observation) -> bool {
        if let Observation::Applied { generation, .. } = observation {
            self.applied = self.applied.max(*generation);
        }
        self.worlds.values_mut().fold(false, |changed, kept| kept.now.observe(observation) | changed)
    }

    /// Makes the newest forwarding table of the one before it, by what has changed since.
    pub fn bring_up(&mut self, table: &mut ForwardingTable) {
        self.generation += 1;
        table.generation = self.generation;
        for kept in self.worlds.values_mut() {
            let changes = kept.now.changes_since(&kept.shown);
            table.take_in(&kept.now, &changes);
            for change in changes {
                kept.shown.apply(change);
            }
        }
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
