//! Traps of patience: what passes is waited for, what stays is told at once.

use std::time::{Duration, Instant};

use clb_acceptance_tests::levers::Levers;
use clb_acceptance_tests::parts::{self, Parts, listener, made};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_provider::resources::quic_listener::QuicListenerConfig;
use clb_provider::resources::{Certificate, LoadBalancer, QuicListener};
use clb_simulator::generated::clbsim::{Call, Fault};
use tfplugin_sdk::{TimeoutsConfig, Value};

const BUSY: &str = "FailedOperation.ResourceInOperating";

async fn fail(levers: &Levers, action: &str, code: &str, count: Option<u64>) {
    levers.add_fault(Fault { action: action.to_owned(), code: code.to_owned(), count, ..Fault::default() }).await;
}

#[test]
fn a_busy_load_balancer_is_waited_for_by_every_write() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        for action in [
            "CreateListener",
            "ModifyListener",
            "DeleteListener",
            "DeleteLoadBalancerListeners",
            "BatchRegisterTargets",
            "BatchModifyTargetWeight",
            "BatchDeregisterTargets",
            "ModifyLoadBalancerAttributes",
            "DeleteLoadBalancer",
        ] {
            fail(&levers, action, BUSY, Some(3)).await;
        }
        let core = world.core().await;
        let mut parts = Parts::make(&core, &world.server).await;
        let (balancer, id, certificate) = parts.ids();
        let renamed = QuicListenerConfig { name: parts::text("other"), ..listener(&balancer, 8443, &certificate) };
        Box::pin(parts.listener.apply(&renamed)).await.unwrap();
        let weight = parts::binding(&balancer, &id, vec![parts::eni("10.0.1.5", 8080, 20)]);
        Box::pin(parts.binding.apply(&weight)).await.unwrap();
        let mut named = parts::load_balancer();
        named.name = parts::text("other");
        Box::pin(parts.load_balancer.apply(&named)).await.unwrap();
        Box::pin(parts.binding.destroy()).await.unwrap();
        Box::pin(parts.listener.destroy()).await.unwrap();
        Box::pin(parts.load_balancer.destroy()).await.unwrap();
        let busy = levers.calls().await.into_iter().filter(|call| call.error_code == BUSY).count();
        assert!(busy >= 24, "{busy} writes met a busy load balancer");
    });
}

#[test]
fn one_that_stays_busy_is_given_up_in_time_with_code_and_request_id() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        let core = world.core().await;
        let parts = Parts::make(&core, &world.server).await;
        let (balancer, _, certificate) = parts.ids();
        fail(&levers, "CreateListener", BUSY, None).await;
        let create = Value::Known(Duration::from_secs(1));
        let timeouts = Value::Known(TimeoutsConfig { create, ..TimeoutsConfig::default() });
        let config = QuicListenerConfig { timeouts, ..listener(&balancer, 9443, &certificate) };
        let said = Box::pin(core.resource::<QuicListener>().apply(&config)).await.unwrap_err();
        super::expect_words(&said.diagnostics()[0].detail, &["longer than 1s", BUSY, "request id"]);
    });
}

/// Whether calls come with growing gaps.
fn gaps_grow(calls: &[Call]) -> bool {
    let at = |call: &Call| {
        call.at.as_ref().map_or(0.0, |at| {
            #[allow(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in a double")]
            let seconds = at.seconds as f64;
            seconds + f64::from(at.nanos) / 1e9
        })
    };
    let gaps: Vec<f64> = calls.windows(2).map(|pair| at(&pair[1]) - at(&pair[0])).collect();
    gaps.windows(2).all(|pair| pair[1] > pair[0])
}

#[test]
fn a_rate_limit_is_waited_for_and_a_quota_is_not() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        fail(&levers, "UploadCertificate", "LimitExceeded.RateLimitExceeded", Some(3)).await;
        fail(&levers, "CreateListener", "RequestLimitExceeded", Some(3)).await;
        let core = world.core().await;
        let parts = Parts::make(&core, &world.server).await;
        for action in ["UploadCertificate", "CreateListener"] {
            let calls = levers.calls_of(action, 0).await;
            assert!(calls.len() == 4 && gaps_grow(&calls), "{action}: {calls:?}");
        }
        let before = levers.calls().await.len();
        fail(&levers, "CreateListener", "LimitExceeded", None).await;
        let (balancer, _, certificate) = parts.ids();
        let config = listener(&balancer, 9443, &certificate);
        let said = Box::pin(core.resource::<QuicListener>().apply(&config)).await.unwrap_err();
        super::expect_words(&said.diagnostics()[0].detail, &["quota", "LimitExceeded", "request id"]);
        assert_eq!(levers.calls_of("CreateListener", before).await.len(), 1);
    });
}

#[test]
fn an_answer_that_is_none_of_the_api_is_told_with_its_status() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        for status in [404, 500] {
            let action = "UploadCertificate".to_owned();
            levers.add_fault(Fault { action, http_status: Some(status), ..Fault::default() }).await;
            let started = Instant::now();
            let mut certificate = world.core().await.resource::<Certificate>();
            let said = Box::pin(certificate.apply(&parts::certificate(&world.server))).await.unwrap_err();
            super::expect_words(&said.diagnostics()[0].detail, &[&status.to_string(), "endpoint"]);
            assert!(started.elapsed() < Duration::from_secs(30));
            levers.clear_faults().await;
        }
    });
}

#[test]
fn nothing_sleeps_where_tasks_are_done_at_once() {
    let world = Sandbox::start();
    world.block_on(async {
        let core = world.core().await;
        made::<LoadBalancer>(&core, &parts::load_balancer()).await;
        // The machine may be busy: the quickest of several counts.
        let mut quickest = Duration::MAX;
        for _ in 0..5 {
            let started = Instant::now();
            Parts::make(&core, &world.server).await;
            quickest = quickest.min(started.elapsed());
        }
        assert!(quickest < Duration::from_secs(2), "{quickest:?}");
    });
}
