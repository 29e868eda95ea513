//! `clb_backend_binding`: what a backend is, and that it is listed once.

use clb_provider::resources::BackendBinding;
use clb_provider::resources::backend_binding::{BackendBindingConfig, BackendConfig};
use tfplugin_sdk::{Report, Value};

use crate::{details, offline, places, text, unknown};

async fn found(backends: Vec<Value<BackendConfig>>) -> Report {
    let config = BackendBindingConfig {
        load_balancer_id: text("lb-00000001"),
        listener_id: text("lbl-1"),
        backends: Value::Known(backends),
        ..BackendBindingConfig::default()
    };
    offline::<BackendBinding>().await.validate(&config)
}

fn backend(instance_id: Value<String>, eni_ip: Value<String>, port: u16) -> BackendConfig {
    BackendConfig { instance_id, eni_ip, port: Value::Known(port), weight: Value::Null }
}

fn instance(id: &str, port: u16) -> BackendConfig {
    backend(text(id), Value::Null, port)
}

fn eni(ip: &str, port: u16) -> BackendConfig {
    backend(Value::Null, text(ip), port)
}

#[tokio::test]
async fn a_backend_has_exactly_one_address() {
    let fine = vec![
        instance("ins-00000001", 80),
        eni("10.0.1.5", 80),
        eni("2001:db8::5", 80),
        backend(text("ins-00000002"), unknown(), 80),
    ];
    assert!(found(fine.into_iter().map(Value::Known).collect()).await.is_empty());
    for (neither_or_both, problem) in [
        (backend(Value::Null, Value::Null, 80), "In `backends` none is. The element is { port = 80 }."),
        (
            backend(text("ins-00000001"), text("10.0.1.5"), 80),
            "Remove one of them. The element is { instance_id = \"ins-00000001\",",
        ),
    ] {
        let said = details(&found(vec![Value::Known(neither_or_both)]).await);
        let rule = format!("Exactly one of `instance_id` or `eni_ip` must be set. {problem}");
        assert!(said[0].starts_with(&rule), "{said:?}");
    }
}

#[tokio::test]
async fn a_backend_is_not_null_and_its_address_is_one() {
    assert_eq!(places(&found(vec![Value::Null]).await), ["backends"]);
    let said = details(&found(vec![Value::Known(eni("blue.example", 80))]).await);
    assert!(said[0].contains("\"blue.example\" was given"), "{said:?}");
}

#[tokio::test]
async fn a_backend_is_listed_once_whatever_its_weight() {
    let heavier = BackendConfig { weight: Value::Known(20), ..eni("10.0.1.5", 80) };
    let report = found(vec![Value::Known(eni("10.0.1.5", 80)), Value::Known(heavier)]).await;
    assert_eq!(
        details(&report),
        [
            "`backends` must have no two elements with the same `instance_id`, `eni_ip` and `port`; { eni_ip = \"10.0.1.5\", \
             port = 80 } is there twice. Remove one of them."
        ]
    );
    let fine = vec![
        Value::Known(eni("10.0.1.5", 80)),
        Value::Known(eni("10.0.1.5", 81)),
        Value::Known(instance("ins-00000001", 80)),
    ];
    assert!(found(fine).await.is_empty());
}

#[tokio::test]
async fn a_backend_without_a_port_needs_the_one_of_all() {
    let without = || BackendConfig { eni_ip: text("10.0.1.5"), ..BackendConfig::default() };
    let said = |default_port: Value<u16>| async {
        let config = BackendBindingConfig {
            load_balancer_id: text("lb-00000001"),
            listener_id: text("lbl-1"),
            default_port,
            backends: Value::Known(vec![Value::Known(without())]),
            ..BackendBindingConfig::default()
        };
        places(&offline::<BackendBinding>().await.validate(&config))
    };
    assert_eq!(said(Value::Null).await, ["backends"]);
    assert_eq!(said(Value::Known(0)).await, ["default_port"]);
    assert_eq!(said(Value::Known(8080)).await, [""; 0]);
    assert_eq!(said(unknown()).await, [""; 0]);
}
