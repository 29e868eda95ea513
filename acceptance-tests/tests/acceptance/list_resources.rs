//! List resources: `terraform query` finds what there is of each resource, by filters and up to a limit.
//!
//! Terraform does so from 1.14 on; these tests run with 1.11 too, and so in a miniature of its core.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{CERTIFICATE, LISTENER, LOAD_BALANCER, Service};
use clb_provider::list_resources::backend_bindings::BackendBindingSearchConfig;
use clb_provider::list_resources::certificates::CertificateSearchConfig;
use clb_provider::list_resources::load_balancers::LoadBalancerSearchConfig;
use clb_provider::list_resources::quic_listeners::QuicListenerSearchConfig;
use clb_provider::list_resources::security_groups::SecurityGroupSearchConfig;
use clb_provider::list_resources::{
    BackendBindingSearch, CertificateSearch, LoadBalancerSearch, QuicListenerSearch, SecurityGroupSearch,
};
use clb_provider::resources::certificate::CertificateType;
use tfplugin_sdk::testing::{Core, Hits};
use tfplugin_sdk::{ListResource, Value};

fn text(text: &str) -> Value<String> {
    Value::Known(text.to_owned())
}

/// What a search finds, with whole resources.
async fn found<L: ListResource>(core: &Core, config: &L::Config) -> Hits<L::Resource> {
    let hits = core.list_resource::<L>().with_states().all(config).await.unwrap();
    assert!(!hits.report.has_errors(), "{:?}", hits.report);
    hits
}

#[test]
fn everything_is_found_with_its_identity_and_whole() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().listener("name = \"web-443\"").backend(&blue, 30).hcl());
    let id = |address: &str, name: &str| world.terraform.text(address, name);
    let (balancer, listener) = (id(LOAD_BALANCER, "load_balancer_id"), id(LISTENER, "listener_id"));
    let certificate = id(CERTIFICATE, "certificate_id");

    world.block_on(async {
        let core = world.core().await;
        let config = LoadBalancerSearchConfig { can_carry_quic: Value::Known(true), ..Default::default() };
        let balancers = found::<LoadBalancerSearch>(&core, &config).await.hits;
        assert_eq!(balancers.len(), 1, "the two of other kinds are left out");
        assert_eq!(balancers[0].name, format!("web ({balancer})"));
        assert_eq!(balancers[0].state.as_ref().unwrap().load_balancer_id, balancer);

        // All load balancers are gone through, or one.
        for load_balancer_id in [Value::Null, text(&balancer)] {
            let config = QuicListenerSearchConfig {
                load_balancer_id: load_balancer_id.clone(),
                name_contains: text("443"),
                ..Default::default()
            };
            let listeners = found::<QuicListenerSearch>(&core, &config).await.hits;
            assert_eq!((listeners.len(), &listeners[0].identity.listener_id), (1, &listener));
            assert_eq!(listeners[0].state.as_ref().unwrap().tls.certificate_id, certificate);

            let config = BackendBindingSearchConfig { load_balancer_id, ..Default::default() };
            let bindings = found::<BackendBindingSearch>(&core, &config).await.hits;
            assert_eq!((bindings.len(), &bindings[0].identity.listener_id), (1, &listener));
            assert_eq!(bindings[0].state.as_ref().unwrap().backends.len(), 1);
        }

        let config = CertificateSearchConfig { r#type: Value::Known(CertificateType::Server), ..Default::default() };
        let certificates = found::<CertificateSearch>(&core, &config).await.hits;
        assert_eq!((certificates.len(), &certificates[0].identity.certificate_id), (1, &certificate));
        assert!(certificates[0].state.as_ref().unwrap().private_key_wo.is_none());

        let config = SecurityGroupSearchConfig { name: text("open"), ..Default::default() };
        let groups = found::<SecurityGroupSearch>(&core, &config).await.hits;
        assert_eq!((groups.len(), groups[0].identity.security_group_id.as_str()), (1, "sg-demo0001"));
        assert_eq!(groups[0].state.as_ref().unwrap().ingress.len(), 1);
    });
}

#[test]
fn a_limit_is_kept_and_nothing_is_asked_beyond_it() {
    let world = Sandbox::start();
    world.more_load_balancers(120);
    world.block_on(async {
        let core = world.core().await;
        let all = core.list_resource::<LoadBalancerSearch>().all(&LoadBalancerSearchConfig::default()).await.unwrap();
        assert_eq!(all.hits.len(), 122, "those of the seed too");
        let some = core
            .list_resource::<LoadBalancerSearch>()
            .limit(3)
            .all(&LoadBalancerSearchConfig::default())
            .await
            .unwrap();
        assert_eq!(some.hits, all.hits[..3]);
        let none = core
            .list_resource::<QuicListenerSearch>()
            .limit(3)
            .all(&QuicListenerSearchConfig::default())
            .await
            .unwrap();
        assert!(none.hits.is_empty() && !none.report.has_errors());
    });
}

#[test]
fn a_load_balancer_that_does_not_exist_has_no_listeners() {
    let world = Sandbox::start();
    world.block_on(async {
        let core = world.core().await;
        let config = QuicListenerSearchConfig { load_balancer_id: text("lb-nosuch00"), ..Default::default() };
        assert!(found::<QuicListenerSearch>(&core, &config).await.hits.is_empty());
        let config = QuicListenerSearchConfig { load_balancer_id: text("web"), ..Default::default() };
        let refused = core.list_resource::<QuicListenerSearch>().validate(&config);
        assert!(refused.has_errors(), "{refused:?}");
    });
}
