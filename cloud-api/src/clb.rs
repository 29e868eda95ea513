//! Load balancers (service `clb`, version 2018-03-17).
//!
//! The structures carry the API's names and fields; they check nothing.

mod health;
mod listener;
mod load_balancer;
mod load_balancer_detail;
mod quota;
mod security_group;
mod target;
mod task;

pub use health::*;
pub use listener::*;
pub use load_balancer::*;
pub use load_balancer_detail::*;
pub use quota::*;
pub use security_group::*;
pub use target::*;
pub use task::*;
