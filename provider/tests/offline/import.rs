//! What a resource is imported by: an id of its form, or the same parts by name.

use clb_provider::provider::{Settings, SettingsConfig};
use clb_provider::resources::backend_binding::BackendBindingIdentity;
use clb_provider::resources::quic_listener::QuicListenerIdentity;
use clb_provider::resources::{BackendBinding, Certificate, LoadBalancer, QuicListener};
use tfplugin_sdk::testing::Core;
use tfplugin_sdk::{Resource, Secret, Value};

use crate::{details, text};

/// A provider that is configured for a place where nobody listens.
async fn core() -> Core {
    let settings = SettingsConfig {
        secret_id: text("AKID"),
        secret_key: Value::Known(Secret::new("key".to_owned())),
        endpoint: text("http://127.0.0.1:1"),
        ..SettingsConfig::default()
    };
    Core::start::<_, Settings>(clb_provider::provider(), &settings).await.unwrap()
}

async fn said_of<R: Resource>(id: &str) -> String {
    details(&core().await.resource::<R>().import(id).await.unwrap_err()).join("\n")
}

#[tokio::test]
async fn an_id_of_another_form_is_refused_with_the_form() {
    for said in [said_of::<QuicListener>("lbl-1").await, said_of::<BackendBinding>("lb-1/").await] {
        assert!(said.contains("\"{load_balancer_id}/{listener_id}\""), "{said}");
    }
    assert!(said_of::<LoadBalancer>("").await.contains("\"{load_balancer_id}\""));
    assert!(said_of::<Certificate>("").await.contains("\"{certificate_id}\""));
}

#[tokio::test]
async fn ids_of_the_official_provider_name_the_same_object() {
    let summary = async |id: &str, of: &str| match of {
        "listener" => core().await.resource::<QuicListener>().import(id).await.unwrap_err(),
        _ => core().await.resource::<BackendBinding>().import(id).await.unwrap_err(),
    };
    for (id, of) in [("lb-1a2b3c4d/lbl-1", "listener"), ("lb-1a2b3c4d#lbl-1", "listener")] {
        assert_eq!(summary(id, of).await.diagnostics()[0].summary, "Cannot read the listener lbl-1", "{id}");
    }
    for id in ["lb-1a2b3c4d/lbl-1", "#lbl-1#lb-1a2b3c4d", "lb-1a2b3c4d#lbl-1"] {
        let found = summary(id, "binding").await;
        assert_eq!(found.diagnostics()[0].summary, "Cannot read the backends of the listener lbl-1", "{id}");
    }
    // Of a forwarding rule; what is in the wrong order; of nothing.
    let said = said_of::<BackendBinding>("loc-1#lbl-1#lb-1a2b3c4d").await;
    assert!(said.contains("nor of \"#{listener_id}#{load_balancer_id}\""), "{said}");
    let said = said_of::<QuicListener>("lbl-1/lb-1a2b3c4d").await;
    assert!(said.contains("load_balancer_id cannot be \"lbl-1\""), "{said}");
    assert!(said_of::<LoadBalancer>("lbl-1").await.contains("must start with \"lb-\""));
}

#[tokio::test]
async fn id_and_identity_ask_the_platform_for_the_same() {
    let (load_balancer_id, listener_id) = ("lb-1a2b3c4d".to_owned(), "lbl-1".to_owned());
    let identity =
        QuicListenerIdentity { load_balancer_id: load_balancer_id.clone(), listener_id: listener_id.clone() };
    let by_identity = core().await.resource::<QuicListener>().import_by_identity(&identity).await.unwrap_err();
    assert_eq!(details(&by_identity), [said_of::<QuicListener>("lb-1a2b3c4d/lbl-1").await]);
    assert_eq!(by_identity.diagnostics()[0].summary, "Cannot read the listener lbl-1");
    let identity = BackendBindingIdentity { load_balancer_id, listener_id };
    let by_identity = core().await.resource::<BackendBinding>().import_by_identity(&identity).await.unwrap_err();
    assert_eq!(details(&by_identity), [said_of::<BackendBinding>("lb-1a2b3c4d/lbl-1").await]);
}
