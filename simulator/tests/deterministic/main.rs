//! The whole data plane in one process, on virtual time, over a simulated network: the same seed gives the same run.
//!
//! ```text
//!  peer (quinn) ──► fabric: UDP with weather ──► data plane ──► tcp ──► backend        walk: what happens when
//!        └───────────────────────── ledger: what each end has sent and heard ─────────────┘
//! ```
//!
//! `health.rs` is about checks alone, to the second.
//!
//! A failure prints its seed and the last events. `CLB_PLANE_SEED=7` walks that seed again. The long form is
//! `CLB_PLANE_SEEDS=2000 CLB_PLANE_STEPS=200 cargo test --release -p clb-simulator --test deterministic`.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod backend;
mod certificates;
mod fabric;
mod health;
mod ledger;
mod machine;
mod peer;
mod tcp;
mod trace;
mod walk;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Once;

use tokio::runtime::Builder;

use walk::Walk;

/// The short form.
const SEEDS: u64 = 20;
const STEPS: u64 = 60;

thread_local! {
    /// Panics of tasks on this thread; the data plane itself swallows none, but nobody asks how its tasks ended.
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Run {
    faults: Vec<String>,
    events: Vec<String>,
    /// Streams that came to their end both ways.
    whole: usize,
    tally: BTreeMap<&'static str, usize>,
}

fn remember_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            PANICS.with_borrow_mut(|panics| panics.push(panic.to_string()));
            previous(panic);
        }));
    });
}

fn run(seed: u64, steps: u64, keeps_all: bool) -> Run {
    remember_panics();
    // Time only: no task of it can reach the machine's own network.
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let (trace, whole, tally) = runtime.block_on(async {
        let mut walk = Walk::begin(seed, keeps_all).await;
        for _ in 0..steps {
            walk.step().await;
        }
        let tally = std::mem::take(&mut walk.tally);
        let (trace, whole) = walk.settle().await;
        (trace, whole, tally)
    });
    drop(runtime);
    let mut faults = trace.faults();
    faults.extend(PANICS.take());
    Run { faults, events: trace.events(), whole, tally }
}

fn asked_for(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn nothing_that_happens_loses_bytes_or_keeps_anything() {
    let steps = asked_for("CLB_PLANE_STEPS").unwrap_or(STEPS);
    let seeds = match asked_for("CLB_PLANE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..asked_for("CLB_PLANE_SEEDS").unwrap_or(SEEDS),
    };
    // Who repeats one wants to see all of it.
    let keeps_all = asked_for("CLB_PLANE_SEED").is_some();
    let (mut whole, mut tally) = (0, BTreeMap::new());
    for seed in seeds {
        let run = run(seed, steps, keeps_all);
        whole += run.whole;
        for (step, count) in run.tally {
            *tally.entry(step).or_insert(0) += count;
        }
        assert!(
            run.faults.is_empty(),
            "seed {seed} (again: CLB_PLANE_SEED={seed} CLB_PLANE_STEPS={steps} cargo test -p clb-simulator --test \
             deterministic):\n{}\n\nthe events:\n{}",
            run.faults.join("\n"),
            run.events.join("\n"),
        );
    }
    println!("{whole} streams came to their end both ways; steps: {tally:?}");
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in [1, 2] {
        let (one, two) = (run(seed, STEPS, true), run(seed, STEPS, true));
        let differ = one.events.iter().zip(&two.events).position(|(one, two)| one != two);
        if let Some(at) = differ {
            let before = one.events[at.saturating_sub(20)..at].join("\n");
            panic!("seed {seed} differs at event {at}:\n{before}\none: {}\ntwo: {}", one.events[at], two.events[at]);
        }
        assert_eq!(one.events.len(), two.events.len(), "seed {seed}: one run is longer");
        assert!(one.events.len() > 1_000, "seed {seed}: next to nothing happens");
    }
}
