//! What happened behind Terraform's back is seen by the next plan and repaired by the next apply.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{BINDING, LISTENER, LOAD_BALANCER, Service};
use clb_cloud_api::clb;

fn load_balancer_id(world: &Sandbox) -> String {
    world.terraform.text(LOAD_BALANCER, "load_balancer_id")
}

fn listener_id(world: &Sandbox) -> String {
    world.terraform.text(LISTENER, "listener_id")
}

fn delete_listener(world: &Sandbox) {
    world.cloud_task(&clb::DeleteListener {
        load_balancer_id: load_balancer_id(world),
        listener_id: listener_id(world),
    });
}

#[test]
fn a_deleted_listener_is_created_again_with_its_backends() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    let service = Service::new().backend(&blue, 10).hcl();
    world.terraform.apply(&service);
    let old = listener_id(&world);
    delete_listener(&world);

    let plan = world.terraform.plan(&service);
    assert_eq!(plan.actions(LISTENER), ["create"]);
    assert_eq!(plan.actions(BINDING), ["create"]);
    world.terraform.apply(&service);

    assert_ne!(listener_id(&world), old);
    assert_eq!(world.client().ask(world.address(), b"again").unwrap().echo, b"again");
}

#[test]
fn a_listener_that_is_gone_can_still_be_destroyed() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().backend(&blue, 10).hcl());
    delete_listener(&world);
    world.terraform.destroy();
}

#[test]
fn a_listener_that_vanishes_between_plan_and_destroy_is_no_error() {
    let world = Sandbox::start();
    world.terraform.apply(&Service::new().hcl());
    world.terraform.must(&["plan", "-destroy", "-out", "destroy.plan", "-no-color"]);
    delete_listener(&world);
    world.terraform.must(&["apply", "-no-color", "destroy.plan"]);
}

#[test]
fn a_changed_weight_is_put_right() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let service = Service::new().backend(&blue, 10).backend(&green, 10).hcl();
    world.terraform.apply(&service);
    world.cloud_task(&clb::ModifyTargetWeight {
        load_balancer_id: load_balancer_id(&world),
        listener_id: listener_id(&world),
        targets: vec![clb::Target {
            eni_ip: Some(blue.cloud_ip.to_string()),
            port: i64::from(blue.port),
            ..clb::Target::default()
        }],
        weight: Some(90),
        ..clb::ModifyTargetWeight::default()
    });

    assert_eq!(world.terraform.plan(&service).actions(BINDING), ["update"]);
    world.terraform.apply(&service);
    world.send(4);

    assert_eq!((blue.served().len(), green.served().len()), (2, 2));
}

#[test]
fn a_removed_backend_is_bound_again() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let service = Service::new().backend(&blue, 10).backend(&green, 10).hcl();
    world.terraform.apply(&service);
    world.cloud_task(&clb::DeregisterTargets {
        load_balancer_id: load_balancer_id(&world),
        listener_id: listener_id(&world),
        targets: vec![clb::Target {
            eni_ip: Some(green.cloud_ip.to_string()),
            port: i64::from(green.port),
            ..clb::Target::default()
        }],
        ..clb::DeregisterTargets::default()
    });

    assert_eq!(world.terraform.plan(&service).actions(BINDING), ["update"]);
    world.terraform.apply(&service);
    world.send(4);

    assert_eq!((blue.served().len(), green.served().len()), (2, 2));
}

#[test]
fn a_renamed_listener_gets_its_name_back() {
    let world = Sandbox::start();
    let service = Service::new().listener("name = \"mine\"").hcl();
    world.terraform.apply(&service);
    world.cloud_task(&clb::ModifyListener {
        load_balancer_id: load_balancer_id(&world),
        listener_id: listener_id(&world),
        listener_name: Some("theirs".to_owned()),
        ..clb::ModifyListener::default()
    });
    assert_eq!(world.terraform.plan(&service).actions(LISTENER), ["update"]);
    world.terraform.apply(&service);
}
