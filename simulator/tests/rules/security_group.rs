//! Rules of security groups, and of those that load balancers have.

use clb_model::rules::Rule;
use serde_json::json;

use crate::case::{Case, case, run};

const SET: &str = "SetLoadBalancerSecurityGroups";

pub fn cases() -> Vec<Case> {
    let set = json!({"LoadBalancerId": "$lb", "SecurityGroups": ["$seed-group"]});
    vec![
        case(
            Rule::LbSgMustExist,
            "InvalidParameterValue",
            SET,
            set.clone(),
            json!({"SecurityGroups": ["$seed-group", "sg-99999999"]}),
        ),
        case(
            Rule::LbSgArrayMax50,
            "InvalidParameterValue.Length",
            SET,
            set,
            json!({"SecurityGroups": vec!["$seed-group"; 51]}),
        ),
        case(
            Rule::SecurityGroupNotFound,
            "ResourceNotFound",
            "vpc/DescribeSecurityGroups",
            json!({"SecurityGroupIds": ["$seed-group"]}),
            json!({"SecurityGroupIds": ["sg-99999999"]}),
        )
        .says("There is no such security group"),
    ]
}

#[tokio::test]
async fn cases_of_security_groups_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
