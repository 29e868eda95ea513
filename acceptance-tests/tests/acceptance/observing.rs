//! What the simulator shows of itself, read by programs that are not ours.

use clb_acceptance_tests::independent::Python;
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{LISTENER, LOAD_BALANCER, Service};
use serde_json::{Value, json};

/// The value of a sample with these labels among others; of each that has them, when they are several, the sum.
fn sum(page: &Value, name: &str, labels: &[(&str, &str)]) -> f64 {
    let samples = page["families"].as_array().unwrap().iter().flat_map(|family| family["samples"].as_array().unwrap());
    let wanted = samples.filter(|sample| {
        sample[0] == name && labels.iter().all(|(label, value)| sample[1][*label].as_str() == Some(value))
    });
    let values: Vec<f64> = wanted.map(|sample| sample[2].as_f64().unwrap()).collect();
    assert!(!values.is_empty(), "no {name} with {labels:?} in {page}");
    values.iter().sum()
}

#[test]
fn prometheus_own_parser_reads_the_metrics_and_they_are_those_of_the_traffic() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().backend(&blue, 10).hcl());
    world.send(7);

    let said = Python::ready().run("prometheus_page.py", &[&format!("http://{}/metrics", world.admin_address())]);
    let page: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(page["content_type"], "text/plain; version=0.0.4; charset=utf-8");
    let listener = world.terraform.text(LISTENER, "listener_id");
    let own = [("load_balancer", world.terraform.text(LOAD_BALANCER, "load_balancer_id")), ("listener", listener)];
    let own: Vec<(&str, &str)> = own.iter().map(|(label, value)| (*label, value.as_str())).collect();
    let labelled = |label, value| [own.as_slice(), &[(label, value)]].concat();
    assert!((sum(&page, "clb_simulator_connections_opened_total", &own) - 7.0).abs() < 0.5);
    assert!((sum(&page, "clb_simulator_streams_opened_total", &own) - 7.0).abs() < 0.5);
    assert!((sum(&page, "clb_simulator_dials_total", &labelled("result", "connected")) - 7.0).abs() < 0.5);
    assert!((sum(&page, "clb_simulator_dial_duration_seconds_bucket", &labelled("le", "+Inf")) - 7.0).abs() < 0.5);
    assert!((sum(&page, "clb_simulator_handshakes_failed_total", &own)).abs() < 0.5);
    assert!(sum(&page, "clb_simulator_from_client_bytes_total", &own) > 0.5);
    let created = [("action", "CreateListener"), ("code", "ok")];
    assert!((sum(&page, "clb_simulator_api_calls_total", &created) - 1.0).abs() < 0.5);

    // Every family says what it is, and what grows is named so.
    for family in page["families"].as_array().unwrap() {
        assert!(family["help"].as_str().is_some_and(|help| !help.is_empty()), "{family}");
        assert_ne!(family["type"], json!("unknown"), "{family}");
        let is_total = family["samples"]
            .as_array()
            .unwrap()
            .iter()
            .all(|sample| sample[0].as_str().is_some_and(|name| name.ends_with("_total")));
        assert!(family["type"] != "counter" || is_total, "{family}");
    }
}
