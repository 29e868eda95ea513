//! Rules of health checks.

use clb_model::rules::Rule;
use serde_json::{Value, json};

use crate::case::{Case, case, merged, quic, run};

const CREATE: &str = "CreateListener";
const VALUE: &str = "InvalidParameterValue";
const LENGTH: &str = "InvalidParameterValue.Length";

pub fn cases() -> Vec<Case> {
    [bounds(), http(), of_others()].concat()
}

/// A listener with that check is accepted, and refused with the other one's entries in it.
fn check(rule: Rule, code: &'static str, passes: Value, wrong: Value) -> Case {
    let passes = merged(&quic(8443), &json!({"HealthCheck": passes}));
    case(rule, code, CREATE, passes, json!({"HealthCheck": wrong}))
}

fn bounds() -> Vec<Case> {
    let of = |rule, passes, wrong| check(rule, VALUE, passes, wrong);
    let modified = json!({"LoadBalancerId": "$lb", "ListenerId": "$listener", "HealthCheck": {"IntervalTime": 300}});
    let ipv6 = json!({"LoadBalancerId": "$nat64", "HealthCheck": {"IntervalTime": 5, "SourceIpType": 0}});
    let on_ipv6 = |rule, wrong| case(rule, VALUE, CREATE, merged(&quic(8443), &ipv6), json!({"HealthCheck": wrong}));
    vec![
        of(Rule::HealthCheckSwitch, json!({"HealthSwitch": 0}), json!({"HealthSwitch": 2})),
        of(Rule::HealthCheckType, json!({"CheckType": "TCP"}), json!({"CheckType": "PING"})),
        of(
            Rule::HealthCheckTimeoutRange,
            json!({"TimeOut": 60, "IntervalTime": 61}),
            json!({"TimeOut": 61, "IntervalTime": 300}),
        )
        .or(json!({"HealthCheck": {"TimeOut": 1}})),
        of(
            Rule::HealthCheckTimeoutBelowInterval,
            json!({"TimeOut": 4, "IntervalTime": 5}),
            json!({"TimeOut": 5, "IntervalTime": 5}),
        ),
        of(Rule::HealthCheckIntervalRangeIpv4, json!({"IntervalTime": 300}), json!({"IntervalTime": 301}))
            .or(json!({"HealthCheck": {"IntervalTime": 1}})),
        case(
            Rule::HealthCheckIntervalRangeIpv4,
            VALUE,
            "ModifyListener",
            modified,
            json!({"HealthCheck": {"IntervalTime": 301}}),
        ),
        on_ipv6(Rule::HealthCheckIntervalRangeIpv6, json!({"IntervalTime": 4})),
        of(Rule::HealthCheckHealthyThreshold, json!({"HealthNum": 10}), json!({"HealthNum": 11}))
            .or(json!({"HealthCheck": {"HealthNum": 1}})),
        of(Rule::HealthCheckUnhealthyThreshold, json!({"UnHealthNum": 10}), json!({"UnHealthNum": 11}))
            .or(json!({"HealthCheck": {"UnHealthNum": 1}})),
        of(Rule::HealthCheckSourceIpType, json!({"SourceIpType": 1}), json!({"SourceIpType": 2})),
        on_ipv6(Rule::HealthCheckSourceIpTypeIpv6, json!({"SourceIpType": 1})),
    ]
}

fn http() -> Vec<Case> {
    let base = json!({"CheckType": "HTTP", "HttpCheckDomain": "game.example"});
    let of = |rule, code, passes: Value, wrong| check(rule, code, merged(&base, &passes), wrong);
    vec![
        of(Rule::HealthCheckHttpCode, VALUE, json!({"HttpCode": 31}), json!({"HttpCode": 32}))
            .or(json!({"HealthCheck": {"HttpCode": 0}})),
        of(Rule::HealthCheckHttpMethod, VALUE, json!({"HttpCheckMethod": "GET"}), json!({"HttpCheckMethod": "POST"})),
        of(
            Rule::HealthCheckHttpPathCharacters,
            VALUE,
            json!({"HttpCheckPath": "/a-b_c.d/e?f=1"}),
            json!({"HttpCheckPath": "/a b"}),
        )
        .or(json!({"HealthCheck": {"HttpCheckPath": "a"}})),
        of(
            Rule::HealthCheckHttpPathLength,
            LENGTH,
            json!({"HttpCheckPath": format!("/{}", "p".repeat(199))}),
            json!({"HttpCheckPath": format!("/{}", "p".repeat(200))}),
        ),
        of(Rule::HealthCheckHttpDomainCharacters, VALUE, json!({}), json!({"HttpCheckDomain": "game_one.example"})),
        of(
            Rule::HealthCheckHttpDomainLength,
            LENGTH,
            json!({"HttpCheckDomain": "d".repeat(80)}),
            json!({"HttpCheckDomain": "d".repeat(81)}),
        ),
        of(Rule::HealthCheckHttpDomainRequired, "MissingParameter", json!({}), json!({"HttpCheckDomain": null})),
        of(Rule::HealthCheckHttpVersion, VALUE, json!({"HttpVersion": "HTTP/1.0"}), json!({"HttpVersion": "HTTP/2"})),
    ]
}

/// Arguments of other checks, each with the neutral value that is accepted.
fn of_others() -> Vec<Case> {
    let of = |rule, passes, wrong| check(rule, VALUE, passes, wrong);
    vec![
        of(Rule::HealthCheckPortNotOnQuic, json!({"CheckPort": -1}), json!({"CheckPort": 80})),
        of(Rule::HealthCheckCustomNotOnQuic, json!({}), json!({"ContextType": "TEXT", "SendContext": "ping"})),
        of(Rule::HealthCheckExtendedCodeNotOnQuic, json!({}), json!({"ExtendedCode": "12"})),
    ]
}

#[tokio::test]
async fn cases_of_health_checks_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
