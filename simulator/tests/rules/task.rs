//! Rules of tasks.

use clb_model::rules::Rule;
use serde_json::json;

use crate::case::{Case, case, run};

pub fn cases() -> Vec<Case> {
    let status = |rule, wrong| {
        case(rule, "InvalidParameter", "DescribeTaskStatus", json!({"TaskId": "$task"}), wrong).with(
            "$task",
            "/RequestId",
            "CreateLoadBalancer",
            json!({"LoadBalancerType": "OPEN"}),
        )
    };
    vec![
        status(Rule::TaskStatusNeedsOneId, json!({"TaskId": null})),
        status(Rule::TaskUnknownId, json!({"TaskId": "12345678-1234-1234-1234-123456789012"})),
    ]
}

#[tokio::test]
async fn cases_of_tasks_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
