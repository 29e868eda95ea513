//! `clb_load_balancer`: a load balancer, its addresses, security groups and tags.
//!
//! Listeners are resources of their own.

mod convert;
mod official;
mod rules;

use std::collections::BTreeMap;
use std::time::Duration;

use clb_cloud_api::{ApiError, CallError, clb};
use tfplugin_sdk::{Context, Error, ForeignState, Path, PlanEdit, Planned, Report, Resource, Result, Timeouts, path};
use tokio::time::sleep;

use crate::errors::{Doing, gone};
use crate::platform::{Created, Lookalike, Platform, unless_gone};
use crate::resources::name;

pub(crate) use convert::{from_wire, ip_version};

/// The pause before a load balancer is looked at again that is being created: it doubles from the first to the longest.
const FIRST_LOOK_AFTER: Duration = Duration::from_millis(100);
const LONGEST_LOOK_AFTER: Duration = Duration::from_secs(2);

/// A load balancer of the current generation (CLB), public or internal. QUIC listeners need one with an IPv4 or an IPv6 NAT64
/// address.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Resource)]
#[tf(
    name = "clb_load_balancer",
    import = "{load_balancer_id}",
    identity(load_balancer_id),
    required_when(
        network_type = NetworkType::Internal,
        vpc_id,
        subnet_id,
        because = "an internal load balancer gets its address from a subnet of a VPC"
    ),
    refused_when(
        network_type = NetworkType::Internal,
        bandwidth,
        internet_charge_type,
        vip_isp,
        zone,
        backup_zone,
        because = "that is said of load balancers with an address on the internet"
    ),
    refused_when(
        address_ip_version = AddressIpVersion::Ipv6Nat64,
        vip,
        zone,
        backup_zone,
        because = "the platform chooses it"
    ),
    refused_when(
        address_ip_version = AddressIpVersion::Ipv6FullChain,
        zone,
        backup_zone,
        because = "its address is in the zone of its subnet"
    ),
    refused_when(network_type = NetworkType::Internal, address_ip_version = AddressIpVersion::Ipv6Nat64),
    refused_when(network_type = NetworkType::Internal, address_ip_version = AddressIpVersion::Ipv6FullChain),
    refused_when(
        address_ip_version = AddressIpVersion::Ipv4,
        network_type = NetworkType::Public,
        subnet_id,
        because = "its address is one on the internet, not in a subnet"
    ),
    required_when(
        network_type = NetworkType::Public,
        address_ip_version = AddressIpVersion::Ipv6FullChain,
        subnet_id,
        because = "it gets its address from a subnet"
    ),
    refused_when(
        address_ip_version = AddressIpVersion::Ipv6FullChain,
        pass_to_target = false,
        because = "the platform then always checks only the load balancer's own security groups"
    )
)]
pub struct LoadBalancer {
    /// Id of the load balancer, such as `lb-1a2b3c4d`.
    #[tf(computed, keep, prefix = "lb-")]
    pub load_balancer_id: String,
    /// Who can reach it: `public` (an address on the internet) or `internal` (an address in a subnet of yours). A change
    /// replaces the load balancer.
    #[tf(replace)]
    pub network_type: NetworkType,
    /// Name, 1 to 80 characters. Without it the platform chooses one.
    #[tf(optional, computed, keep, length(1..=80), custom = name::check)]
    pub name: String,
    /// VPC of the backends; of the load balancer too when it is internal, and then required. Defaults to the default VPC of
    /// the region. A change replaces the load balancer.
    #[tf(
        optional,
        computed,
        keep,
        replace,
        pattern = "^vpc-[0-9a-z]+$",
        message = "the id of a VPC, such as vpc-1a2b3c4d"
    )]
    pub vpc_id: String,
    /// Subnet from which an internal or an IPv6 load balancer gets its address; required for these, refused for a public IPv4
    /// one. A change replaces the load balancer.
    #[tf(replace, pattern = "^subnet-[0-9a-z]+$", message = "the id of a subnet, such as subnet-1a2b3c4d")]
    pub subnet_id: Option<String>,
    /// Kind of address: `ipv4`, `ipv6_nat64` (an IPv6 address in front of IPv4 backends) or `ipv6_full_chain` (IPv6 up to the
    /// backends; cannot carry QUIC listeners). Internal load balancers have `ipv4`. A change replaces the load balancer.
    #[tf(default = AddressIpVersion::Ipv4, replace)]
    pub address_ip_version: AddressIpVersion,
    /// Security groups of the load balancer, the first one first, at most 50 (the account's quota may be lower). They match the
    /// client's address and the listener's port. Without any, the load balancer admits everyone.
    #[tf(
        default = Vec::new(),
        length(..=50),
        unique,
        each(pattern = "^sg-", message = "the id of a security group, such as sg-1a2b3c4d")
    )]
    pub security_group_ids: Vec<String>,
    /// Whether only the security groups of the load balancer are checked (`true`) or those of the backends too (`false`).
    /// Defaults to `false`; with `ipv6_full_chain` it is always `true`.
    #[tf(optional, computed, keep)]
    pub pass_to_target: bool,
    /// Whether the platform refuses to delete the load balancer. To destroy it, set this to `false` and apply first.
    #[tf(default = false)]
    pub delete_protection: bool,
    /// Largest outbound bandwidth in Mbit/s, 1 to 61440 (2048 on shared instances), for public load balancers. Without it the
    /// platform chooses (10).
    #[tf(optional, computed, keep, range(1..=61440))]
    pub bandwidth: Option<u32>,
    /// How the traffic to the internet is paid, for public load balancers: `traffic_postpaid_by_hour`,
    /// `bandwidth_postpaid_by_hour` or `bandwidth_package`. Without it the platform chooses (`traffic_postpaid_by_hour`).
    #[tf(optional, computed, keep)]
    pub internet_charge_type: Option<InternetChargeType>,
    /// Carrier of the address, for public load balancers: `BGP` (several carriers, what the platform chooses) or only `CMCC`,
    /// `CUCC` or `CTCC`, which need `internet_charge_type = "bandwidth_package"`. A change replaces the load balancer.
    #[tf(optional, computed, keep, replace, one_of("BGP", "CMCC", "CUCC", "CTCC"))]
    pub vip_isp: Option<String>,
    /// The address that clients connect to, if it is to be a certain one that is free and, on an internal load balancer, in its
    /// subnet; refused with `ipv6_nat64`. Without it the platform chooses one. A change replaces the load balancer.
    #[tf(optional, computed, keep, replace, ip)]
    pub vip: Option<String>,
    /// Availability zone, such as `ap-guangzhou-3`, of a public IPv4 load balancer. Without it the platform chooses one. A change
    /// replaces the load balancer.
    #[tf(
        optional,
        computed,
        keep,
        replace,
        pattern = "^[a-z]+(-[a-z]+)+-[0-9]+$",
        message = "the name of a zone, such as ap-guangzhou-3"
    )]
    pub zone: Option<String>,
    /// Availability zone that stands in for `zone` when that fails, for public IPv4 load balancers. A change replaces the load
    /// balancer.
    #[tf(
        optional,
        computed,
        keep,
        replace,
        pattern = "^[a-z]+(-[a-z]+)+-[0-9]+$",
        message = "the name of a zone, such as ap-guangzhou-3"
    )]
    pub backup_zone: Option<String>,
    /// Number of the project it belongs to. Defaults to 0, the default project.
    #[tf(default = 0)]
    pub project_id: u32,
    /// Whether backends of other regions and VPCs can be bound by address (cross-region binding 2.0, which the platform calls
    /// SnatPro). Defaults to `false`.
    #[tf(default = false)]
    pub snat_pro: bool,
    /// Performance specification, which listeners with limits of their own need and which sets what the load balancer can
    /// carry: one of `clb.c2.medium`, `clb.c3.small`, `clb.c3.medium`, `clb.c4.small`, `clb.c4.medium`, `clb.c4.large` and
    /// `clb.c4.xlarge`. Without it the platform chooses: a shared load balancer in accounts of its Chinese site. There is no way
    /// back to a shared one: taken out, the argument leaves the specification as it is.
    #[tf(
        optional,
        computed,
        keep,
        one_of(
            "clb.c2.medium",
            "clb.c3.small",
            "clb.c3.medium",
            "clb.c4.small",
            "clb.c4.medium",
            "clb.c4.large",
            "clb.c4.xlarge"
        )
    )]
    pub sla_type: Option<String>,
    /// Tags, at most 20.
    #[tf(default = BTreeMap::new(), length(..=20))]
    pub tags: BTreeMap<String, String>,
    /// Addresses that clients connect to.
    #[tf(computed, keep)]
    pub vips: Vec<String>,
    /// Domain name that clients connect to, on load balancers that have one instead of a fixed address.
    #[tf(computed, keep)]
    pub domain: Option<String>,
    /// State of the load balancer: `creating` or `running`.
    #[tf(computed, keep)]
    pub status: Status,
    /// How long each operation may take, with the tasks it waits for. Creating, changing and deleting have 15 minutes each.
    #[tf(timeouts(create = "15m", update = "15m", delete = "15m"))]
    pub timeouts: Option<Timeouts>,
}

/// Who can reach a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum NetworkType {
    /// An address on the internet.
    Public,
    /// An address in a subnet.
    Internal,
}

/// The kind of address clients connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum AddressIpVersion {
    /// IPv4.
    #[tf(name = "ipv4")]
    Ipv4,
    /// IPv6, translated to IPv4 towards the backends.
    #[tf(name = "ipv6_nat64")]
    Ipv6Nat64,
    /// IPv6 up to the backends.
    #[tf(name = "ipv6_full_chain")]
    Ipv6FullChain,
}

/// How traffic to the internet is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum InternetChargeType {
    /// By what is sent.
    TrafficPostpaidByHour,
    /// By the bandwidth that is set.
    BandwidthPostpaidByHour,
    /// From a bandwidth package.
    BandwidthPackage,
}

/// The state of a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum Status {
    /// Being created.
    Creating,
    /// Usable.
    Running,
}

impl Resource for LoadBalancer {
    type Api = Platform;

    async fn create(cx: &mut Context<'_, Self>, plan: LoadBalancerPlan) -> Result<Self> {
        const DOING: &str = "create the load balancer";
        let platform = cx.api();
        let request = convert::creation(&plan, platform.client_token());
        let at_once = |reply: &clb::CreateLoadBalancerReply| reply.load_balancer_ids.clone().unwrap_or_default();
        let kind = format!("load balancer {:?} {:?}", request.load_balancer_name, request.vpc_id);
        let alike = |_| created_alike(platform, &request);
        let created = platform.create(&kind, &request, |reply| at_once(reply).pop(), alike).await;
        let id = match created.doing_at(DOING, attribute)? {
            Created::Answered(bought) => {
                let at_once = at_once(&bought.reply);
                if let [id] = at_once.as_slice() {
                    cx.checkpoint(|state| state.load_balancer_id = Planned::Known(id.clone()));
                }
                let outcome = platform.finish::<clb::CreateLoadBalancer>(cx, &bought.request_id).await.doing(DOING)?;
                let ids = if at_once.is_empty() { outcome.load_balancer_ids } else { at_once };
                only_one(ids, &bought.request_id)?
            }
            Created::Found(id) => {
                cx.checkpoint(|state| state.load_balancer_id = Planned::Known(id.clone()));
                running(cx, &id).await?;
                id
            }
        };
        let id = &id;
        cx.checkpoint(|state| state.load_balancer_id = Planned::Known(id.clone()));
        let created = find(platform, id, plan.subnet_id.as_deref()).await?.ok_or_else(|| gone("load balancer", id))?;
        // Security groups and protection are no part of the purchase, and a name that exists already is not honoured by it.
        match settle(cx, created.clone(), &plan).await {
            Err(failed) => Ok(unfinished(cx, created, plan, &failed)),
            settled => settled,
        }
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        cx.api().remember_managed(&state.load_balancer_id);
        cx.unless_cancelled(find(cx.api(), &state.load_balancer_id, state.subnet_id.as_deref())).await?
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: LoadBalancerPlan) -> Result<Self> {
        settle(cx, state, &plan).await
    }

    async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
        let (platform, id) = (cx.api(), &state.load_balancer_id);
        let doing = format!("delete the load balancer {id}");
        let turn = platform.turn(cx, id).await.doing(&doing)?;
        let request = clb::DeleteLoadBalancer { load_balancer_ids: vec![id.clone()], force_delete: None };
        let deleted = unless_gone(turn.carry_out(cx, &request).await, platform.load_balancer(id)).await;
        let refused = deleted.as_ref().is_err_and(|failure| failure.refusal().is_some());
        match deleted.doing(&doing) {
            Err(error) if refused && state.delete_protection => Err(protected(&error)),
            deleted => deleted.map(|_| ()),
        }
    }

    async fn import(cx: &mut Context<'_, Self>, id: LoadBalancerImport) -> Result<Option<Self>> {
        cx.unless_cancelled(find(cx.api(), &id.load_balancer_id, None)).await?
    }

    fn move_from(source: &ForeignState) -> Result<Option<Self>> {
        official::moved(source)
    }

    fn validate(config: &LoadBalancerConfig, report: &mut Report) {
        rules::validate(config, report);
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        rules::plan(plan).await
    }
}

/// The id of the load balancer that was bought.
fn only_one(ids: Vec<String>, request_id: &str) -> Result<String> {
    <[String; 1]>::try_from(ids).map(|[id]| id).map_err(|ids| {
        Error::new("Cannot tell which load balancer was created").detail(format!(
            "The platform carried out the purchase and named {} load balancers instead of one. Look for the new one in the \
             console and import it. (request id {request_id})",
            ids.len()
        ))
    })
}

/// The load balancers that a purchase without an answer could have made. With the same token it was asked for again before.
async fn created_alike(platform: &Platform, bought: &clb::CreateLoadBalancer) -> Result<Vec<Lookalike>, CallError> {
    let (name, vpc) = (bought.load_balancer_name.as_deref(), bought.vpc_id.as_deref());
    let alike = platform.load_balancers_named(name, vpc).await?;
    let alike = alike.into_iter().filter(|it| it.load_balancer_type == bought.load_balancer_type);
    Ok(alike.map(|it| (it.load_balancer_id, it.create_time)).collect())
}

/// Waits until a load balancer is there whose purchase cannot be followed: its task is named by the answer that was lost.
async fn running(cx: &Context<'_, LoadBalancer>, id: &str) -> Result<()> {
    let mut pause = FIRST_LOOK_AFTER;
    while find(cx.api(), id, None).await?.ok_or_else(|| gone("load balancer", id))?.status != Status::Running {
        cx.unless_cancelled(sleep(pause)).await?;
        pause = (pause * 2).min(LONGEST_LOOK_AFTER);
    }
    Ok(())
}

/// Makes an existing load balancer what the plan says, with as few calls as it takes, and reads it back.
async fn settle(
    cx: &mut Context<'_, LoadBalancer>,
    now: LoadBalancer,
    plan: &LoadBalancerPlan,
) -> Result<LoadBalancer> {
    let platform = cx.api();
    let id = now.load_balancer_id.clone();
    let doing = format!("change the load balancer {id}");
    let turn = platform.turn(cx, &id).await.doing(&doing)?;
    if now.security_group_ids != plan.security_group_ids {
        let security_groups = Some(plan.security_group_ids.clone());
        let request = clb::SetLoadBalancerSecurityGroups { load_balancer_id: id.clone(), security_groups };
        let set = unless_gone(turn.carry_out(cx, &request).await, platform.load_balancer(&id)).await;
        set.doing_at(&doing, |_| Some(path!(security_group_ids)))?.ok_or_else(|| gone("load balancer", &id))?;
        cx.checkpoint(|state| state.security_group_ids.clone_from(&plan.security_group_ids));
    }
    if let Some(request) = convert::new_specification(&now, plan) {
        let upgraded = unless_gone(turn.carry_out(cx, &request).await, platform.load_balancer(&id)).await;
        upgraded.doing_at(&doing, |_| Some(path!(sla_type)))?.ok_or_else(|| gone("load balancer", &id))?;
        cx.checkpoint(|state| state.sla_type.clone_from(&plan.sla_type));
    }
    if now.project_id != plan.project_id {
        let (load_balancer_ids, project_id) = (vec![id.clone()], plan.project_id.into());
        let request = clb::ModifyLoadBalancersProject { load_balancer_ids, project_id };
        let moved = unless_gone(turn.carry_out(cx, &request).await, platform.load_balancer(&id)).await;
        moved.doing_at(&doing, |_| Some(path!(project_id)))?.ok_or_else(|| gone("load balancer", &id))?;
        cx.checkpoint(|state| state.project_id = plan.project_id);
    }
    for request in convert::retagging(platform.region(), &id, &now.tags, &plan.tags) {
        platform.call(&request).await.doing_at(&doing, |_| Some(path!(tags)))?;
    }
    // Last, as it may protect the load balancer: one whose creation failed half-way must still be deletable.
    if let Some(request) = convert::modification(&now, plan) {
        let modified = unless_gone(turn.carry_out(cx, &request).await, platform.load_balancer(&id)).await;
        modified.doing_at(&doing, attribute)?.ok_or_else(|| gone("load balancer", &id))?;
        cx.checkpoint(|state| {
            state.name = plan.name.clone();
            state.pass_to_target = plan.pass_to_target;
            state.bandwidth = plan.bandwidth;
            state.internet_charge_type = plan.internet_charge_type;
            state.snat_pro = plan.snat_pro;
            state.delete_protection = plan.delete_protection;
        });
    }
    drop(turn);
    platform.forget_unfinished(&id);
    find(platform, &id, plan.subnet_id.as_deref()).await?.ok_or_else(|| gone("load balancer", &id))
}

/// A load balancer that exists and is not all that was planned. If its creation failed, Terraform would mark it as tainted, and
/// the next apply destroy it. So it is taken for what was planned, with a warning: what differs is the next plan's to see. Until
/// then no listener is created on it, because what is missing may be its security groups.
fn unfinished(
    cx: &mut Context<'_, LoadBalancer>,
    created: LoadBalancer,
    plan: LoadBalancerPlan,
    failed: &Error,
) -> LoadBalancer {
    let (id, told) = (created.load_balancer_id.clone(), failed.diagnostic());
    cx.api().remember_unfinished(&id);
    cx.warn(
        path!(load_balancer_id),
        format!("The load balancer {id} was created, and then not everything about it could be set"),
        format!("Apply again: that sets what is missing. {}. {}", told.summary, told.detail),
    );
    convert::as_planned(created, plan)
}

/// The load balancer as it is now. `subnet_id` is the one the user knows of.
async fn find(platform: &Platform, id: &str, subnet_id: Option<&str>) -> Result<Option<LoadBalancer>> {
    let found = platform.load_balancer(id).await.doing(format_args!("read the load balancer {id}"))?;
    Ok(found.map(|balancer| convert::from_wire(&balancer, subnet_id)))
}

/// Says why the platform does not delete a load balancer whose plan could not see it: one that is tainted, or replaced on request.
fn protected(refused: &Error) -> Error {
    let told = refused.diagnostic();
    Error::new(told.summary.clone()).detail(format!(
        "It is protected against deletion. Set delete_protection to false and apply that first. If it is only marked as tainted, \
         `terraform untaint` takes the mark away.\n\n{}",
        told.detail
    ))
}

/// The attribute that a refusal is about, where code or text tell.
fn attribute(refusal: &ApiError) -> Option<Path> {
    let said = |word: &str| refusal.message.contains(word);
    match () {
        () if said("SubnetId") || said("subnet") => Some(path!(subnet_id)),
        () if said("VpcId") || said("vpc") => Some(path!(vpc_id)),
        () if said("SlaType") => Some(path!(sla_type)),
        () if said("VipIsp") => Some(path!(vip_isp)),
        () if said("Vip") => Some(path!(vip)),
        () if said("MasterZoneId") => Some(path!(zone)),
        () if said("SlaveZoneId") => Some(path!(backup_zone)),
        () if said("InternetChargeType") => Some(path!(internet_charge_type)),
        () if said("SnatPro") => Some(path!(snat_pro)),
        () if said("LoadBalancerName") => Some(path!(name)),
        () if said("LoadBalancerPassToTarget") => Some(path!(pass_to_target)),
        () if said("InternetMaxBandwidthOut") => Some(path!(bandwidth)),
        () if said("AddressIPVersion") => Some(path!(address_ip_version)),
        () => None,
    }
}
