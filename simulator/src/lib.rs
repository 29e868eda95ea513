//! Tencent Cloud CLB on one machine: the cloud's API and a real QUIC data plane.

pub mod backend;
pub mod client;
pub mod data_plane;
pub mod tls;
