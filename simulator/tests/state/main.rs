//! The state file of `serve --state`: what was answered is in it whenever the process ends, and it is refused when it
//! cannot be right.

#[path = "../cloud_api/sandbox.rs"]
#[allow(dead_code)]
mod sandbox;

mod damage;
mod kill;
mod program;
mod restart;
mod snapshots;
