//! Traps of creating: what was accepted is in the state before its task is waited for, and nothing is there twice.

use std::time::{Duration, Instant};

use clb_acceptance_tests::levers::Levers;
use clb_acceptance_tests::parts::{self, Parts, listener, made};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{LOAD_BALANCER, REQUIRED_PROVIDERS};
use clb_provider::resources::load_balancer::LoadBalancerConfig;
use clb_provider::resources::quic_listener::QuicListenerConfig;
use clb_provider::resources::{LoadBalancer, QuicListener};
use clb_simulator::generated::clbsim::Fault;
use serde_json::Value as Json;
use tfplugin_sdk::testing::Instance;
use tfplugin_sdk::{Resource, TimeoutsConfig, Value};

/// The ways in which the wait for a task ends badly.
const BAD_ENDS: [&str; 3] = ["its task fails", "its task cannot be followed", "Terraform is interrupted"];

/// Lets the task of an action end badly; gives how long until the user interrupts Terraform.
async fn spoil(levers: &Levers, action: &str, how: &str) -> Duration {
    let never = Duration::from_mins(1);
    let fault = Fault { action: action.to_owned(), count: Some(1), ..Fault::default() };
    match how {
        "its task fails" => {
            levers.add_fault(Fault { fail_task: "It has failed.".to_owned(), ..fault }).await;
            never
        }
        "its task cannot be followed" => {
            let code = "FailedOperation".to_owned();
            levers.add_fault(Fault { action: "DescribeTaskStatus".to_owned(), count: None, code, ..fault }).await;
            never
        }
        _ => {
            levers.set_pace(action, "3600s").await;
            Duration::from_millis(300)
        }
    }
}

async fn mend(levers: &Levers, action: &str) {
    levers.clear_faults().await;
    levers.set_pace(action, "now").await;
    levers.advance_clock(Duration::from_hours(2)).await;
}

/// It as the next command of Terraform finds it.
async fn next_command<R: Resource>(world: &Sandbox, instance: Instance<R>) -> Instance<R> {
    let core = world.core().await;
    if instance.stored().is_null() {
        return core.resource();
    }
    let mut instance = instance.in_process_of(&core);
    instance.refresh().await.unwrap();
    if instance.stored().is_null() { core.resource() } else { instance }
}

#[test]
fn a_listener_whose_creation_ends_badly_is_known_and_there_once() {
    for how in BAD_ENDS {
        let world = Sandbox::start();
        let levers = world.levers();
        world.block_on(async {
            let core = world.core().await;
            let parts = Parts::make(&core, &world.server).await;
            let (balancer, _, certificate) = parts.ids();
            let config = listener(&balancer, 9443, &certificate);
            let before = levers.inventory(world.account_name()).await;
            let after = spoil(&levers, "CreateListener", how).await;
            let mut instance = core.resource::<QuicListener>();
            let said = Box::pin(core.interrupt_after(after, instance.apply(&config))).await.unwrap_err();
            assert!(said.diagnostics()[0].detail.contains("request id"), "{how}: {said:?}");
            let there = levers.inventory(world.account_name()).await.without(&before).listeners;
            let known = instance.state().map(|it| it.listener_id);
            assert!(there.iter().all(|id| known.as_ref() == Some(id)), "{how}: {there:?} and {known:?}");

            mend(&levers, "CreateListener").await;
            let mut instance = next_command(&world, instance).await;
            Box::pin(instance.apply(&config)).await.unwrap();
            let there = levers.inventory(world.account_name()).await.without(&before).listeners;
            assert_eq!(there.into_iter().collect::<Vec<_>>(), [parts::listener_id(&instance)], "{how}");
        });
    }
}

#[test]
fn a_load_balancer_whose_creation_ends_badly_is_known_and_there_once() {
    for how in BAD_ENDS {
        let world = Sandbox::start();
        let levers = world.levers();
        world.block_on(async {
            let core = world.core().await;
            let before = levers.inventory(world.account_name()).await;
            let after = spoil(&levers, "CreateLoadBalancer", how).await;
            let mut instance = core.resource::<LoadBalancer>();
            let config = parts::load_balancer();
            let said = Box::pin(core.interrupt_after(after, instance.apply(&config))).await.unwrap_err();
            assert!(said.diagnostics()[0].detail.contains("request id"), "{how}: {said:?}");

            mend(&levers, "CreateLoadBalancer").await;
            let mut instance = next_command(&world, instance).await;
            Box::pin(instance.apply(&config)).await.unwrap();
            let there = levers.inventory(world.account_name()).await.without(&before).load_balancers;
            assert_eq!(there.into_iter().collect::<Vec<_>>(), [parts::load_balancer_id(&instance)], "{how}");
            Box::pin(instance.destroy()).await.unwrap();
            let left = levers.inventory(world.account_name()).await.without(&before).load_balancers;
            assert!(left.is_empty(), "{how}: {left:?}");
        });
    }
}

#[test]
fn a_load_balancer_whose_order_had_no_answer_is_ordered_again_with_the_same_token() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        let before = levers.inventory(world.account_name()).await;
        let lose_answer = "after".to_owned();
        let action = "CreateLoadBalancer".to_owned();
        levers.add_fault(Fault { action, count: Some(1), lose_answer, ..Fault::default() }).await;
        made::<LoadBalancer>(&world.core().await, &parts::load_balancer()).await;
        let there = levers.inventory(world.account_name()).await.without(&before).load_balancers;
        assert_eq!(there.len(), 1, "{there:?}");
        let orders = levers.calls_of("CreateLoadBalancer", 0).await;
        let tokens: Vec<Json> = orders
            .iter()
            .map(|order| serde_json::from_str::<Json>(&order.request_json).unwrap()["ClientToken"].clone())
            .collect();
        assert_eq!(tokens.len(), 2);
        assert!(tokens[0].is_string() && tokens[0] == tokens[1], "{tokens:?}");
    });
}

#[test]
fn a_step_after_the_creation_of_a_load_balancer_that_fails_is_made_up_for_in_place() {
    let world = Sandbox::start();
    let levers = world.levers();
    let failing = Fault {
        action: "SetLoadBalancerSecurityGroups".to_owned(),
        code: "FailedOperation".to_owned(),
        ..Fault::default()
    };
    world.block_on(levers.add_fault(failing));
    let configuration = format!(
        "{REQUIRED_PROVIDERS}resource \"clb_load_balancer\" \"web\" {{\n  network_type = \"public\"\n  \
         vpc_id = \"vpc-demo0001\"\n  security_group_ids = [\"sg-demo0001\"]\n}}\n"
    );
    world.terraform.write("main.tf", &configuration);
    let told = world.terraform.run(&["apply", "-auto-approve", "-no-color"]);
    super::expect_words(&told.text(), &["SetLoadBalancerSecurityGroups"]);
    let id = world.terraform.text(LOAD_BALANCER, "load_balancer_id");
    world.block_on(levers.clear_faults());
    assert_eq!(world.terraform.plan(&configuration).actions(LOAD_BALANCER), ["update"]);
    world.terraform.apply(&configuration);
    assert_eq!(world.terraform.text(LOAD_BALANCER, "load_balancer_id"), id);
}

#[test]
fn a_task_that_never_ends_is_given_up_in_time_and_not_asked_about_any_more() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        let core = world.core().await;
        let parts = Parts::make(&core, &world.server).await;
        let (balancer, _, certificate) = parts.ids();
        levers.set_pace("CreateListener", "3600s").await;
        let create = Value::Known(Duration::from_secs(1));
        let timeouts = Value::Known(TimeoutsConfig { create, ..TimeoutsConfig::default() });
        let config = QuicListenerConfig { timeouts, ..listener(&balancer, 9443, &certificate) };
        let started = Instant::now();
        let said = Box::pin(core.resource::<QuicListener>().apply(&config)).await.unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
        let words = format!("{} {}", said.diagnostics()[0].summary, said.diagnostics()[0].detail);
        super::expect_words(&words, &["longer than 1s", "request id", "timeouts.create"]);
        let before = levers.calls().await.len();
        // Something else that takes its time.
        made::<LoadBalancer>(&world.core().await, &parts::load_balancer()).await;
        let task = levers.calls_of("CreateListener", 0).await.pop().unwrap().request_id;
        let later = levers.calls_of("DescribeTaskStatus", before).await;
        assert!(later.iter().all(|call| !call.request_json.contains(&task)), "it is still being asked about");
    });
}

#[test]
fn two_load_balancers_may_have_one_name_and_nobody_looks_for_it_first() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        let core = world.core().await;
        let named = LoadBalancerConfig { name: parts::text("twin"), ..parts::load_balancer() };
        let one = made::<LoadBalancer>(&core, &named).await;
        let other = made::<LoadBalancer>(&core, &named).await;
        assert_ne!(parts::load_balancer_id(&one), parts::load_balancer_id(&other));
        let looked = levers.calls_of("DescribeLoadBalancers", 0).await;
        assert!(looked.iter().all(|call| !call.request_json.contains("LoadBalancerName")), "{looked:?}");
    });
}
