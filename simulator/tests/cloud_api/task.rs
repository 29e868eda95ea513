//! Tasks through the API.

use std::net::UdpSocket;
use std::time::Duration;

use clb_cloud_api::client::ClientConfig;
use clb_cloud_api::{CallError, TaskError, clb};
use clb_simulator::Config;
use clb_simulator::clock::Clock;
use clb_simulator::control::Weather;
use clb_simulator::rate_limit::RateLimits;
use tokio::task::JoinSet;

use crate::sandbox::{Sandbox, public, register};

#[tokio::test]
async fn a_busy_load_balancer_refuses_writes_in_the_platforms_words() {
    let sandbox = Sandbox::start().await;
    let id = sandbox.load_balancer().await;
    let rename = |name: &str| clb::ModifyLoadBalancerAttributes {
        load_balancer_id: id.clone(),
        load_balancer_name: Some(name.into()),
        ..clb::ModifyLoadBalancerAttributes::default()
    };
    // Writes at the same time: one is first, and at least one of the others comes while its task runs.
    let mut busy = None;
    for _ in 0..200 {
        let requests = [rename("a"), rename("b"), rename("c"), rename("d")];
        let [a, b, c, d] = &requests;
        let client = &sandbox.client;
        let answers = tokio::join!(client.call(a), client.call(b), client.call(c), client.call(d));
        let mut refusals = [answers.0, answers.1, answers.2, answers.3].into_iter().filter_map(Result::err);
        busy = refusals.next();
        if busy.is_some() {
            break;
        }
    }
    let Some(CallError::Api(error)) = busy else { panic!("no write met a busy load balancer: {busy:?}") };
    assert_eq!(error.code, "FailedOperation.ResourceInOperating");
    assert_eq!(
        error.message,
        format!(
            "Loadbalancer({id}) is not in normal desState, maybe some tasks are being processed, please try later."
        )
    );
}

#[tokio::test]
async fn of_fifty_writes_at_once_each_is_carried_out_or_refused_as_busy() {
    let sandbox = Sandbox::start().await;
    let (lb, listener) = sandbox.listener().await;
    let mut writes = JoinSet::new();
    for port in 1..=50 {
        let target = clb::Target { eni_ip: Some("10.0.1.5".into()), port, ..clb::Target::default() };
        let (client, request) = (sandbox.client.clone(), register(&lb, &listener, vec![target]));
        writes.spawn(async move { (port, client.call(&request).await) });
    }
    let mut accepted = Vec::new();
    for (port, answered) in writes.join_all().await {
        match answered {
            Ok(answered) => {
                sandbox.wait(&answered.request_id).await.expect("an accepted write succeeds");
                accepted.push(port);
            }
            Err(error) => assert!(error.api().is_some_and(clb_cloud_api::ApiError::is_busy), "{error}"),
        }
    }
    let question = clb::DescribeTargets { load_balancer_id: lb, ..clb::DescribeTargets::default() };
    let mut bound: Vec<i64> = sandbox.call(&question).await.listeners[0].targets.iter().map(|it| it.port).collect();
    bound.sort_unstable();
    accepted.sort_unstable();
    assert_eq!(bound, accepted);
    assert!(!accepted.is_empty(), "the first write finds the load balancer idle");
}

#[tokio::test]
async fn a_port_that_another_program_holds_fails_the_task_and_is_opened_when_it_is_free() {
    let sandbox = Sandbox::start().await;
    let request = sandbox.listener_request().await;
    let lb = request.load_balancer_id.clone();
    let holder = UdpSocket::bind(sandbox.address(&lb, 8443).await).expect("nobody else is there");
    let answered = sandbox.client.call(&request).await.expect("the platform accepts it");
    let failed = sandbox.wait(&answered.request_id).await;
    let Err(TaskError::Failed { message, .. }) = failed else { panic!("the task fails: {failed:?}") };
    let id = &answered.reply.listener_ids[0];
    assert!(message.contains(id.as_str()) && message.contains("8443"), "{message}");
    assert_eq!(sandbox.describe_listener(&lb, id).await, None, "nothing is left of it");
    drop(holder);
    sandbox.done(&request).await;
}

#[tokio::test]
async fn the_first_question_about_a_task_finds_it_ended() {
    let sandbox = Sandbox::start().await;
    let answered = sandbox.client.call(&public()).await.expect("accepted");
    let question = clb::DescribeTaskStatus { task_id: Some(answered.request_id), ..clb::DescribeTaskStatus::default() };
    let status = sandbox.call(&question).await;
    assert_eq!((status.status, status.message), (0, None));
    assert_eq!(status.load_balancer_ids, answered.reply.load_balancer_ids, "exactly the one that was ordered");
}

fn question(task: &str) -> clb::DescribeTaskStatus {
    clb::DescribeTaskStatus { task_id: Some(task.into()), ..clb::DescribeTaskStatus::default() }
}

/// A simulator whose clock stands still, and whose tasks take what `paces` says.
async fn paced(paces: &[&str]) -> (Sandbox, Clock) {
    let mut weather = Weather::default();
    for pace in paces {
        weather.paces.set_from_text(pace).expect("a pace");
    }
    let clock = Clock::system();
    clock.freeze();
    (Sandbox::start_with(Config { clock: clock.clone(), weather, ..Config::default() }).await, clock)
}

#[tokio::test]
async fn a_slow_creation_is_seen_at_work_and_ends_by_the_simulators_clock() {
    let (sandbox, clock) = paced(&["CreateLoadBalancer=10s"]).await;
    let answered = sandbox.client.call(&public()).await.expect("accepted");
    let id = answered.reply.load_balancer_ids.expect("the ids come at once")[0].clone();
    let shown = sandbox.describe_load_balancer(&id).await.expect("there");
    assert_eq!((shown.status, shown.load_balancer_id.as_str()), (0, id.as_str()));
    let status = sandbox.call(&question(&answered.request_id)).await;
    assert_eq!((status.status, status.load_balancer_ids), (2, Some(vec![id.clone()])));
    let delete = clb::DeleteLoadBalancer { load_balancer_ids: vec![id.clone()], force_delete: None };
    assert_eq!(sandbox.code(&delete).await, "FailedOperation.ResourceInOperating");
    clock.advance(Duration::from_millis(9999)).expect("near");
    assert_eq!(sandbox.call(&question(&answered.request_id)).await.status, 2);
    clock.advance(Duration::from_millis(1)).expect("near");
    let name = answered.reply.deal_name.expect("an order has a name");
    let by_name = clb::DescribeTaskStatus { deal_name: Some(name), ..clb::DescribeTaskStatus::default() };
    assert_eq!(sandbox.call(&by_name).await.status, 0);
    assert_eq!(sandbox.describe_load_balancer(&id).await.expect("there").status, 1);
    sandbox.done(&delete).await;
}

#[tokio::test]
async fn a_task_can_be_told_to_wait_for_questions() {
    let (sandbox, _clock) = paced(&["3polls", "CreateListener=now"]).await;
    let answered = sandbox.client.call(&public()).await.expect("accepted");
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(sandbox.call(&question(&answered.request_id)).await.status);
    }
    assert_eq!(seen, [2, 2, 2, 0]);
    let id = &answered.reply.load_balancer_ids.expect("ids")[0];
    let request = crate::sandbox::listener(id, &sandbox.server_certificate().await);
    let opened = sandbox.client.call(&request).await.expect("accepted");
    assert_eq!(sandbox.call(&question(&opened.request_id)).await.status, 0, "this action has a pace of its own");
}

#[tokio::test]
async fn a_synchronous_write_is_over_when_it_answers_whatever_the_pace() {
    let (sandbox, _clock) = paced(&["1polls"]).await;
    let (lb, listener) = sandbox.listener().await;
    let target = clb::BatchTarget {
        listener_id: listener,
        port: 80,
        eni_ip: Some("10.0.1.5".into()),
        ..clb::BatchTarget::default()
    };
    let request = clb::BatchRegisterTargets { load_balancer_id: lb, targets: vec![target] };
    let answered = sandbox.client.call(&request).await.expect("accepted");
    assert_eq!(sandbox.call(&question(&answered.request_id)).await.status, 0);
}

#[tokio::test]
async fn a_task_is_known_to_its_account_and_in_its_region_only() {
    let sandbox = Sandbox::start().await;
    let task = sandbox.client.call(&public()).await.expect("accepted").request_id;
    assert_eq!(sandbox.call(&question(&task)).await.status, 0);
    let elsewhere = sandbox.client_with(|config| ClientConfig { region: "ap-beijing".into(), ..config });
    for client in [elsewhere, sandbox.closed_client()] {
        let (code, _) = crate::sandbox::refused_to(&client, &question(&task)).await;
        assert_eq!(code, "InvalidParameter");
    }
}

#[tokio::test]
async fn a_limit_of_calls_is_kept_by_account_and_action() {
    let clock = Clock::system();
    clock.freeze();
    let weather = Weather { rates: RateLimits::new(Some(2)), ..Weather::default() };
    let sandbox = Sandbox::start_with(Config { clock: clock.clone(), weather, ..Config::default() }).await;
    let question = clb::DescribeLoadBalancers::default();
    sandbox.call(&question).await;
    sandbox.call(&question).await;
    let (code, message) = sandbox.refused(&question).await;
    assert_eq!(code, "RequestLimitExceeded");
    assert!(message.contains("more than 2 times a second"), "{message}");
    sandbox.call(&clb::DescribeQuota::default()).await;
    sandbox.closed_client().call(&question).await.expect("another account");
    clock.advance(Duration::from_millis(500)).expect("near");
    sandbox.call(&question).await;
    assert_eq!(sandbox.code(&question).await, "RequestLimitExceeded");
}

#[tokio::test]
async fn a_task_is_asked_for_by_one_id_that_is_known() {
    let sandbox = Sandbox::start().await;
    let question = |task: Option<&str>, deal: Option<&str>| clb::DescribeTaskStatus {
        task_id: task.map(str::to_owned),
        deal_name: deal.map(str::to_owned),
    };
    for wrong in [question(None, None), question(Some("a"), Some("b")), question(Some("unknown"), None)] {
        assert_eq!(sandbox.code(&wrong).await, "InvalidParameter");
    }
}

#[tokio::test]
async fn request_ids_are_lower_case_uuids() {
    let sandbox = Sandbox::start().await;
    let id = sandbox.client.call(&clb::DescribeLoadBalancers::default()).await.expect("answered").request_id;
    let groups: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
    assert!(id.chars().all(|c| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c)), "{id}");
    assert_eq!(&id[14..15], "4", "{id}");
}
