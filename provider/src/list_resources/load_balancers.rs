//! `list "clb_load_balancer"`.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_sdk::{ListResource, Listing, Operation, Result};

use super::display_name;
use crate::data_sources::load_balancers::LoadBalancersInput;
use crate::errors::Doing;
use crate::platform::Platform;
use crate::resources::LoadBalancer;
use crate::resources::load_balancer::{AddressIpVersion, NetworkType, from_wire};

/// The load balancers of the region that fit all filters; all of them without a filter.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::ListResource)]
#[tf(lists = LoadBalancer, conflicts(name, name_contains))]
pub struct LoadBalancerSearch {
    /// Only load balancers with these ids. Ids that do not exist find nothing.
    #[tf(each(pattern = "^lb-[0-9a-z]{8}$", message = "the id of a load balancer, such as lb-1a2b3c4d"))]
    pub load_balancer_ids: Option<BTreeSet<String>>,
    /// Only load balancers with exactly this name; several can have the same.
    #[tf(not_empty)]
    pub name: Option<String>,
    /// Only load balancers with this somewhere in their names.
    #[tf(not_empty)]
    pub name_contains: Option<String>,
    /// Only load balancers of this kind, `public` or `internal`.
    pub network_type: Option<NetworkType>,
    /// Only load balancers with this kind of address: `ipv4`, `ipv6_nat64` or `ipv6_full_chain`.
    pub address_ip_version: Option<AddressIpVersion>,
    /// Only load balancers in this VPC.
    #[tf(pattern = "^vpc-[0-9a-z]+$", message = "the id of a VPC, such as vpc-1a2b3c4d")]
    pub vpc_id: Option<String>,
    /// Only load balancers that have this security group.
    #[tf(pattern = "^sg-", message = "the id of a security group, such as sg-1a2b3c4d")]
    pub security_group_id: Option<String>,
    /// Only the load balancer with this address.
    #[tf(ip)]
    pub vip: Option<String>,
    /// Only load balancers that have all these tags, at most 10.
    #[tf(length(..=10))]
    pub tags: Option<BTreeMap<String, String>>,
    /// Only load balancers that can (`true`) or cannot (`false`) have QUIC listeners.
    pub can_carry_quic: Option<bool>,
}

impl ListResource for LoadBalancerSearch {
    async fn list(
        operation: &mut Operation<'_, Platform>,
        input: LoadBalancerSearchInput,
        found: &mut Listing<LoadBalancer>,
    ) -> Result<()> {
        let wanted = LoadBalancersInput {
            load_balancer_ids: input.load_balancer_ids,
            name: input.name,
            name_contains: input.name_contains,
            network_type: input.network_type,
            address_ip_version: input.address_ip_version,
            vpc_id: input.vpc_id,
            security_group_id: input.security_group_id,
            vip: input.vip,
            tags: input.tags,
            can_carry_quic: input.can_carry_quic,
        };
        let mut search = wanted.search(operation.api());
        while let Some(balancer) = operation.unless_cancelled(search.next()).await?.doing("list the load balancers")? {
            let name = display_name(&balancer.load_balancer_name, &balancer.load_balancer_id);
            if wanted.fits(&balancer) && !found.state(name, from_wire(&balancer, None)).await {
                break;
            }
        }
        Ok(())
    }
}
