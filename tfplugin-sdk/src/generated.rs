//! The wire's messages, services and clients, compiled from proto/ by `cargo xtask codegen`.
//!
//! Never named outside `wire` and `serve`; an RPC that the service does not answer is UNIMPLEMENTED by the
//! generated default. Only the `Debug` of what carries user data is written here, so that no secret reaches a log.

#![allow(missing_docs, clippy::all, clippy::pedantic, rustdoc::all, dead_code)]

use std::fmt;

#[rustfmt::skip]
#[path = "generated/goplugin.rs"]
pub mod goplugin;
#[rustfmt::skip]
#[path = "generated/tfplugin6.rs"]
pub mod tfplugin6;

impl fmt::Debug for tfplugin6::DynamicValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DynamicValue({} bytes)", self.msgpack.len() + self.json.len())
    }
}

impl fmt::Debug for tfplugin6::RawState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawState({} bytes)", self.json.len())
    }
}
