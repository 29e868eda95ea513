//! Terraform provider for QUIC listeners of Tencent Cloud CLB.
//!
//! ```text
//! Terraform ── tfplugin-sdk ── resources, data sources, ... ── platform ── clb-cloud-api ── Tencent Cloud or clb-simulator
//! ```
//!
//! [`resources`] says what each resource means, [`data_sources`] what is looked up and by what, [`functions`] what ids are made
//! of; [`platform`] holds the conversation with the cloud, [`errors`] turns what goes wrong into what the user reads. The
//! platform's rules are checked here only as far as the documentation states them; the platform itself has the last word.

pub mod actions;
pub mod data_sources;
pub mod errors;
pub mod functions;
pub mod list_resources;
pub mod platform;
pub mod provider;
pub mod resources;

pub use provider::provider;
