//! Tencent Cloud CLB on one machine: the cloud's API and a real QUIC data plane.
//!
//! ```text
//!   cloud_api ──┐                                    ┌── watch: forwarding table ──► data_plane
//!               ├──► control ──► store ──► the model │                                  │
//!   admin ──────┘        └───────────────────────────┴── mpsc: observations ◄───────────┘
//! ```
//!
//! [`Simulator`] starts and stops all of it, in a program ([`serve`]) or in a test.

pub mod account;
pub mod admin;
pub mod backend;
pub mod call_journal;
pub mod client;
pub mod clock;
pub mod cloud_api;
pub mod config;
pub mod control;
pub mod ctl;
pub mod data_plane;
pub mod endpoints;
pub mod exec;
pub mod faults;
pub mod generated;
pub mod pace;
pub mod private_network;
pub mod rate_limit;
pub mod rule_book;
pub mod seed;
pub mod serve;
pub mod simulator;
pub mod snapshots;
pub mod store;
pub mod tls;
mod x509;

pub use config::Config;
pub use simulator::Simulator;
