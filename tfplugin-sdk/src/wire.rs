//! Protocol 6 on the wire ↔ the engine: the service, the messages, and the two encodings of values.
//!
//! Not here: what an operation does (`engine`), and how the process is reached (`serve`).

mod call;
mod decode;
mod encode;
mod json;
mod msgpack;
mod pack;
mod place;
mod service;

#[cfg(test)]
mod codec_tests;

pub(crate) use service::Service;
