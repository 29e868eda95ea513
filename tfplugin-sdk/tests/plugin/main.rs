//! The SDK from outside: a provider of its examples as a process, alone and under the real `terraform`.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as expected")]

mod process;
mod sandbox;

mod actions;
mod apply;
mod deferral;
mod folder;
mod interruption;
mod lifecycle;
mod limits;
mod lists;
mod log;
mod reattach;
mod rpcs;
mod strangers;

/// The messages and clients, as the SDK itself has them.
#[path = "../../src/generated.rs"]
mod generated;
/// The provider under test.
#[allow(dead_code, missing_docs, reason = "an example, here without its main")]
#[path = "../../examples/notes.rs"]
mod notes;
