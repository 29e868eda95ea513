//! `clb_backend_binding`: it owns exactly the backends it lists; import; bounds.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{BINDING, LISTENER, LOAD_BALANCER, Service};
use clb_cloud_api::clb;

/// `load balancer/listener`, the id of the binding and of the listener.
fn listener_id(world: &Sandbox) -> String {
    format!(
        "{}/{}",
        world.terraform.text(LOAD_BALANCER, "load_balancer_id"),
        world.terraform.text(LISTENER, "listener_id")
    )
}

/// Binds a backend behind Terraform's back.
fn register(world: &Sandbox, ip: &str, port: u16) {
    world.cloud_task(&clb::RegisterTargets {
        load_balancer_id: world.terraform.text(LOAD_BALANCER, "load_balancer_id"),
        listener_id: world.terraform.text(LISTENER, "listener_id"),
        targets: vec![clb::Target {
            eni_ip: Some(ip.to_owned()),
            port: i64::from(port),
            weight: Some(10),
            ..clb::Target::default()
        }],
        ..clb::RegisterTargets::default()
    });
}

#[test]
fn a_backend_can_be_added_and_removed_in_place() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    world.terraform.apply(&Service::new().backend(&blue, 10).hcl());

    let both = Service::new().backend(&blue, 10).backend(&green, 10).hcl();
    assert_eq!(world.terraform.plan(&both).actions(BINDING), ["update"]);
    world.terraform.apply(&both);
    world.send(4);
    assert_eq!((blue.served().len(), green.served().len()), (2, 2));

    world.terraform.apply(&Service::new().backend(&green, 10).hcl());
    world.send(4);
    assert_eq!((blue.served().len(), green.served().len()), (2, 6));
}

#[test]
fn the_order_of_backends_means_nothing() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    world.terraform.apply(&Service::new().backend(&blue, 10).backend(&green, 20).hcl());
    let turned = world.terraform.plan(&Service::new().backend(&green, 20).backend(&blue, 10).hcl());
    assert_eq!(turned.actions(BINDING), ["no-op"]);
}

#[test]
fn instances_and_addresses_can_be_bound_side_by_side() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let by_instance = format!("{{ instance_id = \"ins-demoblue\", port = {}, weight = 10 }}", blue.port);
    world.terraform.apply(&Service::new().backend_text(&by_instance).backend(&green, 10).hcl());
    world.send(4);
    assert_eq!((blue.served().len(), green.served().len()), (2, 2));
}

#[test]
fn a_foreign_backend_is_left_alone() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let service = Service::new().backend(&blue, 10).hcl();
    world.terraform.apply(&service);
    register(&world, "10.0.1.6", green.port);

    world.terraform.expect_empty_plan();
    world.terraform.apply(&service);
    world.send(4);

    assert_eq!((blue.served().len(), green.served().len()), (2, 2));
}

#[test]
fn an_exclusive_binding_shows_a_foreign_backend_and_removes_it() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let service = Service::new().backend(&blue, 10).binding("exclusive = true").hcl();
    world.terraform.apply(&service);
    register(&world, "10.0.1.6", green.port);

    let plan = world.terraform.plan(&service);
    assert_eq!(plan.actions(BINDING), ["update"]);
    assert!(plan.json().contains("10.0.1.6"), "the plan does not show which backend is foreign");
    world.terraform.apply(&service);
    world.send(4);

    assert_eq!((blue.served().len(), green.served().len()), (4, 0));
}

#[test]
fn two_bindings_share_a_listener() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let second = format!(
        "resource \"clb_backend_binding\" \"second\" {{\n  \
         load_balancer_id = clb_load_balancer.web.load_balancer_id\n  \
         listener_id = clb_quic_listener.web.listener_id\n  \
         backends = [{{ eni_ip = \"10.0.1.6\", port = {}, weight = 10 }}]\n}}\n",
        green.port
    );
    let first = Service::new().backend(&blue, 10).hcl();
    world.terraform.apply(&(first.clone() + &second));
    world.send(4);
    assert_eq!((blue.served().len(), green.served().len()), (2, 2));

    // Taking one away leaves the other's backends bound.
    world.terraform.apply(&first);
    world.send(4);
    assert_eq!((blue.served().len(), green.served().len()), (6, 2));
}

#[test]
fn more_backends_than_one_call_takes_are_bound_all_the_same() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    let mut service = Service::new().backend(&blue, 100);
    for port in 20_001..20_045 {
        service = service.backend_text(&format!("{{ eni_ip = \"10.0.1.6\", port = {port}, weight = 0 }}"));
    }
    world.terraform.apply(&service.hcl());
    assert_eq!(world.terraform.attribute(BINDING, "backends").as_array().unwrap().len(), 45);
    world.terraform.destroy();
}

#[test]
fn an_imported_binding_needs_no_change() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    world.terraform.apply(&Service::new().backend(&blue, 10).backend(&green, 20).hcl());
    let before = world.terraform.attributes(BINDING);
    world.terraform.forget(BINDING);

    world.terraform.import(BINDING, &listener_id(&world));

    assert_eq!(world.terraform.attributes(BINDING), before);
    world.terraform.expect_empty_plan();
}
