//! Traps of changes: only what changed is sent, and what was changed reads back as it was planned.

use std::collections::BTreeSet;

use clb_acceptance_tests::parts::{self, Parts, accept, listener, made};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_provider::resources::quic_listener::{HealthCheckConfig, QuicListenerConfig, Scheduler};
use clb_provider::resources::security_group::SecurityRuleConfig;
use clb_provider::resources::{QuicListener, SecurityGroup};
use serde_json::Value as Json;
use tfplugin_sdk::Value;
use tfplugin_sdk::testing::Action;

fn set(names: [&str; 3]) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn a_new_name_sends_a_name_and_asks_nobody_about_certificates() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        let mut parts = Parts::make(&world.core().await, &world.server).await;
        let (balancer, _, certificate) = parts.ids();
        let before = levers.calls().await.len();
        let named = QuicListenerConfig { name: parts::text("other"), ..listener(&balancer, 8443, &certificate) };
        Box::pin(parts.listener.apply(&named)).await.unwrap();
        let check = HealthCheckConfig { interval: Value::Known(9), ..HealthCheckConfig::default() };
        let checked = QuicListenerConfig { health_check: Value::Known(check), ..named };
        Box::pin(parts.listener.apply(&checked)).await.unwrap();

        let sent = levers.calls_of("ModifyListener", before).await;
        let sent: Vec<Json> = sent.iter().map(|call| serde_json::from_str(&call.request_json).unwrap()).collect();
        let arguments = |sent: &Json| sent.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(arguments(&sent[0]), set(["ListenerId", "ListenerName", "LoadBalancerId"]));
        assert_eq!(arguments(&sent[1]), set(["HealthCheck", "ListenerId", "LoadBalancerId"]));
        let calls = levers.calls().await;
        assert!(calls.iter().skip(before).all(|call| call.service != "ssl"), "a certificate was looked up");
    });
}

#[test]
fn the_state_after_a_change_is_what_a_fresh_look_says() {
    let world = Sandbox::start();
    world.block_on(async {
        let mut parts = Parts::make(&world.core().await, &world.server).await;
        let (balancer, id, certificate) = parts.ids();
        let mut changed = parts::load_balancer();
        (changed.name, changed.bandwidth) = (parts::text("other"), Value::Known(20));
        changed.tags = Value::Known([("a".to_owned(), parts::text("1"))].into_iter().collect());
        Box::pin(parts.load_balancer.apply(&changed)).await.unwrap();
        let mut least = listener(&balancer, 8443, &certificate);
        (least.name, least.scheduler) = (parts::text("other"), Value::Known(Scheduler::LeastConnections));
        Box::pin(parts.listener.apply(&least)).await.unwrap();
        let moved = parts::binding(&balancer, &id, vec![parts::eni("10.0.1.6", 8081, 30)]);
        Box::pin(parts.binding.apply(&moved)).await.unwrap();

        let core = world.core().await;
        let stored = parts.load_balancer.stored().clone();
        let mut balancer = parts.load_balancer.in_process_of(&core);
        balancer.refresh().await.unwrap();
        assert_eq!(*balancer.stored(), stored);
        let stored = parts.listener.stored().clone();
        let mut listener = parts.listener.in_process_of(&core);
        listener.refresh().await.unwrap();
        assert_eq!(*listener.stored(), stored);
        let stored = parts.binding.stored().clone();
        let mut binding = parts.binding.in_process_of(&core);
        binding.refresh().await.unwrap();
        assert_eq!(*binding.stored(), stored);
    });
}

#[test]
fn an_imported_listener_has_the_scheduler_it_has() {
    let world = Sandbox::start();
    world.block_on(async {
        let core = world.core().await;
        let parts = Parts::make(&core, &world.server).await;
        let (balancer, _, certificate) = parts.ids();
        let mut least = listener(&balancer, 9443, &certificate);
        least.scheduler = Value::Known(Scheduler::LeastConnections);
        let there = made::<QuicListener>(&core, &least).await;
        let mut imported = core.resource::<QuicListener>();
        imported.import(&format!("{balancer}/{}", parts::listener_id(&there))).await.unwrap();
        assert_eq!(imported.state().unwrap().scheduler, Scheduler::LeastConnections);
        assert_eq!(imported.plan(&least).await.unwrap().action, Action::NoOp);
    });
}

#[test]
fn a_rule_that_names_a_group_is_read_back_and_imported() {
    let world = Sandbox::start();
    world.block_on(async {
        let core = world.core().await;
        let of_group =
            SecurityRuleConfig { security_group_id: parts::text("sg-demo0001"), cidr: Value::Null, ..accept("::/0") };
        let config = parts::security_group(vec![of_group]);
        let there = made::<SecurityGroup>(&core, &config).await;
        let mut imported = core.resource::<SecurityGroup>();
        imported.import(&parts::security_group_id(&there)).await.unwrap();
        assert_eq!(imported.state().unwrap().ingress, there.state().unwrap().ingress);
        assert_eq!(imported.plan(&config).await.unwrap().action, Action::NoOp);
    });
}

#[test]
fn one_rule_of_ten_is_changed_by_one_call_that_has_all_ten() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        let core = world.core().await;
        let rules = |last: &str| (0..9).map(|number| accept(&format!("10.0.{number}.0/24"))).chain([accept(last)]);
        let mut group = made::<SecurityGroup>(&core, &parts::security_group(rules("10.0.9.0/24").collect())).await;
        let before = levers.calls().await.len();
        Box::pin(group.apply(&parts::security_group(rules("10.0.10.0/24").collect()))).await.unwrap();
        let calls = levers.calls().await;
        let written: Vec<_> = calls.iter().skip(before).filter(|call| !call.action.starts_with("Describe")).collect();
        assert_eq!(written.len(), 1, "{written:?}");
        assert_eq!(written[0].request_json.matches("CidrBlock").count(), 10, "{}", written[0].request_json);
    });
}
