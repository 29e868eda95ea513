//! Rules of listeners, whatever their protocol.

use clb_model::rules::Rule;
use serde_json::{Value, json};

use crate::case::{Case, case, merged, once, quic, run};

const CREATE: &str = "CreateListener";
const MODIFY: &str = "ModifyListener";
const VALUE: &str = "InvalidParameterValue";
const LENGTH: &str = "InvalidParameterValue.Length";

pub fn cases() -> Vec<Case> {
    [creation(), settings(), identity(), several()].concat()
}

fn creation() -> Vec<Case> {
    let of_quic = |rule, code, wrong| case(rule, code, CREATE, quic(8443), wrong);
    let names = |names: &[&str]| json!({"ListenerNames": names});
    let ports = |from: u16, to: u16| json!({"Ports": (from..=to).collect::<Vec<u16>>()});
    vec![
        of_quic(Rule::ListenerProtocolEnum, VALUE, json!({"Protocol": "SCTP"})),
        of_quic(Rule::ListenerProtocolServed, "UnsupportedOperation", json!({"Protocol": "HTTP"})),
        of_quic(Rule::ListenerPortRange, VALUE, json!({"Ports": [0]}))
            .or(json!({"Ports": [65536]}))
            .or(json!({"Ports": [-1]})),
        case(Rule::ListenerPortRange, VALUE, CREATE, quic(65535), json!({"Ports": [65536]})),
        of_quic(Rule::ListenerPortsNotEmpty, "MissingParameter", json!({"Ports": []})),
        of_quic(Rule::ListenerPortsMax49, LENGTH, ports(9000, 9049)).says("Length of .Ports should be less than 50"),
        of_quic(Rule::ListenerPortRepeatedInCall, "InvalidParameter.PortCheckFailed", json!({"Ports": [8445, 8445]})),
        case(
            Rule::ListenerPortUniqueUdpClass,
            "InvalidParameter.PortCheckFailed",
            CREATE,
            quic(8445),
            json!({"Ports": [8443]}),
        )
        .given("$listener"),
        once(
            Rule::ListenerQuotaPerLb,
            "LimitExceeded",
            CREATE,
            quic(8443),
            &[(CREATE, merged(&quic(0), &ports(9000, 9048))), (CREATE, quic(9049))],
        ),
        case(
            Rule::ListenerNameLength,
            LENGTH,
            CREATE,
            merged(&quic(8443), &names(&[&"n".repeat(80)])),
            names(&[&"n".repeat(81)]),
        ),
        case(
            Rule::ListenerNameLength,
            LENGTH,
            MODIFY,
            json!({"LoadBalancerId": "$lb", "ListenerId": "$listener", "ListenerName": "n".repeat(80)}),
            json!({"ListenerName": "n".repeat(81)}),
        ),
        case(
            Rule::ListenerNameCharacters,
            VALUE,
            CREATE,
            merged(&quic(8443), &names(&["名-_a1"])),
            names(&["smile 😀"]),
        ),
        case(
            Rule::ListenerNamesNotMoreThanPorts,
            LENGTH,
            CREATE,
            merged(&quic(8443), &names(&["one"])),
            names(&["one", "two"]),
        ),
    ]
}

fn settings() -> Vec<Case> {
    let of_quic = |rule, neutral: Value, wrong| case(rule, VALUE, CREATE, merged(&quic(8443), &neutral), wrong);
    let modified = json!({"LoadBalancerId": "$lb", "ListenerId": "$listener", "Scheduler": "LEAST_CONN"});
    let scheduler = "Scheduler should be WRR or LEAST_CONN";
    let lcu = |setting: &str| merged(&quic(8443), &json!({"LoadBalancerId": "$lcu", setting: 1}));
    vec![
        of_quic(Rule::SchedulerEnum, json!({"Scheduler": "LEAST_CONN"}), json!({"Scheduler": "RANDOM"}))
            .says(scheduler),
        case(Rule::SchedulerEnum, VALUE, MODIFY, modified.clone(), json!({"Scheduler": "RANDOM"})).says(scheduler),
        case(Rule::SchedulerIpHashRefusedOnL4, VALUE, MODIFY, modified, json!({"Scheduler": "IP_HASH"}))
            .says(scheduler),
        of_quic(Rule::MaxConnNeedsLcu, json!({"MaxConn": -1}), json!({"MaxConn": 5})),
        case(Rule::MaxConnNeedsLcu, VALUE, CREATE, lcu("MaxConn"), json!({"LoadBalancerId": "$lb"})),
        of_quic(Rule::MaxCpsNeedsLcu, json!({"MaxCps": -1}), json!({"MaxCps": 5})),
        case(Rule::MaxCpsNeedsLcu, VALUE, CREATE, lcu("MaxCps"), json!({"LoadBalancerId": "$lb"})),
        case(Rule::ConnectionLimitRange, VALUE, CREATE, lcu("MaxConn"), json!({"MaxConn": 0}))
            .or(json!({"MaxCps": -2})),
    ]
}

fn identity() -> Vec<Case> {
    let which = json!({"LoadBalancerId": "$lb", "ListenerId": "$listener"});
    let unknown = json!({"ListenerId": "lbl-99999999"});
    let not_found = |action, more: Value| {
        case(Rule::ListenerNotFound, "InvalidParameter", action, merged(&which, &more), unknown.clone())
            .says("some ListenerId lbl-99999999 not found")
    };
    let ids = |count: usize| json!({"LoadBalancerId": "$lb", "ListenerIds": vec!["lbl-99999999"; count]});
    vec![
        not_found(MODIFY, json!({"ListenerName": "x"})),
        not_found("DeleteListener", json!({})),
        not_found("RegisterTargets", json!({"Targets": [{"InstanceId": "$blue", "Port": 80}]})),
        case(
            Rule::ListenerModifyNotOnClassic,
            "InvalidParameter",
            MODIFY,
            merged(&which, &json!({"ListenerName": "x"})),
            json!({"LoadBalancerId": "$classic"}),
        ),
        case(Rule::ListenerDescribeIdsMax100, LENGTH, "DescribeListeners", ids(100), ids(101)),
    ]
}

/// Actions on several listeners of a load balancer.
fn several() -> Vec<Case> {
    let delete = json!({"LoadBalancerId": "$lb", "ListenerIds": ["$listener"]});
    let stop = merged(&delete, &json!({"OperationType": "Stop"}));
    let unknown = json!({"ListenerIds": ["$listener", "lbl-99999998", "lbl-99999999"]});
    let (delete_all, running) = ("DeleteLoadBalancerListeners", "SetLoadBalancerStartStatus");
    vec![
        case(Rule::ListenerNotFoundBatchDelete, "InvalidParameter", delete_all, delete.clone(), unknown.clone())
            .says("some ListenerId lbl-99999998,lbl-99999999 not found"),
        case(
            Rule::ListenerDeleteIdsMax20,
            LENGTH,
            delete_all,
            merged(&delete, &json!({"ListenerIds": vec!["$listener"; 20]})),
            json!({"ListenerIds": vec!["$listener"; 21]}),
        ),
        case(Rule::ListenerNotFoundStartStop, "InvalidParameter.ListenerIdNotFound", running, stop.clone(), unknown),
        case(Rule::StartStatusOperationEnum, VALUE, running, stop, json!({"OperationType": "Pause"})),
        case(
            Rule::LbStopNeedsListeners,
            "FailedOperation.NoListenerInLB",
            running,
            json!({"LoadBalancerId": "$lb", "OperationType": "Stop"}),
            json!({"LoadBalancerId": "$other-lb"}),
        )
        .given("$listener"),
    ]
}

#[tokio::test]
async fn cases_of_listeners_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
