//! Rules of tags.

use clb_model::rules::Rule;
use serde_json::{Value, json};

use crate::case::{Case, case, merged, once, run};

const MODIFY: &str = "tag/ModifyResourceTags";

pub fn cases() -> Vec<Case> {
    let read = |count: usize| {
        json!({
            "ServiceType": "clb", "ResourcePrefix": "clb", "ResourceRegion": "ap-guangzhou",
            "ResourceIds": vec!["lb-12345678"; count],
        })
    };
    vec![
        case(
            Rule::TagResourceIdsMax50,
            "InvalidParameterValue",
            "tag/DescribeResourceTagsByResourceIds",
            read(50),
            read(51),
        ),
        case(Rule::TagModifyMax10, "InvalidParameterValue", MODIFY, change(0, 10), change(0, 11)),
        case(
            Rule::TagResourceMustExist,
            "ResourceNotFound",
            MODIFY,
            change(0, 1),
            json!({"Resource": "qcs::clb:ap-guangzhou:uin/100000000001:clb/lb-99999999"}),
        ),
        case(
            Rule::TagOffsetMultipleOfLimit,
            "InvalidParameterValue",
            "tag/DescribeResourceTagsByResourceIds",
            merged(&read(1), &json!({"Offset": 20, "Limit": 10})),
            json!({"Offset": 5}),
        )
        .or(json!({"Limit": 0})),
        case(
            Rule::TagCategoryEnum,
            "InvalidParameterValue",
            "tag/DescribeResourceTagsByResourceIds",
            merged(&read(1), &json!({"Category": "System"})),
            json!({"Category": "Mine"}),
        ),
        case(
            Rule::TagResourcesMax10,
            "InvalidParameterValue",
            "tag/TagResources",
            json!({"ResourceList": ["$lb-name"], "Tags": change(0, 10)["ReplaceTags"]}),
            json!({"Tags": change(0, 11)["ReplaceTags"]}),
        )
        .or(json!({"ResourceList": vec!["$lb-name"; 11]})),
        case(
            Rule::TagResourcesMax10,
            "InvalidParameterValue",
            "tag/UnTagResources",
            json!({"ResourceList": ["$lb-name"], "TagKeys": vec!["key"; 10]}),
            json!({"TagKeys": vec!["key"; 11]}),
        ),
        once(
            Rule::TagResourceQuota,
            "LimitExceeded",
            MODIFY,
            change(50, 1),
            &(0..5).map(|call| (MODIFY, change(call * 10, 10))).collect::<Vec<(&str, Value)>>(),
        ),
    ]
}

/// Sets so many tags of the load balancer, with keys from that number on.
fn change(from: usize, count: usize) -> Value {
    let tag = |number: usize| json!({"TagKey": format!("key-{number}"), "TagValue": "value"});
    json!({
        "Resource": "$lb-name",
        "ReplaceTags": (from..from + count).map(tag).collect::<Vec<Value>>(),
    })
}

#[tokio::test]
async fn cases_of_tags_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
