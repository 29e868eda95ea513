//! `clb_quic_listener`: what goes together in `tls` and `health_check`, what replaces a listener and what does not.

use std::time::Duration;

use clb_provider::resources::QuicListener;
use clb_provider::resources::quic_listener::{
    CheckType, HealthCheckConfig, HttpMethod, QuicListenerConfig, Scheduler, TlsConfig, TlsMode, VerifyClient,
};
use tfplugin_sdk::testing::{Action, Instance, recorded};
use tfplugin_sdk::{TimeoutsConfig, Value, path};

use crate::{details, offline, places, text, unknown};

fn one_way() -> TlsConfig {
    TlsConfig { certificate_id: text("aB3dE5gH"), ..TlsConfig::default() }
}

fn listener() -> QuicListenerConfig {
    QuicListenerConfig {
        load_balancer_id: text("lb-00000001"),
        port: Value::Known(443),
        tls: Value::Known(one_way()),
        ..QuicListenerConfig::default()
    }
}

async fn wrong_check(check: HealthCheckConfig) -> Vec<String> {
    let config = QuicListenerConfig { health_check: Value::Known(check), ..listener() };
    places(&offline::<QuicListener>().await.validate(&config))
}

async fn wrong_tls(mode: Value<TlsMode>, client_ca_certificate_id: Value<String>) -> Vec<String> {
    let tls = TlsConfig { mode, client_ca_certificate_id, ..one_way() };
    places(&offline::<QuicListener>().await.validate(&QuicListenerConfig { tls: Value::Known(tls), ..listener() }))
}

/// A listener that exists as [`listener`] says.
async fn existing() -> Instance<QuicListener> {
    let mut instance = offline().await;
    let state = r#"{ "listener_id": "lbl-1", "load_balancer_id": "lb-00000001", "port": 443, "name": "web", "scheduler":
        "weighted_round_robin", "tls": { "mode": "one_way", "certificate_id": "aB3dE5gH", "verify_client": "required" }, "health_check": { "enabled": true,
        "type": "tcp", "interval": 5, "timeout": 2, "healthy_threshold": 3, "unhealthy_threshold": 3, "source_ip": "vip" },
        "proxy_protocol": false, "snat": false }"#;
    instance.upgrade(0, recorded(state)).unwrap();
    instance
}

#[tokio::test]
async fn the_timeout_must_be_less_than_the_interval() {
    let timing =
        |timeout, interval| wrong_check(HealthCheckConfig { timeout, interval, ..HealthCheckConfig::default() });
    assert_eq!(timing(Value::Known(5), Value::Null).await, ["health_check.timeout"], "the default interval is 5");
    assert_eq!(timing(Value::Null, Value::Known(2)).await, ["health_check.timeout"], "the default timeout is 2");
    assert_eq!(timing(Value::Known(4), Value::Null).await, [""; 0]);
    assert_eq!(timing(Value::Known(60), unknown()).await, [""; 0]);
}

#[tokio::test]
async fn mutual_tls_needs_a_client_ca_and_one_way_tls_refuses_it() {
    let ca = || text("cD4eF6iJ");
    let (mutual, one_way) = (Value::Known(TlsMode::Mutual), Value::Known(TlsMode::OneWay));
    assert_eq!(wrong_tls(mutual.clone(), Value::Null).await, ["tls.client_ca_certificate_id"]);
    assert_eq!(wrong_tls(one_way, ca()).await, ["tls.client_ca_certificate_id"]);
    assert_eq!(wrong_tls(Value::Null, ca()).await, ["tls.client_ca_certificate_id"], "one_way is the default");
    for (mode, ca) in [(mutual.clone(), ca()), (mutual, unknown()), (unknown(), Value::Null)] {
        assert_eq!(wrong_tls(mode, ca).await, [""; 0]);
    }
}

#[tokio::test]
async fn only_mutual_tls_can_leave_clients_without_a_certificate_alone() {
    let optional = |mode| TlsConfig { mode, verify_client: Value::Known(VerifyClient::Optional), ..one_way() };
    let (instance, tls) = (offline::<QuicListener>().await, optional(Value::Null));
    let one_way = QuicListenerConfig { tls: Value::Known(tls), ..listener() };
    assert_eq!(places(&instance.validate(&one_way)), ["tls.verify_client"]);
    let tls = TlsConfig { client_ca_certificate_id: text("cD4eF6iJ"), ..optional(Value::Known(TlsMode::Mutual)) };
    assert_eq!(places(&instance.validate(&QuicListenerConfig { tls: Value::Known(tls), ..listener() })), [""; 0]);
}

#[tokio::test]
async fn http_fields_need_an_http_check_and_an_http_check_needs_a_domain() {
    let http_fields = || HealthCheckConfig {
        http_path: text("/up"),
        http_method: Value::Known(HttpMethod::Get),
        ..HealthCheckConfig::default()
    };
    assert_eq!(wrong_check(http_fields()).await, ["health_check.http_path", "health_check.http_method"]);
    let http = HealthCheckConfig { r#type: Value::Known(CheckType::Http), ..http_fields() };
    assert_eq!(wrong_check(http).await, ["health_check.http_domain"]);
    assert_eq!(wrong_check(HealthCheckConfig { r#type: unknown(), ..http_fields() }).await, [""; 0]);
}

#[tokio::test]
async fn the_message_says_the_rule_why_it_is_one_and_what_to_do() {
    let check = HealthCheckConfig { http_path: text("/up"), ..HealthCheckConfig::default() };
    let config = QuicListenerConfig { health_check: Value::Known(check), ..listener() };
    assert_eq!(
        details(&offline::<QuicListener>().await.validate(&config)),
        [
            "`http_path` must not be set where `type` is \"tcp\", because only that a connection opens is checked. Remove it, or \
             set `type`, which is \"tcp\" by default."
        ]
    );
}

#[tokio::test]
async fn only_another_place_is_another_listener() {
    let there = existing().await;
    assert_eq!(there.plan(&listener()).await.unwrap().action, Action::NoOp);
    let changed = QuicListenerConfig { scheduler: Value::Known(Scheduler::LeastConnections), ..listener() };
    assert_eq!(there.plan(&changed).await.unwrap().action, Action::Update);
    let moved = QuicListenerConfig { port: Value::Known(8443), load_balancer_id: text("lb-00000002"), ..listener() };
    assert_eq!(there.plan(&moved).await.unwrap().replace, [path!(load_balancer_id), path!(port)]);
}

#[tokio::test]
async fn another_timeout_changes_nothing_but_itself() {
    let create = Value::Known(Duration::from_hours(1));
    let timeouts = Value::Known(TimeoutsConfig { create, ..TimeoutsConfig::default() });
    let plan = existing().await.plan(&QuicListenerConfig { timeouts, ..listener() }).await.unwrap();
    assert_eq!(plan.action, Action::Update);
    assert!(plan.planned.is_wholly_known(), "nothing else may change with it");
}
