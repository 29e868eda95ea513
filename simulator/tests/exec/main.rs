//! `clb-simulator exec`: the real program makes a private network, and what a command finds in there.
//!
//! A machine may not allow it. Then these tests say why and prove nothing; where `CI` is set they fail instead.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod addresses;
mod commands;
mod guide;
mod network;
mod refusals;
#[allow(dead_code, reason = "the sandbox is that of the cloud API's tests, which use all of it")]
#[path = "../cloud_api/sandbox.rs"]
mod sandbox;
