//! Rules of TCP, UDP and TCP_SSL listeners.

use clb_model::rules::Rule;
use serde_json::{Value, json};

use crate::case::{Case, case, merged, run};

const CREATE: &str = "CreateListener";
const VALUE: &str = "InvalidParameterValue";

pub fn cases() -> Vec<Case> {
    [ports(), certificates(), settings(), health_checks()].concat()
}

/// A request for a listener of that protocol with these settings.
fn listener(protocol: &str, settings: Value) -> Value {
    let certificate = if protocol == "TCP_SSL" { json!({"CertId": "$svr"}) } else { Value::Null };
    let request = json!({"LoadBalancerId": "$lb", "Protocol": protocol, "Ports": [9000]});
    merged(&merged(&request, &json!({"Certificate": certificate})), &settings)
}

/// A listener with the settings is accepted, and refused when these are merged into them.
fn of(protocol: &str, rule: Rule, passes: Value, wrong: Value) -> Case {
    case(rule, VALUE, CREATE, listener(protocol, passes), wrong)
}

fn ports() -> Vec<Case> {
    vec![
        case(
            Rule::ListenerPortUniqueTcpClass,
            "InvalidParameter.PortCheckFailed",
            CREATE,
            listener("TCP_SSL", json!({"Ports": [9000]})),
            // `$tcp` has this one; a UDP listener may have it too.
            json!({"Ports": [9001]}),
        )
        .given("$tcp"),
        case(
            Rule::ListenerPortUniqueUdpClass,
            "InvalidParameter.PortCheckFailed",
            CREATE,
            listener("UDP", json!({"Ports": [9000]})),
            json!({"Ports": [8443]}),
        )
        .given("$listener"),
        case(
            Rule::ListenerPortRangeServed,
            "UnsupportedOperation",
            CREATE,
            listener("TCP", json!({"EndPort": 0})),
            json!({"EndPort": 9100}),
        ),
    ]
}

fn certificates() -> Vec<Case> {
    let multi = |entries: Value| {
        let mode = json!({"SSLMode": "UNIDIRECTIONAL", "CertList": entries});
        json!({"Certificate": null, "MultiCertInfo": mode})
    };
    let one = multi(json!([{"CertId": "$svr"}]));
    vec![
        case(
            Rule::ListenerTcpSslNeedsCertificate,
            "MissingParameter",
            CREATE,
            listener("TCP_SSL", json!({})),
            json!({"Certificate": null}),
        ),
        case(
            Rule::MultiCertDistinctAlgorithms,
            "InvalidParameter",
            CREATE,
            listener("TCP_SSL", one.clone()),
            multi(json!([{"CertId": "$svr"}, {"CertId": "$other-svr"}])),
        ),
        case(
            Rule::MultiCertMutualNeedsOneCa,
            "InvalidParameter",
            CREATE,
            listener("TCP_SSL", one),
            json!({"MultiCertInfo": {"SSLMode": "MUTUAL"}}),
        ),
    ]
}

fn settings() -> Vec<Case> {
    vec![
        of("TCP", Rule::ListenerArgumentOfOtherProtocols, json!({"SniSwitch": 0}), json!({"SniSwitch": 1}))
            .or(json!({"KeepaliveEnable": 1})),
        of("UDP", Rule::ListenerTargetTypeEnum, json!({"TargetType": "NODE"}), json!({"TargetType": "POD"})),
        case(
            Rule::ListenerTargetGroupServed,
            "UnsupportedOperation",
            CREATE,
            listener("TCP", json!({"TargetType": "NODE"})),
            json!({"TargetType": "TARGETGROUP"}),
        ),
        of("UDP", Rule::SessionTypeEnum, json!({"SessionType": "QUIC_CID"}), json!({"SessionType": "COOKIE"})),
        of("UDP", Rule::SessionTypeQuicCidNeedsUdp, json!({"SessionType": "QUIC_CID"}), json!({"Protocol": "TCP"}))
            .or(json!({"Scheduler": "LEAST_CONN"}))
            .or(json!({"LoadBalancerId": "$nat64"})),
        of("TCP", Rule::SessionExpireTimeRange, json!({"SessionExpireTime": 30}), json!({"SessionExpireTime": 29}))
            .or(json!({"SessionExpireTime": 3601})),
        of(
            "TCP",
            Rule::IdleConnectTimeoutRange,
            json!({"IdleConnectTimeout": 900}),
            json!({"IdleConnectTimeout": 901}),
        )
        .or(json!({"IdleConnectTimeout": 9})),
        of("TCP", Rule::RescheduleTimeRange, json!({"RescheduleInterval": 3600}), json!({"RescheduleInterval": 3601})),
    ]
}

fn health_checks() -> Vec<Case> {
    let of = |protocol, rule, code, passes: Value, wrong: Value| {
        let passes = listener(protocol, json!({"HealthCheck": passes}));
        case(rule, code, CREATE, passes, json!({"HealthCheck": wrong}))
    };
    let custom = json!({"CheckType": "CUSTOM", "ContextType": "HEX", "SendContext": "0A1F", "RecvContext": "00"});
    let of_custom = |rule, code, wrong| of("UDP", rule, code, custom.clone(), wrong);
    let http = json!({"CheckType": "HTTP", "HttpCheckDomain": "game.example", "HttpVersion": "HTTP/1.1"});
    vec![
        of("UDP", Rule::HealthCheckTypeOfProtocol, VALUE, json!({"CheckType": "PING"}), json!({"CheckType": "TCP"})),
        of("TCP", Rule::HealthCheckTypeOfProtocol, VALUE, json!({"CheckType": "TCP"}), json!({"CheckType": "PING"})),
        of("TCP", Rule::HealthCheckHttpVersionOnTcp, "MissingParameter", http, json!({"HttpVersion": null})),
        of("TCP", Rule::HealthCheckPortRange, VALUE, json!({"CheckPort": 65535}), json!({"CheckPort": 65536}))
            .or(json!({"HealthCheck": {"CheckPort": 0}})),
        of_custom(Rule::HealthCheckCustomComplete, "MissingParameter", json!({"SendContext": null})),
        of_custom(Rule::HealthCheckContextType, VALUE, json!({"ContextType": "BASE64"})),
        of_custom(
            Rule::HealthCheckContextLength,
            "InvalidParameterValue.Length",
            json!({"SendContext": "00".repeat(251)}),
        ),
        of_custom(Rule::HealthCheckContextCharacters, VALUE, json!({"SendContext": "0G"}))
            .or(json!({"HealthCheck": {"RecvContext": "0"}})),
    ]
}

#[tokio::test]
async fn cases_of_other_listeners_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
