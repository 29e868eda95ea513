//! The cloud API over a real socket, with the client of this project: what is accepted, what is refused with which code,
//! and what becomes of it.

mod arguments;
mod certificate;
mod https;
mod limits;
mod listener;
mod load_balancer;
mod network;
mod program;
mod protocol;
mod raw;
mod requests;
mod robustness;
mod sandbox;
mod security_group;
mod seed_rules;
mod signature;
mod tag;
mod target;
mod task;
mod worlds;
