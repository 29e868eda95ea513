//! What a Tencent Cloud CLB *is*: nouns, rules and refusals. No I/O, no clock, no async, no serde.
//!
//! A [`world::World`] is everything that belongs to one account. Writes go through its verbs: a draft is checked
//! against the [`rules`], and either a [`refusal::Refusal`] comes back or the world has changed and a
//! [`task`] runs. What should be forwarding is read from it ([`forwarding`]), what really is comes back as
//! observations. Time and chance are arguments.

pub mod address_range;
pub mod balancer;
pub mod binding;
pub mod certificate;
pub mod chance;
pub mod client_token;
pub mod forwarding;
pub mod health;
pub mod id;
pub mod listener;
pub mod load_balancer;
mod name;
pub mod network;
pub mod quota;
pub mod refusal;
pub mod region;
pub mod remembered;
pub mod rules;
pub mod security_group;
pub mod tag;
pub mod task;
pub mod time;
pub mod vip_pool;
pub mod world;
pub mod zone;
