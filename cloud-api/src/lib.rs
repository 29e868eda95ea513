//! Tencent Cloud API 3.0 on the wire: request and reply types, TC3 signing and verifying, a client.
//!
//! Both sides of the wire use this crate: the provider calls, the simulator answers. It knows how things are written,
//! not what the platform allows: no rule of the load balancer is checked here.

pub mod action;
pub mod clb;
pub mod cvm;
pub mod secret;
pub mod ssl;
pub mod tag;
pub mod vpc;

pub use action::{Accepted, Action, Service};
pub use secret::Secret;
