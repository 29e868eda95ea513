//! Random operations on a world, its invariants after every step. A failure prints the seed, the step and the last steps.
//!
//! `CLB_WALK_SEED=7` walks that seed again. The long form is 1,000 seeds of 5,000 steps:
//! `CLB_WALK_SEEDS=1000 CLB_WALK_STEPS=5000 cargo test --release -p clb-model --test random_walk`.

#[path = "../rules/bench.rs"]
#[allow(dead_code)]
mod bench;
mod certificate;
mod data_plane;
mod listener;
mod load_balancer;
mod network;
mod security_group;
mod target;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clb_model::chance::Chance;
use clb_model::forwarding::ForwardingTable;
use clb_model::refusal::Refusal;
use clb_model::task::{Occasion, Pace};
use clb_model::world::World;

use bench::{BASIC, Bench, CLASSIC};

/// How long a task takes that takes time.
const TAKES: Duration = Duration::from_secs(5);
/// The short form.
const SEEDS: u64 = 12;
const STEPS: u64 = 600;

/// How often each kind of step was accepted, and refused.
type Tally = BTreeMap<&'static str, (u64, u64)>;

struct Walk {
    bench: Bench,
    chance: Chance,
    tally: Tally,
    /// Load balancers that are not deleted, so that something forwards in most steps.
    staying: Vec<String>,
    /// The world and its table, brought up to date by differences after every step.
    followed: World,
    table: ForwardingTable,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut bench = Bench::new();
        let followed = bench.world.clone();
        let table = ForwardingTable::default();
        let staying = (0..2).map(|_| bench.with_bindings().0).collect();
        bench.applies = false;
        Self { bench, chance: Chance::seeded(seed), tally: Tally::new(), staying, followed, table }
    }

    /// Does something, and says what.
    fn step(&mut self) -> &'static str {
        self.bench.pace = self.pick(&[Pace::AtOnce, Pace::AtOnce, Pace::After(TAKES), Pace::Polls(1)]);
        self.bench.fails_with = self.pick(&[None, None, None, Some("by order".to_owned())]);
        match self.chance.below(50) {
            0..3 => self.create_load_balancer(),
            3 => self.change_load_balancer(),
            4 => self.delete_load_balancer(),
            5..10 => self.create_listener(),
            10 | 11 => self.modify_listener(),
            12 => self.delete_or_stop_listeners(),
            13..17 => self.register(),
            17 | 18 => self.change_targets(),
            19 => self.deregister(),
            20 | 21 => self.batch(),
            22 | 23 => self.change_certificates(),
            24 => self.probe(),
            25 => self.change_networks(),
            26 => self.change_subnets(),
            27 | 28 => self.change_security_groups(),
            29 | 30 => self.change_rules(),
            31 | 32 => self.change_tags(),
            33 => self.change_quotas(),
            34 => self.change_instance(),
            _ => self.apply(),
        }
    }

    /// Asks for a change, counts the answer, and gives back what the change is called.
    fn asked<T>(
        &mut self,
        name: &'static str,
        change: impl FnOnce(&mut World, &mut Occasion<'_>) -> Result<T, Refusal>,
    ) -> &'static str {
        let done = self.bench.ask(change);
        let (accepted, refused) = self.tally.entry(name).or_default();
        *(if done.is_ok() { accepted } else { refused }) += 1;
        name
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.chance.below(from.len() as u64)).expect("small")].clone()
    }

    /// Mostly one that is there, sometimes one that cannot do it or is not there.
    fn mostly(&mut self, there: &[String], odd: &[&str]) -> String {
        if there.is_empty() || self.chance.below(8) == 0 { self.pick(odd).to_owned() } else { self.pick(there) }
    }

    fn any_load_balancer(&mut self) -> String {
        let ids = self.bench.region().load_balancers().map(|it| it.id.to_string());
        let ids: Vec<String> = ids.filter(|id| id != CLASSIC && id != BASIC).collect();
        self.mostly(&ids, &[CLASSIC, BASIC, "lb-99999999", "nonsense"])
    }

    fn any_listener(&mut self) -> (String, String) {
        let load_balancers = self.bench.region().load_balancers();
        let pairs: Vec<(String, String)> = load_balancers
            .flat_map(|it| it.listeners().map(move |listener| (it.id.to_string(), listener.id.to_string())))
            .collect();
        if pairs.is_empty() || self.chance.below(8) == 0 {
            return (self.any_load_balancer(), "lbl-99999999".to_owned());
        }
        self.pick(&pairs)
    }

    fn any_certificate(&mut self) -> String {
        let ids: Vec<String> = self.bench.world.certificates().map(|it| it.id.to_string()).collect();
        self.mostly(&ids, &["missing0"])
    }

    /// Mostly one of a server.
    fn any_server_certificate(&mut self) -> String {
        let servers = self.bench.world.certificates().filter(|it| !it.facts.is_ca);
        let servers: Vec<String> = servers.map(|it| it.id.to_string()).collect();
        self.mostly(&servers, &["missing0"])
    }

    /// Takes in what the step has changed: the table is the one that would be made anew, and the world the same.
    fn follow(&mut self, whole: bool) {
        let world = &self.bench.world;
        let changes = world.changes_since(&self.followed);
        self.table.take_in(world, &changes);
        for change in changes {
            self.followed.apply(change);
        }
        let anew: BTreeMap<_, _> = world.forwardings().map(|(id, forwarding)| (id, Arc::new(forwarding))).collect();
        assert_eq!(self.table.listeners, anew);
        // Quotas are set from outside; they are no state that a write changes.
        self.followed.quotas = world.quotas;
        assert_eq!(world.changes_since(&self.followed), []);
        if whole {
            let same = format!("{:?}", self.followed) == format!("{world:?}");
            assert!(same, "the world that followed is another");
        }
    }
}

/// The last steps of a walk; says them when something panics.
struct Recent {
    seed: u64,
    steps: VecDeque<(u64, &'static str)>,
}

/// How many steps a failure shows.
const SHOWN: usize = 12;

impl Recent {
    fn add(&mut self, number: u64, name: &'static str) {
        if self.steps.len() == SHOWN {
            self.steps.pop_front();
        }
        self.steps.push_back((number, name));
    }
}

impl Drop for Recent {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let last = self.steps.back().map_or(0, |(number, _)| number + 1);
            eprintln!("seed {}: it happened in step {last} or at its end, after {:?}", self.seed, self.steps);
        }
    }
}

fn walk(seed: u64, steps: u64) -> Tally {
    let mut walk = Walk::new(seed);
    let mut recent = Recent { seed, steps: VecDeque::new() };
    for step in 0..steps {
        let name = walk.step();
        walk.follow(step % 50 == 0);
        let broken = walk.bench.world.broken_invariants(&walk.bench.vips);
        assert!(broken.is_empty(), "seed {seed}, step {step} ({name}): {broken:?}");
        recent.add(step, name);
    }
    walk.tally
}

/// A number from the environment, or the short form's.
fn asked_for(variable: &str, otherwise: u64) -> u64 {
    match std::env::var(variable) {
        Ok(number) => number.parse().unwrap_or_else(|_| panic!("{variable} is a number")),
        Err(_) => otherwise,
    }
}

#[test]
fn invariants_hold_after_every_step() {
    let steps = asked_for("CLB_WALK_STEPS", STEPS);
    let (first, end) = match std::env::var_os("CLB_WALK_SEED") {
        Some(_) => (asked_for("CLB_WALK_SEED", 0), asked_for("CLB_WALK_SEED", 0) + 1),
        None => (0, asked_for("CLB_WALK_SEEDS", SEEDS)),
    };
    let (next, tally) = (AtomicU64::new(first), Mutex::new(Tally::new()));
    let walks = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return;
            }
            let counted = walk(seed, steps);
            let mut tally = tally.lock().expect("no other walk has failed");
            for (name, (accepted, refused)) in counted {
                let sum = tally.entry(name).or_default();
                *sum = (sum.0 + accepted, sum.1 + refused);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(walks);
        }
    });
    // A walk that never gets anywhere would prove nothing.
    if end - first > 1 {
        let tally = tally.into_inner().expect("no walk has failed");
        let never: Vec<_> = tally.iter().filter(|(_, (accepted, refused))| *accepted == 0 || *refused == 0).collect();
        assert!(never.is_empty(), "only ever refused, or only ever accepted (accepted, refused): {never:?}");
    }
}

#[test]
fn the_same_seed_walks_the_same_way() {
    let walk = || {
        let mut walk = Walk::new(99);
        for _ in 0..200 {
            walk.step();
        }
        format!("{:?}", walk.bench.world)
    };
    assert_eq!(walk(), walk());
}
