//! What requests say about load balancers, and the checks that make valid ones of it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Exposure, IpVersion, Kind, LoadBalancer, Phase, Placement};
use crate::id::{LoadBalancerId, SubnetId};
use crate::name;
use crate::quota::{Quota, Quotas};
use crate::refusal::{Field, Refusal, require};
use crate::region::Region;
use crate::rules::Rule;
use crate::tag::Tags;
use crate::time::Timestamp;
use crate::zone::Zone;

/// The most load balancers one call creates (SDK).
const MOST_IN_A_CALL: u64 = 20;
/// The most tags one creating call carries (SDK).
const MOST_TAGS: usize = 20;
/// The longest client token (SDK).
const LONGEST_TOKEN: usize = 64;
/// Outbound bandwidth when none is given, in Mbit/s (SDK).
const DEFAULT_BANDWIDTH: i64 = 10;
/// The most bandwidth of a shared load balancer, and of one with an LCU specification (SDK).
const MOST_BANDWIDTH_SHARED: i64 = 2048;
const MOST_BANDWIDTH_LCU: i64 = 61440;
/// LCU specifications (SDK); empty is shared.
pub(super) const SLA_TYPES: [&str; 8] = [
    "",
    "clb.c2.medium",
    "clb.c3.small",
    "clb.c3.medium",
    "clb.c4.small",
    "clb.c4.medium",
    "clb.c4.large",
    "clb.c4.xlarge",
];

/// How the traffic of a postpaid load balancer is paid (SDK).
const CHARGE_TYPES: [&str; 3] = ["TRAFFIC_POSTPAID_BY_HOUR", "BANDWIDTH_POSTPAID_BY_HOUR", BANDWIDTH_PACKAGE];
const BANDWIDTH_PACKAGE: &str = "BANDWIDTH_PACKAGE";
/// What the carrier of an internal address is called (SDK).
const NO_CARRIER: &str = "INTERNAL";
/// SwitchFlag for another way to pay a postpaid load balancer (SDK).
const SWITCH_POSTPAID: u64 = 2;

/// What a request says about new load balancers.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields of `LoadBalancer`, unchecked")]
pub struct LoadBalancerDraft {
    pub exposure: String,
    pub forward: Option<i64>,
    pub name: Option<String>,
    pub vpc_id: Option<String>,
    pub subnet_id: Option<String>,
    pub project_id: Option<u64>,
    pub ip_version: Option<String>,
    /// How many.
    pub count: Option<u64>,
    /// `POSTPAID_BY_HOUR`.
    pub charge_kind: Option<String>,
    pub charge_type: Option<String>,
    pub bandwidth: Option<i64>,
    pub isp: Option<String>,
    pub sla_type: Option<String>,
    pub pass_to_target: Option<bool>,
    pub snat_pro: Option<bool>,
    /// By name or number.
    pub zone: Option<String>,
    pub backup_zone: Option<String>,
    /// A wanted address.
    pub vip: Option<String>,
    pub client_token: Option<String>,
    pub tags: Tags,
}

/// What is valid of it.
pub(super) struct LoadBalancerSpec {
    pub count: usize,
    pub name: Option<String>,
    pub vip: Option<Ipv4Addr>,
    exposure: Exposure,
    placement: Placement,
    ip_version: IpVersion,
    pass_to_target: bool,
    bandwidth: u32,
    charge_type: String,
    isp: String,
    sla_type: String,
    project_id: u64,
    snat_pro: bool,
    zone: Zone,
    backup_zone: Option<Zone>,
}

impl LoadBalancerDraft {
    pub(super) fn check(&self, region: &Region, quotas: &Quotas) -> Result<LoadBalancerSpec, Refusal> {
        let exposure = self.check_exposure()?;
        let ip_version = self.check_ip_version(exposure)?;
        let sla_type = self.check_sla_type()?;
        self.check_limits()?;
        let count = self.check_count()?;
        let name = self.name.as_deref().map(|text| name::check(text, name::LOAD_BALANCER)).transpose()?;
        let bandwidth = check_bandwidth(self.bandwidth, !sla_type.is_empty())?;
        let (charge_type, isp) = self.check_charge(exposure)?;
        check_quotas(region, quotas, exposure, &isp, count)?;
        require(self.pass_to_target.is_none() || ip_version != IpVersion::V6FullChain, || {
            Refusal::new(Rule::LbIpv6RefusesPassToTarget).at(Field::PassToTarget)
        })?;
        let placement = self.check_placement(region, exposure, ip_version)?;
        let (zone, backup_zone) = self.check_zones(region, exposure, ip_version, &placement)?;
        Ok(LoadBalancerSpec {
            count,
            name,
            vip: self.check_vip(ip_version)?,
            exposure,
            placement,
            ip_version,
            pass_to_target: ip_version == IpVersion::V6FullChain || self.pass_to_target.unwrap_or_default(),
            bandwidth,
            charge_type,
            isp,
            sla_type,
            project_id: self.project_id.unwrap_or_default(),
            snat_pro: self.snat_pro.unwrap_or_default(),
            zone,
            backup_zone,
        })
    }

    fn check_exposure(&self) -> Result<Exposure, Refusal> {
        require(matches!(self.forward, None | Some(1)), || {
            Refusal::new(Rule::LbForwardOnlyCurrent).at(Field::Forward).given(self.forward.unwrap_or_default())
        })?;
        match self.exposure.as_str() {
            "OPEN" => Ok(Exposure::Open),
            "INTERNAL" => Ok(Exposure::Internal),
            other => Err(Refusal::new(Rule::LbTypeEnum).at(Field::Exposure).given(other)),
        }
    }

    fn check_ip_version(&self, exposure: Exposure) -> Result<IpVersion, Refusal> {
        let refused = |rule, given| Err(Refusal::new(rule).at(Field::IpVersion).given(given));
        let Some(given) = self.ip_version.as_deref() else { return Ok(IpVersion::V4) };
        let ip_version = match given.to_ascii_lowercase().as_str() {
            "ipv4" => IpVersion::V4,
            "ipv6" => IpVersion::Nat64,
            "ipv6fullchain" => IpVersion::V6FullChain,
            _ => return refused(Rule::LbIpVersionEnum, given),
        };
        if exposure == Exposure::Internal && ip_version != IpVersion::V4 {
            return refused(Rule::LbIpVersionPublicOnly, given);
        }
        Ok(ip_version)
    }

    fn check_sla_type(&self) -> Result<String, Refusal> {
        let sla_type = self.sla_type.clone().unwrap_or_default();
        require(SLA_TYPES.contains(&sla_type.as_str()), || {
            Refusal::new(Rule::LbSlaTypeEnum).at(Field::SlaType).given(&sla_type)
        })?;
        Ok(sla_type)
    }

    fn check_limits(&self) -> Result<(), Refusal> {
        let tags = self.tags.0.len();
        require(tags <= MOST_TAGS, || Refusal::new(Rule::LbTagsMax20).at(Field::Tags).given(tags))?;
        let token = self.client_token.as_deref().unwrap_or_default();
        require(token.is_ascii() && token.len() <= LONGEST_TOKEN, || {
            Refusal::new(Rule::LbClientTokenMax64).at(Field::ClientToken).given(token)
        })
    }

    fn check_count(&self) -> Result<usize, Refusal> {
        let wanted = self.count.unwrap_or(1);
        let count = usize::try_from(wanted).ok().filter(|_| (1..=MOST_IN_A_CALL).contains(&wanted));
        count.ok_or_else(|| {
            let given = if wanted == 0 { "0, and one is needed".to_owned() } else { wanted.to_string() };
            Refusal::new(Rule::LbNumberMax20).at(Field::Count).given(given)
        })
    }

    /// How traffic is paid, and the carrier: a single carrier goes with a bandwidth package only.
    fn check_charge(&self, exposure: Exposure) -> Result<(String, String), Refusal> {
        let charge_type = self.charge_type.as_deref().unwrap_or(CHARGE_TYPES[0]);
        let isp = match exposure {
            Exposure::Open => self.isp.as_deref().unwrap_or("BGP"),
            Exposure::Internal => NO_CARRIER,
        };
        let postpaid = self.charge_kind.as_deref().is_none_or(|kind| matches!(kind, "" | "POSTPAID_BY_HOUR"));
        require(postpaid, || {
            Refusal::new(Rule::LbChargeKindEnum).at(Field::ChargeKind).given(self.charge_kind.as_deref().unwrap_or(""))
        })?;
        let known = exposure == Exposure::Internal || isp == "BGP" || is_single_carrier(isp);
        require(known, || Refusal::new(Rule::LbVipIspEnum).at(Field::Isp).given(isp))?;
        check_charge_type(charge_type, isp)?;
        Ok((charge_type.to_owned(), isp.to_owned()))
    }

    /// The zone, and the one that stands in for it. An internal address is in the zone of its subnet.
    fn check_zones(
        &self,
        region: &Region,
        exposure: Exposure,
        ip_version: IpVersion,
        placement: &Placement,
    ) -> Result<(Zone, Option<Zone>), Refusal> {
        let check = |field, given: &Option<String>| {
            let Some(given) = given.as_deref().filter(|given| !given.is_empty()) else { return Ok(None) };
            let refused = |rule| Refusal::new(rule).at(field).given(given);
            let public_ipv4 = exposure == Exposure::Open && ip_version == IpVersion::V4;
            require(public_ipv4, || refused(Rule::LbZonePublicIpv4Only))?;
            Zone::parse(&region.name, given).map(Some).ok_or_else(|| refused(Rule::LbZoneMustExist))
        };
        let (zone, backup_zone) = (check(Field::MasterZone, &self.zone)?, check(Field::BackupZone, &self.backup_zone)?);
        let of_subnet = || match placement {
            Placement::Vpc { subnet_id: Some(id), .. } => {
                region.network.subnet(id.as_str()).and_then(|subnet| Zone::parse(&region.name, &subnet.zone))
            }
            _ => None,
        };
        Ok((zone.or_else(of_subnet).unwrap_or_default(), backup_zone))
    }

    fn check_vip(&self, ip_version: IpVersion) -> Result<Option<Ipv4Addr>, Refusal> {
        let Some(given) = self.vip.as_deref() else { return Ok(None) };
        let refused = |rule| Refusal::new(rule).at(Field::Vip).given(given);
        require(ip_version != IpVersion::Nat64, || refused(Rule::LbVipNotOnNat64))?;
        given.parse().map(Some).map_err(|_| refused(Rule::LbVipInsideSubnet))
    }

    fn check_placement(
        &self,
        region: &Region,
        exposure: Exposure,
        ip_version: IpVersion,
    ) -> Result<Placement, Refusal> {
        let missing = |rule, field| Refusal::new(rule).at(field);
        let subnet = match (exposure, ip_version, self.subnet_id.as_deref()) {
            (Exposure::Internal, _, None) => {
                let vpc_given = self.vpc_id.is_some();
                require(vpc_given, || missing(Rule::LbInternalNeedsVpc, Field::VpcId))?;
                return Err(missing(Rule::LbInternalNeedsSubnet, Field::SubnetId));
            }
            (_, IpVersion::V6FullChain, None) => {
                return Err(missing(Rule::LbIpv6FullchainNeedsSubnet, Field::SubnetId));
            }
            (Exposure::Open, IpVersion::V4, Some(given)) => {
                return Err(missing(Rule::LbPublicIpv4RefusesSubnet, Field::SubnetId).given(given));
            }
            (_, _, subnet) => subnet,
        };
        require(exposure == Exposure::Open || self.vpc_id.is_some(), || {
            missing(Rule::LbInternalNeedsVpc, Field::VpcId)
        })?;
        let unknown = |field, given: &str| Refusal::new(Rule::LbVpcAndSubnetMustExist).at(field).given(given);
        let vpc = match self.vpc_id.as_deref() {
            Some(id) => region.network.vpc(id).ok_or_else(|| unknown(Field::VpcId, id))?,
            None => region.network.default_vpc().ok_or_else(|| unknown(Field::VpcId, "no default VPC"))?,
        };
        let subnet_id = subnet
            .map(|id| {
                region
                    .network
                    .subnet(id)
                    .filter(|subnet| subnet.vpc_id == vpc.id)
                    .map(|subnet| SubnetId::from(subnet.id.as_str()))
                    .ok_or_else(|| unknown(Field::SubnetId, id))
            })
            .transpose()?;
        Ok(Placement::Vpc { vpc_id: vpc.id.clone(), subnet_id })
    }
}

/// Whether the address belongs to one carrier.
pub(super) fn is_single_carrier(isp: &str) -> bool {
    matches!(isp, "CMCC" | "CUCC" | "CTCC")
}

/// How traffic is paid: a single carrier goes with a bandwidth package only.
fn check_charge_type(charge_type: &str, isp: &str) -> Result<(), Refusal> {
    let refused = |rule| Refusal::new(rule).at(Field::ChargeType).given(charge_type);
    require(CHARGE_TYPES.contains(&charge_type), || refused(Rule::LbChargeTypeEnum))?;
    let fits = !is_single_carrier(isp) || charge_type == BANDWIDTH_PACKAGE;
    require(fits, || refused(Rule::LbSingleIspNeedsBandwidthPackage))
}

fn check_quotas(region: &Region, quotas: &Quotas, exposure: Exposure, isp: &str, count: usize) -> Result<(), Refusal> {
    let (quota, rule) = match exposure {
        Exposure::Open => (Quota::PublicLoadBalancers, Rule::LbQuotaPublic),
        Exposure::Internal => (Quota::InternalLoadBalancers, Rule::LbQuotaInternal),
    };
    let present = region.load_balancers().filter(|present| present.exposure == exposure).count();
    quotas.check(quota, present + count, rule, Field::Count)?;
    if is_single_carrier(isp) {
        let present = region.load_balancers().filter(|present| is_single_carrier(&present.isp)).count();
        quotas.check(Quota::CarrierLoadBalancers, present + count, Rule::LbQuotaCarrier, Field::Count)?;
    }
    Ok(())
}

fn check_bandwidth(given: Option<i64>, lcu: bool) -> Result<u32, Refusal> {
    let value = given.unwrap_or(DEFAULT_BANDWIDTH);
    let (most, rule) = if lcu {
        (MOST_BANDWIDTH_LCU, Rule::LbBandwidthRangeLcu)
    } else {
        (MOST_BANDWIDTH_SHARED, Rule::LbBandwidthRangeShared)
    };
    u32::try_from(value)
        .ok()
        .filter(|_| (1..=most).contains(&value))
        .ok_or_else(|| Refusal::new(rule).at(Field::Bandwidth).given(value))
}

impl LoadBalancerSpec {
    /// A load balancer at `vip`, or at `ipv6` where it has an address of IPv6.
    pub(super) fn make(
        &self,
        id: LoadBalancerId,
        name: String,
        vip: Ipv4Addr,
        ipv6: Option<Ipv6Addr>,
        now: Timestamp,
    ) -> LoadBalancer {
        LoadBalancer {
            id,
            name,
            exposure: self.exposure,
            kind: Kind::Current,
            placement: self.placement.clone(),
            ip_version: self.ip_version,
            vip,
            ipv6: ipv6.filter(|_| self.ip_version == IpVersion::Nat64),
            phase: Phase::Creating,
            pass_to_target: self.pass_to_target,
            delete_protection: false,
            bandwidth: self.bandwidth,
            charge_type: self.charge_type.clone(),
            isp: self.isp.clone(),
            sla_type: self.sla_type.clone(),
            project_id: self.project_id,
            security_groups: Vec::new(),
            snat_pro: self.snat_pro,
            zone: self.zone,
            backup_zone: self.backup_zone,
            access_log: None,
            health_log: None,
            endpoint: String::new(),
            created_at: now,
            status_at: now,
            listeners: BTreeMap::new(),
        }
    }
}

/// What a request changes of a load balancer; what is absent stays.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields of `LoadBalancer`, unchecked")]
pub struct LoadBalancerChange {
    pub name: Option<String>,
    pub pass_to_target: Option<bool>,
    pub delete_protection: Option<bool>,
    pub charge_type: Option<String>,
    pub bandwidth: Option<i64>,
    pub snat_pro: Option<bool>,
    /// 0 for nothing, 2 for another way to pay; 1 (prepaid) is for the door to refuse.
    pub switch_flag: Option<u64>,
    pub target_region: Option<TargetRegion>,
    /// Empty for none.
    pub endpoint: Option<String>,
}

/// Where backends are to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetRegion {
    /// The region's name.
    pub region: String,
    /// The VPC.
    pub vpc_id: String,
}

impl LoadBalancerChange {
    /// Whether the change is an order: it is paid in another way then.
    pub(super) fn is_order(&self, before: &LoadBalancer) -> bool {
        self.charge_type.as_ref().is_some_and(|wanted| *wanted != before.charge_type)
    }

    /// The load balancer as the change leaves it.
    pub(super) fn check(&self, before: &LoadBalancer, region: &Region) -> Result<LoadBalancer, Refusal> {
        self.check_target_region(before, region)?;
        let mut after = before.clone();
        if let Some(text) = &self.name {
            after.name = name::check(text, name::LOAD_BALANCER)?;
        }
        if let Some(pass_to_target) = self.pass_to_target {
            require(before.ip_version != IpVersion::V6FullChain, || {
                Refusal::new(Rule::LbIpv6RefusesPassToTarget).at(Field::PassToTarget)
            })?;
            after.pass_to_target = pass_to_target;
        }
        after.delete_protection = self.delete_protection.unwrap_or(before.delete_protection);
        after.snat_pro = self.snat_pro.unwrap_or(before.snat_pro);
        if let Some(endpoint) = &self.endpoint {
            check_endpoint(endpoint)?;
            after.endpoint.clone_from(endpoint);
        }
        let switches = self.switch_flag == Some(SWITCH_POSTPAID);
        let known = self.switch_flag.is_none_or(|flag| flag <= SWITCH_POSTPAID);
        require(known && (!switches || self.charge_type.is_some()), || {
            Refusal::new(Rule::LbSwitchFlag).at(Field::SwitchFlag).given(self.switch_flag.unwrap_or_default())
        })?;
        if let Some(charge_type) = &self.charge_type {
            check_charge_type(charge_type, &before.isp)?;
            after.charge_type.clone_from(charge_type);
        }
        if self.bandwidth.is_some() {
            after.bandwidth = check_bandwidth(self.bandwidth, before.is_lcu())?;
        }
        Ok(after)
    }

    /// Backends are in the load balancer's own region and VPC: cross-region binding 1.0 is not simulated.
    fn check_target_region(&self, before: &LoadBalancer, region: &Region) -> Result<(), Refusal> {
        let Some(TargetRegion { region: name, vpc_id }) = &self.target_region else { return Ok(()) };
        let own = *name == region.name && before.vpc_id().map_or("", |id| id.as_str()) == vpc_id;
        require(own, || {
            Refusal::new(Rule::LbTargetRegionOwn).at(Field::TargetRegion).given(format_args!("{name}, {vpc_id}"))
        })
    }
}

/// A VPC endpoint's id: `vpce-` and eight lower-case alphanumerics (SDK sample); empty for none.
fn check_endpoint(id: &str) -> Result<(), Refusal> {
    let shaped = id.strip_prefix("vpce-").is_some_and(|rest| {
        rest.len() == 8 && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    });
    require(id.is_empty() || shaped, || Refusal::new(Rule::LbEndpointFormat).at(Field::Endpoint).given(id))
}
