//! Tasks: one at a time for a load balancer, ended by what the data plane reports, and no sooner than their pace allows.

use std::collections::BTreeMap;
use std::time::Duration;

use clb_model::forwarding::Observation;
use clb_model::health::HealthCheckDraft;
use clb_model::listener::{ListenerChange, ListenerDraft};
use clb_model::load_balancer::{LoadBalancerChange, LoadBalancerDraft, Phase};
use clb_model::rules::Rule;
use clb_model::task::{Pace, TaskState};

use crate::bench::{BLUE, Bench, REGION, instance, public, targets};

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
    bench.observe(&Observation::Applied { generation: 2, failed: BTreeMap::new() });
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
fn a_task_that_takes_time_ends_when_it_has_passed_and_its_table_is_in_effect() {
    let mut bench = Bench::new();
    bench.applies = false;
    bench.pace = Pace::After(Duration::from_secs(10));
    let id = bench.load_balancer();
    let task = bench.newest_task();
    let phase = |bench: &Bench| bench.region().load_balancer(&id, Rule::LbNotFound).expect("there").phase;
    assert!(!bench.pass(Duration::from_secs(20)).ended, "the table is not in effect");
    bench.apply(BTreeMap::new());
    assert_eq!((state(&bench, &task), phase(&bench)), (TaskState::Running, Phase::Creating));
    let delete = [id.clone()];
    let rule = bench.refused(|world, occasion| world.delete_load_balancers(REGION, &delete, true, occasion));
    assert_eq!(rule, Rule::LbTaskLockDeleteLb);
    // It was started a second before the bench's time.
    assert!(!bench.pass(Duration::from_millis(8999)).ended);
    assert_eq!(bench.world.next_ending(), Some(bench.now().after(Duration::from_secs(9))));
    assert!(bench.pass(Duration::from_secs(9)).ended);
    assert_eq!((state(&bench, &task), phase(&bench)), (TaskState::Succeeded, Phase::Running));
    assert_eq!(bench.world.next_ending(), None);
}

#[test]
fn a_task_that_waits_for_questions_ends_with_the_last_one() {
    let mut bench = Bench::new();
    bench.pace = Pace::Polls(2);
    bench.load_balancer();
    let task = bench.newest_task();
    for _ in 0..2 {
        assert_eq!(state(&bench, &task), TaskState::Running);
        assert_eq!(bench.world.poll_task(REGION, &task, bench.now()), Ok(None));
        bench.pass(Duration::ZERO);
    }
    assert_eq!(bench.world.poll_task(REGION, &task, bench.now()), Ok(Some(TaskState::Succeeded)));
}

/// What a bench's world has, but for its tasks.
fn land(bench: &Bench) -> String {
    let load_balancers: Vec<_> = bench.region().load_balancers().collect();
    format!("{load_balancers:?}")
}

#[test]
fn what_a_failing_task_creates_is_there_while_it_runs_and_gone_when_it_has_failed() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let before = land(&bench);
    bench.applies = false;
    bench.fails_with = Some("as told".into());
    let token = LoadBalancerDraft { client_token: Some("token".into()), ..public() };
    let id = bench.create_load_balancer(&token);
    let (vip, first) = {
        let created = bench.region().load_balancer(&id, Rule::LbNotFound).expect("there while it runs");
        (created.vip, bench.newest_task())
    };
    bench.create_listeners(&draft);
    let second = bench.newest_task();
    assert_ne!(land(&bench), before);
    assert!(bench.apply(BTreeMap::new()), "what should be forwarding has changed");
    for task in [first, second] {
        assert_eq!(state(&bench, &task), TaskState::Failed("as told".into()));
    }
    assert_eq!(land(&bench), before);
    assert!(!bench.vips.is_taken(vip), "its address is free again");
    bench.fails_with = None;
    assert_ne!(bench.create_load_balancer(&token), id, "its token is good again");
}

#[test]
fn what_a_failing_task_would_change_or_delete_stays() {
    let mut bench = Bench::new();
    let (lb, listener) = bench.with_bindings();
    let before = land(&bench);
    bench.fails_with = Some("as told".into());
    let rename = LoadBalancerChange { name: Some("other".into()), ..LoadBalancerChange::default() };
    bench.ask(|world, occasion| world.modify_load_balancer(REGION, &lb, &rename, occasion)).expect("accepted");
    let bound = targets(&lb, &listener, vec![instance(BLUE, 80)]);
    bench.ask(|world, occasion| world.delete_bindings(REGION, &bound, occasion)).expect("accepted");
    bench.ask(|world, occasion| world.delete_listener(REGION, &lb, &listener, occasion)).expect("accepted");
    let ids = [lb.clone()];
    bench.ask(|world, occasion| world.delete_load_balancers(REGION, &ids, true, occasion)).expect("accepted");
    assert_eq!(state(&bench, &bench.newest_task()), TaskState::Failed("as told".into()));
    assert_eq!(land(&bench), before);
    let wrong = LoadBalancerChange { name: Some(String::new()), ..LoadBalancerChange::default() };
    let rule = bench.refused(|world, occasion| world.modify_load_balancer(REGION, &lb, &wrong, occasion));
    assert_eq!(rule, Rule::LbNameLength, "the rules hold all the same");
}

#[test]
fn an_order_is_known_by_its_name_too() {
    let mut bench = Bench::new();
    let order = bench.ask(|world, occasion| world.create_load_balancers(REGION, &public(), occasion)).expect("valid");
    let task = bench.region().tasks.view(order.deal_name.as_str()).expect("known");
    assert_eq!((task.id.as_str(), &task.load_balancers), (bench.newest_task().as_str(), &order.load_balancers));
}

#[test]
fn a_call_that_is_repeated_with_its_token_has_the_same_task() {
    let mut bench = Bench::new();
    bench.applies = false;
    let draft = LoadBalancerDraft { client_token: Some("token".into()), ..public() };
    let first = bench.ask(|world, occasion| world.create_load_balancers(REGION, &draft, occasion)).expect("valid");
    for _ in 0..300 {
        let again = bench.ask(|world, occasion| world.create_load_balancers(REGION, &draft, occasion));
        assert_eq!(again.as_ref(), Ok(&first));
    }
    let newest = bench.newest_task();
    assert_eq!(state(&bench, &newest), TaskState::Running, "as long as the first");
    bench.apply(BTreeMap::new());
    for task in ["task-1", &newest, first.deal_name.as_str()] {
        assert_eq!(state(&bench, task), TaskState::Succeeded, "{task}");
    }
    assert!(bench.region().tasks.view("task-3").is_err(), "so many names are remembered and no more");
}

#[test]
fn an_unknown_task_is_refused() {
    let bench = Bench::new();
    assert_eq!(bench.region().tasks.view("task-0").expect_err("unknown").rule, Rule::TaskUnknownId);
}
