//! Tasks through the API.

use clb_cloud_api::{CallError, clb};

use crate::sandbox::{Sandbox, public};

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
async fn the_first_question_about_a_task_finds_it_ended() {
    let sandbox = Sandbox::start().await;
    let answered = sandbox.client.call(&public()).await.expect("accepted");
    let question = clb::DescribeTaskStatus { task_id: Some(answered.request_id), ..clb::DescribeTaskStatus::default() };
    let status = sandbox.call(&question).await;
    assert_eq!((status.status, status.message), (0, None));
    assert_eq!(status.load_balancer_ids, answered.reply.load_balancer_ids, "exactly the one that was ordered");
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
