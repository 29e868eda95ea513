//! Identity: each resource has the ids of its import id as its identity, and is imported by it.
//!
//! Terraform does so from 1.12 on; these tests run with 1.11 too, and so in a miniature of its core.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_provider::resources::backend_binding::{BackendBindingConfig, BackendBindingIdentity, BackendConfig};
use clb_provider::resources::certificate::{CertificateConfig, CertificateIdentity, PemText};
use clb_provider::resources::load_balancer::{LoadBalancerConfig, LoadBalancerIdentity, NetworkType};
use clb_provider::resources::quic_listener::{QuicListenerConfig, QuicListenerIdentity, TlsConfig};
use clb_provider::resources::{BackendBinding, Certificate, LoadBalancer, QuicListener};
use tfplugin_sdk::testing::{Core, Instance};
use tfplugin_sdk::{Resource, Secret, Value};

fn known<T>(value: impl Into<T>) -> Value<T> {
    Value::Known(value.into())
}

/// What exists, after it was imported by its identity and by its id: all three are the same.
async fn expect_import<R: Resource>(core: &Core, there: &Instance<R>, id: &str) -> R::Identity {
    let (mut by_identity, mut by_id) = (core.resource::<R>(), core.resource::<R>());
    by_identity.import_by_identity(&there.identity().unwrap()).await.unwrap();
    by_id.import(id).await.unwrap();
    assert_eq!(by_identity.stored(), there.stored());
    assert_eq!(by_id.stored(), there.stored());
    by_id.identity().unwrap()
}

#[test]
fn everything_is_imported_by_its_identity_as_by_its_id() {
    let world = Sandbox::start();
    world.block_on(async {
        let core = world.core().await;

        let mut balancer = core.resource::<LoadBalancer>();
        let config = LoadBalancerConfig {
            network_type: Value::Known(NetworkType::Public),
            vpc_id: known("vpc-demo0001"),
            ..LoadBalancerConfig::default()
        };
        balancer.apply(&config).await.unwrap();
        let load_balancer_id = balancer.state().unwrap().load_balancer_id;
        let identity = expect_import(&core, &balancer, &load_balancer_id).await;
        assert_eq!(identity, LoadBalancerIdentity { load_balancer_id: load_balancer_id.clone() });

        let mut certificate = core.resource::<Certificate>();
        let config = CertificateConfig {
            certificate: Value::Known(PemText(world.server.certificate_pem.clone())),
            private_key_wo: Value::Known(Secret::new(world.server.private_key_pem.clone())),
            ..CertificateConfig::default()
        };
        certificate.apply(&config).await.unwrap();
        let certificate_id = certificate.state().unwrap().certificate_id;
        let identity = expect_import(&core, &certificate, &certificate_id).await;
        assert_eq!(identity, CertificateIdentity { certificate_id: certificate_id.clone() });

        let mut listener = core.resource::<QuicListener>();
        let config = QuicListenerConfig {
            load_balancer_id: known(load_balancer_id.clone()),
            port: known(8443_u16),
            tls: Value::Known(TlsConfig { certificate_id: known(certificate_id), ..TlsConfig::default() }),
            ..QuicListenerConfig::default()
        };
        listener.apply(&config).await.unwrap();
        let listener_id = listener.state().unwrap().listener_id;
        let id = format!("{load_balancer_id}/{listener_id}");
        let identity = expect_import(&core, &listener, &id).await;
        let (of_balancer, of_listener) = (load_balancer_id.clone(), listener_id.clone());
        assert_eq!(identity, QuicListenerIdentity { load_balancer_id: of_balancer, listener_id: of_listener });

        let mut binding = core.resource::<BackendBinding>();
        let backend = BackendConfig { eni_ip: known("10.0.1.5"), port: known(8080_u16), ..BackendConfig::default() };
        let config = BackendBindingConfig {
            load_balancer_id: known(load_balancer_id.clone()),
            listener_id: known(listener_id.clone()),
            backends: Value::Known(vec![Value::Known(backend)]),
            ..BackendBindingConfig::default()
        };
        binding.apply(&config).await.unwrap();
        let identity = expect_import(&core, &binding, &id).await;
        assert_eq!(identity, BackendBindingIdentity { load_balancer_id, listener_id });
    });
}
