//! What a user of `tccli` types and reads. The claims are in `acceptance-tests/python/tccli_user`; its two files run side
//! by side, because each command takes a second and a half by itself.

use clb_acceptance_tests::independent::Python;
use clb_acceptance_tests::simulator_program::SimulatorProgram;

#[test]
fn a_user_of_tccli_creates_lists_changes_and_deletes() {
    let simulator = SimulatorProgram::start();
    Python::ready().run_package("tccli_user.journey", &simulator.environment());
}

#[test]
fn a_user_of_tccli_reads_the_platforms_codes_after_mistakes() {
    let simulator = SimulatorProgram::start();
    Python::ready().run_package("tccli_user.mistakes", &simulator.environment());
}
