//! Health, and waiting for the data plane.

use crate::ctl::{ctl, fails};
use crate::sandbox::Sandbox;

#[tokio::test]
async fn health_says_how_far_the_data_plane_is_and_what_there_is() {
    let sandbox = Sandbox::start().await;
    sandbox.listener().await;
    let health = ctl(&sandbox, &["health"]).await;
    assert_eq!(health["listeners"], 1);
    assert_eq!(health["generation"], health["applied_generation"]);
    assert_eq!((&health["ready"], &health["worlds"], &health["load_balancers"]), (&true.into(), &2.into(), &5.into()));
    assert!(health["started"].as_str().is_some_and(|at| at.starts_with("20") && at.ends_with('Z')), "{health}");
    assert!(health["uptime_seconds"].as_f64().is_some_and(|seconds| seconds >= 0.0), "{health}");
}

#[tokio::test]
async fn waiting_ends_when_the_table_is_in_effect_or_the_time_is_over() {
    let sandbox = Sandbox::start().await;
    sandbox.listener().await;
    let health = ctl(&sandbox, &["wait"]).await;
    assert_eq!((&health["ready"], &health["listeners"]), (&true.into(), &1.into()));
    let generation = health["generation"].to_string();
    ctl(&sandbox, &["wait", "--generation", &generation]).await;
    let said = fails(&sandbox, &["wait", "--generation", "1000000", "--timeout", "1"]).await;
    assert!(said.contains("generation 1000000 is not in effect") && said.contains(&generation), "{said}");
}
