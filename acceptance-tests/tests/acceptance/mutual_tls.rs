//! Listeners that ask clients for a certificate.

use clb_acceptance_tests::backend::Backend;
use clb_acceptance_tests::certificates::{Authority, Identity};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{LISTENER, Service};

const CLIENT_CA: &str = "resource \"clb_certificate\" \"clients\" {\n  type = \"client_ca\"\n  \
                         certificate = file(\"ca.pem\")\n}\n";
const MUTUAL: &str = "mode = \"mutual\"\n    certificate_id = clb_certificate.web.certificate_id\n    \
                      client_ca_certificate_id = clb_certificate.clients.certificate_id";

/// A listener that asks for clients of `authority`, and the backend behind it.
fn mutual(world: &Sandbox, authority: &Authority) -> Backend {
    let blue = world.backend("blue");
    world.terraform.write("ca.pem", &authority.certificate_pem);
    world.terraform.apply(&(Service::new().tls(MUTUAL).backend(&blue, 10).hcl() + CLIENT_CA));
    blue
}

/// TLS 1.3 ends on the client's side before the server has seen its certificate: only an answer proves admission.
fn is_admitted(world: &Sandbox, identity: Option<&Identity>) -> bool {
    world.client_with(identity).ask(world.address(), b"let me in").is_ok()
}

#[test]
fn a_client_of_the_authority_is_admitted_and_no_other() {
    let world = Sandbox::start();
    let authority = Authority::new();
    let _blue = mutual(&world, &authority);

    assert!(is_admitted(&world, Some(&authority.client("ours"))));
    assert!(!is_admitted(&world, Some(&Authority::new().client("a stranger's"))));
    assert!(!is_admitted(&world, None));
}

#[test]
fn mutual_tls_is_switched_on_and_off_in_place() {
    let world = Sandbox::start();
    let authority = Authority::new();
    let blue = world.backend("blue");
    world.terraform.write("ca.pem", &authority.certificate_pem);
    let one_way = Service::new().backend(&blue, 10).hcl() + CLIENT_CA;
    let mutual = Service::new().tls(MUTUAL).backend(&blue, 10).hcl() + CLIENT_CA;
    world.terraform.apply(&one_way);
    assert!(is_admitted(&world, None));

    for (configuration, strangers_admitted) in [(mutual, false), (one_way, true)] {
        assert_eq!(world.terraform.plan(&configuration).actions(LISTENER), ["update"]);
        world.terraform.apply(&configuration);
        assert_eq!(is_admitted(&world, None), strangers_admitted);
        assert!(is_admitted(&world, Some(&authority.client("ours"))));
    }
}

#[test]
fn clients_without_a_certificate_are_let_in_where_it_is_optional() {
    let world = Sandbox::start();
    let authority = Authority::new();
    let _blue = mutual(&world, &authority);
    let before = std::fs::read_to_string(world.terraform.folder().join("main.tf")).unwrap();
    let configuration = before.replace(MUTUAL, &format!("{MUTUAL}\n    verify_client = \"optional\""));
    assert_eq!(world.terraform.plan(&configuration).actions(LISTENER), ["update"]);

    world.terraform.apply(&configuration);

    assert!(is_admitted(&world, None));
    assert!(is_admitted(&world, Some(&authority.client("ours"))));
    assert!(!is_admitted(&world, Some(&Authority::new().client("a stranger's"))));
    world.terraform.apply(&configuration.replace("\"optional\"", "\"required\""));
    assert!(!is_admitted(&world, None));
}

#[test]
fn mutual_tls_without_an_authority_is_refused_at_plan() {
    let world = Sandbox::start();
    let tls = "mode = \"mutual\"\n    certificate_id = clb_certificate.web.certificate_id";
    let said = world.terraform.refused_plan(&Service::new().tls(tls).hcl());
    super::expect_words(&said, &["client_ca_certificate_id", "mutual"]);
}

#[test]
fn a_server_certificate_in_place_of_an_authority_is_refused() {
    let world = Sandbox::start();
    let tls = MUTUAL.replace("clb_certificate.clients", "clb_certificate.web");
    let said = world.terraform.refused_apply(&Service::new().tls(&tls).hcl());
    super::expect_words(&said, &["client_ca_certificate_id"]);
}
