//! `clb-simulator seed`: prints the built-in seed as a file to start from, or checks one.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::{DEMO, Seed};

/// The arguments of `clb-simulator seed`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Check that file in place of printing the built-in seed
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

/// Prints or checks.
pub fn run(arguments: &Arguments) -> ExitCode {
    let said = match &arguments.check {
        None => DEMO.to_owned(),
        Some(path) => match Seed::read(path) {
            Ok(seed) => format!("{}: accounts {}\n", path.display(), seed.accounts().join(", ")),
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::FAILURE;
            }
        },
    };
    // A reader that has seen enough and gone (`| head`) is no reason to panic.
    match std::io::stdout().write_all(said.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
