//! How many calls Terraform's commands cost, counted in the simulator's call journal; and that whatever goes out together, each
//! resource has its own success or its own error.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{REQUIRED_PROVIDERS, Service};
use clb_cloud_api::clb;
use clb_simulator::generated::clbsim::{Call, Fault};

/// As many resources at once as Terraform may have.
const TOGETHER: &str = "-parallelism=60";

/// A world whose load balancers are busy for a while after each write, and whose account has the platform's limit of calls.
fn world(pace: &str) -> Sandbox {
    let mut world = Sandbox::start();
    for command in ["TF_CLI_ARGS_apply", "TF_CLI_ARGS_plan", "TF_CLI_ARGS_destroy"] {
        world.terraform.set_environment(command, TOGETHER);
    }
    let levers = world.levers();
    world.block_on(async {
        levers.set_pace("", pace).await;
        levers.set_rate_limit(20).await;
    });
    world
}

/// Listeners `web-0` and on, each with a binding of backends that no other has.
fn listeners(count: u32, backends: u32, weight: u32) -> String {
    let service = Service::new().hcl().replace(
        "  port = 8443\n",
        &format!("  count = {count}\n  port = 8443 + count.index\n  name = \"web-${{count.index}}\"\n"),
    );
    service
        + &format!(
            "resource \"clb_backend_binding\" \"web\" {{\n  count = {count}\n  \
             load_balancer_id = clb_load_balancer.web.load_balancer_id\n  \
             listener_id = clb_quic_listener.web[count.index].listener_id\n  \
             backends = [for number in range({backends}) : {{ eni_ip = \"10.0.1.5\", port = 20000 + count.index * {backends} + number, weight = {weight} }}]\n}}\n"
        )
}

/// What was called since the last time; none of it may have been refused for its rate or for one of our own tasks.
fn called(world: &Sandbox, before: &mut usize) -> Vec<Call> {
    let calls = world.block_on(world.levers().calls());
    let new = calls[*before..].to_vec();
    *before = calls.len();
    let self_inflicted = new.iter().filter(|call| {
        call.error_code.starts_with("RequestLimitExceeded") || call.error_code == "FailedOperation.ResourceInOperating"
    });
    assert_eq!(self_inflicted.count(), 0, "refused for our own haste: {}", names(&new));
    new
}

fn writes(calls: &[Call]) -> usize {
    calls.iter().filter(|call| !call.action.starts_with("Describe")).count()
}

fn count(calls: &[Call], action: &str) -> usize {
    calls.iter().filter(|call| call.action == action).count()
}

fn names(calls: &[Call]) -> String {
    let name = |call: &Call| format!("{} {}", call.action, call.error_code);
    calls.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Listeners of the load balancer `web`, with their names.
fn listener_names(world: &Sandbox) -> Vec<String> {
    let load_balancer_id = world.terraform.text("clb_load_balancer.web", "load_balancer_id");
    let found = world.cloud(&clb::DescribeListeners { load_balancer_id, ..Default::default() }).listeners;
    let mut names: Vec<String> = found.into_iter().map(|listener| listener.listener_name).collect();
    names.sort();
    names
}

#[test]
fn what_many_listeners_and_bindings_have_to_write_goes_out_together() {
    let (world, mut seen) = (world("300ms"), 0);

    world.terraform.write("main.tf", &listeners(50, 4, 10));
    world.terraform.must(&["apply", "-auto-approve", "-no-color"]);
    let apply = called(&world, &mut seen);
    // Certificate and load balancer; 50 listeners in calls of 49; 200 targets in calls of 500.
    assert!(writes(&apply) <= 20, "{}", names(&apply));
    assert_eq!(listener_names(&world).len(), 50);

    world.terraform.expect_empty_plan();
    let plan = called(&world, &mut seen);
    assert_eq!(writes(&plan), 0);
    assert!(plan.len() <= 10, "{}", names(&plan));

    world.terraform.write("main.tf", &listeners(50, 4, 20));
    world.terraform.must(&["apply", "-auto-approve", "-no-color"]);
    let reweigh = called(&world, &mut seen);
    assert!(writes(&reweigh) <= 4, "{}", names(&reweigh));
    assert_eq!(writes(&reweigh), count(&reweigh, "BatchModifyTargetWeight"));
    world.terraform.expect_empty_plan();
    called(&world, &mut seen);

    world.terraform.destroy();
    let destroy = called(&world, &mut seen);
    // 200 targets; 50 listeners in calls of 20; the load balancer and the certificate.
    assert!(writes(&destroy) <= 10, "{}", names(&destroy));
}

#[test]
fn many_bindings_on_one_listener_are_bound_together_and_stay_apart() {
    let (world, mut seen) = (world("now"), 0);
    let bindings = |ports: u32| {
        Service::new().hcl()
            + &format!(
                "resource \"clb_backend_binding\" \"web\" {{\n  for_each = toset([for port in range({ports}) : tostring(20000 + port)])\n  \
                 load_balancer_id = clb_load_balancer.web.load_balancer_id\n  \
                 listener_id = clb_quic_listener.web.listener_id\n  \
                 backends = [{{ eni_ip = \"10.0.1.5\", port = tonumber(each.key), weight = 10 }}]\n}}\n"
            )
    };
    world.terraform.apply(&bindings(50));
    let apply = called(&world, &mut seen);
    assert!(count(&apply, "BatchRegisterTargets") <= 10, "{}", names(&apply));

    // Half of them go, and take nothing of the others with them.
    world.terraform.apply(&bindings(25));
    let apply = called(&world, &mut seen);
    assert!(count(&apply, "BatchDeregisterTargets") <= 10, "{}", names(&apply));
    let load_balancer_id = world.terraform.text("clb_load_balancer.web", "load_balancer_id");
    let bound = world.cloud(&clb::DescribeTargets { load_balancer_id, ..Default::default() }).listeners;
    assert_eq!(bound[0].targets.len(), 25);
}

#[test]
fn a_listener_that_is_refused_costs_the_others_nothing() {
    let world = world("300ms");
    let refusal = Fault {
        action: "CreateListener".to_owned(),
        resource: "web-3".to_owned(),
        code: "InvalidParameterValue".to_owned(),
        message: "this one shall not be".to_owned(),
        ..Fault::default()
    };
    world.block_on(world.levers().add_fault(refusal));

    let said = world.terraform.refused_apply(&listeners(8, 1, 10));

    super::expect_words(&said, &["create the QUIC listener on port 8446", "this one shall not be"]);
    assert_eq!(said.matches("Cannot create").count(), 1, "{said}");
    assert_eq!(listener_names(&world), ["web-0", "web-1", "web-2", "web-4", "web-5", "web-6", "web-7"]);

    world.block_on(world.levers().clear_faults());
    world.terraform.apply(&listeners(8, 1, 10));
    world.terraform.destroy();
}

#[test]
fn a_binding_that_is_refused_costs_the_others_nothing() {
    let world = world("now");
    // The platform takes one address and port on one listener of a load balancer only.
    let twice = listeners(4, 1, 10).replace("20000 + count.index * 1", "20000 + max(count.index, 1)");
    let said = world.terraform.refused_apply(&twice);
    super::expect_words(&said, &["bind backends to the listener", "10.0.1.5:20001"]);
    assert_eq!(said.matches("Cannot bind").count(), 1, "{said}");
    let load_balancer_id = world.terraform.text("clb_load_balancer.web", "load_balancer_id");
    let bound = world.cloud(&clb::DescribeTargets { load_balancer_id, ..Default::default() }).listeners;
    assert_eq!(bound.iter().map(|listener| listener.targets.len()).sum::<usize>(), 3);
}

#[test]
fn a_task_that_fails_for_several_is_tried_again_for_each_where_that_does_no_harm() {
    let (world, mut seen) = (world("now"), 0);
    world.terraform.apply(&listeners(6, 1, 10));
    for action in ["BatchModifyTargetWeight", "DeleteLoadBalancerListeners"] {
        let failure =
            Fault { action: action.to_owned(), count: Some(1), fail_task: "not today".to_owned(), ..Fault::default() };
        world.block_on(world.levers().add_fault(failure));
    }
    called(&world, &mut seen);
    world.terraform.apply(&listeners(6, 1, 20));
    assert!(count(&called(&world, &mut seen), "BatchModifyTargetWeight") > 1);
    world.terraform.destroy();
}

#[test]
fn more_calls_than_the_platform_takes_in_a_second_are_spread_out_and_none_is_refused() {
    let (world, mut seen) = (world("now"), 0);
    let certificates = format!(
        "{REQUIRED_PROVIDERS}resource \"clb_certificate\" \"web\" {{\n  count = 30\n  \
         certificate = file(\"server.pem\")\n  private_key_wo = file(\"server.key\")\n  private_key_wo_version = 1\n}}\n"
    );
    world.terraform.write("main.tf", &certificates);
    world.terraform.must(&["apply", "-auto-approve", "-no-color"]);
    assert_eq!(count(&called(&world, &mut seen), "UploadCertificate"), 30);
}
