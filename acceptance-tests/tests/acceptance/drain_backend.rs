//! The action that drains a backend: no new connections, those there are go on, and the next plan shows what was done.
//!
//! Terraform invokes actions from 1.14 on; these tests run with 1.11 too, and so in a miniature of its core.

use std::time::Duration;

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{BINDING, LISTENER, LOAD_BALANCER, Service};
use clb_provider::actions::DrainBackend;
use clb_provider::actions::drain_backend::DrainBackendConfig;
use tfplugin_sdk::Value;
use tfplugin_sdk::testing::Invoked;

fn known<T>(value: impl Into<T>) -> Value<T> {
    Value::Known(value.into())
}

/// Drains green, as long as this.
fn draining(world: &Sandbox, wait: Duration) -> DrainBackendConfig {
    DrainBackendConfig {
        load_balancer_id: known(world.terraform.text(LOAD_BALANCER, "load_balancer_id")),
        eni_ip: known("10.0.1.6"),
        wait: Value::Known(wait),
        ..DrainBackendConfig::default()
    }
}

#[track_caller]
fn invoke(world: &Sandbox, config: &DrainBackendConfig) -> Invoked {
    world.block_on(async { world.core().await.action::<DrainBackend>().invoke(config).await.unwrap() })
}

#[test]
fn a_drained_backend_gets_no_new_connections_until_the_next_apply() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let service = Service::new().backend(&blue, 10).backend(&green, 20).hcl();
    world.terraform.apply(&service);

    let done = invoke(&world, &draining(&world, Duration::from_millis(10)));

    let listener = world.terraform.text(LISTENER, "listener_id");
    let said = format!("10.0.1.6:{} on {listener} gets no new connections: weight 0, was 20", green.port);
    assert_eq!(done.progress, [said.as_str(), "1 s left for connections to end", "drained"]);
    assert!(done.report.is_empty(), "{:?}", done.report);
    world.send(4);
    assert_eq!((blue.served().len(), green.served().len()), (4, 0));

    assert_eq!(world.terraform.plan(&service).actions(BINDING), ["update"]);
    world.terraform.apply(&service);
    world.send(8);
    assert!(!green.served().is_empty(), "it is back in service");
}

#[test]
fn a_backend_can_be_unbound_when_it_is_drained_and_the_last_one_draws_a_warning() {
    let world = Sandbox::start();
    let green = world.backend("green");
    let service = Service::new().backend(&green, 20).hcl();
    world.terraform.apply(&service);
    let config = DrainBackendConfig {
        listener_id: known(world.terraform.text(LISTENER, "listener_id")),
        port: known(green.port),
        unbind: known(true),
        ..draining(&world, Duration::ZERO)
    };

    let done = invoke(&world, &config);

    let listener = world.terraform.text(LISTENER, "listener_id");
    assert_eq!(done.progress[1], format!("10.0.1.6:{} is unbound from {listener}", green.port));
    assert!(done.report.diagnostics()[0].summary.contains("Nobody serves"), "{:?}", done.report);
    assert_eq!(world.terraform.plan(&service).actions(BINDING), ["update"], "the next apply binds it again");
}

#[test]
fn what_is_not_bound_cannot_be_drained() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().backend(&blue, 10).hcl());
    let config = draining(&world, Duration::ZERO);
    world.block_on(async {
        let core = world.core().await;
        let refused = core.action::<DrainBackend>().invoke(&config).await.unwrap_err();
        let said = &refused.diagnostics()[0];
        assert_eq!(said.path.to_string(), "eni_ip");
        super::expect_words(&said.detail, &["10.0.1.6 is not bound to any layer-4 listener of lb-", "clb_backends"]);
        let both = DrainBackendConfig { instance_id: known("ins-demogren"), ..config };
        assert!(core.action::<DrainBackend>().validate(&both).has_errors());
    });
}
