//! Who gets the next connection.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{BINDING, LISTENER, Service};

#[test]
fn connections_follow_the_weights_exactly() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    world.terraform.apply(&Service::new().backend(&blue, 30).backend(&green, 10).hcl());

    world.send(40);

    assert_eq!((blue.served().len(), green.served().len()), (30, 10));
}

#[test]
fn weights_change_in_place_and_reach_new_connections() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    world.terraform.apply(&Service::new().backend(&blue, 30).backend(&green, 10).hcl());
    let listener_id = world.terraform.text(LISTENER, "listener_id");
    let other = Service::new().backend(&blue, 10).backend(&green, 30).hcl();

    let plan = world.terraform.plan(&other);
    assert_eq!(plan.actions(BINDING), ["update"]);
    assert_eq!(plan.actions(LISTENER), ["no-op"]);
    world.terraform.apply(&other);
    world.send(40);

    assert_eq!((blue.served().len(), green.served().len()), (10, 30));
    assert_eq!(world.terraform.text(LISTENER, "listener_id"), listener_id);
}

#[test]
fn a_live_connection_stays_where_it_is_when_weights_change() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    world.terraform.apply(&Service::new().backend(&blue, 10).backend(&green, 0).hcl());
    let client = world.client();
    let connection = client.connect(world.address()).unwrap();
    assert_eq!(client.ask_on(&connection, b"before").unwrap().backend, "blue");

    world.terraform.apply(&Service::new().backend(&blue, 0).backend(&green, 10).hcl());

    assert_eq!(client.ask_on(&connection, b"after").unwrap().backend, "blue");
    assert_eq!(client.ask(world.address(), b"new").unwrap().backend, "green");
}

#[test]
fn a_weight_of_zero_takes_no_connections() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    world.terraform.apply(&Service::new().backend(&blue, 10).backend(&green, 0).hcl());

    world.send(10);

    assert_eq!((blue.served().len(), green.served().len()), (10, 0));
}

#[test]
fn least_connections_gives_to_whoever_has_fewest() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let scheduler = "scheduler = \"least_connections\"";
    world.terraform.apply(&Service::new().listener(scheduler).backend(&blue, 10).backend(&green, 10).hcl());
    let client = world.client();
    let held: Vec<_> = (0..4).map(|_| client.connect(world.address()).unwrap()).collect();

    let mut answered: Vec<_> =
        held.iter().map(|connection| client.ask_on(connection, b"who").unwrap().backend).collect();
    answered.sort();

    assert_eq!(answered, ["blue", "blue", "green", "green"]);
}
