//! Faults: added through the admin door, met by clients of the cloud API.

use std::time::{Duration, Instant};

use clb_cloud_api::action::Action;
use clb_cloud_api::{CallError, TaskError, clb};

use crate::ctl::{ctl, fails};
use crate::sandbox::{REGION, Sandbox, refused_to};

/// A call that is refused anyway, and that the client does not repeat by itself as it does with reads.
fn write() -> clb::ModifyLoadBalancerAttributes {
    rename("lb-99999999", "other")
}

const NO_FAULT: &str = "InvalidParameter.LBIdNotFound";

async fn add(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let all: Vec<&str> = ["faults", "add"].iter().chain(arguments).copied().collect();
    ctl(sandbox, &all).await["id"].to_string()
}

fn rename(id: &str, name: &str) -> clb::ModifyLoadBalancerAttributes {
    clb::ModifyLoadBalancerAttributes {
        load_balancer_id: id.into(),
        load_balancer_name: Some(name.into()),
        ..clb::ModifyLoadBalancerAttributes::default()
    }
}

/// The newest call of the journal.
async fn last_call(sandbox: &Sandbox) -> serde_json::Value {
    ctl(sandbox, &["calls", "--newest", "1"]).await["calls"][0].clone()
}

#[tokio::test]
async fn there_are_no_faults_until_one_is_added() {
    let sandbox = Sandbox::start().await;
    assert_eq!(ctl(&sandbox, &["faults", "list"]).await["faults"], serde_json::json!([]));
    sandbox.listener().await;
    let calls = ctl(&sandbox, &["calls"]).await;
    assert!(calls["calls"].as_array().expect("a list").iter().all(|call| call["fault"].is_null()), "{calls}");
}

#[tokio::test]
async fn an_error_is_answered_with_its_code_and_changes_nothing() {
    let sandbox = Sandbox::start().await;
    let id = sandbox.load_balancer().await;
    let fault = add(&sandbox, &["--action", "Modify*", "--code", "InternalError.Oops", "--message", "not today"]).await;
    assert_eq!(sandbox.refused(&rename(&id, "other")).await, ("InternalError.Oops".to_owned(), "not today".to_owned()));
    let call = last_call(&sandbox).await;
    assert_eq!((call["fault"].to_string(), &call["fault_effect"]), (fault.clone(), &"refused".into()));
    assert_eq!(call["error_code"], "InternalError.Oops");
    assert_ne!(sandbox.describe_load_balancer(&id).await.expect("there").load_balancer_name, "other");
    let listed = ctl(&sandbox, &["faults", "list"]).await;
    assert_eq!((&listed["faults"][0]["matched"], &listed["faults"][0]["hits"]), (&1.into(), &1.into()));
    ctl(&sandbox, &["faults", "remove", &fault]).await;
    sandbox.done(&rename(&id, "other")).await;
    assert!(fails(&sandbox, &["faults", "remove", &fault]).await.contains("there is no fault"));
}

#[tokio::test]
async fn a_fault_is_for_one_world_and_one_resource() {
    let sandbox = Sandbox::start().await;
    let (one, other) = (sandbox.load_balancer().await, sandbox.load_balancer().await);
    add(&sandbox, &["--resource", &one, "--world", "demo", "--code", "InternalError"]).await;
    assert_eq!(sandbox.code(&rename(&one, "x")).await, "InternalError");
    sandbox.done(&rename(&other, "x")).await;
    // The other account has no such load balancer, and is told so.
    let (code, _) = refused_to(&sandbox.closed_client(), &rename(&one, "x")).await;
    assert_ne!(code, "InternalError");
}

#[tokio::test]
async fn the_nth_call_or_the_next_few_are_struck() {
    let sandbox = Sandbox::start().await;
    add(&sandbox, &["--action", "Modify*", "--nth", "2", "--code", "InternalError"]).await;
    for code in [NO_FAULT, "InternalError", NO_FAULT] {
        assert_eq!(sandbox.code(&write()).await, code);
    }
    add(&sandbox, &["--count", "2", "--code", "FailedOperation"]).await;
    for code in ["FailedOperation", "FailedOperation", NO_FAULT] {
        assert_eq!(sandbox.code(&write()).await, code);
    }
    assert_eq!(ctl(&sandbox, &["faults", "clear"]).await["removed"], 2);
}

#[tokio::test]
async fn the_same_seed_strikes_the_same_calls() {
    let sandbox = Sandbox::start().await;
    let mut rounds = Vec::new();
    for _ in 0..2 {
        add(&sandbox, &["--probability", "0.5", "--seed", "7", "--code", "InternalError"]).await;
        let mut round = Vec::new();
        for _ in 0..20 {
            round.push(sandbox.code(&write()).await == NO_FAULT);
        }
        ctl(&sandbox, &["faults", "clear"]).await;
        rounds.push(round);
    }
    assert_eq!(rounds[0], rounds[1]);
    assert!(rounds[0].contains(&true) && rounds[0].contains(&false), "{rounds:?}");
}

#[tokio::test]
async fn a_gateways_status_comes_without_json_and_an_errors_with_it() {
    let sandbox = Sandbox::start().await;
    add(&sandbox, &["--http-status", "503", "--count", "1"]).await;
    let error = sandbox.client.call(&write()).await.expect_err("no answer");
    assert!(matches!(error, CallError::Status { status: 503, .. }), "{error}");
    assert_eq!(last_call(&sandbox).await["status"], 503);
    add(&sandbox, &["--http-status", "500", "--code", "InternalError", "--count", "1"]).await;
    sandbox.client.call(&write()).await.expect_err("an error");
    let call = last_call(&sandbox).await;
    assert_eq!((&call["status"], &call["error_code"]), (&500.into(), &"InternalError".into()));
    assert_eq!(call["reply_json"]["Response"]["Error"]["Code"], "InternalError");
}

#[tokio::test]
async fn an_answer_is_lost_before_or_after_the_effect() {
    let sandbox = Sandbox::start().await;
    let id = sandbox.load_balancer().await;
    let name = async || sandbox.describe_load_balancer(&id).await.expect("there").load_balancer_name;
    let before = name().await;
    let action = clb::ModifyLoadBalancerAttributes::NAME;

    add(&sandbox, &["--action", action, "--lose-answer", "before", "--count", "1"]).await;
    let lost = sandbox.client.call(&rename(&id, "renamed")).await.expect_err("no answer");
    assert!(lost.api().is_none(), "{lost}");
    assert_eq!(name().await, before);

    add(&sandbox, &["--action", action, "--lose-answer", "after", "--count", "1"]).await;
    let lost = sandbox.client.call(&rename(&id, "renamed")).await.expect_err("no answer");
    assert!(lost.api().is_none(), "{lost}");
    assert_eq!(name().await, "renamed");
    let calls = ctl(&sandbox, &["calls", "--action", action]).await;
    let effects: Vec<_> =
        calls["calls"].as_array().expect("a list").iter().map(|it| it["fault_effect"].clone()).collect();
    assert_eq!(effects, ["lost before the effect", "answer lost after the effect"]);
    assert_eq!(calls["calls"][1]["status"], 0);
}

#[tokio::test]
async fn a_delayed_call_is_served_after_that() {
    let sandbox = Sandbox::start().await;
    add(&sandbox, &["--delay", "0.2"]).await;
    let since = Instant::now();
    sandbox.call(&clb::DescribeLoadBalancers::default()).await;
    assert!(since.elapsed() >= Duration::from_millis(200), "it is held back at least so long");
    assert_eq!(last_call(&sandbox).await["fault_effect"], "delayed");
}

#[tokio::test]
async fn a_client_that_gives_up_is_remembered_too() {
    let sandbox = Sandbox::start().await;
    add(&sandbox, &["--delay", "60"]).await;
    let mut client = clb_cloud_api::client::ClientConfig::new(
        REGION,
        clb_simulator::config::DEMO_SECRET_ID,
        clb_simulator::config::DEMO_SECRET_KEY,
    );
    client.endpoint = Some(format!("http://{}", sandbox.simulator.api_address()));
    let client = clb_cloud_api::client::Client::new(client).expect("a client");
    let call = tokio::spawn(async move { client.call(&clb::DescribeLoadBalancers::default()).await });
    while ctl(&sandbox, &["faults", "list"]).await["faults"][0]["hits"] == 0 {
        tokio::task::yield_now().await;
    }
    call.abort();
    let _ = call.await;
    while ctl(&sandbox, &["calls"]).await["total"] == 0 {
        tokio::task::yield_now().await;
    }
    let call = last_call(&sandbox).await;
    assert_eq!((&call["status"], &call["fault_effect"]), (&0.into(), &"delayed".into()));
}

#[tokio::test]
async fn a_fault_that_is_none_is_refused_with_what_to_do() {
    let sandbox = Sandbox::start().await;
    let refused = async |arguments: &[&str]| {
        let all: Vec<&str> = ["faults", "add"].iter().chain(arguments).copied().collect();
        fails(&sandbox, &all).await
    };
    assert!(refused(&["--action", "A"]).await.contains("the fault does nothing"));
    assert!(refused(&["--code", "A", "--lose-answer", "after"]).await.contains("exclude each other"));
    assert!(refused(&["--delay", "61"]).await.contains("from 0 to 60"));
    assert!(refused(&["--delay", "1", "--probability", "2"]).await.contains("from 0 to 1"));
}

#[tokio::test]
async fn a_reset_takes_the_faults_away() {
    let sandbox = Sandbox::start().await;
    add(&sandbox, &["--code", "InternalError"]).await;
    ctl(&sandbox, &["reset"]).await;
    sandbox.call(&clb::DescribeLoadBalancers::default()).await;
}

#[tokio::test]
async fn a_task_fails_with_the_message_that_was_asked_for() {
    let sandbox = Sandbox::start().await;
    let id = sandbox.load_balancer().await;
    add(&sandbox, &["--action", "ModifyLoadBalancerAttributes", "--fail-task", "no room today", "--count", "1"]).await;
    let accepted = sandbox.client.call(&rename(&id, "other")).await.expect("it is accepted");
    let failed = sandbox.wait(&accepted.request_id).await;
    let Err(TaskError::Failed { message, .. }) = failed else { panic!("the task fails: {failed:?}") };
    assert!(message.contains("no room today"), "{message}");
    let calls = ctl(&sandbox, &["calls", "--action", "ModifyLoadBalancerAttributes"]).await;
    assert_eq!(calls["calls"][0]["fault_effect"], "task fails");
    sandbox.done(&rename(&id, "another")).await;
}
