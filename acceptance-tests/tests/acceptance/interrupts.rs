//! Ctrl-C, and processes that are killed, in the middle of an apply: the next one puts it right, nothing exists twice and
//! nothing is left behind.
//!
//! The provider is a process of its own here, as for users. What cannot be promised is in the guide on troubleshooting.

use std::time::{Duration, Instant};

use clb_acceptance_tests::levers::Inventory;
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{CERTIFICATE, LISTENER, LOAD_BALANCER, Service};
use clb_acceptance_tests::terraform::Running;

/// How long Terraform may take to get as far as a call, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long tasks take while something is interrupted: long enough to be interrupted in.
const TASKS: &str = "2s";

const APPLY: [&str; 3] = ["apply", "-auto-approve", "-no-color"];
const DESTROY: [&str; 3] = ["destroy", "-auto-approve", "-no-color"];

/// Starts Terraform, and strikes when the platform has answered the next call of an action. Gives what Terraform said.
fn strike(world: &Sandbox, arguments: &[&str], action: &str, strike: impl FnOnce(&Running)) -> String {
    world.slow_tasks(TASKS);
    let answered = || world.calls().iter().filter(|call| call.action == action).count();
    let before = answered();
    let running = world.terraform.start(arguments);
    let started = Instant::now();
    while answered() == before {
        assert!(started.elapsed() < PATIENCE, "{action} does not come: {}", running.outcome().text());
        std::thread::sleep(Duration::from_millis(10));
    }
    strike(&running);
    let said = running.outcome().text();
    world.slow_tasks("now");
    said
}

fn interrupt(running: &Running) {
    running.signal("INT");
}

fn interrupt_twice(running: &Running) {
    running.signal("INT");
    running.signal("INT");
}

fn kill_terraform(running: &Running) {
    running.signal("KILL");
}

fn kill_provider(running: &Running) {
    assert!(running.signal_provider("KILL"), "Terraform has no provider running");
}

/// After an apply exactly what is in the state exists, beside what was there before.
fn expect_that_it_converges(world: &Sandbox, configuration: &str, before: &Inventory) {
    world.terraform.apply(configuration);
    let there = world.inventory().without(before);
    let only = |id: String| [id].into();
    let known = Inventory {
        load_balancers: only(world.terraform.text(LOAD_BALANCER, "load_balancer_id")),
        listeners: only(world.terraform.text(LISTENER, "listener_id")),
        certificates: only(world.terraform.text(CERTIFICATE, "certificate_id")),
        ..Inventory::default()
    };
    assert_eq!(there, known);
}

#[test]
fn whoever_is_interrupted_or_killed_the_next_apply_puts_it_right() {
    let first = Service::new().listener("name = \"first\"").hcl();
    let second = Service::new().listener("name = \"second\"").hcl();
    let world = Sandbox::start_packaged(&first);
    let before = world.inventory();

    for action in ["CreateLoadBalancer", "CreateListener"] {
        let said = strike(&world, &APPLY, action, interrupt);
        super::expect_words(&said, &["Interrupt received"]);
        expect_that_it_converges(&world, &first, &before);
        world.terraform.destroy();
        assert_eq!(world.inventory(), before);
    }

    expect_that_it_converges(&world, &first, &before);
    let mut others = [&second, &first].into_iter().cycle();
    for struck in [interrupt, interrupt_twice, kill_provider, kill_terraform] {
        let next = others.next().unwrap();
        world.terraform.write("main.tf", next);
        strike(&world, &APPLY, "ModifyListener", struck);
        expect_that_it_converges(&world, next, &before);
    }
    for struck in [interrupt, kill_provider, kill_terraform] {
        strike(&world, &DESTROY, "DeleteListener", struck);
        expect_that_it_converges(&world, &first, &before);
    }
    world.terraform.destroy();
    assert_eq!(world.inventory(), before);
}

#[test]
fn a_listener_whose_creation_was_killed_is_named_by_the_next_plan_and_can_be_imported() {
    let service = Service::new().hcl();
    let world = Sandbox::start_packaged(&service);
    let before = world.inventory();
    strike(&world, &APPLY, "CreateListener", kill_provider);
    assert!(world.terraform.attributes(LISTENER).is_none());

    let said = world.terraform.refused_plan(&service);
    let listener = world.inventory().without(&before).listeners.into_iter().next().unwrap();
    let id = format!("{}/{listener}", world.terraform.text(LOAD_BALANCER, "load_balancer_id"));
    super::expect_words(&said, &["8443", "is taken", &id]);
    world.terraform.import(LISTENER, &id);
    expect_that_it_converges(&world, &service, &before);
    world.terraform.destroy();
    assert_eq!(world.inventory(), before);
}
