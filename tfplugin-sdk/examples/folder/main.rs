//! A whole provider: files in a folder. Small enough to be read in one sitting, and it has every kind of thing a
//! provider can have.
//!
//! Try it: `cargo run -p tfplugin-sdk --example folder -- -debug`, then run Terraform with the variable it prints.

mod backup;
mod file;
mod files;
mod folder;
mod index;
mod listing;
mod lock;
mod provider;
mod slug;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

fn main() -> ExitCode {
    tfplugin_sdk::serve(provider::provider())
}
