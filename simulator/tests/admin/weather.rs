//! Paces, rate limits and quotas: set through the admin door, felt by clients of the cloud API.

use clb_cloud_api::clb;
use serde_json::json;

use crate::ctl::{ctl, fails};
use crate::sandbox::{Sandbox, public};

#[tokio::test]
async fn tasks_take_as_long_as_the_door_says() {
    let sandbox = Sandbox::start().await;
    assert_eq!(ctl(&sandbox, &["pace", "show"]).await, json!({"default": "now", "actions": []}));
    let set = ctl(&sandbox, &["pace", "set", "1polls", "--action", "CreateLoadBalancer"]).await;
    assert_eq!(set["actions"], json!([{"action": "CreateLoadBalancer", "pace": "1polls"}]));
    let task = sandbox.client.call(&public()).await.expect("accepted").request_id;
    let question = clb::DescribeTaskStatus { task_id: Some(task), ..clb::DescribeTaskStatus::default() };
    assert_eq!(sandbox.call(&question).await.status, 2);
    assert_eq!(sandbox.call(&question).await.status, 0);
    assert!(fails(&sandbox, &["pace", "set", "soon"]).await.contains("`soon` is no pace"));
    let unknown = fails(&sandbox, &["pace", "set", "1s", "--action", "BatchRegisterTargets"]).await;
    assert!(unknown.contains("CreateLoadBalancer"), "{unknown}");
    ctl(&sandbox, &["reset"]).await;
    assert_eq!(ctl(&sandbox, &["pace", "show"]).await["actions"], json!([]), "a reset is a new beginning");
}

#[tokio::test]
async fn an_account_calls_as_often_as_the_door_says() {
    let sandbox = Sandbox::start().await;
    assert_eq!(ctl(&sandbox, &["rate-limit", "show"]).await, json!({"default_limit": null, "accounts": []}));
    let set = ctl(&sandbox, &["rate-limit", "set", "0", "--world", "demo"]).await;
    assert_eq!(set["accounts"], json!([{"world": "demo", "limit": 0}]));
    assert_eq!(sandbox.code(&clb::DescribeQuota::default()).await, "RequestLimitExceeded");
    ctl(&sandbox, &["rate-limit", "set", "none", "--world", "demo"]).await;
    sandbox.call(&clb::DescribeQuota::default()).await;
    assert!(fails(&sandbox, &["rate-limit", "set", "20", "--world", "nobody"]).await.contains("no such account"));
    assert!(fails(&sandbox, &["rate-limit", "set", "often"]).await.contains("neither a number nor `none`"));
}

#[tokio::test]
async fn an_account_has_as_much_as_the_door_says() {
    let sandbox = Sandbox::start().await;
    let listed = ctl(&sandbox, &["quota", "list", "--world", "demo"]).await;
    let quotas = listed["worlds"][0]["quotas"].as_array().expect("a list").clone();
    assert!(quotas.contains(&json!({"name": "listeners", "limit": 50, "platform_default": 50})), "{listed}");
    ctl(&sandbox, &["quota", "set", "public-load-balancers", "2", "--world", "demo"]).await;
    assert_eq!(sandbox.code(&public()).await, "LimitExceeded");
    ctl(&sandbox, &["quota", "set", "public-load-balancers", "3"]).await;
    sandbox.load_balancer().await;
    assert!(fails(&sandbox, &["quota", "set", "wishes", "3"]).await.contains("listeners"));
}
