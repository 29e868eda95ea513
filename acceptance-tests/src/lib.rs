//! What the acceptance tests stand on: a real Terraform, the provider, the simulator with its traffic, backends, QUIC
//! clients of our own and of others.
//!
//! Nothing of ours is a mock here, and nothing here asserts: claims live in `tests/acceptance`.

pub mod backend;
pub mod certificates;
pub mod fault_schedule;
pub mod independent;
pub mod levers;
pub mod official_provider;
pub mod packaged;
pub mod parts;
pub mod quic_client;
pub mod sandbox;
pub mod service;
pub mod simulator_program;
pub mod stack;
pub mod terraform;

use std::path::{Path, PathBuf};

/// The folder of the workspace manifest.
pub fn project_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").to_owned()
}

/// Cargo's target folder, found from where this test binary lies (`target/debug/deps/acceptance-…`).
pub fn target_folder() -> PathBuf {
    let binary = std::env::current_exe().expect("a running test has a path");
    binary.ancestors().nth(3).expect("test binaries lie three folders down in the target folder").to_owned()
}
