//! Listeners through the API: their life, and how they are shown. When a task says that it has ended, the port really is
//! open or closed.

use std::net::UdpSocket;

use clb_cloud_api::{TaskError, clb};

use crate::sandbox::{Sandbox, ca, listener, server};

#[tokio::test]
async fn the_task_of_a_listener_ends_only_when_its_port_is_open() {
    let sandbox = Sandbox::start().await;
    let request = sandbox.listener_request().await;
    let address = sandbox.address(&request.load_balancer_id, 8443).await;
    drop(UdpSocket::bind(address).expect("nobody has the port yet"));
    let id = sandbox.done(&request).await.listener_ids[0].clone();
    UdpSocket::bind(address).expect_err("the listener has the port");
    let delete = clb::DeleteListener { load_balancer_id: request.load_balancer_id.clone(), listener_id: id.clone() };
    sandbox.done(&delete).await;
    UdpSocket::bind(address).expect("the port is closed");
    assert_eq!(sandbox.describe_listener(&request.load_balancer_id, &id).await, None);
    let (code, message) = sandbox.refused(&delete).await;
    assert_eq!(code, "InvalidParameter");
    assert!(message.contains("some ListenerId") && message.contains("not found"), "{message}");
}

#[tokio::test]
async fn a_port_that_another_program_has_fails_the_task_and_leaves_no_listener() {
    let sandbox = Sandbox::start().await;
    let request = sandbox.listener_request().await;
    let address = sandbox.address(&request.load_balancer_id, 8443).await;
    let squatter = UdpSocket::bind(address).expect("nobody has the port yet");
    let answered = sandbox.client.call(&request).await.expect("accepted");
    let error = sandbox.wait(&answered.request_id).await.expect_err("the task fails");
    let TaskError::Failed { message, .. } = &error else { panic!("{error:?}") };
    assert!(message.contains(&address.to_string()), "{message}");
    let id = &answered.reply.listener_ids[0];
    assert_eq!(sandbox.describe_listener(&request.load_balancer_id, id).await, None);
    drop(squatter);
    sandbox.done(&request).await;
}

#[tokio::test]
async fn a_listener_is_shown_as_official_clients_expect_it() {
    let sandbox = Sandbox::start().await;
    let (lb, id) = sandbox.listener().await;
    let shown = sandbox.describe_listener(&lb, &id).await.expect("there");
    assert_eq!((shown.protocol.as_str(), shown.port, shown.end_port), ("QUIC", 8443, 0));
    assert_eq!(shown.scheduler.as_deref(), Some("WRR"));
    assert_eq!((shown.sni_switch, shown.session_expire_time, shown.toa), (0, Some(0), false));
    assert_eq!((shown.max_conn, shown.max_cps, shown.target_type.as_deref()), (-1, -1, Some("NODE")));
    assert_eq!((shown.session_type.as_str(), shown.attr_flags), ("NORMAL", Vec::<String>::new()));
    let certificate = shown.certificate.expect("shown");
    assert_eq!((certificate.ssl_mode.as_str(), certificate.ssl_verify_client.as_str()), ("UNIDIRECTIONAL", "ON"));
    let expected = clb::HealthCheck {
        health_switch: Some(1),
        time_out: Some(2),
        interval_time: Some(5),
        health_num: Some(3),
        un_health_num: Some(3),
        check_type: Some("TCP".into()),
        source_ip_type: Some(0),
        ..clb::HealthCheck::default()
    };
    assert_eq!(shown.health_check, Some(expected), "no HTTP field, no CheckPort");
}

#[tokio::test]
async fn a_listener_is_changed_in_place() {
    let sandbox = Sandbox::start().await;
    let (lb, id) = sandbox.listener().await;
    let other = sandbox.server_certificate().await;
    let change = clb::ModifyListener {
        load_balancer_id: lb.clone(),
        listener_id: id.clone(),
        listener_name: Some("renamed".into()),
        scheduler: Some("LEAST_CONN".into()),
        health_check: Some(clb::HealthCheck { interval_time: Some(20), ..clb::HealthCheck::default() }),
        certificate: Some(clb::CertificateInput { cert_id: Some(other.clone()), ..clb::CertificateInput::default() }),
        proxy_protocol: Some(true),
        ..clb::ModifyListener::default()
    };
    sandbox.done(&change).await;
    let shown = sandbox.describe_listener(&lb, &id).await.expect("there");
    assert_eq!((shown.listener_name.as_str(), shown.scheduler.as_deref()), ("renamed", Some("LEAST_CONN")));
    let health_check = shown.health_check.expect("shown");
    assert_eq!((health_check.interval_time, health_check.time_out), (Some(20), Some(2)), "merged");
    assert_eq!(shown.certificate.expect("shown").cert_id, other);
    assert_eq!(shown.attr_flags, ["ProxyProtocol"]);
    let sticky = clb::ModifyListener { session_expire_time: Some(60), ..change };
    assert_eq!(sandbox.code(&sticky).await, "InvalidParameterValue");
}

#[tokio::test]
async fn certificates_can_come_with_the_listener() {
    let sandbox = Sandbox::start().await;
    let base = sandbox.listener_request().await;
    let (material, authority) = (server(), ca());
    let certificate = clb::CertificateInput {
        ssl_mode: Some("MUTUAL".into()),
        ssl_verify_client: Some("OPTIONAL".into()),
        cert_name: Some("inline".into()),
        cert_content: Some(material.certificate.clone()),
        cert_key: Some(material.key.as_str().into()),
        cert_ca_name: Some("inline ca".into()),
        cert_ca_content: Some(authority.certificate.clone()),
        ..clb::CertificateInput::default()
    };
    let incomplete = clb::CertificateInput { cert_key: None, ..certificate.clone() };
    let request = |certificate| clb::CreateListener { certificate: Some(certificate), ..base.clone() };
    assert_eq!(sandbox.code(&request(incomplete)).await, "MissingParameter");
    let id = sandbox.done(&request(certificate)).await.listener_ids[0].clone();
    let shown = sandbox.describe_listener(&base.load_balancer_id, &id).await.expect("there").certificate;
    let shown = shown.expect("shown");
    assert_eq!(shown.ssl_verify_client, "OPTIONAL");
    assert_eq!((shown.cert_id.len(), shown.cert_ca_id.len()), (8, 8));
}

#[tokio::test]
async fn lists_are_filtered_and_bounded() {
    let sandbox = Sandbox::start().await;
    let (lb, id) = sandbox.listener().await;
    let question = || clb::DescribeListeners { load_balancer_id: lb.clone(), ..clb::DescribeListeners::default() };
    let count = async |request: clb::DescribeListeners| sandbox.call(&request).await.total_count;
    assert_eq!(count(question()).await, 1);
    assert_eq!(count(clb::DescribeListeners { port: Some(8443), ..question() }).await, 1);
    assert_eq!(count(clb::DescribeListeners { port: Some(1), ..question() }).await, 0);
    assert_eq!(count(clb::DescribeListeners { protocol: Some("TCP".into()), ..question() }).await, 0);
    let ids = |ids| clb::DescribeListeners { listener_ids: Some(ids), ..question() };
    assert_eq!(count(ids(vec!["lbl-99999999".into()])).await, 0, "no error");
    assert_eq!(count(ids(vec![id.clone(); 100])).await, 1);
    assert_eq!(sandbox.code(&ids(vec![id; 101])).await, "InvalidParameterValue.Length");
    let unknown = clb::DescribeListeners { load_balancer_id: "lb-99999999".into(), ..question() };
    assert_eq!(sandbox.code(&unknown).await, "InvalidParameter.LBIdNotFound");
    let (code, message) = sandbox.refused(&listener("lb-99999999", "aB3dE5gH")).await;
    assert_eq!(code, "InvalidParameter");
    assert!(message.contains("LoadBalancer not exist"), "{message}");
}
