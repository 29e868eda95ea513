//! aioquic, packet by packet: the cases by which implementations of QUIC are compared, and clients that break rules on
//! purpose, with keys of their own. Each is told which rule, and nobody else notices.

use clb_acceptance_tests::certificates::SERVER_NAME;
use clb_acceptance_tests::independent::Python;
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::Service;
use serde_json::{Value, json};

/// What a script says of a listener with one backend.
fn said_by(script: &str) -> Value {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().backend(&blue, 10).hcl());
    let (ip, port) = (world.address().ip().to_string(), world.address().port().to_string());
    let certificate = world.terraform.folder().join("server.pem");
    let said = Python::ready().run(script, &[&ip, &port, SERVER_NAME, &certificate.to_string_lossy()]);
    serde_json::from_str(&said).unwrap()
}

#[test]
fn each_broken_rule_of_the_transport_is_answered_with_its_error() {
    let said = said_by("hostile_transport.py");
    assert_eq!(said["wrong"], json!({}), "{said:#}");
    assert!(said["cases"].as_u64().unwrap() > 40, "{said:#}");
    assert_eq!(said["serves"], true, "{said:#}");
}

#[test]
fn bad_behaviour_and_too_much_of_everything_do_no_harm_to_others() {
    let said = said_by("hostile_behaviour.py");
    for (case, seen) in said.as_object().unwrap() {
        assert_eq!(seen["serves"], true, "after {case}: {said:#}");
    }
    let trickled = &said["streams_that_trickle"];
    assert_eq!((&trickled["others_served"], &trickled["whole"]), (&json!(true), &json!(50)), "{said:#}");
    assert_eq!(said["datagrams_too_small_for_an_initial"]["answered"], 0, "{said:#}");
    assert_eq!(said["a_first_destination_id_of_four_bytes"]["code"], 0x0a, "PROTOCOL_VIOLATION: {said:#}");
    for case in
        ["a_token_of_a_thousand_bytes", "a_flood_of_path_challenges", "a_flood_of_pings_and_of_frames_that_say_nothing"]
    {
        assert_eq!(said[case]["served"], true, "{case}: {said:#}");
    }
}

#[test]
fn the_interop_cases_that_concern_a_forwarder_are_passed() {
    let said = said_by("interop_cases.py");
    for case in ["transfer", "chacha20", "keyupdate", "retry", "resumption"] {
        assert_eq!(said[case]["whole"], true, "{case}: {said:#}");
    }
    assert_eq!(said["handshake"]["confirmed"], true, "{said:#}");
    assert_eq!(said["chacha20"]["suite"], "CHACHA20_POLY1305_SHA256", "{said:#}");
    assert_eq!(said["keyupdate"]["phases"], json!([1, 0, 1]), "{said:#}");
    assert_eq!(said["retry"]["was_asked"], true, "{said:#}");
    assert_eq!(said["resumption"]["resumed"], true, "{said:#}");
    assert_eq!(said["zerortt"]["early_data"], 0, "{said:#}");
    assert_eq!(said["multiconnect"]["served"], 12, "{said:#}");
    let versions = &said["versionnegotiation"];
    assert_eq!(versions["is_version_negotiation"], true, "{said:#}");
    let spoken = versions["versions"].as_array().unwrap().iter().filter_map(Value::as_u64);
    // Versions of the form 0x?a?a?a?a are reserved: they keep clients from getting used to a list (RFC 9000, 15).
    let real: Vec<u64> = spoken.filter(|version| version & 0x0f0f_0f0f != 0x0a0a_0a0a).collect();
    assert_eq!(real, [1], "{said:#}");
}
