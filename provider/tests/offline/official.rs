//! States of the official provider, as `moved` blocks bring them: what becomes of them without a platform to ask, and what is refused.

use clb_provider::resources::load_balancer::{AddressIpVersion, LoadBalancerIdentity, NetworkType};
use clb_provider::resources::quic_listener::{QuicListenerIdentity, Scheduler, TlsMode};
use clb_provider::resources::{BackendBinding, Certificate, LoadBalancer, QuicListener, SecurityGroup};
use tfplugin_sdk::testing::{Instance, recorded};
use tfplugin_sdk::{ForeignState, Report, Resource};

use crate::{details, offline};

fn state(type_name: &str, attributes: &str) -> ForeignState {
    ForeignState {
        provider: "registry.example.com/tencentcloudstack/tencentcloud".to_owned(),
        type_name: type_name.to_owned(),
        version: 0,
        state: recorded(attributes),
        private: b"null".to_vec(),
        identity: recorded("null"),
    }
}

/// What a state becomes. The provider is not configured, as when Terraform moves; so nothing is read.
async fn moved<R: Resource>(type_name: &str, attributes: &str) -> Instance<R> {
    let mut instance = offline::<R>().await;
    let unread = instance.move_from(&state(type_name, attributes)).await;
    assert!(unread.is_ok(), "{unread:?}");
    instance
}

async fn refused<R: Resource>(source: &ForeignState) -> Report {
    offline::<R>().await.move_from(source).await.unwrap_err()
}

#[tokio::test]
async fn a_listener_keeps_what_the_official_state_says_of_it() {
    let attributes = r#"{ "id": "lb-1#lbl-2", "clb_id": "lb-1", "listener_id": "lbl-2", "listener_name": "web", "port": 443,
        "protocol": "QUIC", "scheduler": "LEAST_CONN", "certificate_ssl_mode": "MUTUAL", "certificate_id": "aB3dE5gH",
        "certificate_ca_id": "cD4eF6iJ", "multi_cert_info": [], "health_check_switch": false, "health_check_interval_time": 7,
        "health_check_time_out": 3, "health_check_health_num": 4, "health_check_unhealth_num": 5, "health_check_type": "TCP",
        "health_check_http_method": "HEAD", "health_check_http_code": 31, "proxy_protocol": true }"#;
    let listener = moved::<QuicListener>("tencentcloud_clb_listener", attributes).await;
    let now = listener.state().unwrap();
    assert_eq!((now.port, now.name.as_str(), now.scheduler), (443, "web", Scheduler::LeastConnections));
    assert_eq!((now.tls.mode, now.tls.certificate_id.as_str()), (TlsMode::Mutual, "aB3dE5gH"));
    assert_eq!(now.tls.client_ca_certificate_id.as_deref(), Some("cD4eF6iJ"));
    let check = &now.health_check;
    assert_eq!((check.enabled, check.interval, check.timeout), (false, 7, 3));
    assert_eq!((check.healthy_threshold, check.unhealthy_threshold, check.http_method), (4, 5, None));
    assert!(now.proxy_protocol);
    let identity = QuicListenerIdentity { load_balancer_id: "lb-1".to_owned(), listener_id: "lbl-2".to_owned() };
    assert_eq!(listener.identity(), Some(identity));
}

#[tokio::test]
async fn a_listener_of_an_older_release_has_its_id_alone_and_its_certificate_in_a_list() {
    let attributes = r#"{ "id": "lbl-2", "clb_id": "lb-1", "port": 443, "protocol": "QUIC", "multi_cert_info": [{ "ssl_mode":
        "UNIDIRECTIONAL", "cert_id_list": ["aB3dE5gH"] }] }"#;
    let now = moved::<QuicListener>("tencentcloud_clb_listener", attributes).await.state().unwrap();
    assert_eq!((now.listener_id.as_str(), now.load_balancer_id.as_str()), ("lbl-2", "lb-1"));
    assert_eq!(now.tls.certificate_id, "aB3dE5gH");
}

#[tokio::test]
async fn a_load_balancer_keeps_its_kind_of_address_and_its_groups_in_order() {
    let attributes = r#"{ "id": "lb-1", "network_type": "OPEN", "clb_name": "edge", "vpc_id": "vpc-1", "subnet_id": "subnet-9",
        "address_ip_version": "ipv6", "ipv6_mode": "IPv6Nat64", "address_ipv6": "2001:db8::1", "clb_vips": [], "security_groups":
        ["sg-2", "sg-1"], "load_balancer_pass_to_target": true, "delete_protect": true, "internet_bandwidth_max_out": 20, "tags":
        { "team": "edge" } }"#;
    let balancer = moved::<LoadBalancer>("tencentcloud_clb_instance", attributes).await;
    let now = balancer.state().unwrap();
    assert_eq!((now.network_type, now.address_ip_version), (NetworkType::Public, AddressIpVersion::Ipv6Nat64));
    assert_eq!(
        (now.vips, now.security_group_ids),
        (vec!["2001:db8::1".to_owned()], vec!["sg-2".into(), "sg-1".into()])
    );
    assert_eq!((now.pass_to_target, now.delete_protection, now.bandwidth), (true, true, Some(20)));
    assert_eq!(now.tags["team"], "edge");
    assert_eq!(balancer.identity(), Some(LoadBalancerIdentity { load_balancer_id: "lb-1".to_owned() }));

    let internal = r#"{ "id": "lb-1", "network_type": "INTERNAL", "clb_name": "edge", "vpc_id": "vpc-1", "subnet_id": "subnet-9",
        "address_ip_version": "ipv4", "clb_vips": ["10.0.1.9"], "tags": null, "delete_protect": null }"#;
    let now = moved::<LoadBalancer>("tencentcloud_clb_instance", internal).await.state().unwrap();
    assert_eq!((now.network_type, now.subnet_id.as_deref()), (NetworkType::Internal, Some("subnet-9")));
    assert_eq!((now.delete_protection, now.bandwidth, now.tags.len()), (false, None, 0));
}

#[tokio::test]
async fn a_binding_takes_over_all_targets_by_instance_or_by_address() {
    let attributes = r##"{ "id": "#lbl-2#lb-1", "clb_id": "lb-1", "listener_id": "lbl-2", "rule_id": "", "domain": null,
        "protocol_type": "QUIC", "targets": [{ "instance_id": "ins-1", "eni_ip": "", "port": 80, "weight": 10 }, { "instance_id": "",
        "eni_ip": "10.0.1.5", "port": 81, "weight": 0 }] }"##;
    let now = moved::<BackendBinding>("tencentcloud_clb_attachment", attributes).await.state().unwrap();
    let backends: Vec<_> = now.backends.iter().map(|it| (it.instance_id.as_deref(), it.eni_ip.as_deref())).collect();
    assert_eq!(backends, [(None, Some("10.0.1.5")), (Some("ins-1"), None)]);
    assert!(!now.exclusive);
}

#[tokio::test]
async fn a_certificate_is_taken_over_without_its_private_key() {
    let attributes = r#"{ "id": "aB3dE5gH", "type": "SVR", "cert": "text", "key": "s3cret", "name": "web", "project_id": 0, "domain":
        "quic.example", "subject_names": ["quic.example"], "begin_time": "2026-08-21 08:00:00", "end_time": "2027-08-21 08:00:00" }"#;
    let certificate = moved::<Certificate>("tencentcloud_ssl_certificate", attributes).await;
    let now = certificate.state().unwrap();
    assert_eq!((now.name.as_str(), now.domain.as_str(), now.private_key_wo_version), ("web", "quic.example", None));
    assert!(!format!("{:?}", certificate.stored()).contains("s3cret"));
}

#[tokio::test]
async fn a_security_group_is_taken_over_without_its_rules() {
    let attributes = r#"{ "id": "sg-1", "name": "web", "description": "", "project_id": 0, "tags": { "a": "b" } }"#;
    let now = moved::<SecurityGroup>("tencentcloud_security_group", attributes).await.state().unwrap();
    assert_eq!((now.security_group_id.as_str(), now.name.as_str(), now.tags.len()), ("sg-1", "web", 1));
}

#[tokio::test]
async fn what_is_not_of_quic_is_refused_with_what_to_do() {
    let tcp = state("tencentcloud_clb_listener", r#"{ "id": "lb-1#lbl-2", "clb_id": "lb-1", "protocol": "TCP" }"#);
    let said = details(&refused::<QuicListener>(&tcp).await);
    assert!(said[0].contains("\"TCP\"") && said[0].contains("Remove this `moved` block"), "{said:?}");
    let rule =
        state("tencentcloud_clb_attachment", r#"{ "clb_id": "lb-1", "listener_id": "lbl-2", "rule_id": "loc-3" }"#);
    let said = details(&refused::<BackendBinding>(&rule).await);
    assert!(said[0].contains("loc-3") && said[0].contains("Remove this `moved` block"), "{said:?}");
}

#[tokio::test]
async fn types_that_are_not_meant_and_states_that_say_nothing_are_refused() {
    for source in [
        state("tencentcloud_clb_listener_rule", "{}"),
        ForeignState {
            provider: "registry.example.com/somebody/tencentcloud".to_owned(),
            ..state("tencentcloud_clb_listener", "{}")
        },
    ] {
        let said = details(&refused::<QuicListener>(&source).await);
        assert!(said[0].contains("import the object instead"), "{said:?}");
    }
    let said = details(&refused::<LoadBalancer>(&state("tencentcloud_clb_instance", "{}")).await);
    assert!(said[0].contains("import the object by its id instead"), "{said:?}");
    let damaged = state("tencentcloud_ssl_certificate", r#"{ "id": "a", "type": ["SVR"], "key": "s3cret" }"#);
    let said = details(&refused::<Certificate>(&damaged).await);
    assert!(said[0].contains("`type`") && !said[0].contains("s3cret"), "{said:?}");
}
