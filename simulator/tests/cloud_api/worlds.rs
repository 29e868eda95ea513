//! Worlds by secret id: parallel jobs share one simulator and see nothing of each other.

use clb_cloud_api::clb;
use clb_cloud_api::client::Client;
use clb_simulator::account::WORLDS_ON_USE;
use clb_simulator::config::{CLOSED_SECRET_ID, CLOSED_SECRET_KEY, DEMO_SECRET_ID, DEMO_SECRET_KEY};
use clb_simulator::seed::CLASSIC_LOAD_BALANCER;

use crate::sandbox::{Sandbox, client, listener, public, refused_to};

fn of_world(sandbox: &Sandbox, name: &str) -> Client {
    client(sandbox.simulator.api_address(), &format!("{DEMO_SECRET_ID}-{name}"), DEMO_SECRET_KEY)
}

async fn load_balancers(client: &Client) -> Vec<String> {
    let found = client.call(&clb::DescribeLoadBalancers::default()).await.expect("the account has a world");
    found.reply.load_balancer_set.into_iter().map(|it| it.load_balancer_id).collect()
}

#[tokio::test]
async fn a_secret_id_with_a_name_has_a_world_of_its_own_from_the_same_seed() {
    let sandbox = Sandbox::start().await;
    let (one, other) = (of_world(&sandbox, "job-1"), of_world(&sandbox, "job-2"));
    let seeded = load_balancers(&sandbox.client).await;
    assert_eq!(load_balancers(&one).await, seeded);
    assert!(seeded.iter().any(|id| id == CLASSIC_LOAD_BALANCER));
    let created = one.call(&public()).await.expect("accepted").reply.load_balancer_ids.expect("an id")[0].clone();
    assert!(load_balancers(&one).await.contains(&created));
    assert_eq!(load_balancers(&other).await, seeded);
    assert_eq!(load_balancers(&sandbox.client).await, seeded);
    let request = clb::DeleteLoadBalancer { load_balancer_ids: vec![created], ..clb::DeleteLoadBalancer::default() };
    assert_eq!(refused_to(&other, &request).await.0, "InvalidParameter.LBIdNotFound");
}

#[tokio::test]
async fn addresses_are_shared_by_all_worlds() {
    let sandbox = Sandbox::start().await;
    let mut addresses = Vec::new();
    for name in ["a", "b", "c"] {
        let client = of_world(&sandbox, name);
        client.call(&public()).await.expect("accepted");
        let found = client.call(&clb::DescribeLoadBalancers::default()).await.expect("answered");
        addresses.extend(found.reply.load_balancer_set.into_iter().flat_map(|it| it.load_balancer_vips));
    }
    let all = addresses.len();
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), all, "{addresses:?}");
}

#[tokio::test]
async fn a_named_world_keeps_the_secret_and_the_nature_of_its_account() {
    let sandbox = Sandbox::start().await;
    let api = sandbox.simulator.api_address();
    let question = clb::DescribeLoadBalancers::default();
    let wrong = client(api, &format!("{DEMO_SECRET_ID}-x"), CLOSED_SECRET_KEY);
    assert_eq!(refused_to(&wrong, &question).await.0, "AuthFailure.SignatureFailure");
    for stranger in [format!("{DEMO_SECRET_ID}-"), format!("{DEMO_SECRET_ID}x"), format!("{DEMO_SECRET_ID}-a b")] {
        let stranger = client(api, &stranger, DEMO_SECRET_KEY);
        assert_eq!(refused_to(&stranger, &question).await.0, "AuthFailure.SecretIdNotFound");
    }
    let closed = client(api, &format!("{CLOSED_SECRET_ID}-x"), CLOSED_SECRET_KEY);
    let id = closed.call(&public()).await.expect("accepted").reply.load_balancer_ids.expect("an id")[0].clone();
    assert_eq!(refused_to(&closed, &listener(&id, "aB3dE5gH")).await.0, "UnauthorizedOperation");
}

#[tokio::test]
async fn worlds_are_bounded_and_a_refusal_says_so() {
    let sandbox = Sandbox::start().await;
    for number in 0..WORLDS_ON_USE {
        load_balancers(&of_world(&sandbox, &number.to_string())).await;
    }
    let question = clb::DescribeLoadBalancers::default();
    let (code, message) = refused_to(&of_world(&sandbox, "one-more"), &question).await;
    assert_eq!(code, "LimitExceeded");
    assert!(message.contains("256 worlds") && message.contains("reset"), "{message}");
    load_balancers(&of_world(&sandbox, "0")).await;
    load_balancers(&sandbox.client).await;
}
