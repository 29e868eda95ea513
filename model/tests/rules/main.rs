//! Every rule says no to what breaks it and yes to its neighbour, and a refusal leaves the world as it was.

mod bench;
mod binding;
mod certificate;
mod listener;
mod load_balancer;
mod network;
mod protocol;
mod replacement;
mod running;
mod security_group;
mod security_group_policy;
mod tag;
mod task;
