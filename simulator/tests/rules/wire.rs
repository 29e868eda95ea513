//! Rules of the wire.

use clb_model::rules::Rule;
use clb_simulator::rule_book::WireRule;
use serde_json::json;

use crate::case::{Case, case, quic, run, sent};

const READ: &str = "DescribeLoadBalancers";

pub fn cases() -> Vec<Case> {
    let read = |rule: WireRule, code, other| sent(rule, code, READ, json!({}), other);
    vec![
        read(WireRule::Authorization, "AuthFailure.InvalidAuthorization", |request| request.authorization = |_| None)
            .or_sent(|request| request.authorization = |_| Some("Bearer of news".to_owned())),
        read(WireRule::SignedHeaders, "AuthFailure.InvalidAuthorization", |request| {
            request.authorization = |text| Some(text.replace("SignedHeaders=content-type;host", "SignedHeaders=host"));
        }),
        read(WireRule::SecretId, "AuthFailure.SecretIdNotFound", |request| request.secret_id = "AKIDnobody".into()),
        read(WireRule::Signature, "AuthFailure.SignatureFailure", |request| request.secret_key = "wrong".into())
            .says("The provided credentials could not be validated. Please check your signature is correct."),
        read(WireRule::CredentialDate, "AuthFailure.SignatureFailure", |request| {
            request.authorization = |text| {
                let date = text.find('/').expect("the credential has a scope") + 1;
                Some(format!("{}2019-02-25{}", &text[..date], &text[date + "2019-02-25".len()..]))
            };
        }),
        read(WireRule::Timestamp, "AuthFailure.SignatureExpire", |request| request.ahead = -310)
            .or_sent(|request| request.ahead = 310),
        read(WireRule::Token, "AuthFailure.TokenFailure", |request| {
            request.unsigned = vec![("X-TC-Token".to_owned(), "of nobody".to_owned())];
        }),
        read(WireRule::Service, "NoSuchProduct", |request| request.service = "coffee".into()),
        read(WireRule::Version, "NoSuchVersion", |request| request.version = "1999-01-01".into()),
        read(WireRule::Action, "InvalidAction", |request| request.action = "MakeCoffee".into()),
        read(WireRule::ActionNotServed, "UnsupportedOperation", |request| {
            request.action = "CreateTargetGroup".into();
        }),
        read(WireRule::Region, "MissingParameter", |request| request.region = String::new()),
        read(WireRule::BodyText, "InvalidRequest", |request| request.body = b"{\"Domain\": \"\xff\"}".to_vec()),
        read(WireRule::Request, "InvalidRequest", |request| request.body = b"[]".to_vec()),
        case(WireRule::ArgumentUnknown, "UnknownParameter", READ, json!({}), json!({"Colour": "blue"}))
            .says("`Colour`"),
        case(
            WireRule::ArgumentRequired,
            "MissingParameter",
            "CreateListener",
            quic(8443),
            json!({"LoadBalancerId": null}),
        )
        .says("`LoadBalancerId`"),
        case(
            WireRule::ArgumentRequired,
            "MissingParameter",
            "CreateLoadBalancer",
            json!({"LoadBalancerType": "OPEN"}),
            json!({"LoadBalancerType": null}),
        )
        .says("`LoadBalancerType`"),
        case(
            WireRule::ArgumentRequired,
            "MissingParameter",
            "RegisterTargets",
            json!({"LoadBalancerId": "$lb", "ListenerId": "$listener", "Targets": [{"InstanceId": "$blue", "Port": 80}]}),
            json!({"Targets": [{"InstanceId": "$blue"}]}),
        )
        .says("`Targets.0.Port`"),
        case(WireRule::ArgumentType, "InvalidParameter", READ, json!({"Limit": 20}), json!({"Limit": "20"}))
            .or(json!({"Limit": 2.5}))
            .or(json!({"LoadBalancerIds": "lb-12345678"})),
        case(
            WireRule::ArgumentNotServed,
            "UnsupportedOperation",
            "CreateLoadBalancer",
            json!({"LoadBalancerType": "OPEN", "DynamicVip": false}),
            json!({"DynamicVip": true}),
        )
        .says("`DynamicVip`"),
        sent(Rule::ClbRegionMustExist, "InvalidParameter.RegionNotFound", READ, json!({}), |request| {
            request.region = "mars-1".into();
        }),
    ]
}

#[tokio::test]
async fn cases_of_the_wire_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
