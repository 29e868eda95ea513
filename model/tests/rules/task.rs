//! Tasks: one at a time for a load balancer, ended by what the data plane reports and by nothing else.

use std::collections::BTreeMap;

use clb_model::forwarding::Observation;
use clb_model::health::HealthCheckDraft;
use clb_model::listener::{ListenerChange, ListenerDraft};
use clb_model::load_balancer::{LoadBalancerChange, Phase};
use clb_model::rules::Rule;
use clb_model::task::TaskState;

use crate::bench::{BLUE, Bench, REGION, instance, targets};

fn state(bench: &Bench, task: &str) -> TaskState {
    bench.region().tasks.view(task).expect("the task is remembered").state.clone()
}

#[test]
fn a_task_ends_when_its_table_is_in_effect_and_not_before() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    bench.applies = false;
    bench.create_listeners(&draft);
    let task = bench.newest_task();
    assert_eq!(state(&bench, &task), TaskState::Running);
    bench.world.observe(&Observation::Applied { generation: 2, failed: BTreeMap::new() });
    assert_eq!(state(&bench, &task), TaskState::Running, "an older table says nothing of it");
    bench.apply(BTreeMap::new());
    assert_eq!(state(&bench, &task), TaskState::Succeeded);
}

#[test]
fn a_newer_table_ends_the_tasks_of_the_skipped_ones() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let other = bench.load_balancer();
    bench.applies = false;
    bench.create_listeners(&draft);
    let first = bench.newest_task();
    bench.create_listeners(&ListenerDraft { load_balancer_id: other, ..draft });
    let second = bench.newest_task();
    bench.apply(BTreeMap::new());
    assert_eq!((state(&bench, &first), state(&bench, &second)), (TaskState::Succeeded, TaskState::Succeeded));
}

#[test]
fn every_write_to_a_busy_load_balancer_is_refused() {
    let mut bench = Bench::new();
    let (lb, listener) = bench.with_bindings();
    let certificate = bench.certificate("SVR");
    bench.applies = false;
    let change = LoadBalancerChange::default();
    bench.ask(|world, occasion| world.modify_load_balancer(REGION, &lb, &change, occasion)).expect("idle");

    let bound = targets(&lb, &listener, vec![instance(BLUE, 80)]);
    let mut new = crate::bench::listener(&lb, &certificate);
    new.ports = vec![444];
    let listed = Rule::LbTaskLock;
    let unlisted = Rule::LbTaskLockUnlistedWrites;
    let modify = ListenerChange::default();
    assert_eq!(bench.refused(|world, o| world.modify_load_balancer(REGION, &lb, &change, o)), listed);
    assert_eq!(bench.refused(|world, o| world.create_listeners(REGION, &new, o)), listed);
    assert_eq!(bench.refused(|world, o| world.modify_listener(REGION, &lb, &listener, &modify, o)), listed);
    assert_eq!(bench.refused(|world, o| world.delete_listener(REGION, &lb, &listener, o)), unlisted);
    assert_eq!(bench.refused(|world, o| world.create_bindings(REGION, &bound, o)), listed);
    assert_eq!(bench.refused(|world, o| world.modify_binding_weights(REGION, &bound, None, o)), listed);
    assert_eq!(bench.refused(|world, o| world.modify_binding_ports(REGION, &bound, 81, o)), listed);
    assert_eq!(bench.refused(|world, o| world.delete_bindings(REGION, &bound, o)), unlisted);
    assert_eq!(bench.refused(|world, o| world.create_bindings_in_batch(REGION, &lb, &[], o)), listed);
    assert_eq!(bench.refused(|world, o| world.delete_bindings_in_batch(REGION, &lb, &[], o)), unlisted);
    assert_eq!(bench.refused(|world, o| world.modify_binding_weights_in_batch(REGION, &lb, &[], o)), unlisted);
    assert_eq!(bench.refused(|world, o| world.set_security_groups(REGION, &lb, &[], o)), listed);
    let ids = [lb.clone()];
    assert_eq!(bench.refused(|world, o| world.delete_load_balancers(REGION, &ids, true, o)), Rule::LbTaskLockDeleteLb);

    let other = bench.load_balancer();
    assert_ne!(other, lb, "another load balancer is not held up");
    bench.apply(BTreeMap::new());
    bench.ask(|world, occasion| world.modify_load_balancer(REGION, &lb, &change, occasion)).expect("idle again");
}

#[test]
fn a_load_balancer_is_ready_when_its_task_has_ended() {
    let mut bench = Bench::new();
    bench.applies = false;
    let id = bench.load_balancer();
    let phase = |bench: &Bench| bench.region().load_balancer(&id, Rule::LbNotFound).expect("there").phase;
    assert_eq!(phase(&bench), Phase::Creating);
    bench.apply(BTreeMap::new());
    assert_eq!(phase(&bench), Phase::Running);
    let task = bench.newest_task();
    let listed: Vec<String> =
        bench.region().tasks.view(&task).expect("remembered").load_balancers.iter().map(ToString::to_string).collect();
    assert_eq!(listed, [id]);
}

#[test]
fn a_port_that_cannot_be_opened_fails_the_task_and_the_listener_goes() {
    let mut bench = Bench::new();
    let draft = ListenerDraft { ports: vec![443, 444], ..bench.with_listener_draft() };
    bench.applies = false;
    let ids = bench.create_listeners(&draft);
    let task = bench.newest_task();
    let failed = BTreeMap::from([(ids[0].as_str().into(), "the port is taken".to_owned())]);
    assert!(bench.apply(failed), "what should be forwarding has changed");
    let TaskState::Failed(reason) = state(&bench, &task) else { panic!("the task has failed") };
    assert!(reason.contains("127.80.0.1:443") && reason.contains("the port is taken"), "{reason}");
    assert_eq!(bench.forwarding(&ids[0]), None);
    assert!(bench.forwarding(&ids[1]).is_some(), "the other port is open");
    bench.applies = true;
    bench.create_listeners(&ListenerDraft { ports: vec![443], ..draft });
}

#[test]
fn a_change_that_the_data_plane_fails_at_fails_its_task_and_the_listener_stays() {
    let mut bench = Bench::new();
    let (lb, listener) = bench.with_listener();
    bench.applies = false;
    let change = ListenerChange {
        health_check: HealthCheckDraft { interval: Some(9), ..HealthCheckDraft::default() },
        ..ListenerChange::default()
    };
    bench.ask(|world, occasion| world.modify_listener(REGION, &lb, &listener, &change, occasion)).expect("valid");
    let task = bench.newest_task();
    bench.apply(BTreeMap::from([(listener.as_str().into(), "no".to_owned())]));
    assert!(matches!(state(&bench, &task), TaskState::Failed(_)));
    assert!(bench.forwarding(&listener).is_some());
}

#[test]
fn an_unknown_task_is_refused() {
    let bench = Bench::new();
    assert_eq!(bench.region().tasks.view("task-0").expect_err("unknown").rule, Rule::TaskUnknownId);
}
