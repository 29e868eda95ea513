//! The list resources: what `terraform query` (Terraform 1.14) finds of each resource, whether Terraform made it or not.
//!
//! Filters and searches are those of [`crate::data_sources`]. What a search has at hand of an object is given whole; where reading
//! the rest would take a call for each object, only what identifies it is given, and the SDK reads the rest if it is wanted.

pub mod backend_bindings;
pub mod certificates;
pub mod load_balancers;
pub mod quic_listeners;
pub mod security_groups;

pub use backend_bindings::BackendBindingSearch;
pub use certificates::CertificateSearch;
pub use load_balancers::LoadBalancerSearch;
pub use quic_listeners::QuicListenerSearch;
pub use security_groups::SecurityGroupSearch;

use clb_cloud_api::{CallError, clb};
use tfplugin_sdk::Result;

use crate::errors::Doing;
use crate::platform::{Found, Platform};

/// A name for people: the object's own, and its id, since names need not be distinct.
fn display_name(name: &str, id: &str) -> String {
    if name.is_empty() { id.to_owned() } else { format!("{name} ({id})") }
}

/// The load balancers to look on: the one that is named, or all that can carry QUIC listeners, one after the other.
enum Places<'a> {
    One(Option<String>),
    All(Box<Found<'a, clb::DescribeLoadBalancers>>),
}

impl<'a> Places<'a> {
    fn new(platform: &'a Platform, load_balancer_id: Option<String>) -> Self {
        match load_balancer_id {
            Some(id) => Self::One(Some(id)),
            None => Self::All(Box::new(Found::new(platform, [clb::DescribeLoadBalancers::default()]))),
        }
    }

    async fn next(&mut self) -> Result<Option<String>> {
        match self {
            Self::One(id) => Ok(id.take()),
            Self::All(found) => Ok(next_fit(found).await.doing("list the load balancers")?),
        }
    }
}

async fn next_fit(found: &mut Found<'_, clb::DescribeLoadBalancers>) -> std::result::Result<Option<String>, CallError> {
    while let Some(balancer) = found.next().await? {
        if crate::resources::quic_listener::cannot_carry_quic(&balancer).is_none() {
            return Ok(Some(balancer.load_balancer_id));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_object_without_a_name_is_called_by_its_id() {
        assert_eq!(super::display_name("", "lb-1"), "lb-1");
        assert_eq!(super::display_name("web", "lb-1"), "web (lb-1)");
    }
}
