//! What backends are shown of the client, and what the stream between them keeps.

use std::net::IpAddr;

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::Service;

#[test]
fn the_backend_sees_the_clients_own_address() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().backend(&blue, 10).hcl());
    for text in ["127.0.0.77", "127.0.0.78"] {
        let source: IpAddr = text.parse().unwrap();
        let answer = world.client_on(source).ask(world.address(), b"hello").unwrap();
        assert_eq!(answer.seen.ip(), source);
    }
}

#[test]
fn a_client_that_has_finished_still_gets_the_whole_answer() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().backend(&blue, 10).hcl());
    let sent: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 251) as u8).collect();

    // The client's end of the stream is closed as soon as all is sent; the echo is still on its way then.
    let answer = world.client().ask(world.address(), &sent).unwrap();

    assert!(answer.echo == sent, "{} of {} bytes came back unharmed", answer.echo.len(), sent.len());
}

#[test]
fn every_stream_of_a_connection_is_a_connection_to_the_same_backend() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    world.terraform.apply(&Service::new().backend(&blue, 10).backend(&green, 10).hcl());
    let client = world.client();
    let connection = client.connect(world.address()).unwrap();

    let answers: Vec<_> = (0..4).map(|_| client.ask_on(&connection, b"hello").unwrap()).collect();

    assert!(answers.iter().all(|answer| answer.backend == answers[0].backend), "{answers:?}");
    assert_eq!(blue.served().len() + green.served().len(), 4);
}
