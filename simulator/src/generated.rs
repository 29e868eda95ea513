//! The admin door's messages, service and client, compiled from proto/ by `cargo xtask codegen`; and how their fields
//! are written as JSON where serde does not know it.

#![allow(missing_docs, clippy::all, clippy::pedantic, rustdoc::all, dead_code)]

use std::time::SystemTime;

use prost_types::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

#[rustfmt::skip]
pub mod clbsim;

/// The contract, compiled: what gRPC's reflection answers from.
pub const DESCRIPTORS: &[u8] = include_bytes!("generated/clbsim.binpb");

/// A time in RFC 3339, in UTC.
fn time<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    let written = at.as_ref().and_then(|at| {
        let at = SystemTime::try_from(at.clone()).ok()?;
        OffsetDateTime::from(at).format(&Rfc3339).ok()
    });
    written.serialize(serializer)
}

/// Bytes that are mostly text.
fn text<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
    bytes.as_deref().map(String::from_utf8_lossy).serialize(serializer)
}

/// A text that is JSON, as the JSON it is; one that was cut short stays a text, and none is null.
fn embedded<S: Serializer>(json: &String, serializer: S) -> Result<S::Ok, S::Error> {
    if json.is_empty() {
        return serializer.serialize_none();
    }
    serde_json::from_str::<Value>(json).unwrap_or_else(|_| Value::from(json.as_str())).serialize(serializer)
}
