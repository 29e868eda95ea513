//! Deleting listeners together, stopping and starting them.

use clb_model::forwarding::{BackendAddress, Observation};
use clb_model::health::Verdict;
use clb_model::listener::{ListenerDraft, RunningDraft};
use clb_model::rules::Rule;

use crate::bench::{Bench, REGION};

/// A load balancer with a QUIC listener on each of three ports, and one of TCP.
fn four(bench: &mut Bench) -> (String, Vec<String>) {
    let draft = ListenerDraft { ports: vec![1, 2, 3], ..bench.with_listener_draft() };
    let mut ids = bench.create_listeners(&draft);
    let tcp = ListenerDraft {
        load_balancer_id: draft.load_balancer_id.clone(),
        protocol: "TCP".into(),
        ports: vec![1],
        ..ListenerDraft::default()
    };
    ids.extend(bench.create_listeners(&tcp));
    (draft.load_balancer_id, ids)
}

fn left(bench: &Bench, load_balancer: &str) -> usize {
    bench.region().load_balancer(load_balancer, Rule::LbNotFound).expect("there").listeners().count()
}

#[test]
fn listeners_are_deleted_together_or_not_at_all() {
    let mut bench = Bench::new();
    let (lb, ids) = four(&mut bench);
    let unknown = [ids[0].clone(), "lbl-99999998".into(), "lbl-99999999".into()];
    let refusal = bench.ask(|world, occasion| world.delete_listeners(REGION, &lb, &unknown, occasion));
    let refusal = refusal.expect_err("two are not there");
    assert_eq!(refusal.rule, Rule::ListenerNotFoundBatchDelete);
    assert_eq!(refusal.given.as_deref(), Some("lbl-99999998,lbl-99999999"));
    let many = vec![ids[0].clone(); 21];
    let rule = bench.refused(|world, occasion| world.delete_listeners(REGION, &lb, &many, occasion));
    assert_eq!(rule, Rule::ListenerDeleteIdsMax20);
    bench.ask(|world, occasion| world.delete_listeners(REGION, &lb, &many[..20], occasion)).expect("20 are fine");
    assert_eq!(left(&bench, &lb), 3);
}

#[test]
fn without_ids_every_listener_of_the_load_balancer_is_deleted() {
    let mut bench = Bench::new();
    let (lb, _) = four(&mut bench);
    let (other, _) = four(&mut bench);
    bench.ask(|world, occasion| world.delete_listeners(REGION, &lb, &[], occasion)).expect("valid");
    assert_eq!((left(&bench, &lb), left(&bench, &other)), (0, 4));
    bench.ask(|world, occasion| world.delete_listeners(REGION, &lb, &[], occasion)).expect("none is all of none");
}

fn running(operation: &str, load_balancer: &str, ids: &[&str]) -> RunningDraft {
    RunningDraft {
        operation: operation.into(),
        load_balancer_id: load_balancer.into(),
        listener_ids: ids.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_stopped_listener_forwards_nothing_until_it_is_started() {
    let mut bench = Bench::new();
    let (lb, ids) = four(&mut bench);
    let set = |bench: &mut Bench, draft: RunningDraft| {
        bench.ask(|world, occasion| world.set_listeners_running(REGION, &draft, occasion)).expect("valid");
    };
    let forward = |bench: &Bench| ids.iter().map(|id| bench.forwarding(id).is_some()).collect::<Vec<bool>>();
    set(&mut bench, running("Stop", &lb, &[&ids[1]]));
    assert_eq!(forward(&bench), [true, false, true, false]);
    set(&mut bench, running("Stop", &lb, &[]));
    assert_eq!(forward(&bench), [false; 4]);
    let stopped: Vec<bool> = bench
        .region()
        .load_balancer(&lb, Rule::LbNotFound)
        .expect("there")
        .listeners()
        .map(|listener| listener.stopped)
        .collect();
    assert_eq!(stopped, [true; 4], "the one of TCP too");
    set(&mut bench, running("Start", &lb, &[&ids[0], &ids[3]]));
    set(&mut bench, running("Start", &lb, &[&ids[0]]));
    assert_eq!(forward(&bench), [true, false, false, false]);
    set(&mut bench, running("Start", &lb, &[]));
    assert_eq!(forward(&bench), [true, true, true, false]);
}

#[test]
fn stopping_needs_a_word_listeners_and_ids_that_are_there() {
    let mut bench = Bench::new();
    let (lb, ids) = four(&mut bench);
    let empty = bench.load_balancer();
    for (draft, rule) in [
        (running("stop", &lb, &[]), Rule::StartStatusOperationEnum),
        (running("Stop", &lb, &[&ids[0], "lbl-99999999"]), Rule::ListenerNotFoundStartStop),
        (running("Stop", &empty, &[]), Rule::LbStopNeedsListeners),
        (running("Stop", "lb-99999999", &[]), Rule::LbNotFoundUnlisted),
    ] {
        let refused = bench.refused(|world, occasion| world.set_listeners_running(REGION, &draft, occasion));
        assert_eq!(refused, rule);
    }
    let start = running("Start", &empty, &[]);
    bench.ask(|world, occasion| world.set_listeners_running(REGION, &start, occasion)).expect("nothing to start");
}

#[test]
fn backends_prove_themselves_anew_when_their_listener_is_started() {
    let mut bench = Bench::new();
    let (lb, id) = bench.with_bindings();
    let verdicts = |bench: &Bench| -> Vec<Verdict> {
        let region = bench.region();
        let listener = region.load_balancer(&lb, Rule::LbNotFound).and_then(|it| it.listener(&id)).expect("there");
        listener.bindings().iter().map(|binding| binding.health.verdict()).collect()
    };
    let address = BackendAddress { ip: [10, 0, 1, 5].into(), port: 80 };
    let (load_balancer_id, listener_id) = (lb.as_str().into(), id.as_str().into());
    let passed = Observation::Probed { load_balancer_id, listener_id, address, passed: true };
    for _ in 0..3 {
        bench.observe(&passed);
    }
    assert_eq!(verdicts(&bench), [Verdict::Alive, Verdict::Unknown]);
    for operation in ["Stop", "Start"] {
        let draft = running(operation, &lb, &[]);
        bench.ask(|world, occasion| world.set_listeners_running(REGION, &draft, occasion)).expect("valid");
        assert_eq!(verdicts(&bench), [Verdict::Unknown; 2]);
        if operation == "Stop" {
            (0..3).for_each(|_| assert!(!bench.observe(&passed), "a late probe says nothing"));
        }
    }
}
