//! Traps of bindings: each takes care of its own backends, all of them and no others, and errors are not taken for success.

use clb_acceptance_tests::parts::{self, Parts, binding, eni, instance, made};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_provider::resources::BackendBinding;
use clb_simulator::generated::clbsim::Fault;

fn failing(action: &str, code: &str) -> Fault {
    Fault { action: action.to_owned(), code: code.to_owned(), ..Fault::default() }
}

#[test]
fn an_error_while_looking_around_is_not_taken_for_nothing_to_unbind() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        let mut parts = Parts::make(&world.core().await, &world.server).await;
        for action in ["DescribeTargets", "BatchDeregisterTargets"] {
            levers.add_fault(failing(action, "InternalError")).await;
            Box::pin(parts.binding.destroy()).await.unwrap_err();
            levers.clear_faults().await;
            assert!(!parts.binding.stored().is_null(), "{action}");
            assert_eq!(levers.inventory(world.account_name()).await.bindings.len(), 1, "{action}");
        }
        Box::pin(parts.binding.destroy()).await.unwrap();
        assert!(levers.inventory(world.account_name()).await.bindings.is_empty());
    });
}

#[test]
fn invalid_parameter_is_no_success_while_the_backend_is_still_bound() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        let mut parts = Parts::make(&world.core().await, &world.server).await;
        levers.add_fault(failing("BatchDeregisterTargets", "InvalidParameter")).await;
        let said = Box::pin(parts.binding.destroy()).await.unwrap_err();
        assert!(said.diagnostics()[0].detail.contains("InvalidParameter"), "{said:?}");
        assert!(!parts.binding.stored().is_null());
    });
}

#[test]
fn two_ports_of_one_instance_are_two_backends() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        let core = world.core().await;
        let parts = Parts::make(&core, &world.server).await;
        let (balancer, listener, _) = parts.ids();
        let on = |port| binding(&balancer, &listener, vec![instance("ins-demogren", port)]);
        let mut first = made::<BackendBinding>(&core, &on(8080)).await;
        let mut second = made::<BackendBinding>(&core, &on(8081)).await;
        Box::pin(first.destroy()).await.unwrap();
        let left = levers.inventory(world.account_name()).await.bindings;
        let expected = [format!("{listener} 10.0.1.5:8080"), format!("{listener} 10.0.1.6:8081")];
        assert_eq!(left.into_iter().collect::<Vec<_>>(), expected);
        second.refresh().await.unwrap();
        assert!(!second.stored().is_null());
    });
}

#[test]
fn fifty_bindings_share_a_listener_and_half_of_them_go_without_the_others_noticing() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        let core = world.core().await;
        let parts = Parts::make(&core, &world.server).await;
        let (balancer, listener, _) = parts.ids();
        let configs = (0..50).map(|number| binding(&balancer, &listener, vec![eni("10.0.1.6", 9000 + number, 10)]));
        let creating = configs.map(|config| {
            let core = core.clone();
            tokio::spawn(async move { made::<BackendBinding>(&core, &config).await })
        });
        let mut bindings = Vec::new();
        for created in creating.collect::<Vec<_>>() {
            bindings.push(created.await.unwrap());
        }
        assert_eq!(levers.inventory(world.account_name()).await.bindings.len(), 51);
        let before = levers.calls().await.len();
        let going = bindings
            .drain(25..)
            .map(|mut binding| tokio::spawn(async move { Box::pin(binding.destroy()).await.map(drop) }));
        for gone in going.collect::<Vec<_>>() {
            gone.await.unwrap().unwrap();
        }
        assert_eq!(levers.inventory(world.account_name()).await.bindings.len(), 26);
        for call in levers.calls_of("BatchDeregisterTargets", before).await {
            let kept = (9000..9025).find(|port| call.request_json.contains(&format!("\"Port\":{port}")));
            assert_eq!(kept, None, "{}", call.request_json);
        }
    });
}

#[test]
fn a_weight_is_changed_without_unbinding_anybody() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        let mut parts = Parts::make(&world.core().await, &world.server).await;
        let (balancer, listener, _) = parts.ids();
        let before = levers.calls().await.len();
        for weight in [20, 0] {
            let config = binding(&balancer, &listener, vec![eni("10.0.1.5", 8080, weight)]);
            Box::pin(parts.binding.apply(&config)).await.unwrap();
        }
        assert_eq!(levers.calls_of("BatchModifyTargetWeight", before).await.len(), 2);
        assert!(levers.calls_of("BatchRegisterTargets", before).await.is_empty());
        assert!(levers.calls_of("BatchDeregisterTargets", before).await.is_empty());
    });
}

#[test]
fn a_refused_registration_is_told_at_once() {
    let world = Sandbox::start();
    let levers = world.levers();
    world.block_on(async {
        let core = world.core().await;
        let parts = Parts::make(&core, &world.server).await;
        let (balancer, listener, _) = parts.ids();
        let before = levers.calls().await.len();
        levers.add_fault(failing("BatchRegisterTargets", "InvalidParameter")).await;
        let config = binding(&balancer, &listener, vec![eni("10.0.1.6", 8080, 10)]);
        Box::pin(core.resource::<BackendBinding>().apply(&config)).await.unwrap_err();
        assert_eq!(levers.calls_of("BatchRegisterTargets", before).await.len(), 1);
        assert_eq!(parts::listener_id(&parts.listener), listener);
    });
}
