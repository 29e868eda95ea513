//! What a Tencent Cloud CLB *is*: nouns, rules and refusals. No I/O, no clock, no async, no serde.

pub mod balancer;
pub mod forwarding;
pub mod id;
