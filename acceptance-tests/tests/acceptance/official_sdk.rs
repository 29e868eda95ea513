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

#[test]
fn the_official_sdk_speaks_https_with_the_simulators_own_ca() {
    let simulator = SimulatorProgram::start_with(&["--https", "--https-ca-file", "{folder}/ca.pem"]);
    let authority = simulator.file("ca.pem");
    let mut environment = simulator.environment().to_vec();
    environment.push(("CLB_CA_FILE", &authority));
    assert!(environment[0].1.starts_with("https://"), "{environment:?}");

    Python::ready().run_package("official_sdk certificate.Certificates task.Tasks transport", &environment);
}
