//! `cargo xtask docs`: the registry pages in docs/, and those of the SDK's example, from schemas and examples; the page of
//! the platform's rules from the simulator's own tables. `--check` compares instead.
//!
//! The pages are the SDK's matter (`tfplugin_sdk::registry_docs`) and the simulator's (`rule_book::page`); this starts the
//! tests that hold them fresh, and has them write.

use crate::programs::cargo;

/// What the tests are called, wherever a provider has pages.
const TARGET: &str = "registry_docs";
const TEST: &str = "the_registry_pages_are_fresh";

/// The variable by which the tests write the pages.
const WRITE: &str = "WRITE_REGISTRY_DOCS";

/// Options of the task.
#[derive(clap::Args)]
pub struct Arguments {
    /// Write nothing; fail when a page differs from what would be written.
    #[arg(long)]
    check: bool,
}

/// Runs the task. What the tests say goes to the terminal.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    // The whole workspace, so that shared dependencies have the features that all other tests have them with.
    let mut command = cargo();
    command.args(["test", "--quiet", "--no-fail-fast", "--workspace", "--test", TARGET, "--", TEST, "--nocapture"]);
    // What fails is a list for people.
    command.env("RUST_BACKTRACE", "0");
    if arguments.check {
        command.env_remove(WRITE);
    } else {
        command.env(WRITE, "1");
    }
    let status = command.status().map_err(|error| format!("cargo does not start: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err("the registry pages are not as they should be; what is wrong stands above. `cargo xtask docs` writes them"
        .to_owned())
}
