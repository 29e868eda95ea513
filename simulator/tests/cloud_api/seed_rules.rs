//! The rules of the page this project starts from: each refused with its code and a text that names the argument, and its
//! neighbour accepted.

use clb_cloud_api::action::Action;
use clb_cloud_api::clb;
use clb_cloud_api::task::Wait;
use clb_simulator::seed::{BASIC_NETWORK_LOAD_BALANCER, CLASSIC_LOAD_BALANCER, INSTANCES, SUBNET, VPC};

use crate::sandbox::{Sandbox, instance, listener, public, refused_to, register};

/// The request is refused with that code, and the text has all those words.
async fn is_refused<A: Action>(sandbox: &Sandbox, request: &A, code: &str, words: &[&str]) {
    let (said, message) = sandbox.refused(request).await;
    assert_eq!(said, code, "{message}");
    for word in words {
        assert!(message.contains(word), "`{word}` is not in: {message}");
    }
}

#[tokio::test]
async fn classic_and_basic_network_load_balancers_are_refused() {
    let sandbox = Sandbox::start().await;
    let certificate = sandbox.server_certificate().await;
    let classic = listener(CLASSIC_LOAD_BALANCER, &certificate);
    is_refused(&sandbox, &classic, "InvalidParameterValue", &["LoadBalancerId", "classic", CLASSIC_LOAD_BALANCER])
        .await;
    let basic = listener(BASIC_NETWORK_LOAD_BALANCER, &certificate);
    is_refused(&sandbox, &basic, "InvalidParameterValue", &["LoadBalancerId", "(basic) network"]).await;
}

#[tokio::test]
async fn native_ipv6_is_refused_while_ipv4_and_nat64_pass() {
    let sandbox = Sandbox::start().await;
    let certificate = sandbox.server_certificate().await;
    let version = |word: &str| clb::CreateLoadBalancer { address_ip_version: Some(word.into()), ..public() };
    for word in ["IPV4", "IPV6"] {
        let id = sandbox.create_load_balancer(&version(word)).await;
        sandbox.done(&listener(&id, &certificate)).await;
    }
    let native = clb::CreateLoadBalancer {
        vpc_id: Some(VPC.into()),
        subnet_id: Some(SUBNET.into()),
        ..version("IPv6FullChain")
    };
    let id = sandbox.create_load_balancer(&native).await;
    is_refused(&sandbox, &listener(&id, &certificate), "InvalidParameterValue", &["IPv6FullChain"]).await;
}

#[tokio::test]
async fn an_account_outside_the_beta_is_refused() {
    let sandbox = Sandbox::start().await;
    let closed = sandbox.closed_client();
    let answered = closed.call(&public()).await.expect("load balancers are for everyone");
    let id = answered.reply.load_balancer_ids.expect("an id")[0].clone();
    closed.wait_for(&answered.request_id, Wait::default()).await.expect("its task ends");
    let (code, message) = refused_to(&closed, &listener(&id, "aB3dE5gH")).await;
    assert_eq!(code, "UnauthorizedOperation");
    assert!(message.contains("beta"), "{message}");
}

#[tokio::test]
async fn port_range_and_port_class_are_kept() {
    let sandbox = Sandbox::start().await;
    let request = sandbox.listener_request().await;
    let ports = |ports: Vec<i64>| clb::CreateListener { ports, ..request.clone() };
    for wrong in [0, -1, 65536] {
        is_refused(&sandbox, &ports(vec![wrong]), "InvalidParameterValue", &["Ports.0", "1 to 65535"]).await;
    }
    let many = ports((9000..9050).collect());
    is_refused(&sandbox, &many, "InvalidParameterValue.Length", &["Length of .Ports should be less than 50"]).await;
    is_refused(&sandbox, &ports(vec![]), "MissingParameter", &["Ports"]).await;
    sandbox.done(&request).await;
    is_refused(&sandbox, &request, "InvalidParameter.PortCheckFailed", &["Ports.0", "8443"]).await;
    is_refused(&sandbox, &ports(vec![8444, 8444]), "InvalidParameter.PortCheckFailed", &["Ports.1"]).await;
    let ids = sandbox.done(&ports(vec![8444, 8445])).await.listener_ids;
    assert_eq!(ids.len(), 2);
}

#[tokio::test]
async fn certificates_are_there_and_of_the_right_kind() {
    let sandbox = Sandbox::start().await;
    let request = sandbox.listener_request().await;
    let (server, ca) = (sandbox.server_certificate().await, sandbox.ca_certificate().await);
    let with = |certificate| clb::CreateListener { certificate, ..request.clone() };
    let input = |server: Option<&str>, mode: Option<&str>, ca: Option<&str>| {
        with(Some(clb::CertificateInput {
            ssl_mode: mode.map(str::to_owned),
            cert_id: server.map(str::to_owned),
            cert_ca_id: ca.map(str::to_owned),
            ..clb::CertificateInput::default()
        }))
    };
    is_refused(&sandbox, &with(None), "MissingParameter", &["Certificate.CertId"]).await;
    is_refused(&sandbox, &input(None, None, None), "MissingParameter", &["Certificate.CertId"]).await;
    let unknown = input(Some("aB3dE5gH"), None, None);
    is_refused(&sandbox, &unknown, "InvalidParameterValue", &["Certificate.CertId", "aB3dE5gH"]).await;
    is_refused(&sandbox, &input(Some(&ca), None, None), "InvalidParameterValue", &["Certificate.CertId", "SVR"]).await;
    let mutual = |ca| input(Some(&server), Some("MUTUAL"), ca);
    is_refused(&sandbox, &mutual(None), "MissingParameter", &["Certificate.CertCaId"]).await;
    is_refused(&sandbox, &mutual(Some(&server)), "InvalidParameterValue", &["Certificate.CertCaId", "CA"]).await;
    is_refused(&sandbox, &input(Some(&server), Some("BOTH"), None), "InvalidParameterValue", &["SSLMode"]).await;
    let inline = clb::CertificateInput {
        ssl_mode: Some("MUTUAL".into()),
        cert_id: Some(server.clone()),
        cert_ca_name: Some("clients".into()),
        cert_ca_content: Some("no PEM".into()),
        ..clb::CertificateInput::default()
    };
    let inline = clb::CreateListener { certificate: Some(inline), ..request.clone() };
    is_refused(&sandbox, &inline, "InvalidParameterValue", &["CertCaContent", "PEM"]).await;
    let id = sandbox.done(&mutual(Some(&ca))).await.listener_ids[0].clone();
    let shown = sandbox.describe_listener(&request.load_balancer_id, &id).await.expect("there");
    let certificate = shown.certificate.expect("shown");
    assert_eq!((certificate.ssl_mode.as_str(), certificate.cert_ca_id), ("MUTUAL", ca));
}

#[tokio::test]
async fn schedulers_and_session_persistence_are_refused() {
    let sandbox = Sandbox::start().await;
    let request = sandbox.listener_request().await;
    let scheduler = clb::CreateListener { scheduler: Some("IP_HASH".into()), ..request.clone() };
    is_refused(&sandbox, &scheduler, "InvalidParameterValue", &["Scheduler should be WRR or LEAST_CONN"]).await;
    let sticky = clb::CreateListener { session_expire_time: Some(30), ..request.clone() };
    is_refused(&sandbox, &sticky, "InvalidParameterValue", &["SessionExpireTime", "session persistence"]).await;
    let by_id = clb::CreateListener { session_type: Some("QUIC_CID".into()), ..request.clone() };
    is_refused(&sandbox, &by_id, "InvalidParameterValue", &["SessionType"]).await;
    let neutral = clb::CreateListener {
        scheduler: Some("LEAST_CONN".into()),
        session_expire_time: Some(0),
        session_type: Some("NORMAL".into()),
        target_type: Some("NODE".into()),
        sni_switch: Some(0),
        keepalive_enable: Some(0),
        max_conn: Some(-1),
        deregister_target_rst: Some(false),
        ..request
    };
    sandbox.done(&neutral).await;
}

#[tokio::test]
async fn health_check_bounds_are_kept() {
    let sandbox = Sandbox::start().await;
    let request = sandbox.listener_request().await;
    let none = clb::HealthCheck::default;
    let cases = [
        (clb::HealthCheck { time_out: Some(1), ..none() }, "HealthCheck.TimeOut"),
        (clb::HealthCheck { time_out: Some(61), interval_time: Some(300), ..none() }, "HealthCheck.TimeOut"),
        (clb::HealthCheck { time_out: Some(5), interval_time: Some(5), ..none() }, "HealthCheck.TimeOut"),
        (clb::HealthCheck { interval_time: Some(1), ..none() }, "HealthCheck.IntervalTime"),
        (clb::HealthCheck { interval_time: Some(301), ..none() }, "HealthCheck.IntervalTime"),
        (clb::HealthCheck { health_num: Some(1), ..none() }, "HealthCheck.HealthNum"),
        (clb::HealthCheck { health_num: Some(11), ..none() }, "HealthCheck.HealthNum"),
        (clb::HealthCheck { un_health_num: Some(11), ..none() }, "HealthCheck.UnHealthNum"),
        (clb::HealthCheck { health_switch: Some(2), ..none() }, "HealthCheck.HealthSwitch"),
        (clb::HealthCheck { check_type: Some("PING".into()), ..none() }, "HealthCheck.CheckType"),
        (clb::HealthCheck { check_port: Some(80), ..none() }, "HealthCheck.CheckPort"),
        (clb::HealthCheck { source_ip_type: Some(2), ..none() }, "HealthCheck.SourceIpType"),
    ];
    for (health_check, name) in cases {
        let request = clb::CreateListener { health_check: Some(health_check), ..request.clone() };
        is_refused(&sandbox, &request, "InvalidParameterValue", &[name]).await;
    }
    let http = |domain: Option<&str>| clb::CreateListener {
        health_check: Some(clb::HealthCheck {
            check_type: Some("HTTP".into()),
            http_check_domain: domain.map(str::to_owned),
            time_out: Some(60),
            interval_time: Some(61),
            health_num: Some(2),
            un_health_num: Some(10),
            ..none()
        }),
        ..request.clone()
    };
    is_refused(&sandbox, &http(None), "MissingParameter", &["HealthCheck.HttpCheckDomain"]).await;
    sandbox.done(&http(Some("example.com"))).await;
}

#[tokio::test]
async fn weights_duplicates_and_sizes_of_target_calls_are_kept() {
    let sandbox = Sandbox::start().await;
    let (lb, id) = sandbox.listener().await;
    let blue = INSTANCES[0].0;
    for wrong in [-1, 101] {
        let heavy = clb::Target { weight: Some(wrong), ..instance(blue, 80) };
        let request = register(&lb, &id, vec![heavy]);
        is_refused(&sandbox, &request, "InvalidParameterValue", &["Targets.0.Weight", "0 to 100"]).await;
    }
    let twice = register(&lb, &id, vec![instance(blue, 80), instance(blue, 80)]);
    is_refused(&sandbox, &twice, "InvalidParameterValue.Duplicate", &["Targets.1"]).await;
    let many = register(&lb, &id, (1..=21).map(|port| instance(blue, port)).collect());
    is_refused(&sandbox, &many, "InvalidParameterValue.Length", &["Targets", "20"]).await;
    let unknown = register(&lb, &id, vec![instance("ins-99999999", 80)]);
    is_refused(&sandbox, &unknown, "InvalidParameterValue", &["Targets.0.InstanceId"]).await;
    let heaviest = clb::Target { weight: Some(100), ..instance(blue, 80) };
    sandbox.done(&register(&lb, &id, vec![heaviest])).await;
}

#[tokio::test]
async fn names_of_load_balancers_obey_their_rules() {
    let sandbox = Sandbox::start().await;
    let named = |name: &str| clb::CreateLoadBalancer { load_balancer_name: Some(name.into()), ..public() };
    let long = named(&"a".repeat(81));
    is_refused(&sandbox, &long, "InvalidParameterValue.Length", &["LoadBalancerName", "80"]).await;
    is_refused(&sandbox, &named("smile 😀"), "InvalidParameterValue", &["LoadBalancerName"]).await;
    sandbox.create_load_balancer(&named(&"名".repeat(80))).await;
}
