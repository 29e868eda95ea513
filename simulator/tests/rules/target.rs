//! Rules of targets.

use clb_model::rules::Rule;
use serde_json::{Value, json};

use crate::case::{Case, case, merged, once, run};

const REGISTER: &str = "RegisterTargets";
const BATCH: &str = "BatchRegisterTargets";
const VALUE: &str = "InvalidParameterValue";
const LENGTH: &str = "InvalidParameterValue.Length";
const TWICE: &str = "InvalidParameterValue.Duplicate";

pub fn cases() -> Vec<Case> {
    [registration(), bounds(), bound(), batches(), reading()].concat()
}

/// A call for the listener with these targets.
fn targets(targets: Value) -> Value {
    json!({"LoadBalancerId": "$lb", "ListenerId": "$listener", "Targets": targets})
}

fn blue(more: Value) -> Value {
    merged(&json!({"InstanceId": "$blue", "Port": 80}), &more)
}

fn many(count: usize) -> Value {
    (1..=count).map(|port| json!({"InstanceId": "$blue", "Port": port})).collect()
}

/// Registering blue on port 80 is accepted, and these targets are refused.
fn registered(rule: Rule, code: &'static str, wrong: Value) -> Case {
    case(rule, code, REGISTER, targets(json!([blue(json!({}))])), json!({"Targets": wrong}))
}

fn registration() -> Vec<Case> {
    let of = |rule, code, more| registered(rule, code, json!([blue(more)]));
    vec![
        of(Rule::TargetWeightRange, VALUE, json!({"Weight": 101}))
            .or(json!({"Targets": [blue(json!({"Weight": -1}))]})),
        of(Rule::TargetPortRange, VALUE, json!({"Port": 0})).or(json!({"Targets": [blue(json!({"Port": 65536}))]})),
        of(Rule::TargetInstanceOrEniExactlyOne, "InvalidParameter", json!({"EniIp": "10.0.1.5"}))
            .or(json!({"Targets": [{"Port": 80}]})),
        of(Rule::TargetInstanceMustExist, VALUE, json!({"InstanceId": "ins-99999999"})),
        of(Rule::TargetSameVpc, "InvalidParameter", json!({"InstanceId": "$far"})),
        case(
            Rule::TargetEniIpFormat,
            "InvalidParameter.FormatError",
            REGISTER,
            targets(json!([{"EniIp": "10.0.1.9", "Port": 80}])),
            json!({"Targets": [{"EniIp": "10.0.1", "Port": 80}]}),
        ),
        registered(Rule::TargetRepeatedInRequest, TWICE, json!([blue(json!({})), blue(json!({"Weight": 1}))])),
        case(
            Rule::TargetFourTupleUnique,
            TWICE,
            REGISTER,
            // `$bound` has blue on port 80.
            targets(json!([blue(json!({"Port": 81}))])),
            json!({"Targets": [blue(json!({}))]}),
        )
        .given("$bound"),
        case(
            Rule::TargetNoLocationOnL4,
            "InvalidParameter",
            REGISTER,
            targets(json!([blue(json!({}))])),
            json!({"LocationId": "loc-12345678"}),
        )
        .or(json!({"Domain": "game.example", "Url": "/"})),
    ]
}

fn bounds() -> Vec<Case> {
    let full: Vec<(&'static str, Value)> = (0..10)
        .map(|call| {
            let entries: Value = (1..=20).map(|port| blue(json!({"Port": 1000 + call * 20 + port}))).collect();
            (REGISTER, targets(entries))
        })
        .collect();
    vec![
        registered(Rule::TargetListNotEmpty, "MissingParameter", json!([])),
        case(Rule::TargetRegisterMax20, LENGTH, REGISTER, targets(many(20)), targets(many(21))),
        once(Rule::TargetQuotaPerListener, "LimitExceeded", REGISTER, targets(json!([blue(json!({}))])), &full),
    ]
}

/// What concerns targets that are bound already.
fn bound() -> Vec<Case> {
    let on_bound = |targets: Value| json!({"LoadBalancerId": "$lb", "ListenerId": "$bound", "Targets": targets});
    let green = json!([{"InstanceId": "$green", "Port": 80}]);
    vec![
        case(
            Rule::TargetNotBound,
            "InvalidParameter",
            "DeregisterTargets",
            on_bound(json!([blue(json!({}))])),
            json!({"Targets": green}),
        ),
        case(
            Rule::TargetWeightRange,
            VALUE,
            "ModifyTargetWeight",
            merged(&on_bound(json!([blue(json!({}))])), &json!({"Weight": 100})),
            json!({"Weight": 101}),
        ),
        case(
            Rule::TargetNewPortTaken,
            TWICE,
            "ModifyTargetPort",
            merged(&on_bound(json!([blue(json!({}))])), &json!({"NewPort": 82})),
            json!({"NewPort": 81}),
        )
        .after(REGISTER, on_bound(json!([blue(json!({"Port": 81}))]))),
        case(
            Rule::TargetPortRange,
            VALUE,
            "ModifyTargetPort",
            merged(&on_bound(json!([blue(json!({}))])), &json!({"NewPort": 65535})),
            json!({"NewPort": 65536}),
        ),
    ]
}

fn batches() -> Vec<Case> {
    let entry = |port: usize| json!({"ListenerId": "$listener", "EniIp": "10.0.1.5", "Port": port});
    let entries = |count: usize| -> Value { (1..=count).map(entry).collect() };
    let call = |targets: Value| json!({"LoadBalancerId": "$lb", "Targets": targets});
    let unknown = json!({"ListenerId": "lbl-99999999", "EniIp": "10.0.1.5", "Port": 80});
    let weights = |entries: usize, targets: usize| {
        let targets: Value = (1..=targets).map(|port| blue(json!({"Port": port}))).collect();
        json!({
            "LoadBalancerId": "$lb",
            "ModifyList": vec![json!({"ListenerId": "$bound", "Weight": 7, "Targets": targets}); entries],
        })
    };
    let one = json!({
        "LoadBalancerId": "$lb",
        "ModifyList": [{"ListenerId": "$bound", "Weight": 7, "Targets": [blue(json!({}))]}],
    });
    let tags = |entries: usize| {
        let entry = json!({"ListenerId": "$bound", "Tag": "a remark", "Targets": [blue(json!({}))]});
        json!({"LoadBalancerId": "$lb", "ModifyList": vec![entry; entries]})
    };
    vec![
        case(Rule::TargetBatchMax500, LENGTH, BATCH, call(entries(1)), call(entries(501))),
        case(
            Rule::TargetBatchAllListenersUnknown,
            "InvalidParameter.ListenerIdNotFound",
            BATCH,
            call(json!([entry(80), unknown])),
            call(json!([unknown])),
        ),
        case(
            Rule::TargetBatchVpcOnly,
            "InvalidParameter",
            BATCH,
            call(entries(1)),
            json!({"LoadBalancerId": "$basic"}),
        ),
        case(Rule::TargetBatchTagLimits, LENGTH, "BatchModifyTargetTag", tags(1), tags(101)),
        case(Rule::TargetBatchWeightLimits, LENGTH, "BatchModifyTargetWeight", one, weights(101, 1))
            .or(weights(1, 51))
            .or(weights(11, 50)),
    ]
}

fn reading() -> Vec<Case> {
    let ids = |count: usize| json!({"LoadBalancerId": "$lb", "ListenerIds": vec!["lbl-99999999"; count]});
    let filter = |name: &str| json!({"LoadBalancerId": "$lb", "Filters": [{"Name": name, "Values": ["10.0.1.5"]}]});
    vec![
        case(Rule::TargetDescribeIdsMax20, LENGTH, "DescribeTargets", ids(20), ids(21)),
        case(
            Rule::TargetDescribeFilterNames,
            "InvalidParameterValue.InvalidFilter",
            "DescribeTargets",
            filter("private-ip-address"),
            filter("colour"),
        ),
        case(
            Rule::TargetHealthLbsMax30,
            LENGTH,
            "DescribeTargetHealth",
            json!({"LoadBalancerIds": vec!["$lb"; 30]}),
            json!({"LoadBalancerIds": vec!["$lb"; 31]}),
        )
        .given("$listener"),
    ]
}

#[tokio::test]
async fn cases_of_targets_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
