//! Tencent Cloud API 3.0 on the wire: request and reply types, TC3 signing and verifying, a client.
//!
//! Both sides of the wire use this crate: the provider calls, the simulator answers. It knows how things are written,
//! not what the platform allows: no rule of the load balancer is checked here.

// The structures carry the API's fields as they are; turning its flags into enums would hide what travels.
#![allow(clippy::struct_excessive_bools)]

pub mod action;
pub mod clb;
pub mod client;
pub mod cvm;
mod endpoints;
pub mod envelope;
pub mod error;
pub mod profile;
pub mod secret;
pub mod sign;
pub mod ssl;
pub mod sts;
pub mod tag;
pub mod task;
pub mod vpc;

pub use action::{Accepted, Action, Service};
pub use client::{Client, ClientConfig, Retry};
pub use envelope::Answered;
pub use error::{ApiError, CallError, TaskError, TransportFault};
pub use secret::Secret;
pub use task::{TaskOutcome, Wait};
