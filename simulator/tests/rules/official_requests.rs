//! Whole requests as official clients send them, in the order in which they send them: nothing of it is refused.
//!
//! What the official Terraform provider (TFP), the platform's Kubernetes controller (TKE) and the documentation's own
//! samples (SDK) send is from the research notes on the platform; so is what TFP reads without asking whether it is
//! there.

use serde_json::{Value, json};

use crate::behaviours::{Own, own};

/// Fields that TFP reads without asking: without one of them it ends with a panic.
fn has_all(object: &Value, fields: &[&str]) {
    for field in fields {
        assert!(object.get(*field).is_some_and(|value| !value.is_null()), "{field} is null in {object}");
    }
}

#[tokio::test]
async fn the_official_provider_creates_a_load_balancer() {
    let mut own = own().await;
    let guard = json!({"LoadBalancerName": "tf-quic", "Offset": 0, "Limit": 100});
    assert_eq!(own.done("DescribeLoadBalancers", guard.clone()).await["LoadBalancerSet"], json!([]));
    let request = json!({
        "LoadBalancerType": "OPEN", "LoadBalancerName": "tf-quic", "ProjectId": 0, "VpcId": "$vpc",
        "AddressIPVersion": "ipv4", "Number": 1, "SnatPro": false, "LoadBalancerPassToTarget": false,
        "DynamicVip": false,
        "InternetAccessible": {"InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR", "InternetMaxBandwidthOut": 10},
        "Tags": [{"TagKey": "team", "TagValue": "game"}],
    });
    let created = own.done("CreateLoadBalancer", request).await;
    own.stage.call_it("$tf", &created, "/LoadBalancerIds/0");
    let task = own.done("DescribeTaskStatus", json!({"TaskId": created["RequestId"]})).await;
    assert_eq!((&task["Status"], &task["LoadBalancerIds"]), (&json!(0), &created["LoadBalancerIds"]));
    let groups = json!({"LoadBalancerId": "$tf", "SecurityGroups": ["$seed-group"]});
    own.done("SetLoadBalancerSecurityGroups", groups).await;
    own.done("ModifyLoadBalancerAttributes", json!({"LoadBalancerId": "$tf", "DeleteProtect": true})).await;
    let shown = own.load_balancer("$tf").await;
    has_all(
        &shown,
        &["LoadBalancerType", "LoadBalancerName", "TargetRegionInfo", "LoadBalancerVips", "VpcId", "ProjectId"],
    );
    assert_eq!(shown["AddressIPVersion"], "ipv4");
    let tags = json!({
        "ServiceType": "clb", "ResourcePrefix": "clb", "ResourceRegion": "ap-guangzhou", "ResourceIds": ["$tf"],
        "Offset": 0, "Limit": 20,
    });
    let tags = own.done("tag/DescribeResourceTagsByResourceIds", tags).await;
    has_all(&tags["Tags"][0], &["ResourceId", "TagKey", "TagValue"]);
    let change = json!({
        "LoadBalancerId": "$tf", "LoadBalancerName": "tf-renamed", "LoadBalancerPassToTarget": true, "SnatPro": false,
        "DeleteProtect": false,
        "InternetChargeInfo": {"InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR", "InternetMaxBandwidthOut": 20},
    });
    own.done("ModifyLoadBalancerAttributes", change).await;
    own.done("DeleteLoadBalancer", json!({"LoadBalancerIds": ["$tf"], "ForceDelete": false})).await;
}

#[tokio::test]
async fn the_official_provider_uploads_a_certificate_and_creates_a_listener() {
    let mut own = own().await;
    let upload = json!({
        "CertificatePublicKey": "$pem", "CertificatePrivateKey": "$key", "CertificateType": "SVR", "Alias": "tf",
        "ProjectId": 0,
    });
    let uploaded = own.done("ssl/UploadCertificate", upload).await;
    own.stage.call_it("$cert", &uploaded, "/CertificateId");
    let detail = own.done("ssl/DescribeCertificateDetail", json!({"CertificateId": "$cert"})).await;
    let read = [
        "CertificateId",
        "CertificateType",
        "Alias",
        "ProjectId",
        "CertificatePublicKey",
        "ProductZhName",
        "Domain",
        "CertBeginTime",
        "CertEndTime",
        "InsertTime",
    ];
    has_all(&detail, &read);
    assert_eq!((&detail["Status"], detail["ProjectId"].is_string()), (&json!(1), true));
    let request = json!({
        "LoadBalancerId": "$lb", "Ports": [8443], "Protocol": "QUIC", "ListenerNames": ["tf-quic"],
        "TargetType": "NODE", "Scheduler": "WRR", "SniSwitch": 0, "KeepaliveEnable": 0, "H2cSwitch": false,
        "DeregisterTargetRst": false, "SnatEnable": false, "ProxyProtocol": true, "MaxConn": -1, "MaxCps": -1,
        "HealthCheck": {
            "HealthSwitch": 1, "TimeOut": 2, "IntervalTime": 5, "HealthNum": 3, "UnHealthNum": 3, "CheckType": "TCP",
            "SourceIpType": 1,
        },
        "Certificate": {"SSLMode": "UNIDIRECTIONAL", "CertId": "$cert"},
    });
    let created = own.done("CreateListener", request).await;
    own.stage.call_it("$tf", &created, "/ListenerIds/0");
    let shown = own.listener("$tf").await;
    has_all(&shown, &["ListenerId", "Port", "Protocol", "SniSwitch"]);
    let check = &shown["HealthCheck"];
    assert_eq!(check["HealthSwitch"], 1);
    // What it reads back here it would send again, and refuse itself.
    for field in [
        "HttpCode",
        "HttpCheckMethod",
        "HttpCheckPath",
        "HttpCheckDomain",
        "HttpVersion",
        "ContextType",
        "SendContext",
        "RecvContext",
        "CheckPort",
    ] {
        assert!(check[field].is_null(), "{field}: {check}");
    }
    // An update sends the whole health check and the whole certificate again.
    let change = json!({
        "LoadBalancerId": "$lb", "ListenerId": "$tf", "ListenerName": "tf-renamed", "Scheduler": "LEAST_CONN",
        "TargetType": "NODE", "SniSwitch": 0, "DeregisterTargetRst": false, "SnatEnable": false, "ProxyProtocol": true,
        "HealthCheck": check, "Certificate": {"SSLMode": "UNIDIRECTIONAL", "CertId": "$cert"},
    });
    own.done("ModifyListener", change).await;
    assert_eq!(own.listener("$tf").await["ListenerName"], "tf-renamed");
    own.done("DeleteListener", json!({"LoadBalancerId": "$lb", "ListenerId": "$tf"})).await;
    assert_eq!(own.done("ssl/DeleteCertificate", json!({"CertificateId": "$cert"})).await["DeleteResult"], true);
}

#[tokio::test]
async fn the_official_provider_attaches_reweighs_and_detaches_targets() {
    let mut own = own().await;
    let which = |targets: Value| json!({"LoadBalancerId": "$lb", "ListenerId": "$listener", "Targets": targets});
    let targets = json!([
        {"InstanceId": "$blue", "Port": 80, "Weight": 10}, {"EniIp": "10.0.1.9", "Port": 80, "Weight": 0},
    ]);
    own.done("RegisterTargets", which(targets.clone())).await;
    // A registration that ended half way is repeated as a whole.
    own.done("RegisterTargets", which(targets.clone())).await;
    let listener = own.listener("$listener").await;
    let read = json!({
        "LoadBalancerId": "$lb", "ListenerIds": ["$listener"], "Protocol": listener["Protocol"], "Port": listener["Port"],
    });
    let described = own.done("DescribeTargets", read).await;
    assert_eq!(described["Listeners"][0]["Protocol"], "QUIC");
    for target in described["Listeners"][0]["Targets"].as_array().expect("a list") {
        has_all(target, &["Type", "Weight", "Port", "PrivateIpAddresses"]);
        assert!(target["Type"] != "CVM" || target["InstanceId"].is_string(), "{target}");
    }
    own.done("ModifyTargetWeight", which(json!([{"InstanceId": "$blue", "Port": 80, "Weight": 100}]))).await;
    own.done("DeregisterTargets", which(targets.clone())).await;
    // It counts this code as success.
    assert_eq!(own.refused("DeregisterTargets", which(targets)).await, "InvalidParameter");
}

#[tokio::test]
async fn the_controller_opens_49_ports_binds_in_a_batch_and_cleans_up() {
    let mut own = own().await;
    let ports: Vec<u16> = (30_000..30_049).collect();
    let request = json!({
        "LoadBalancerId": "$lb", "Ports": ports, "Protocol": "QUIC", "ListenerNames": vec!["TKE-LISTENER"; 49],
        "HealthCheck": {"HealthSwitch": 0, "SourceIpType": 1},
        "Certificate": {"SSLMode": "UNIDIRECTIONAL", "CertId": "$svr"},
    });
    let created = own.done("CreateListener", request).await;
    let ids = created["ListenerIds"].as_array().expect("a list").clone();
    assert_eq!(ids.len(), 49);
    let targets: Value =
        ids.iter().map(|id| json!({"ListenerId": id, "EniIp": "10.0.1.9", "Port": id_port(&ids, id)})).collect();
    let bound = own.done("BatchRegisterTargets", json!({"LoadBalancerId": "$lb", "Targets": targets})).await;
    assert_eq!(bound["FailListenerIdSet"], json!([]), "{bound}");
    let unbound = own.done("BatchDeregisterTargets", json!({"LoadBalancerId": "$lb", "Targets": targets})).await;
    assert_eq!(unbound["FailListenerIdSet"], json!([]), "{unbound}");
    let listed =
        own.done("DescribeListeners", json!({"LoadBalancerId": "$lb", "Protocol": "QUIC", "Port": 30_007})).await;
    assert_eq!(listed["TotalCount"], 1);
    own.done("DescribeLoadBalancers", json!({"LoadBalancerIds": vec!["$lb"; 19]})).await;
    own.done("DeleteLoadBalancerListeners", json!({"LoadBalancerId": "$lb", "ListenerIds": ids[..20]})).await;
    own.done("DeleteLoadBalancerListeners", json!({"LoadBalancerId": "$lb"})).await;
    assert_eq!(own.done("DescribeListeners", json!({"LoadBalancerId": "$lb"})).await["TotalCount"], 0);
    own.done("DeleteLoadBalancer", json!({"LoadBalancerIds": ["$lb"]})).await;
}

/// A backend port of its own for each listener: the four-tuple rule is about listeners of one protocol.
fn id_port(ids: &[Value], id: &Value) -> usize {
    8000 + ids.iter().position(|other| other == id).expect("one of them")
}

#[tokio::test]
async fn the_controller_creates_load_balancers_of_every_kind_that_carries_quic() {
    let mut own = own().await;
    for request in [
        json!({"LoadBalancerType": "OPEN", "VpcId": "$vpc", "Number": 1, "LoadBalancerName": "tke", "AddressIPVersion": "IPV4"}),
        json!({"LoadBalancerType": "INTERNAL", "VpcId": "$vpc", "SubnetId": "$subnet", "LoadBalancerName": "tke"}),
        json!({"LoadBalancerType": "OPEN", "AddressIPVersion": "IPV6", "VpcId": "$vpc"}),
        json!({
            "LoadBalancerType": "OPEN", "VpcId": "$vpc", "VipIsp": "CTCC",
            "InternetAccessible": {"InternetChargeType": "BANDWIDTH_PACKAGE", "InternetMaxBandwidthOut": 100},
        }),
        json!({
            "LoadBalancerType": "OPEN", "VpcId": "$vpc", "SlaType": "clb.c2.medium", "VipIsp": "BGP",
            "ClientToken": "a-uuid-of-the-controller", "LBChargeType": "POSTPAID_BY_HOUR",
            "Tags": [{"TagKey": "tke-clusterId", "TagValue": "cls-12345678"}],
        }),
    ] {
        let created = own.done("CreateLoadBalancer", request).await;
        own.stage.call_it("$one", &created, "/LoadBalancerIds/0");
        let listener = json!({
            "LoadBalancerId": "$one", "Ports": [443], "Protocol": "QUIC", "ListenerNames": ["TKE-DEDICATED"],
            "Certificate": {"SSLMode": "UNIDIRECTIONAL", "CertId": "$svr"},
        });
        own.done("CreateListener", listener).await;
    }
}

/// Everything that a listener of its kind may say, at the edge of what is allowed.
#[tokio::test]
async fn every_argument_of_a_quic_listener_is_accepted() {
    let mut own = own().await;
    let request = json!({
        "LoadBalancerId": "$lcu", "Ports": [1, 65535], "Protocol": "QUIC", "ListenerNames": ["one"],
        "Scheduler": "LEAST_CONN", "MaxConn": 100, "MaxCps": 50, "ProxyProtocol": true, "SnatEnable": true,
        "Certificate": {"SSLMode": "MUTUAL", "CertId": "$svr", "CertCaId": "$ca", "SSLVerifyClient": "OPTIONAL"},
        "HealthCheck": {
            "HealthSwitch": 1, "CheckType": "HTTP", "TimeOut": 60, "IntervalTime": 300, "HealthNum": 10,
            "UnHealthNum": 2, "HttpCode": 1, "HttpCheckMethod": "GET", "HttpCheckPath": "/health?x=1",
            "HttpCheckDomain": "game.example", "HttpVersion": "HTTP/1.1", "SourceIpType": 0, "CheckPort": -1,
        },
    });
    own.done("CreateListener", request).await;
}

#[tokio::test]
async fn what_is_left_out_may_be_null() {
    let mut own: Own = own().await;
    let request = json!({
        "LoadBalancerId": "$lb", "Ports": [443], "Protocol": "QUIC", "ListenerNames": null, "HealthCheck": null,
        "Certificate": {"CertId": "$svr", "CertCaId": null, "SSLMode": null}, "SessionExpireTime": null,
        "Scheduler": null, "MultiCertInfo": null,
    });
    own.done("CreateListener", request).await;
}
