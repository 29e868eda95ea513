//! Whatever goes wrong while a stack lives, it converges: one apply without faults makes everything what the configuration
//! says, nothing exists twice or without being in the state, and destroying leaves nothing.
//!
//! Schedules are drawn from seeds. The long form: `CLB_FAULT_SCHEDULES=1000`; one seed again: `CLB_FAULT_SEED=7`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clb_acceptance_tests::certificates::Identity;
use clb_acceptance_tests::fault_schedule::{Schedule, Step, Trouble};
use clb_acceptance_tests::levers::{Inventory, Levers};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::stack::{Stack, Wanted};

/// How many schedules the short form has.
const SCHEDULES: u64 = 8;
/// How many lives are lived at once.
const AT_ONCE: usize = 4;
/// How many applies without faults a stack may take to converge.
const APPLIES: usize = 1;
/// Longer than the longest task.
const LONG: Duration = Duration::from_hours(25);

#[test]
fn a_stack_converges_whatever_goes_wrong() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, last) = match number("CLB_FAULT_SEED") {
        Some(seed) => (seed, seed),
        None => (0, number("CLB_FAULT_SCHEDULES").unwrap_or(SCHEDULES) - 1),
    };
    let next = Arc::new(AtomicU64::new(first));
    let lives = (0..AT_ONCE).map(|_| {
        let next = Arc::clone(&next);
        std::thread::spawn(move || {
            let mut failures = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed > last {
                    return failures;
                }
                if let Err(why) = live(&Schedule::of(seed)) {
                    eprintln!("{why}");
                    failures.push(why);
                }
            }
        })
    });
    let lives: Vec<_> = lives.collect();
    let failures: Vec<String> = lives.into_iter().flat_map(|life| life.join().unwrap()).collect();
    assert!(failures.is_empty(), "{} schedules do not converge:\n{}", failures.len(), failures.join("\n"));
}

/// One life in a world of its own; what does not hold, and how to see it again.
fn live(schedule: &Schedule) -> Result<(), String> {
    let world = Sandbox::start();
    let levers = world.levers();
    let again = format!("seed {0} (CLB_FAULT_SEED={0})", schedule.seed);
    world.block_on(async {
        let before = levers.inventory(world.account_name()).await;
        let core = world.core().await;
        let mut stack = Stack::new(&core, schedule.listeners);
        let certificates = [Identity::server(), Identity::server()];
        for (step, trouble) in &schedule.troubles {
            let wanted = wanted(*step, schedule.listeners, &certificates);
            light(&levers, trouble).await;
            let mut told = Vec::new();
            for _ in 0..trouble.tries {
                let core = world.core().await;
                stack = stack.in_process_of(&core);
                let done =
                    if *step == Step::Destroy { stack.destroy().await } else { stack.apply(&core, &wanted).await };
                told.extend(done.err().into_iter().flatten());
            }
            put_out(&levers, trouble).await;
            let wrong = |what: String| {
                let told = told.join("\n    ");
                Err(format!(
                    "{again}: at {step:?}, with {trouble}\n  {what}\n  while there were faults it said:\n    {told}"
                ))
            };
            let mut converged = Ok(());
            for _ in 0..APPLIES {
                let core = world.core().await;
                stack = stack.in_process_of(&core);
                converged =
                    if *step == Step::Destroy { stack.destroy().await } else { stack.apply(&core, &wanted).await };
            }
            if let Err(said) = converged {
                return wrong(format!("it does not converge: {}", said.join("\n    ")));
            }
            let there = levers.inventory(world.account_name()).await.without(&before);
            let known = if *step == Step::Destroy { Inventory::default() } else { stack.inventory() };
            if there != known {
                return wrong(format!("there is {there:?}\n  and should be {known:?}"));
            }
            if *step != Step::Destroy {
                let left = stack.left_to_do(&wanted).await;
                if !left.is_empty() {
                    return wrong(format!("the second plan is not empty: {}", left.join("\n    ")));
                }
            }
        }
        Ok(())
    })
}

/// What the stack is to be after a step.
fn wanted(step: Step, listeners: u16, certificates: &[Identity; 2]) -> Wanted {
    let [old, new] = certificates;
    let rotated = matches!(step, Step::Rotate | Step::Reweigh | Step::Destroy);
    Wanted {
        revision: u16::from(step != Step::Create),
        listeners,
        certificate: if rotated { new.clone() } else { old.clone() },
        version: if rotated { 2 } else { 1 },
        weights: if step == Step::Reweigh { vec![70, 0, 30] } else { vec![10, 20, 30] },
    }
}

async fn light(levers: &Levers, trouble: &Trouble) {
    levers.set_pace("", trouble.pace).await;
    if let Some(action) = trouble.endless {
        levers.set_pace(action, "1440m").await;
    }
    for fault in &trouble.faults {
        levers.add_fault(fault.clone()).await;
    }
}

async fn put_out(levers: &Levers, trouble: &Trouble) {
    levers.clear_faults().await;
    for action in trouble.endless.into_iter().chain([""]) {
        levers.set_pace(action, "now").await;
    }
    levers.advance_clock(LONG).await;
}
