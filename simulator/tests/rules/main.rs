//! Every rule over the wire: a request that is refused, with its code and text, and its neighbour that is accepted.
//!
//! One file of cases per noun; what a case is and how it runs is in `case`.

// Cases are literals; they read better without an ampersand before each.
#![allow(clippy::needless_pass_by_value)]

mod behaviours;
mod case;
mod certificate;
mod completeness;
mod door;
mod health_check;
mod listener;
mod load_balancer;
mod network;
mod official_requests;
mod other_listener;
mod quic_listener;
mod security_group;
mod stage;
mod tag;
mod target;
mod task;
mod wire;
