//! `clb_backend_binding`: it owns exactly the backends it lists; import; bounds.

use std::time::Duration;

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

/// What is bound to the listener: address, port and weight.
fn bound(world: &Sandbox) -> Vec<(String, i64, i64)> {
    let load_balancer_id = world.terraform.text(LOAD_BALANCER, "load_balancer_id");
    let question = clb::DescribeTargets { load_balancer_id, ..clb::DescribeTargets::default() };
    let listeners = world.cloud(&question).listeners;
    let targets = listeners.into_iter().flat_map(|listener| listener.targets);
    let mut bound: Vec<_> =
        targets.map(|target| (target.private_ip_addresses[0].clone(), target.port, target.weight)).collect();
    bound.sort_unstable();
    bound
}

#[test]
fn backends_without_a_port_have_the_default_one() {
    let world = Sandbox::start();
    let service = |binding: &str, backends: &[&str]| {
        let service = Service::new().binding(binding);
        backends.iter().fold(service, |service, backend| service.backend_text(backend)).hcl()
    };
    let (blue, green) = ("{ eni_ip = \"10.0.1.5\" }", "{ eni_ip = \"10.0.1.6\", port = 9090, weight = 20 }");
    world.terraform.apply(&service("default_port = 8080", &[blue, green]));
    let at = |ip: &str, port: i64, weight: i64| (ip.to_owned(), port, weight);
    assert_eq!(bound(&world), [at("10.0.1.5", 8080, 10), at("10.0.1.6", 9090, 20)]);

    let moved = service("default_port = 8081", &[blue, green]);
    assert_eq!(world.terraform.plan(&moved).actions(BINDING), ["update"]);
    world.terraform.apply(&moved);
    assert_eq!(bound(&world), [at("10.0.1.5", 8081, 10), at("10.0.1.6", 9090, 20)]);

    let twice = service("default_port = 9090", &["{ eni_ip = \"10.0.1.6\" }", green]);
    super::expect_words(&world.terraform.refused_plan(&twice), &["10.0.1.6:9090 is listed twice", "default_port"]);
    let none = world.terraform.refused_plan(&service("", &[blue, green]));
    super::expect_words(&none, &["has no port", "default_port"]);

    // Where every backend names its port, nothing depends on it.
    world.terraform.apply(&service("", &["{ eni_ip = \"10.0.1.5\", port = 8081 }", green]));
    assert_eq!(bound(&world), [at("10.0.1.5", 8081, 10), at("10.0.1.6", 9090, 20)]);
}

#[test]
fn what_is_unbound_is_drained_first() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let service = || Service::new().binding("drain_timeout = \"1500ms\"");
    world.terraform.apply(&service().backend(&blue, 10).backend(&green, 10).hcl());
    let before = world.block_on(world.levers().calls()).len();

    world.terraform.apply(&service().backend(&blue, 10).hcl());
    assert_eq!(bound(&world).len(), 1);
    world.terraform.destroy();

    let calls = world.block_on(world.levers().calls());
    let writes = calls[before..].iter().filter(|call| call.action.starts_with("Batch"));
    let writes: Vec<_> = writes
        .map(|call| {
            let at = call.at.as_ref().unwrap();
            (call.action.as_str(), Duration::new(at.seconds.try_into().unwrap(), at.nanos.try_into().unwrap()))
        })
        .collect();
    let actions: Vec<_> = writes.iter().map(|(action, _)| *action).collect();
    let once = ["BatchModifyTargetWeight", "BatchDeregisterTargets"];
    assert_eq!(actions, [once, once].concat());
    for pair in writes.chunks(2) {
        assert!(pair[1].1 >= pair[0].1 + Duration::from_millis(1500), "{pair:?}");
    }
}

#[test]
fn a_drain_that_has_no_time_leaves_the_backend_bound_without_new_connections() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    let hurried = "drain_timeout = \"30m\"\n  timeouts {\n    delete = \"3s\"\n  }";
    world.terraform.apply(&Service::new().binding(hurried).backend(&blue, 10).hcl());

    let said = world.terraform.run(&["destroy", "-auto-approve", "-no-color"]);

    assert_ne!(said.code, 0);
    super::expect_words(&said.sentence(), &["unbind backends", "timeouts.delete", "get no new connections any more"]);
    assert_eq!(bound(&world), [("10.0.1.5".to_owned(), i64::from(blue.port), 0)]);
    world.terraform.apply(&Service::new().backend(&blue, 10).hcl());
    world.send(1);
    world.terraform.destroy();
}

#[test]
fn new_backends_are_waited_for_until_they_are_healthy_and_others_are_kept_until_then() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let service = |timeouts: &str| {
        let check = "interval = 3, timeout = 2, healthy_threshold = 2, unhealthy_threshold = 2";
        Service::new().health_check(check).binding(&format!("wait_for_healthy = true\n  {timeouts}"))
    };
    world.terraform.apply(&service("").backend(&blue, 10).hcl());
    // It has passed its checks: it is given connections at once.
    world.send(1);

    let port = green.port;
    drop(green);
    let nobody = format!("{{ eni_ip = \"10.0.1.6\", port = {port} }}");
    let hurried = service("timeouts {\n    update = \"4s\"\n  }").backend_text(&nobody).hcl();
    let said = world.terraform.refused_apply(&hurried);
    let name = format!("10.0.1.6:{port}");
    super::expect_words(&said, &["are not healthy", &name, "wait_for_healthy", "timeouts.update"]);
    assert_eq!(bound(&world).len(), 2, "the healthy one was unbound");
    world.send(2);

    world.terraform.apply(&service("").backend(&blue, 10).hcl());
    assert_eq!(bound(&world).len(), 1);
}
