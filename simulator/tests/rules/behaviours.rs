//! Behaviours over the wire: what the platform does without refusing anything.

use serde_json::{Value, json};

use crate::case::{merged, quic};
use crate::door::Answer;
use crate::stage::{Stage, Who, simulator};

/// A world in a simulator of its own.
pub struct Own {
    pub stage: Stage,
    _simulator: clb_simulator::Simulator,
}

pub async fn own() -> Own {
    let simulator = simulator().await;
    Own { stage: Stage::new(&simulator, "own", Who::Admitted), _simulator: simulator }
}

impl Own {
    async fn ask(&mut self, action: &str, arguments: Value) -> Answer {
        self.stage.ask(action, &arguments).await
    }

    pub async fn done(&mut self, action: &str, arguments: Value) -> Value {
        self.stage.done(action, &arguments).await
    }

    pub async fn refused(&mut self, action: &str, arguments: Value) -> String {
        match self.ask(action, arguments).await {
            Answer::Refused { code, .. } => code,
            Answer::Accepted(reply) => panic!("{action} is accepted: {reply}"),
        }
    }

    /// The listener as DescribeListeners shows it.
    pub async fn listener(&mut self, name: &str) -> Value {
        let reply = self.done("DescribeListeners", json!({"LoadBalancerId": "$lb", "ListenerIds": [name]})).await;
        reply["Listeners"][0].clone()
    }

    /// The targets of the listener as DescribeTargets shows them.
    pub async fn targets(&mut self, name: &str) -> Vec<Value> {
        let reply = self.done("DescribeTargets", json!({"LoadBalancerId": "$lb", "ListenerIds": [name]})).await;
        reply["Listeners"][0]["Targets"].as_array().cloned().unwrap_or_default()
    }

    pub async fn load_balancer(&mut self, name: &str) -> Value {
        let reply = self.done("DescribeLoadBalancers", json!({"LoadBalancerIds": [name]})).await;
        reply["LoadBalancerSet"][0].clone()
    }
}

fn blue(port: u16) -> Value {
    json!({"InstanceId": "$blue", "Port": port})
}

fn register(listener: &str, targets: Value) -> Value {
    json!({"LoadBalancerId": "$lb", "ListenerId": listener, "Targets": targets})
}

#[tokio::test]
async fn a_task_is_2_while_it_runs_then_0_or_1() {
    let mut own = own().await;
    own.stage.id("$svr").await;
    own.stage.id("$lb").await;
    let Answer::Accepted(reply) = own.ask("CreateListener", quic(8443)).await else { panic!("accepted") };
    let mut seen = Vec::new();
    while seen.last() != Some(&json!(0)) {
        let state = own.done("DescribeTaskStatus", json!({"TaskId": reply["RequestId"]})).await;
        assert!([json!(2), json!(0)].contains(&state["Status"]), "{state}");
        seen.push(state["Status"].clone());
    }
    // Another program has the next port; without a cloud's machines that is the way a listener can fail.
    let vip = own.load_balancer("$lb").await["LoadBalancerVips"][0].as_str().expect("an address").to_owned();
    let taken = std::net::UdpSocket::bind((vip.as_str(), 8444)).expect("free");
    let Answer::Accepted(reply) = own.ask("CreateListener", quic(8444)).await else { panic!("accepted") };
    let state = loop {
        let state = own.done("DescribeTaskStatus", json!({"TaskId": reply["RequestId"]})).await;
        if state["Status"] != 2 {
            break state;
        }
    };
    assert_eq!(state["Status"], 1, "{state}");
    drop(taken);
}

#[tokio::test]
async fn the_task_of_one_load_balancer_lists_one_id() {
    let mut own = own().await;
    let reply = own.done("CreateLoadBalancer", json!({"LoadBalancerType": "OPEN"})).await;
    let state = own.done("DescribeTaskStatus", json!({"TaskId": reply["RequestId"]})).await;
    assert_eq!(state["LoadBalancerIds"], reply["LoadBalancerIds"]);
    assert_eq!(reply["LoadBalancerIds"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn every_write_can_be_asked_for_as_a_task() {
    let mut own = own().await;
    for (action, arguments) in [
        ("ModifyLoadBalancerAttributes", json!({"LoadBalancerId": "$lb", "LoadBalancerName": "other"})),
        ("SetLoadBalancerSecurityGroups", json!({"LoadBalancerId": "$lb", "SecurityGroups": ["$seed-group"]})),
    ] {
        let reply = own.done(action, arguments).await;
        let state = own.done("DescribeTaskStatus", json!({"TaskId": reply["RequestId"]})).await;
        assert_eq!(state["Status"], 0, "{action}: {state}");
    }
}

#[tokio::test]
async fn a_refused_write_makes_no_task() {
    let mut own = own().await;
    own.stage.id("$lb").await;
    own.stage.id("$svr").await;
    assert_eq!(own.refused("CreateListener", quic(0)).await, "InvalidParameterValue");
    // The load balancer is not busy: the next write is accepted at once.
    own.done("CreateListener", quic(8443)).await;
}

#[tokio::test]
async fn reads_are_answered_while_a_task_runs() {
    let mut own = own().await;
    own.stage.id("$svr").await;
    own.stage.id("$lb").await;
    let Answer::Accepted(reply) = own.ask("CreateListener", quic(8443)).await else { panic!("accepted") };
    own.stage.call_it("$new", &reply, "/ListenerIds/0");
    assert_eq!(own.listener("$new").await["Port"], 8443);
    own.load_balancer("$lb").await;
    assert_eq!(own.targets("$new").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_name_is_for_one_load_balancer_only() {
    let mut own = own().await;
    let request = json!({"LoadBalancerType": "OPEN", "Number": 2, "LoadBalancerName": "given"});
    own.done("CreateLoadBalancer", request).await;
    let found = own.done("DescribeLoadBalancers", json!({"LoadBalancerName": "given"})).await;
    assert_eq!(found["TotalCount"], 0, "{found}");
}

#[tokio::test]
async fn unknown_ids_of_reads_are_empty_answers() {
    let mut own = own().await;
    let balancers = own.done("DescribeLoadBalancers", json!({"LoadBalancerIds": ["lb-99999999"]})).await;
    assert_eq!((&balancers["TotalCount"], &balancers["LoadBalancerSet"]), (&json!(0), &json!([])));
    let listeners =
        own.done("DescribeListeners", json!({"LoadBalancerId": "$lb", "ListenerIds": ["lbl-99999999"]})).await;
    assert_eq!((&listeners["TotalCount"], &listeners["Listeners"]), (&json!(0), &json!([])));
    let instances = own.done("cvm/DescribeInstances", json!({"InstanceIds": ["ins-99999999"]})).await;
    assert_eq!((&instances["TotalCount"], &instances["InstanceSet"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn a_part_of_a_name_finds_it() {
    let mut own = own().await;
    own.done("CreateLoadBalancer", json!({"LoadBalancerType": "OPEN", "LoadBalancerName": "game-blue-1"})).await;
    for (part, count) in [("blue", 1), ("game-blue-1", 1), ("green", 0)] {
        let found = own.done("DescribeLoadBalancers", json!({"LoadBalancerName": part})).await;
        assert_eq!(found["TotalCount"], count, "{part}");
    }
}

#[tokio::test]
async fn force_skips_the_count_of_targets_and_nothing_else() {
    let mut own = own().await;
    let targets: Value = (1..=20).map(blue).collect();
    own.done("RegisterTargets", register("$listener", targets)).await;
    own.done("ModifyLoadBalancerAttributes", json!({"LoadBalancerId": "$lb", "DeleteProtect": true})).await;
    let forced = json!({"LoadBalancerIds": ["$lb"], "ForceDelete": true});
    assert_eq!(own.refused("DeleteLoadBalancer", forced.clone()).await, "FailedOperation");
    own.done("ModifyLoadBalancerAttributes", json!({"LoadBalancerId": "$lb", "DeleteProtect": false})).await;
    let plain = json!({"LoadBalancerIds": ["$lb"]});
    assert_eq!(own.refused("DeleteLoadBalancer", plain).await, "FailedOperation.TargetNumCheckRisk");
    own.done("DeleteLoadBalancer", forced).await;
}

#[tokio::test]
async fn a_deleted_load_balancer_takes_its_listeners_and_bindings_along() {
    let mut own = own().await;
    own.stage.id("$bound").await;
    own.done("DeleteLoadBalancer", json!({"LoadBalancerIds": ["$lb"]})).await;
    let gone = own.refused("DescribeListeners", json!({"LoadBalancerId": "$lb"})).await;
    assert_eq!(gone, "InvalidParameter.LBIdNotFound");
}

#[tokio::test]
async fn targets_are_bound_to_the_listener_itself() {
    let mut own = own().await;
    own.done("RegisterTargets", register("$listener", json!([blue(80)]))).await;
    let described = own.done("DescribeTargets", json!({"LoadBalancerId": "$lb"})).await;
    let listener = &described["Listeners"][0];
    assert_eq!(listener["Targets"][0]["Port"], 80);
    assert!(listener["Rules"].is_null() || listener["Rules"] == json!([]), "{listener}");
}

#[tokio::test]
async fn port_4789_is_not_reserved() {
    own().await.done("CreateListener", quic(4789)).await;
}

#[tokio::test]
async fn listeners_of_one_call_are_in_the_order_of_their_ports() {
    let mut own = own().await;
    let request = merged(&quic(0), &json!({"Ports": [9003, 9001, 9002], "Scheduler": "LEAST_CONN"}));
    let reply = own.done("CreateListener", request).await;
    for (index, port) in [9003, 9001, 9002].into_iter().enumerate() {
        own.stage.call_it("$one", &reply, &format!("/ListenerIds/{index}"));
        let listener = own.listener("$one").await;
        assert_eq!((&listener["Port"], &listener["Scheduler"]), (&json!(port), &json!("LEAST_CONN")));
    }
}

#[tokio::test]
async fn names_of_listeners_are_optional_and_not_unique() {
    let mut own = own().await;
    own.done("CreateListener", quic(9000)).await;
    let request = merged(&quic(0), &json!({"Ports": [9001, 9002], "ListenerNames": ["same", "same"]}));
    own.done("CreateListener", request).await;
}

#[tokio::test]
async fn what_is_left_out_takes_its_default() {
    let mut own = own().await;
    let listener = own.listener("$listener").await;
    assert_eq!((&listener["Scheduler"], &listener["Toa"]), (&json!("WRR"), &json!(false)), "{listener}");
}

#[tokio::test]
async fn the_proxy_protocol_is_a_flag_of_the_listener() {
    let mut own = own().await;
    let reply = own.done("CreateListener", merged(&quic(8443), &json!({"ProxyProtocol": true}))).await;
    own.stage.call_it("$one", &reply, "/ListenerIds/0");
    assert_eq!(own.listener("$one").await["AttrFlags"], json!(["ProxyProtocol"]));
}

#[tokio::test]
async fn neutral_values_are_accepted() {
    let mut own = own().await;
    let neutral = json!({
        "TargetType": "NODE", "KeepaliveEnable": 0, "SniSwitch": 0, "SessionExpireTime": 0, "IdleConnectTimeout": 0,
        "DeregisterTargetRst": false, "MaxConn": -1, "MaxCps": -1, "RescheduleStartTime": 0, "RescheduleInterval": 0,
        "RescheduleTargetZeroWeight": false, "RescheduleUnhealthy": false, "RescheduleExpandTarget": false,
        "SnatEnable": false, "ProxyProtocol": false, "SessionType": "NORMAL",
    });
    let of_create = json!({"EndPort": 0, "H2cSwitch": false, "SslCloseSwitch": false});
    own.done("CreateListener", merged(&merged(&quic(9000), &neutral), &of_create)).await;
    let which = json!({"LoadBalancerId": "$lb", "ListenerId": "$listener"});
    own.done("ModifyListener", merged(&which, &neutral)).await;
}

#[tokio::test]
async fn arguments_of_an_http_check_are_ignored_by_a_tcp_check() {
    let mut own = own().await;
    let check = json!({
        "CheckType": "TCP", "HttpCode": 31, "HttpCheckPath": "/", "HttpCheckDomain": "game.example",
        "HttpCheckMethod": "GET", "HttpVersion": "HTTP/1.1",
    });
    let reply = own.done("CreateListener", merged(&quic(8443), &json!({"HealthCheck": check}))).await;
    own.stage.call_it("$one", &reply, "/ListenerIds/0");
    let shown = own.listener("$one").await["HealthCheck"].clone();
    assert_eq!(shown["CheckType"], "TCP");
    assert!(shown["HttpCheckPath"].is_null() && shown["HttpCheckDomain"].is_null(), "{shown}");
}

#[tokio::test]
async fn a_health_check_of_some_fields_takes_defaults_for_the_rest() {
    let mut own = own().await;
    let check = json!({"HealthSwitch": 1, "SourceIpType": 1});
    let reply = own.done("CreateListener", merged(&quic(8443), &json!({"HealthCheck": check}))).await;
    own.stage.call_it("$one", &reply, "/ListenerIds/0");
    let shown = own.listener("$one").await["HealthCheck"].clone();
    for (name, value) in
        [("TimeOut", 2), ("IntervalTime", 5), ("HealthNum", 3), ("UnHealthNum", 3), ("SourceIpType", 1)]
    {
        assert_eq!(shown[name], value, "{name}: {shown}");
    }
}

#[tokio::test]
async fn a_deleted_listener_takes_its_bindings_along() {
    let mut own = own().await;
    own.stage.id("$bound").await;
    own.done("DeleteListener", json!({"LoadBalancerId": "$lb", "ListenerId": "$bound"})).await;
    // The backend's address and port are free for another listener of the load balancer.
    own.done("RegisterTargets", register("$listener", json!([blue(80)]))).await;
}

#[tokio::test]
async fn weight_zero_keeps_the_binding_and_its_health() {
    let mut own = own().await;
    let request = merged(&register("$bound", json!([blue(80)])), &json!({"Weight": 0}));
    own.done("ModifyTargetWeight", request).await;
    assert_eq!(own.targets("$bound").await[0]["Weight"], 0);
    let health = own.done("DescribeTargetHealth", json!({"LoadBalancerIds": ["$lb"]})).await;
    let target = &health["LoadBalancers"][0]["Listeners"][0]["Rules"][0]["Targets"][0];
    assert_eq!(target["Port"], 80, "{health}");
}

#[tokio::test]
async fn the_type_of_a_target_is_ignored_and_told() {
    let mut own = own().await;
    let targets = json!([
        {"Type": "ENI", "InstanceId": "$blue", "Port": 80}, {"Type": "CVM", "EniIp": "10.0.1.9", "Port": 80},
    ]);
    own.done("RegisterTargets", register("$listener", targets)).await;
    let mut types: Vec<String> =
        own.targets("$listener").await.iter().map(|target| target["Type"].as_str().unwrap_or("").to_owned()).collect();
    types.sort();
    assert_eq!(types, ["CVM", "ENI"]);
}

#[tokio::test]
async fn an_instance_stands_for_its_primary_address() {
    let mut own = own().await;
    assert_eq!(own.stage.id("$bound").await.len(), "lbl-12345678".len());
    assert_eq!(own.targets("$bound").await[0]["PrivateIpAddresses"], json!(["10.0.1.5"]));
}

#[tokio::test]
async fn any_address_of_the_vpc_can_be_bound() {
    let mut own = own().await;
    own.done("RegisterTargets", register("$listener", json!([{"EniIp": "10.0.1.77", "Port": 80}]))).await;
    assert_eq!(own.targets("$listener").await[0]["PrivateIpAddresses"], json!(["10.0.1.77"]));
}

#[tokio::test]
async fn an_instance_is_bound_several_times_with_different_ports() {
    let mut own = own().await;
    own.done("RegisterTargets", register("$listener", json!([blue(80), blue(81)]))).await;
    own.done("RegisterTargets", register("$listener", json!([blue(82)]))).await;
    assert_eq!(own.targets("$listener").await.len(), 3);
}

#[tokio::test]
async fn of_one_call_all_targets_are_bound_or_none() {
    let mut own = own().await;
    let targets = json!([blue(80), {"InstanceId": "ins-99999999", "Port": 80}]);
    own.refused("RegisterTargets", register("$listener", targets)).await;
    assert_eq!(own.targets("$listener").await, Vec::<Value>::new());
}

#[tokio::test]
async fn health_is_told_for_one_rule_without_a_domain() {
    let mut own = own().await;
    own.stage.id("$bound").await;
    let health = own.done("DescribeTargetHealth", json!({"LoadBalancerIds": ["$lb"]})).await;
    let rules = health["LoadBalancers"][0]["Listeners"][0]["Rules"].as_array().expect("rules").clone();
    assert_eq!(rules.len(), 1, "{health}");
    let rule = &rules[0];
    assert!(rule["Domain"].is_null() && rule["Url"].is_null(), "{rule}");
    assert!(rule["LocationId"].as_str().is_some_and(|id| !id.is_empty()), "{rule}");
    let target = &rule["Targets"][0];
    assert!(target["HealthStatusDetail"].is_string(), "{target}");
    assert_eq!(target["HealthStatusDetail"], target["HealthStatusDetial"]);
}

#[tokio::test]
async fn security_groups_are_bound_to_internal_load_balancers_too() {
    let mut own = own().await;
    let request = json!({"LoadBalancerId": "$internal", "SecurityGroups": ["$seed-group"]});
    own.done("SetLoadBalancerSecurityGroups", request).await;
    let group = own.stage.id("$seed-group").await;
    assert_eq!(own.load_balancer("$internal").await["SecureGroups"], json!([group]));
}

#[tokio::test]
async fn classes_of_listeners_do_not_share_ports_and_backends() {
    let mut own = own().await;
    own.stage.id("$bound").await;
    let request = json!({"LoadBalancerId": "$lb", "Protocol": "TCP", "Ports": [8444]});
    let reply = own.done("CreateListener", request).await;
    own.stage.call_it("$beside", &reply, "/ListenerIds/0");
    own.done("RegisterTargets", register("$beside", json!([blue(80)]))).await;
    assert_eq!(own.targets("$beside").await.len(), 1);
}
