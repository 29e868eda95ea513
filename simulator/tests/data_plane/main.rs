//! The data plane with real sockets: tables go in on a channel as the control plane sends them, QUIC clients and TCP
//! backends are real. No cloud API is involved.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod backend_faults;
mod certificates;
mod client_certificates;
mod commands;
mod datagram_faults;
mod early_data;
mod firewall;
mod handshakes;
mod hostile;
mod journal;
mod limits;
mod listeners;
mod memory;
mod moving;
mod passive_check;
mod probes;
mod raw_client;
mod sandbox;
mod scheduling;
mod server_certificates;
mod sessions;
mod spoofing;
mod streams;
mod traces;
