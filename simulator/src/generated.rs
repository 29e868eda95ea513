//! The admin door's messages, service and client, compiled from proto/ by `cargo xtask codegen`.

#![allow(missing_docs, clippy::all, clippy::pedantic, rustdoc::all, dead_code)]

#[rustfmt::skip]
pub mod clbsim;
