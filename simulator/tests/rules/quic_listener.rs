//! Rules of QUIC listeners.

use clb_model::rules::Rule;
use serde_json::{Value, json};

use crate::case::{Case, case, closed, merged, quic, run};

const CREATE: &str = "CreateListener";
const MODIFY: &str = "ModifyListener";
const CODE: &str = "InvalidParameterValue";

pub fn cases() -> Vec<Case> {
    [where_it_can_be(), what_it_has_not()].concat()
}

fn where_it_can_be() -> Vec<Case> {
    vec![
        case(Rule::QuicNeedsCurrentGenerationLb, CODE, CREATE, quic(8443), json!({"LoadBalancerId": "$classic"})),
        case(Rule::QuicNeedsVpcNetwork, CODE, CREATE, quic(8443), json!({"LoadBalancerId": "$basic"})),
        case(Rule::QuicNotOnIpv6Fullchain, CODE, CREATE, quic(8443), json!({"LoadBalancerId": "$ipv6"})),
        case(
            Rule::QuicNotOnIpv6Fullchain,
            CODE,
            CREATE,
            merged(&quic(8443), &json!({"LoadBalancerId": "$nat64"})),
            json!({"LoadBalancerId": "$ipv6"}),
        ),
        closed(Rule::QuicNeedsAllowlist, "UnauthorizedOperation", CREATE, quic(8443)),
        case(Rule::QuicNeedsServerCertificate, "MissingParameter", CREATE, quic(8443), json!({"Certificate": null})),
    ]
}

/// Arguments of other listeners, each with the neutral value that is accepted.
fn what_it_has_not() -> Vec<Case> {
    let on_create = |rule, neutral: Value, wrong: Value| case(rule, CODE, CREATE, merged(&quic(8443), &neutral), wrong);
    let on_modify = |rule, neutral: Value, wrong: Value| {
        let which = json!({"LoadBalancerId": "$lb", "ListenerId": "$listener"});
        case(rule, CODE, MODIFY, merged(&which, &neutral), wrong)
    };
    let both = |rule, neutral: Value, wrong: Value| {
        vec![on_create(rule, neutral.clone(), wrong.clone()), on_modify(rule, neutral, wrong)]
    };
    [
        vec![
            on_create(Rule::QuicNoPortRange, json!({"EndPort": 0}), json!({"EndPort": 9000}))
                .or(json!({"FullEndPorts": [9000]})),
            on_create(Rule::QuicNoH2c, json!({"H2cSwitch": false}), json!({"H2cSwitch": true})),
        ],
        both(Rule::QuicNoSessionPersistence, json!({"SessionExpireTime": 0}), json!({"SessionExpireTime": 30})),
        both(Rule::QuicSessionTypeNormalOnly, json!({"SessionType": "NORMAL"}), json!({"SessionType": "QUIC_CID"})),
        both(Rule::QuicNoIdleConnectTimeout, json!({"IdleConnectTimeout": 0}), json!({"IdleConnectTimeout": 300})),
        both(Rule::QuicTargetTypeNodeOnly, json!({"TargetType": "NODE"}), json!({"TargetType": "TARGETGROUP"})),
        both(Rule::QuicNoSniSwitch, json!({"SniSwitch": 0}), json!({"SniSwitch": 1})),
        both(Rule::QuicNoKeepalive, json!({"KeepaliveEnable": 0}), json!({"KeepaliveEnable": 1})),
        both(Rule::QuicNoDataCompressMode, json!({}), json!({"DataCompressMode": "transparent"})),
        both(
            Rule::QuicNoDeregisterTargetRst,
            json!({"DeregisterTargetRst": false}),
            json!({"DeregisterTargetRst": true}),
        ),
        both(
            Rule::QuicNoReschedule,
            json!({"RescheduleTargetZeroWeight": false, "RescheduleStartTime": 0}),
            json!({"RescheduleTargetZeroWeight": true}),
        ),
    ]
    .concat()
}

#[tokio::test]
async fn cases_of_quic_listeners_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
