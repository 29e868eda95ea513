//! Clients that are not ours and change their address in the middle of a transfer: nothing is lost, backends notice
//! nothing, and see the new address only once its path is validated. Where security groups do not let it in, a move comes to
//! nothing.

use clb_acceptance_tests::backend::Backend;
use clb_acceptance_tests::certificates::SERVER_NAME;
use clb_acceptance_tests::independent::{Ngtcp2, Python};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::Service;
use serde_json::Value;

/// Bytes of a transfer, each way.
const SIZE: &str = "1500000";

/// A listener with one backend.
struct Moving {
    world: Sandbox,
    blue: Backend,
}

impl Moving {
    fn start() -> Self {
        Self::behind(Service::new(), "")
    }

    /// With what stands before the listener.
    fn behind(service: Service, group: &str) -> Self {
        let world = Sandbox::start();
        let blue = world.backend("blue");
        world.terraform.apply(&format!("{}{group}", service.backend(&blue, 10).hcl()));
        Self { world, blue }
    }

    /// What a client says of a transfer during which it comes from these addresses in turn.
    fn transfer(&self, kind: &str, addresses: &[&str], client: impl FnOnce(&[&str]) -> String) -> Value {
        let (ip, port) = (self.world.address().ip().to_string(), self.world.address().port().to_string());
        let certificate = self.world.terraform.folder().join("server.pem");
        let fixed = [ip.as_str(), &port, SERVER_NAME, &certificate.to_string_lossy(), kind, SIZE];
        let said: Value = serde_json::from_str(&client(&[&fixed, addresses].concat())).unwrap();
        assert_eq!(said["whole"], true, "{said}");
        said
    }
}

/// What aioquic says. Every stream was one connection of the backend.
fn aioquic(moving: &Moving, kind: &str, addresses: &[&str]) -> Value {
    let said = moving.transfer(kind, addresses, |arguments| Python::ready().run("aioquic_moving.py", arguments));
    assert_eq!(said["streams"], moving.blue.served().len(), "{said}");
    said
}

/// What ngtcp2 says, which opens one stream; `None` where it is not installed.
fn ngtcp2(kind: &str, addresses: &[&str]) -> Option<Value> {
    let program = Ngtcp2::ready()?;
    let moving = Moving::start();
    let said = moving.transfer(kind, addresses, |arguments| program.run(arguments));
    assert_eq!(moving.blue.served().len(), 1, "one TCP connection: {said}");
    let greeting = said["greeting"].as_str().unwrap();
    assert!(greeting.starts_with(&format!("blue {}:", addresses[0])), "where the stream began: {said}");
    assert_eq!(said["moves"], addresses.len() - 1, "{said}");
    Some(said)
}

#[test]
fn aioquic_behind_a_nat_that_rebinds_loses_nothing_and_the_backend_sees_one_connection() {
    let said = aioquic(&Moving::start(), "rebinding", &["127.0.0.81", "127.0.0.81", "127.0.0.81", "127.0.0.81"]);

    assert!(said["challenges"].as_u64().unwrap() >= 3, "each new path is challenged: {said}");
}

#[test]
fn aioquic_that_changes_its_network_is_shown_to_backends_once_the_path_is_validated() {
    let said = aioquic(&Moving::start(), "migration", &["127.0.0.82", "127.0.0.83", "127.0.0.84"]);

    assert!(said["challenges"].as_u64().unwrap() >= 2, "each new path is challenged: {said}");
    assert_eq!(said["seen"], "127.0.0.82", "a TCP connection keeps its source: {said}");
    assert_ne!(said["seen_right_after"], "127.0.0.84", "{said}");
    assert_eq!(said["seen_later"], "127.0.0.84", "{said}");
}

#[test]
fn aioquic_that_moves_to_an_address_that_is_not_let_in_is_not_heard_there_and_goes_on_where_it_was() {
    let service = Service::new()
        .load_balancer("security_group_ids = [clb_security_group.web.security_group_id]\n  pass_to_target = true");
    let group = r#"
resource "clb_security_group" "web" {
  name    = "web"
  ingress = [{ action = "accept", protocol = "udp", ports = "8443", cidr = "127.0.0.93" }]
}
"#;
    let said = aioquic(&Moving::behind(service, group), "straying", &["127.0.0.93", "127.0.0.94"]);

    assert_eq!(said["answers_to_stray"], 0, "{said}");
    for seen in ["seen", "seen_right_after", "seen_later"] {
        assert_eq!(said[seen], "127.0.0.93", "{seen}: {said}");
    }
}

#[test]
fn ngtcp2_behind_a_nat_that_rebinds_loses_nothing() {
    ngtcp2("rebinding", &["127.0.0.85", "127.0.0.85", "127.0.0.86"]);
}

#[test]
fn ngtcp2_that_changes_its_network_loses_nothing_and_finds_each_path_validated() {
    for kind in ["migration", "probing"] {
        let Some(said) = ngtcp2(kind, &["127.0.0.87", "127.0.0.88", "127.0.0.89"]) else { return };
        assert_eq!(said["validated"], 2, "{kind}: {said}");
    }
}
