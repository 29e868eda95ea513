//! Protocol 6 on the wire ↔ the engine: the service, the messages, and the two encodings of values.
//!
//! Not here: what an operation does (`engine`), and how the process is reached (`serve`).

mod action;
mod call;
mod data_source;
mod decode;
mod encode;
mod ephemeral_resource;
mod function;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing_calls;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing_values;
mod identity;
mod json;
mod list_resource;
mod msgpack;
mod pack;
mod place;
mod provider;
mod resource;
mod service;
mod transfer;

#[cfg(test)]
mod codec_tests;

use crate::{Dynamic, Report, Type};

pub(crate) use service::Service;

/// A stored state or identity: by its type, or where that is not known as plain JSON has it.
pub(crate) fn stored_json(bytes: &[u8], of: Option<&Type>) -> Result<Dynamic, Report> {
    of.map_or_else(|| json::decode_untyped(bytes), |of| json::decode(bytes, of, json::Surplus::Drop))
}

/// The bytes in which a value travels, and what of it did not fit its type.
pub(crate) fn packed(value: &Dynamic, of: &Type) -> (Vec<u8>, Report) {
    pack::encode(value, of)
}

/// A value that travelled in these bytes.
pub(crate) fn unpacked(bytes: &[u8], of: &Type) -> Result<Dynamic, Report> {
    msgpack::decode(bytes, of)
}
