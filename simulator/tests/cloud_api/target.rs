//! Targets through the API: their life, how they are shown, and what becomes of their health.

use std::time::Duration;

use clb_cloud_api::clb;
use clb_simulator::backend::Backend;
use clb_simulator::seed::INSTANCES;

use crate::sandbox::{Sandbox, instance, register};

/// Nothing here takes that long; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_mins(1);

const BLUE: &str = INSTANCES[0].0;
const GREEN: &str = INSTANCES[1].0;

async fn shown(sandbox: &Sandbox, lb: &str, listener: &str) -> Vec<clb::Backend> {
    let question = clb::DescribeTargets {
        load_balancer_id: lb.into(),
        listener_ids: Some(vec![listener.into()]),
        ..clb::DescribeTargets::default()
    };
    sandbox.call(&question).await.listeners.remove(0).targets
}

fn weights(shown: &[clb::Backend]) -> Vec<(String, i64, i64)> {
    shown.iter().map(|it| (it.private_ip_addresses[0].clone(), it.port, it.weight)).collect()
}

#[tokio::test]
async fn targets_are_bound_reweighed_moved_and_unbound() {
    let sandbox = Sandbox::start().await;
    let (lb, id) = sandbox.listener().await;
    let by_address = clb::Target { eni_ip: Some("10.0.1.9".into()), port: 82, ..clb::Target::default() };
    let light = clb::Target { weight: Some(0), ..instance(GREEN, 81) };
    sandbox.done(&register(&lb, &id, vec![instance(BLUE, 80), light, by_address])).await;
    let bound = shown(&sandbox, &lb, &id).await;
    let kinds: Vec<(&str, &str)> = bound.iter().map(|it| (it.r#type.as_str(), it.instance_id.as_str())).collect();
    assert_eq!(kinds, [("CVM", BLUE), ("CVM", GREEN), ("ENI", "")]);
    let at = |ip: &str, port, weight| (ip.to_owned(), port, weight);
    assert_eq!(weights(&bound), [at("10.0.1.5", 80, 10), at("10.0.1.6", 81, 0), at("10.0.1.9", 82, 10)]);

    let reweigh = clb::ModifyTargetWeight {
        load_balancer_id: lb.clone(),
        listener_id: id.clone(),
        targets: vec![instance(BLUE, 80)],
        weight: Some(70),
        ..clb::ModifyTargetWeight::default()
    };
    sandbox.done(&reweigh).await;
    let batch = clb::BatchModifyTargetWeight {
        load_balancer_id: lb.clone(),
        modify_list: vec![clb::RsWeightRule {
            listener_id: id.clone(),
            targets: vec![instance(GREEN, 81)],
            weight: Some(30),
            ..clb::RsWeightRule::default()
        }],
    };
    sandbox.done(&batch).await;
    let move_ = clb::ModifyTargetPort {
        load_balancer_id: lb.clone(),
        listener_id: id.clone(),
        targets: vec![instance(BLUE, 80)],
        new_port: 8080,
        ..clb::ModifyTargetPort::default()
    };
    sandbox.done(&move_).await;
    let unbind = clb::DeregisterTargets {
        load_balancer_id: lb.clone(),
        listener_id: id.clone(),
        targets: vec![clb::Target { eni_ip: Some("10.0.1.9".into()), port: 82, ..clb::Target::default() }],
        ..clb::DeregisterTargets::default()
    };
    sandbox.done(&unbind).await;
    let bound = shown(&sandbox, &lb, &id).await;
    assert_eq!(weights(&bound), [at("10.0.1.5", 8080, 70), at("10.0.1.6", 81, 30)]);
    assert_eq!(sandbox.code(&unbind).await, "InvalidParameter");
}

#[tokio::test]
async fn a_batch_is_done_when_it_answers_and_says_which_listeners_failed() {
    let sandbox = Sandbox::start().await;
    let (lb, id) = sandbox.listener().await;
    let entry = |listener: &str, instance: &str, port| clb::BatchTarget {
        listener_id: listener.into(),
        instance_id: Some(instance.into()),
        port,
        ..clb::BatchTarget::default()
    };
    let targets = vec![entry(&id, BLUE, 80), entry("lbl-99999999", BLUE, 81)];
    let request = clb::BatchRegisterTargets { load_balancer_id: lb.clone(), targets: targets.clone() };
    let answered = sandbox.client.call(&request).await.expect("accepted");
    assert_eq!(answered.reply.fail_listener_id_set, ["lbl-99999999"]);
    assert_eq!(answered.reply.message.as_deref(), Some("Listener lbl-99999999 not exists."));
    let question = clb::DescribeTaskStatus { task_id: Some(answered.request_id), ..clb::DescribeTaskStatus::default() };
    assert_eq!(sandbox.call(&question).await.status, 0, "its task has ended");
    let unbind = clb::BatchDeregisterTargets { load_balancer_id: lb.clone(), targets: vec![targets[0].clone()] };
    let unbound = sandbox.call(&unbind).await;
    assert_eq!((unbound.fail_listener_id_set, unbound.message.as_deref()), (Vec::new(), Some("")));
    assert_eq!(shown(&sandbox, &lb, &id).await, []);
    let nowhere = clb::BatchRegisterTargets { load_balancer_id: lb, targets: vec![targets[1].clone()] };
    assert_eq!(sandbox.code(&nowhere).await, "InvalidParameter.ListenerIdNotFound");
}

#[tokio::test]
async fn questions_obey_their_rules() {
    let sandbox = Sandbox::start().await;
    let (lb, id) = sandbox.listener().await;
    sandbox.done(&register(&lb, &id, vec![instance(BLUE, 80), instance(GREEN, 80)])).await;
    let base = || clb::DescribeTargets { load_balancer_id: lb.clone(), ..clb::DescribeTargets::default() };
    let many = clb::DescribeTargets { listener_ids: Some(vec![id.clone(); 21]), ..base() };
    assert_eq!(sandbox.code(&many).await, "InvalidParameterValue.Length");
    let filter = |name: &str, value: &str| clb::DescribeTargets {
        filters: Some(vec![clb::Filter { name: name.into(), values: vec![value.into()] }]),
        ..base()
    };
    assert_eq!(sandbox.code(&filter("color", "blue")).await, "InvalidParameterValue.InvalidFilter");
    let found = sandbox.call(&filter("private-ip-address", "10.0.1.6")).await;
    assert_eq!(weights(&found.listeners[0].targets), [("10.0.1.6".to_owned(), 80, 10)]);
    let health = |ids| clb::DescribeTargetHealth { load_balancer_ids: ids, ..clb::DescribeTargetHealth::default() };
    let whole = sandbox.call(&health(vec![lb.clone()])).await;
    let location = whole.load_balancers[0].listeners[0].rules[0].location_id.clone();
    let of = |location: &str| clb::DescribeTargetHealth {
        location_ids: Some(vec![location.into()]),
        ..health(vec![lb.clone()])
    };
    assert_eq!(sandbox.call(&of(&location)).await, whole);
    assert_eq!(sandbox.call(&of("loc-99999999")).await.load_balancers[0].listeners, []);
    assert_eq!(sandbox.code(&health(vec![lb.clone(); 31])).await, "InvalidParameterValue.Length");
    assert_eq!(sandbox.code(&health(vec!["lb-99999999".into()])).await, "InvalidParameter.LBIdNotFound");
}

/// The health of the targets, in the order of binding.
async fn health(sandbox: &Sandbox, lb: &str) -> Vec<clb::TargetHealth> {
    let question =
        clb::DescribeTargetHealth { load_balancer_ids: vec![lb.into()], ..clb::DescribeTargetHealth::default() };
    let mut reply = sandbox.call(&question).await;
    let mut rules = reply.load_balancers.remove(0).listeners.remove(0).rules;
    assert_eq!((rules.len(), rules[0].domain.is_none(), rules[0].location_id.is_empty()), (1, true, false));
    rules.remove(0).targets
}

#[tokio::test]
async fn health_follows_the_probes() {
    let sandbox = Sandbox::start().await;
    // Blue answers at 127.10.1.5, green does not.
    let backend = Backend::start("127.10.1.5:0".parse().expect("an address"), Some("blue")).await.expect("a backend");
    let port = i64::from(backend.address().port());
    let mut request = sandbox.listener_request().await;
    request.health_check = Some(clb::HealthCheck {
        time_out: Some(2),
        interval_time: Some(3),
        health_num: Some(2),
        un_health_num: Some(2),
        ..clb::HealthCheck::default()
    });
    let id = sandbox.done(&request).await.listener_ids[0].clone();
    let lb = request.load_balancer_id;
    sandbox.done(&register(&lb, &id, vec![instance(BLUE, port), instance(GREEN, port)])).await;
    let verdicts = async {
        loop {
            let seen = health(&sandbox, &lb).await;
            if seen.iter().all(|it| it.health_status_detail != "Unknown") {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let seen = tokio::time::timeout(PATIENCE, verdicts).await.expect("verdicts after a few probes");
    let verdicts: Vec<(&str, bool)> =
        seen.iter().map(|it| (it.health_status_detail.as_str(), it.health_status)).collect();
    assert_eq!(verdicts, [("Alive", true), ("Dead", false)]);
    assert!(seen.iter().all(|it| it.health_status_detial == it.health_status_detail), "the misspelt twin");
    assert_eq!((seen[0].ip.as_str(), seen[0].target_id.as_str()), ("10.0.1.5", BLUE));

    let off = clb::ModifyListener {
        load_balancer_id: lb.clone(),
        listener_id: id,
        health_check: Some(clb::HealthCheck { health_switch: Some(0), ..clb::HealthCheck::default() }),
        ..clb::ModifyListener::default()
    };
    sandbox.done(&off).await;
    assert!(health(&sandbox, &lb).await.iter().all(|it| it.health_status_detail == "Close" && it.health_status));
}
