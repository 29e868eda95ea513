//! Conformance: every documented action, argument and reply field, asked for over a real socket and compared with what is
//! documented, one line per check.
//!
//! `contract.txt` is what is documented: names, types, flags and codes. It is derived from the research notes; to derive it
//! again, name them: `CLB_PLATFORM_ACTIONS=platform-actions.json CLB_CONFORMANCE=write`. `baseline.txt` is what has been
//! reached: a check that passes there passes for ever. To raise it: `CLB_CONFORMANCE=write`. What an action *does* is not
//! compared here.

mod baseline;
mod contract;
mod door;
mod replies;
mod requests;
mod scenario;

use contract::Contract;
use door::Door;

/// Whether the committed files are to be written and not compared.
fn writes() -> bool {
    std::env::var("CLB_CONFORMANCE").is_ok_and(|value| value == "write")
}

#[test]
fn the_contract_is_that_of_the_research_notes() {
    let Ok(notes) = std::env::var("CLB_PLATFORM_ACTIONS") else { return };
    let notes = std::fs::read_to_string(notes).expect("the file that CLB_PLATFORM_ACTIONS names");
    let derived = contract::derived(&serde_json::from_str(&notes).expect("JSON"));
    if writes() {
        std::fs::write(contract::path(), derived).expect("written");
    } else {
        let committed = std::fs::read_to_string(contract::path()).expect("contract.txt");
        assert!(committed == derived, "contract.txt is another: derive it again with CLB_CONFORMANCE=write");
    }
}

#[tokio::test]
async fn what_has_been_reached_is_kept() {
    let contract = Contract::committed();
    let simulator = door::simulator().await;
    let mut checks = Vec::new();
    let mut door = Door::new(&simulator, "requests");
    for action in &contract.actions {
        checks.extend(requests::checks(&contract, action, &mut door).await);
    }
    let mut other = Door::new(&simulator, "replies");
    scenario::run(&mut other).await;
    door.seen.extend(other.seen);
    for action in &contract.actions {
        checks.extend(replies::checks(&contract, action, &door.seen));
    }
    baseline::compare(checks);
}
