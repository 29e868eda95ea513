//! `clb_load_balancers`: the load balancers of the region.

use std::collections::{BTreeMap, BTreeSet};

use clb_cloud_api::clb;
use tfplugin_sdk::{DataSource, Operation, Result};

use super::{has_tags, in_parts, is_among, is_named, is_same_address};
use crate::errors::Doing;
use crate::platform::{Found, Platform};
use crate::resources::load_balancer::{AddressIpVersion, InternetChargeType, NetworkType, Status, from_wire};
use crate::resources::quic_listener::cannot_carry_quic;

/// DescribeLoadBalancers takes at most this many ids.
const IDS_PER_CALL: usize = 20;

/// The load balancers of the region that fit all filters, also those that Terraform does not manage; all of them without a
/// filter. They come in the order of their creation.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::DataSource)]
#[tf(name = "clb_load_balancers", conflicts(name, name_contains))]
pub struct LoadBalancers {
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
    /// What was found.
    #[tf(computed)]
    pub load_balancers: Vec<FoundLoadBalancer>,
}

/// A load balancer that was found.
#[allow(clippy::struct_excessive_bools, reason = "what the platform says of one: answers to independent questions")]
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
pub struct FoundLoadBalancer {
    /// Id of the load balancer.
    pub load_balancer_id: String,
    /// Name.
    pub name: String,
    /// Who can reach it: `public` or `internal`.
    pub network_type: NetworkType,
    /// VPC; empty in the basic network.
    pub vpc_id: String,
    /// Subnet of its address, if it has one of its own.
    pub subnet_id: Option<String>,
    /// Kind of address: `ipv4`, `ipv6_nat64` or `ipv6_full_chain`.
    pub address_ip_version: AddressIpVersion,
    /// Addresses that clients connect to.
    pub vips: Vec<String>,
    /// Security groups, the first one first.
    pub security_group_ids: Vec<String>,
    /// Whether only the security groups of the load balancer are checked, and not those of the backends.
    pub pass_to_target: bool,
    /// Whether the platform refuses to delete it.
    pub delete_protection: bool,
    /// Largest outbound bandwidth in Mbit/s; of public load balancers.
    pub bandwidth: Option<u32>,
    /// How the traffic to the internet is paid: `traffic_postpaid_by_hour`, `bandwidth_postpaid_by_hour` or `bandwidth_package`; of
    /// public load balancers.
    pub internet_charge_type: Option<InternetChargeType>,
    /// Carrier of the address, such as `BGP`; of public load balancers.
    pub vip_isp: Option<String>,
    /// Availability zone, if the platform tells.
    pub zone: Option<String>,
    /// Availability zone that stands in for `zone` when that fails.
    pub backup_zone: Option<String>,
    /// Number of the project it belongs to.
    pub project_id: u32,
    /// Whether backends of other regions and VPCs can be bound by address.
    pub snat_pro: bool,
    /// Domain name, if it is reached by one.
    pub domain: Option<String>,
    /// Performance specification; none of a shared load balancer.
    pub sla_type: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// State: `creating` or `running`.
    pub status: Status,
    /// Whether it can have QUIC listeners: it is of the current generation, in a VPC, with an IPv4 or an IPv6 NAT64 address.
    pub can_carry_quic: bool,
    /// When it was created, as the platform writes it: `YYYY-MM-DD hh:mm:ss` in GMT+8.
    pub created_at: String,
}

impl DataSource for LoadBalancers {
    type Api = Platform;

    async fn read(operation: &mut Operation<'_, Platform>, input: LoadBalancersInput) -> Result<Self> {
        let all = operation.unless_cancelled(input.search(operation.api()).all()).await?;
        let found = all.doing("list the load balancers")?;
        let load_balancers = found.iter().filter(|balancer| input.fits(balancer)).map(described).collect();
        let LoadBalancersInput {
            load_balancer_ids,
            name,
            name_contains,
            network_type,
            address_ip_version,
            vpc_id,
            security_group_id,
            vip,
            tags,
            can_carry_quic,
        } = input;
        Ok(Self {
            load_balancer_ids,
            name,
            name_contains,
            network_type,
            address_ip_version,
            vpc_id,
            security_group_id,
            vip,
            tags,
            can_carry_quic,
            load_balancers,
        })
    }
}

impl LoadBalancersInput {
    /// Asks the platform, as far as it knows the filters. What [`Self::fits`] does not take must be left out.
    pub(crate) fn search<'a>(&self, platform: &'a Platform) -> Found<'a, clb::DescribeLoadBalancers> {
        Found::new(platform, self.questions())
    }

    fn questions(&self) -> impl Iterator<Item = clb::DescribeLoadBalancers> {
        let tags = self.tags.iter().flatten();
        let filters: Vec<clb::Filter> =
            tags.map(|(key, value)| clb::Filter { name: format!("tag:{key}"), values: vec![value.clone()] }).collect();
        let question = clb::DescribeLoadBalancers {
            load_balancer_name: self.name.clone().or_else(|| self.name_contains.clone()),
            load_balancer_type: self
                .network_type
                .map(|kind| if kind == NetworkType::Public { "OPEN" } else { "INTERNAL" }.to_owned()),
            vpc_id: self.vpc_id.clone(),
            security_group: self.security_group_id.clone(),
            filters: (!filters.is_empty()).then_some(filters),
            // The oldest first, so that one created meanwhile comes last and moves no other to another page.
            order_by: Some("CreateTime".to_owned()),
            order_type: Some(0),
            ..Default::default()
        };
        let parts = in_parts(self.load_balancer_ids.as_ref(), IDS_PER_CALL);
        parts.into_iter().map(move |part| clb::DescribeLoadBalancers { load_balancer_ids: part, ..question.clone() })
    }

    /// Whether a load balancer is what is looked for. The platform reads names loosely, and has no filter for the rest.
    pub(crate) fn fits(&self, balancer: &clb::LoadBalancer) -> bool {
        let found = described(balancer);
        is_among(&found.load_balancer_id, self.load_balancer_ids.as_ref())
            && is_named(&found.name, self.name.as_ref(), self.name_contains.as_ref())
            && self.network_type.is_none_or(|wanted| found.network_type == wanted)
            && self.address_ip_version.is_none_or(|wanted| found.address_ip_version == wanted)
            && self.vpc_id.as_ref().is_none_or(|wanted| found.vpc_id == *wanted)
            && self.security_group_id.as_ref().is_none_or(|wanted| found.security_group_ids.contains(wanted))
            && self.vip.as_ref().is_none_or(|wanted| found.vips.iter().any(|vip| is_same_address(vip, wanted)))
            && has_tags(&found.tags, self.tags.as_ref())
            && self.can_carry_quic.is_none_or(|wanted| found.can_carry_quic == wanted)
    }
}

fn described(balancer: &clb::LoadBalancer) -> FoundLoadBalancer {
    let known = from_wire(balancer, None);
    FoundLoadBalancer {
        load_balancer_id: known.load_balancer_id,
        name: known.name,
        network_type: known.network_type,
        vpc_id: known.vpc_id,
        subnet_id: known.subnet_id,
        address_ip_version: known.address_ip_version,
        vips: known.vips,
        security_group_ids: known.security_group_ids,
        pass_to_target: known.pass_to_target,
        delete_protection: known.delete_protection,
        bandwidth: known.bandwidth,
        internet_charge_type: known.internet_charge_type,
        vip_isp: known.vip_isp,
        zone: known.zone,
        backup_zone: known.backup_zone,
        project_id: known.project_id,
        snat_pro: known.snat_pro,
        domain: known.domain,
        sla_type: known.sla_type,
        tags: known.tags,
        status: known.status,
        can_carry_quic: cannot_carry_quic(balancer).is_none(),
        created_at: balancer.create_time.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use clb_cloud_api::clb;
    use tfplugin_sdk::Codec;

    use super::{LoadBalancersInput, NetworkType};

    fn balancer() -> clb::LoadBalancer {
        clb::LoadBalancer {
            load_balancer_id: "lb-1".to_owned(),
            load_balancer_name: "web-blue".to_owned(),
            load_balancer_type: "OPEN".to_owned(),
            forward: 1,
            vpc_id: "vpc-1".to_owned(),
            address_ip_version: "ipv6".to_owned(),
            ipv6_mode: Some("IPv6Nat64".to_owned()),
            address_ipv6: Some("2001:db8::1".to_owned()),
            ..Default::default()
        }
    }

    #[test]
    fn what_the_platform_reads_loosely_or_not_at_all_is_looked_at_again() {
        let all = LoadBalancersInput::absent;
        let named = |name: &str| LoadBalancersInput { name: Some(name.to_owned()), ..all() };
        let at = |vip: &str| LoadBalancersInput { vip: Some(vip.to_owned()), ..all() };
        assert!(all().fits(&balancer()) && named("web-blue").fits(&balancer()) && !named("web").fits(&balancer()));
        assert!(at("2001:DB8:0::1").fits(&balancer()) && !at("2001:db8::2").fits(&balancer()));
        let quic = |wanted: bool| LoadBalancersInput { can_carry_quic: Some(wanted), ..all() };
        let classic = clb::LoadBalancer { forward: 0, ..balancer() };
        assert!(quic(true).fits(&balancer()) && quic(false).fits(&classic) && !quic(true).fits(&classic));
    }

    #[test]
    fn a_platform_that_says_nothing_but_the_id_is_no_trouble() {
        let bare = clb::LoadBalancer { load_balancer_id: "lb-1".to_owned(), ..Default::default() };
        assert!(LoadBalancersInput::absent().fits(&bare));
    }

    #[test]
    fn filters_go_into_the_question_and_ids_into_several() {
        let ids: BTreeSet<String> = (0..21).map(|number| format!("lb-{number}")).collect();
        let input = LoadBalancersInput {
            load_balancer_ids: Some(ids),
            network_type: Some(NetworkType::Internal),
            tags: Some(BTreeMap::from([("team".to_owned(), "edge".to_owned())])),
            ..LoadBalancersInput::absent()
        };
        let questions: Vec<_> = input.questions().collect();
        assert_eq!(questions.len(), 2);
        assert_eq!(questions[0].load_balancer_type.as_deref(), Some("INTERNAL"));
        assert_eq!(questions[1].filters.as_ref().expect("a filter")[0].name, "tag:team");
    }
}
