//! The admin door over a real socket: through `clb-simulator ctl`, the real program, and through gRPC's own services.

mod backend_faults;
mod calls;
mod clock;
mod connections;
mod contract;
mod ctl;
mod datagram_faults;
mod faults;
mod forwarding_table;
mod guide;
mod health;
mod metrics;
#[allow(dead_code, reason = "the sandbox is that of the cloud API's tests, which use all of it")]
#[path = "../cloud_api/sandbox.rs"]
mod sandbox;
mod seed;
mod weather;
mod worlds;
