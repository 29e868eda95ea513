//! `timeouts`: how long an operation may take is the user's to say. A nanosecond is over before anything can be done.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{BINDING, LISTENER, LOAD_BALANCER, Service};
use clb_cloud_api::clb;

fn timeouts(arguments: &str) -> String {
    format!("timeouts {{\n    {arguments}\n  }}")
}

fn load_balancers(world: &Sandbox) -> usize {
    world.cloud(&clb::DescribeLoadBalancers::default()).load_balancer_set.len()
}

#[test]
fn they_are_kept_as_written_and_a_change_of_them_is_made_in_place() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    let service = |arguments: &str| {
        let timeouts = timeouts(arguments);
        let service = Service::new().load_balancer(&timeouts).listener(&timeouts).binding(&timeouts);
        service.backend(&blue, 10).hcl()
    };
    world
        .terraform
        .apply(&service("create = \"1.5h\"\n    read = \"90s\"\n    update = \"20m\"\n    delete = \"20m\""));
    let listener_id = world.terraform.text(LISTENER, "listener_id");
    for address in [LOAD_BALANCER, LISTENER, BINDING] {
        assert_eq!(world.terraform.attribute(address, "timeouts")["create"], "1.5h", "{address}");
    }

    let shorter = service("create = \"1h\"");
    let plan = world.terraform.plan(&shorter);
    for address in [LOAD_BALANCER, LISTENER, BINDING] {
        assert_eq!(plan.actions(address), ["update"], "{address}");
    }
    world.terraform.apply(&shorter);
    assert_eq!(world.terraform.text(LISTENER, "listener_id"), listener_id);
    world.send(1);
}

#[test]
fn a_duration_that_is_none_is_refused() {
    let world = Sandbox::start();
    let said = world.terraform.refused_plan(&Service::new().listener(&timeouts("create = \"soon\"")).hcl());
    super::expect_words(&said, &["timeouts.create", "soon", "30s"]);
}

#[test]
fn a_load_balancer_that_is_not_there_in_time_is_not_forgotten() {
    let world = Sandbox::start();
    let before = load_balancers(&world);
    let hurried = Service::new().load_balancer(&timeouts("create = \"1ns\"")).hcl();
    let said = world.terraform.refused_apply(&hurried);
    super::expect_words(
        &said,
        &["create the load balancer", "longer than 1ns", "timeouts.create", "still working", "request id"],
    );
    let forgotten_by_nobody = world.terraform.text(LOAD_BALANCER, "load_balancer_id");

    // It is marked as tainted: the next run deletes it and makes another.
    world.terraform.apply(&Service::new().hcl());
    assert_ne!(world.terraform.text(LOAD_BALANCER, "load_balancer_id"), forgotten_by_nobody);
    assert_eq!(load_balancers(&world), before + 1);
}

#[test]
fn a_change_and_an_end_that_have_no_time_change_nothing() {
    let world = Sandbox::start();
    let service = |arguments: &str| {
        Service::new().listener(&format!("{arguments}\n  {}", timeouts("update = \"1ns\"\n    delete = \"1ns\""))).hcl()
    };
    world.terraform.apply(&service("name = \"web\""));
    let said = world.terraform.refused_apply(&service("name = \"renamed\""));
    super::expect_words(&said, &["change the listener", "longer than 1ns", "timeouts.update"]);
    assert_eq!(world.terraform.text(LISTENER, "name"), "web");

    let ended = world.terraform.run(&["destroy", "-auto-approve", "-no-color"]);
    assert_ne!(ended.code, 0);
    super::expect_words(&ended.sentence(), &["delete the listener", "timeouts.delete"]);
    world.terraform.apply(&Service::new().listener("name = \"web\"").hcl());
    world.terraform.destroy();
}

#[test]
fn reading_has_no_limit_unless_the_user_sets_one() {
    let world = Sandbox::start();
    world.terraform.apply(&Service::new().listener(&timeouts("create = \"1h\"")).hcl());
    let hurried = Service::new().listener(&timeouts("read = \"1ns\"")).hcl();
    world.terraform.write("main.tf", &hurried);
    world.terraform.must(&["apply", "-auto-approve", "-no-color"]);
    let said = world.terraform.refused_plan(&hurried);
    super::expect_words(&said, &["longer than 1ns", "timeouts.read"]);
}
