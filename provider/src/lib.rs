//! Terraform provider for QUIC listeners of Tencent Cloud CLB.
//!
//! ```text
//! Terraform ── tfplugin-sdk ── resources ── platform ── clb-cloud-api ── Tencent Cloud or clb-simulator
//! ```
//!
//! [`resources`] says what each resource means, [`platform`] holds the conversation with the cloud, [`errors`] turns what goes
//! wrong into what the user reads. The platform's rules are checked here only as far as the documentation states them; the
//! platform itself has the last word.

pub mod errors;
pub mod platform;
pub mod provider;
pub mod resources;

pub use provider::provider;
