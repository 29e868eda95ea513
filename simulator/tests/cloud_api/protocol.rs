//! Listeners of the other protocols through the API, and actions that are about several listeners.

use std::net::UdpSocket;

use clb_cloud_api::clb;
use clb_simulator::backend::Backend;
use clb_simulator::client::{Client, Options};
use clb_simulator::seed::INSTANCES;

use crate::sandbox::{Sandbox, instance, register};

const BLUE: &str = INSTANCES[0].0;

fn on(load_balancer: &str, protocol: &str, port: i64) -> clb::CreateListener {
    clb::CreateListener {
        load_balancer_id: load_balancer.into(),
        protocol: protocol.into(),
        ports: vec![port],
        ..clb::CreateListener::default()
    }
}

async fn shown(sandbox: &Sandbox, lb: &str, id: &str) -> clb::Listener {
    sandbox.describe_listener(lb, id).await.expect("there")
}

#[tokio::test]
async fn a_tcp_listener_reads_back_as_it_was_made() {
    let sandbox = Sandbox::start().await;
    let lb = sandbox.load_balancer().await;
    let request = clb::CreateListener {
        session_expire_time: Some(60),
        scheduler: Some("LEAST_CONN".into()),
        deregister_target_rst: Some(true),
        reschedule_unhealthy: Some(true),
        reschedule_start_time: Some(5),
        reschedule_interval: Some(10),
        snat_enable: Some(true),
        health_check: Some(clb::HealthCheck {
            check_type: Some("CUSTOM".into()),
            check_port: Some(8080),
            context_type: Some("HEX".into()),
            send_context: Some("0A".into()),
            recv_context: Some("0B".into()),
            ..clb::HealthCheck::default()
        }),
        ..on(&lb, "TCP", 80)
    };
    let id = sandbox.done(&request).await.listener_ids[0].clone();
    let it = shown(&sandbox, &lb, &id).await;
    assert_eq!((it.protocol.as_str(), it.port, it.certificate), ("TCP", 80, None));
    assert_eq!((it.session_expire_time, it.idle_connect_timeout), (Some(60), Some(900)));
    assert_eq!((it.deregister_target_rst, it.reschedule_start_time, it.reschedule_interval), (true, 5, 10));
    assert_eq!(it.attr_flags, ["SnatEnable", "RescheduleUnhealthy"]);
    let check = it.health_check.expect("shown");
    assert_eq!((check.check_type.as_deref(), check.check_port), (Some("CUSTOM"), Some(8080)));
    assert_eq!(
        (check.context_type.as_deref(), check.send_context.as_deref(), check.recv_context.as_deref()),
        (Some("HEX"), Some("0A"), Some("0B"))
    );
    let change = clb::ModifyListener {
        load_balancer_id: lb.clone(),
        listener_id: id.clone(),
        idle_connect_timeout: Some(60),
        reschedule_unhealthy: Some(false),
        health_check: Some(clb::HealthCheck {
            check_type: Some("TCP".into()),
            check_port: Some(-1),
            ..clb::HealthCheck::default()
        }),
        ..clb::ModifyListener::default()
    };
    sandbox.done(&change).await;
    let it = shown(&sandbox, &lb, &id).await;
    assert_eq!((it.idle_connect_timeout, it.attr_flags), (Some(60), vec!["SnatEnable".to_owned()]));
    let check = it.health_check.expect("shown");
    assert_eq!((check.check_type.as_deref(), check.check_port, check.context_type), (Some("TCP"), None, None));
}

#[tokio::test]
async fn a_udp_listener_is_pinged_and_shares_its_ports_with_quic() {
    let sandbox = Sandbox::start().await;
    let base = sandbox.listener_request().await;
    let lb = base.load_balancer_id.clone();
    let id = sandbox.done(&on(&lb, "UDP", 4789)).await.listener_ids[0].clone();
    let it = shown(&sandbox, &lb, &id).await;
    assert_eq!(it.idle_connect_timeout, Some(300));
    assert_eq!(it.health_check.expect("shown").check_type.as_deref(), Some("PING"));
    let taken = clb::CreateListener { ports: vec![4789], ..base.clone() };
    assert_eq!(sandbox.code(&taken).await, "InvalidParameter.PortCheckFailed");
    sandbox.done(&on(&lb, "TCP", 4789)).await;
    let tcp = sandbox.code(&on(&lb, "TCP", 4789)).await;
    assert_eq!(tcp, "InvalidParameter.PortCheckFailed");
    let address = sandbox.address(&lb, 4789).await;
    UdpSocket::bind(address).expect("a UDP listener opens no port");
    assert_eq!(sandbox.code(&on(&lb, "HTTP", 80)).await, "UnsupportedOperation");
    let range = clb::CreateListener { end_port: Some(90), ..on(&lb, "TCP", 80) };
    assert_eq!(sandbox.code(&range).await, "UnsupportedOperation");
    let groups = clb::CreateListener { target_type: Some("TARGETGROUP".into()), ..on(&lb, "TCP", 80) };
    assert_eq!(sandbox.code(&groups).await, "UnsupportedOperation");
}

#[tokio::test]
async fn a_tcp_ssl_listener_shows_all_its_certificates() {
    let sandbox = Sandbox::start().await;
    let lb = sandbox.load_balancer().await;
    let (server, ca) = (sandbox.server_certificate().await, sandbox.ca_certificate().await);
    let known = |id: &str| clb::CertInfo { cert_id: Some(id.into()), ..clb::CertInfo::default() };
    let several = |ids: &[&str], mode: &str| clb::CreateListener {
        multi_cert_info: Some(clb::MultiCertInfo {
            ssl_mode: mode.into(),
            cert_list: ids.iter().map(|id| known(id)).collect(),
            ssl_verify_client: Some("OPTIONAL".into()),
        }),
        ..on(&lb, "TCP_SSL", 443)
    };
    assert_eq!(sandbox.code(&on(&lb, "TCP_SSL", 443)).await, "MissingParameter");
    assert_eq!(sandbox.code(&several(&[&server, &server], "UNIDIRECTIONAL")).await, "InvalidParameter");
    let id = sandbox.done(&several(&[&ca, &server], "MUTUAL")).await.listener_ids[0].clone();
    let it = shown(&sandbox, &lb, &id).await;
    let certificate = it.certificate.expect("shown");
    assert_eq!((&certificate.cert_id, &certificate.cert_ca_id), (&server, &ca));
    assert_eq!((certificate.ssl_verify_client.as_str(), certificate.ext_cert_ids.len()), ("OPTIONAL", 0));
    assert_eq!((it.idle_connect_timeout, it.session_expire_time), (Some(0), Some(0)));
    let users = clb::DescribeLoadBalancerListByCertId { cert_ids: vec![server.clone(), "aB3dE5gH".into()] };
    let users = sandbox.call(&users).await.cert_set;
    let ids = |set: &clb::CertIdRelatedWithLoadBalancers| -> Vec<String> {
        set.load_balancers.iter().map(|it| it.load_balancer_id.clone()).collect()
    };
    assert_eq!((users[0].cert_id.clone(), ids(&users[0]), ids(&users[1])), (server, vec![lb], vec![]));
    let many = clb::DescribeLoadBalancerListByCertId { cert_ids: vec!["aB3dE5gH".into(); 21] };
    assert_eq!(sandbox.code(&many).await, "InvalidParameterValue.Length");
}

/// The health of the target of the only listener.
async fn health(sandbox: &Sandbox, lb: &str) -> (String, bool) {
    let question =
        clb::DescribeTargetHealth { load_balancer_ids: vec![lb.into()], ..clb::DescribeTargetHealth::default() };
    let target = sandbox.call(&question).await.load_balancers.remove(0).listeners.remove(0).rules.remove(0).targets;
    (target[0].health_status_detail.clone(), target[0].health_status)
}

fn running(operation: &str, lb: &str, ids: Option<Vec<String>>) -> clb::SetLoadBalancerStartStatus {
    clb::SetLoadBalancerStartStatus { operation_type: operation.into(), load_balancer_id: lb.into(), listener_ids: ids }
}

#[tokio::test]
async fn targets_that_nothing_probes_are_unknown_until_the_check_is_off() {
    let sandbox = Sandbox::start().await;
    let lb = sandbox.load_balancer().await;
    let id = sandbox.done(&on(&lb, "TCP", 80)).await.listener_ids[0].clone();
    sandbox.done(&register(&lb, &id, vec![instance(BLUE, 80)])).await;
    assert_eq!(health(&sandbox, &lb).await, ("Unknown".into(), false));
    let off = clb::ModifyListener {
        load_balancer_id: lb.clone(),
        listener_id: id,
        health_check: Some(clb::HealthCheck { health_switch: Some(0), ..clb::HealthCheck::default() }),
        ..clb::ModifyListener::default()
    };
    sandbox.done(&off).await;
    assert_eq!(health(&sandbox, &lb).await, ("Close".into(), true));
}

#[tokio::test]
async fn a_stopped_listener_gives_its_port_back_and_says_so() {
    let sandbox = Sandbox::start().await;
    let (lb, id) = sandbox.listener().await;
    sandbox.done(&register(&lb, &id, vec![instance(BLUE, 80)])).await;
    let address = sandbox.address(&lb, 8443).await;
    sandbox.done(&running("Stop", &lb, None)).await;
    assert_eq!(shown(&sandbox, &lb, &id).await.attr_flags, ["Stop"]);
    assert_eq!(health(&sandbox, &lb).await, ("Close".into(), false));
    drop(UdpSocket::bind(address).expect("the port is closed"));
    sandbox.done(&running("Start", &lb, Some(vec![id.clone()]))).await;
    UdpSocket::bind(address).expect_err("the listener has the port again");
    assert_eq!(shown(&sandbox, &lb, &id).await.attr_flags, Vec::<String>::new());
    assert_eq!(health(&sandbox, &lb).await.0, "Unknown");

    let unknown = running("Stop", &lb, Some(vec!["lbl-99999999".into()]));
    assert_eq!(sandbox.code(&unknown).await, "InvalidParameter.ListenerIdNotFound");
    assert_eq!(sandbox.code(&running("Pause", &lb, None)).await, "InvalidParameterValue");
    let empty = sandbox.load_balancer().await;
    assert_eq!(sandbox.code(&running("Stop", &empty, None)).await, "FailedOperation.NoListenerInLB");
}

#[tokio::test]
async fn stopping_a_listener_ends_the_connections_through_it() {
    let sandbox = Sandbox::start().await;
    let backend = Backend::start("127.10.1.5:0".parse().expect("an address"), Some("blue")).await.expect("a backend");
    let mut request = sandbox.listener_request().await;
    request.health_check = Some(clb::HealthCheck { health_switch: Some(0), ..clb::HealthCheck::default() });
    let (lb, id) = (request.load_balancer_id.clone(), sandbox.done(&request).await.listener_ids[0].clone());
    sandbox.done(&register(&lb, &id, vec![instance(BLUE, i64::from(backend.address().port()))])).await;
    let client = Client::new(Options::insecure(sandbox.address(&lb, 8443).await)).expect("a client");
    let connection = client.connect().await.expect("the listener is open");
    sandbox.done(&running("Stop", &lb, None)).await;
    let ended = connection.closed().await.to_string();
    assert!(ended.contains("stopped"), "{ended}");
}

#[tokio::test]
async fn a_listener_whose_port_is_taken_when_it_is_started_fails_the_task_and_stays() {
    let sandbox = Sandbox::start().await;
    let (lb, id) = sandbox.listener().await;
    let address = sandbox.address(&lb, 8443).await;
    sandbox.done(&running("Stop", &lb, None)).await;
    let squatter = UdpSocket::bind(address).expect("the port is closed");
    let answered = sandbox.client.call(&running("Start", &lb, None)).await.expect("accepted");
    sandbox.wait(&answered.request_id).await.expect_err("the port is taken");
    assert_eq!(shown(&sandbox, &lb, &id).await.listener_id, id);
    drop(squatter);
    // Tried again with the next table.
    sandbox.done(&running("Start", &lb, None)).await;
    UdpSocket::bind(address).expect_err("the listener has the port");
}

#[tokio::test]
async fn listeners_are_deleted_together() {
    let sandbox = Sandbox::start().await;
    let base = sandbox.listener_request().await;
    let lb = base.load_balancer_id.clone();
    let request = clb::CreateListener { ports: vec![8443, 8444, 8445], ..base };
    let ids = sandbox.done(&request).await.listener_ids;
    let delete = |listener_ids| clb::DeleteLoadBalancerListeners { load_balancer_id: lb.clone(), listener_ids };
    let (code, message) = sandbox.refused(&delete(Some(vec![ids[0].clone(), "lbl-99999999".into()]))).await;
    assert_eq!((code.as_str(), message.as_str()), ("InvalidParameter", "some ListenerId lbl-99999999 not found"));
    assert_eq!(sandbox.code(&delete(Some(vec![ids[0].clone(); 21]))).await, "InvalidParameterValue.Length");
    sandbox.done(&delete(Some(vec![ids[0].clone()]))).await;
    sandbox.done(&delete(None)).await;
    let question = clb::DescribeListeners { load_balancer_id: lb.clone(), ..clb::DescribeListeners::default() };
    assert_eq!(sandbox.call(&question).await.total_count, 0);
    UdpSocket::bind(sandbox.address(&lb, 8445).await).expect("the ports are closed");
}

#[tokio::test]
async fn a_certificate_is_replaced_on_every_listener_when_it_answers() {
    let sandbox = Sandbox::start().await;
    let base = sandbox.listener_request().await;
    let old = base.certificate.clone().and_then(|it| it.cert_id).expect("chosen");
    let other = clb::CreateListener { load_balancer_id: sandbox.load_balancer().await, ..base.clone() };
    let mut listeners = Vec::new();
    for request in [base, other] {
        let id = sandbox.done(&request).await.listener_ids[0].clone();
        listeners.push((request.load_balancer_id, id));
    }
    let material = crate::sandbox::server();
    let replace = clb::ReplaceCertForLoadBalancers {
        old_certificate_id: old,
        certificate: clb::CertificateInput {
            cert_name: Some("inline".into()),
            cert_content: Some(material.certificate.clone()),
            cert_key: Some(material.key.as_str().into()),
            ..clb::CertificateInput::default()
        },
    };
    let answered = sandbox.client.call(&replace).await.expect("accepted");
    let question = clb::DescribeTaskStatus { task_id: Some(answered.request_id), ..clb::DescribeTaskStatus::default() };
    assert_eq!(sandbox.call(&question).await.status, 0);
    let mut shown_ids = Vec::new();
    for (lb, id) in &listeners {
        shown_ids.push(shown(&sandbox, lb, id).await.certificate.expect("shown").cert_id);
    }
    assert!(shown_ids[0] == shown_ids[1] && shown_ids[0] != replace.old_certificate_id, "{shown_ids:?}");
    let none = clb::ReplaceCertForLoadBalancers {
        old_certificate_id: shown_ids[0].clone(),
        certificate: clb::CertificateInput::default(),
    };
    assert_eq!(sandbox.code(&none).await, "InvalidParameter");
    let unknown = clb::ReplaceCertForLoadBalancers { old_certificate_id: "aB3dE5gH".into(), ..none };
    assert_eq!(sandbox.code(&unknown).await, "InvalidParameterValue");
}

#[tokio::test]
async fn remarks_of_targets_are_changed_when_the_call_answers() {
    let sandbox = Sandbox::start().await;
    let (lb, id) = sandbox.listener().await;
    sandbox.done(&register(&lb, &id, vec![instance(BLUE, 80)])).await;
    let rule = |listener: &str| clb::RsTagRule {
        listener_id: listener.into(),
        targets: vec![instance(BLUE, 80)],
        tag: Some("a remark".into()),
        ..clb::RsTagRule::default()
    };
    let change =
        |listener: &str| clb::BatchModifyTargetTag { load_balancer_id: lb.clone(), modify_list: vec![rule(listener)] };
    sandbox.call(&change(&id)).await;
    let question = clb::DescribeTargets { load_balancer_id: lb.clone(), ..clb::DescribeTargets::default() };
    assert_eq!(sandbox.call(&question).await.listeners[0].targets[0].tag, "a remark");
    assert_eq!(sandbox.code(&change("lbl-99999999")).await, "InvalidParameter");
}
