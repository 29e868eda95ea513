//! What a plan says and does not refuse: what is allowed and seldom meant, and what is not known yet.

use std::time::Duration;

use clb_acceptance_tests::certificates::Identity;
use clb_acceptance_tests::parts::{self, accept, binding, eni, instance, listener, made};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_provider::resources::backend_binding::BackendBindingConfig;
use clb_provider::resources::load_balancer::LoadBalancerConfig;
use clb_provider::resources::quic_listener::TlsConfig;
use clb_provider::resources::security_group::SecurityRuleConfig;
use clb_provider::resources::{BackendBinding, Certificate, LoadBalancer, QuicListener, SecurityGroup};
use tfplugin_sdk::{Refinements, Report, Value};

use crate::plan_stage::Stage;

#[test]
fn a_plan_warns_of_what_is_allowed_and_seldom_meant() {
    let world = Sandbox::start();
    world.block_on(async {
        let stage = Stage::set(&world).await;
        let drained = binding(&stage.balancer, &stage.listener, vec![eni("10.0.1.6", 80, 0), eni("10.0.1.6", 81, 0)]);
        let plan = stage.core.resource::<BackendBinding>().plan(&drained).await.unwrap();
        assert_eq!(warned(&plan.report), [("backends".to_owned(), true)]);
        let half = binding(&stage.balancer, &stage.listener, vec![eni("10.0.1.6", 80, 0), eni("10.0.1.6", 81, 1)]);
        assert!(stage.core.resource::<BackendBinding>().plan(&half).await.unwrap().report.is_empty());

        // With the defaults a new backend has passed its checks after fifteen seconds.
        let drain = |seconds, wait_for_healthy| BackendBindingConfig {
            drain_timeout: Value::Known(Duration::from_secs(seconds)),
            wait_for_healthy: Value::Known(wait_for_healthy),
            ..half.clone()
        };
        for (seconds, waits, is_warned) in [(10, false, true), (10, true, false), (15, false, false)] {
            let plan = stage.core.resource::<BackendBinding>().plan(&drain(seconds, waits)).await.unwrap();
            let expected: &[(String, bool)] = &[("drain_timeout".to_owned(), true)];
            assert_eq!(warned(&plan.report), if is_warned { expected } else { &[] }, "{seconds} s, {waits}");
        }

        let unchecked = stage.checked(|it| it.enabled = Value::Known(false));
        let plan = stage.core.resource::<QuicListener>().plan(&unchecked).await.unwrap();
        assert_eq!(warned(&plan.report), [("health_check.enabled".to_owned(), true)]);

        for (days, is_warned) in [(-3, true), (10, true), (30, false)] {
            let identity = Identity::server_until(days);
            let config = parts::certificate(&identity);
            let mut certificate = made::<Certificate>(&stage.core, &config).await;
            // With every plan, also when there is nothing to do.
            certificate.refresh().await.unwrap();
            let plan = certificate.plan(&config).await.unwrap();
            let expected: &[(String, bool)] = &[("certificate".to_owned(), true)];
            assert_eq!(warned(&plan.report), if is_warned { expected } else { &[] }, "{days} days");
            let id = parts::certificate_id(&certificate);
            let plan =
                stage.core.resource::<QuicListener>().plan(&listener(&stage.balancer, 10_443, &id)).await.unwrap();
            let expected: &[(String, bool)] = &[("tls.certificate_id".to_owned(), true)];
            assert_eq!(warned(&plan.report), if is_warned { expected } else { &[] }, "{days} days");
        }
    });
}

/// Where a report warns, and whether it says what to do.
fn warned(report: &Report) -> Vec<(String, bool)> {
    assert!(!report.has_errors(), "{report:?}");
    report.diagnostics().iter().map(|found| (found.path.to_string(), found.detail.len() > 40)).collect()
}

fn unknown<T>() -> Value<T> {
    Value::Unknown(Refinements::none())
}

#[test]
fn what_is_not_known_yet_defers_every_check() {
    let world = Sandbox::start();
    world.block_on(async {
        let core = world.core().await;
        let mut on_new = listener("lb-00000000", 8443, "abcdEFGH");
        on_new.load_balancer_id = unknown();
        on_new.tls = Value::Known(TlsConfig { certificate_id: unknown(), ..TlsConfig::default() });
        core.resource::<QuicListener>().plan(&on_new).await.unwrap();
        on_new.tls = unknown();
        on_new.health_check = unknown();
        on_new.port = unknown();
        core.resource::<QuicListener>().plan(&on_new).await.unwrap();
        let mut to_new = binding("lb-00000000", "lbl-00000000", vec![instance("ins-demofar0", 80)]);
        (to_new.load_balancer_id, to_new.listener_id) = (unknown(), unknown());
        core.resource::<BackendBinding>().plan(&to_new).await.unwrap();
        to_new.backends = unknown();
        core.resource::<BackendBinding>().plan(&to_new).await.unwrap();
        let balancer = LoadBalancerConfig {
            vpc_id: unknown(),
            security_group_ids: Value::Known(vec![unknown()]),
            bandwidth: unknown(),
            name: unknown(),
            ..parts::load_balancer()
        };
        core.resource::<LoadBalancer>().plan(&balancer).await.unwrap();
        let group = SecurityRuleConfig { security_group_id: unknown(), cidr: Value::Null, ..accept("::/0") };
        core.resource::<SecurityGroup>().plan(&parts::security_group(vec![group])).await.unwrap();
    });
}
