//! Rules of networks and instances.

use clb_model::rules::Rule;
use serde_json::{Value, json};

use crate::case::{Case, case, run};

pub fn cases() -> Vec<Case> {
    [vpcs(), instances()].concat()
}

fn vpcs() -> Vec<Case> {
    let read = "vpc/DescribeVpcs";
    let ids = |count: usize| json!({"VpcIds": vec!["$vpc"; count]});
    let filter = |name: &str| json!({"Filters": [{"Name": name, "Values": ["x"]}]});
    vec![
        case(Rule::VpcIdsAndFiltersExclusive, "InvalidParameter.Coexist", read, ids(1), filter("vpc-name")),
        case(
            Rule::VpcPagingStrings,
            "InvalidParameterValue.Range",
            read,
            json!({"Limit": "100", "Offset": "0"}),
            json!({"Limit": "101"}),
        )
        .or(json!({"Limit": "many"})),
        case(Rule::VpcDescribeIdsMax100, "InvalidParameterValue.LimitExceeded", read, ids(100), ids(101)),
        case(Rule::VpcFilterNames, "InvalidParameter.FilterInvalidKey", read, filter("vpc-name"), filter("colour")),
    ]
}

fn instances() -> Vec<Case> {
    let read = "cvm/DescribeInstances";
    let ids = |ids: &[&str]| json!({"InstanceIds": ids});
    let filter = |name: &str| -> Value { json!({"Filters": [{"Name": name, "Values": ["x"]}]}) };
    vec![
        case(Rule::CvmIdsAndFiltersExclusive, "InvalidParameter", read, ids(&["$blue"]), filter("instance-name")),
        case(
            Rule::CvmDescribeMax100,
            "InvalidParameterValue.LimitExceeded",
            read,
            json!({"Limit": 100}),
            json!({"Limit": 101}),
        )
        .or(json!({"InstanceIds": vec!["ins-12345678"; 101]})),
        case(Rule::CvmIdFormat, "InvalidInstanceId.Malformed", read, ids(&["ins-12345678"]), ids(&["blue"])),
        case(Rule::CvmFilterNames, "InvalidFilter", read, filter("instance-name"), filter("colour")),
    ]
}

#[tokio::test]
async fn cases_of_networks_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
