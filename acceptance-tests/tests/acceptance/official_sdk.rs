//! Every action that is served, driven by the official Python SDK. The claims are in `acceptance-tests/python/official_sdk`.

use std::collections::BTreeSet;

use clb_acceptance_tests::independent::Python;
use clb_acceptance_tests::simulator_program::SimulatorProgram;

#[test]
fn the_official_sdk_drives_every_action_that_is_served() {
    let simulator = SimulatorProgram::start();
    let python = Python::ready();

    let claims = python.run_package("official_sdk", &simulator.environment());

    let driven = simulator.answered();
    let served = python.run_package("official_sdk.served", &simulator.environment());
    let served: BTreeSet<String> = served.lines().map(str::to_owned).collect();
    let untried: Vec<_> = served.difference(&driven).collect();
    assert!(served.len() > 25, "only these are served: {served:?}");
    assert!(untried.is_empty(), "served, and never answered well in official_sdk: {untried:?}\n{claims}");
}
