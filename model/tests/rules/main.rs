//! Every rule says no to what breaks it and yes to its neighbour, and a refusal leaves the world as it was.

mod bench;
mod binding;
mod certificate;
mod listener;
mod load_balancer;
mod protocol;
mod replacement;
mod running;
mod security_group;
mod tag;
mod task;
