//! Load balancers: what they are, and the verbs on them.
//!
//! Classic load balancers and such in the basic network cannot be created (the platform takes no new ones), only be
//! there from the start. Listeners live in [`crate::listener`], backends in [`crate::binding`].

mod deletion;
mod draft;
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

pub use deletion::Deletions;
pub use draft::{LoadBalancerChange, LoadBalancerDraft, TargetRegion};
pub use settings::{LogKind, SpecificationChange};

use crate::client_token::ClientToken;
use crate::forwarding::BackendAddress;
use crate::id::{ListenerId, LoadBalancerId, SecurityGroupId, SubnetId, VpcId};
use crate::listener::Listener;
use crate::quota::Quota;
use crate::refusal::{Field, Refusal, require};
use crate::region::Region;
use crate::rules::Rule;
use crate::tag::ResourceName;
use crate::task::{DealName, Occasion, Work};
use crate::time::Timestamp;
use crate::world::World;
use crate::zone::Zone;

/// A load balancer.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadBalancer {
    /// Its id.
    pub id: LoadBalancerId,
    /// Its name.
    pub name: String,
    /// Public or private.
    pub exposure: Exposure,
    /// Current or classic kind.
    pub kind: Kind,
    /// Where it is.
    pub placement: Placement,
    /// Kind of its address.
    pub ip_version: IpVersion,
    /// Its address of IPv4, on this machine: where it is reached, unless it has one of IPv6, and where its own
    /// connections to backends come from.
    pub vip: Ipv4Addr,
    /// With NAT64, where the pool has such addresses: where it is reached.
    pub ipv6: Option<Ipv6Addr>,
    /// Whether it is ready.
    pub phase: Phase,
    /// Whether only its own security groups count, not those of backends.
    pub pass_to_target: bool,
    /// Whether it refuses to be deleted.
    pub delete_protection: bool,
    /// Outbound bandwidth in Mbit/s.
    pub bandwidth: u32,
    /// How traffic is paid, such as `TRAFFIC_POSTPAID_BY_HOUR`.
    pub charge_type: String,
    /// Carrier of its address, such as `BGP`.
    pub isp: String,
    /// LCU specification; empty for a shared one.
    pub sla_type: String,
    /// Project.
    pub project_id: u64,
    /// Bound security groups, in order.
    pub security_groups: Vec<SecurityGroupId>,
    /// Whether cross-region binding 2.0 is on.
    pub snat_pro: bool,
    /// Its zone, and that which stands in for it.
    pub zone: Zone,
    /// See `zone`.
    pub backup_zone: Option<Zone>,
    /// Where its access logs are to go. Nothing here writes any.
    pub access_log: Option<LogTopic>,
    /// Where the logs of its health checks are to go. Nothing here writes any.
    pub health_log: Option<LogTopic>,
    /// The VPC endpoint it is associated with; empty for none.
    pub endpoint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its phase changed.
    pub status_at: Timestamp,
    /// Shared with copies of the world, so that a copy costs little and what has changed since can be told by identity.
    pub listeners: BTreeMap<ListenerId, Arc<Listener>>,
}

/// A topic of the log service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTopic {
    /// The id of its log set.
    pub set_id: String,
    /// Its id.
    pub topic_id: String,
}

/// Public or private (`LoadBalancerType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// `OPEN`.
    Open,
    /// `INTERNAL`.
    Internal,
}

/// Current or classic (`Forward` 1 or 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Has every listener.
    Current,
    /// Old kind; no new ones are made.
    Classic,
}

/// Where a load balancer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// In a VPC.
    Vpc {
        /// The VPC of its backends.
        vpc_id: VpcId,
        /// The subnet of its address, when it has one.
        subnet_id: Option<SubnetId>,
    },
    /// In the basic (classic) network; no new ones are made.
    Basic,
}

/// Kind of address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpVersion {
    /// `IPV4`.
    V4,
    /// `IPV6`: IPv6 outside, translated to IPv4 (NAT64).
    Nat64,
    /// `IPv6FullChain`: IPv6 through to the backends.
    V6FullChain,
}

/// Whether a load balancer is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not yet.
    Creating,
    /// It is.
    Running,
}

impl LoadBalancer {
    /// A load balancer of a kind that cannot be created, with defaults for the rest.
    pub fn fixture(
        id: LoadBalancerId,
        name: &str,
        kind: Kind,
        placement: Placement,
        vip: Ipv4Addr,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            name: name.to_owned(),
            exposure: Exposure::Open,
            kind,
            placement,
            ip_version: IpVersion::V4,
            vip,
            ipv6: None,
            phase: Phase::Running,
            pass_to_target: false,
            delete_protection: false,
            bandwidth: 10,
            charge_type: "TRAFFIC_POSTPAID_BY_HOUR".to_owned(),
            isp: "BGP".to_owned(),
            sla_type: String::new(),
            project_id: 0,
            security_groups: Vec::new(),
            snat_pro: false,
            zone: Zone::default(),
            backup_zone: None,
            access_log: None,
            health_log: None,
            endpoint: String::new(),
            created_at: now,
            status_at: now,
            listeners: BTreeMap::new(),
        }
    }

    /// Whether both are alike in everything but their listeners.
    pub(crate) fn has_attributes_of(&self, other: &Self) -> bool {
        let Self {
            id,
            name,
            exposure,
            kind,
            placement,
            ip_version,
            vip,
            ipv6,
            phase,
            pass_to_target,
            delete_protection,
            bandwidth,
            charge_type,
            isp,
            sla_type,
            project_id,
            security_groups,
            snat_pro,
            zone,
            backup_zone,
            access_log,
            health_log,
            endpoint,
            created_at,
            status_at,
            listeners: _,
        } = self;
        *id == other.id
            && *name == other.name
            && *exposure == other.exposure
            && *kind == other.kind
            && *placement == other.placement
            && *ip_version == other.ip_version
            && *vip == other.vip
            && *ipv6 == other.ipv6
            && *phase == other.phase
            && *pass_to_target == other.pass_to_target
            && *delete_protection == other.delete_protection
            && *bandwidth == other.bandwidth
            && *charge_type == other.charge_type
            && *isp == other.isp
            && *sla_type == other.sla_type
            && *project_id == other.project_id
            && *security_groups == other.security_groups
            && *snat_pro == other.snat_pro
            && *zone == other.zone
            && *backup_zone == other.backup_zone
            && *access_log == other.access_log
            && *health_log == other.health_log
            && *endpoint == other.endpoint
            && *created_at == other.created_at
            && *status_at == other.status_at
    }

    /// Where clients reach it.
    pub fn address(&self) -> IpAddr {
        self.ipv6.map_or(IpAddr::V4(self.vip), IpAddr::V6)
    }

    /// Its listeners, by id.
    pub fn listeners(&self) -> impl Iterator<Item = &Listener> {
        self.listeners.values().map(Arc::as_ref)
    }

    /// The listener with that id.
    pub fn listener(&self, id: &str) -> Result<&Listener, Refusal> {
        self.listeners
            .get(&ListenerId::from(id))
            .map(Arc::as_ref)
            .ok_or_else(|| Refusal::new(Rule::ListenerNotFound).at(Field::ListenerId).given(id))
    }

    /// The VPC of its backends, when it is in one.
    pub fn vpc_id(&self) -> Option<&VpcId> {
        match &self.placement {
            Placement::Vpc { vpc_id, .. } => Some(vpc_id),
            Placement::Basic => None,
        }
    }

    /// Whether it has an LCU specification.
    pub fn is_lcu(&self) -> bool {
        !self.sla_type.is_empty()
    }

    /// How many bindings its listeners have.
    pub fn target_count(&self) -> usize {
        self.listeners().map(|listener| listener.bindings.len()).sum()
    }

    /// Where the other listeners of that one's protocol send connections.
    pub(crate) fn addresses_beside(&self, one: &Listener) -> BTreeSet<BackendAddress> {
        self.listeners()
            .filter(|listener| listener.id != one.id && listener.protocol == one.protocol)
            .flat_map(|listener| listener.bindings.iter().map(|binding| binding.address))
            .collect()
    }
}

/// What an order for load balancers gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The load balancers.
    pub load_balancers: Vec<LoadBalancerId>,
    /// The order's name; its task is known by it too.
    pub deal_name: DealName,
}

impl World {
    /// Creates load balancers, all alike. A repeated client token creates nothing and gives what the first call gave; an
    /// empty one is none, or two clients that both leave it empty would share a load balancer.
    pub fn create_load_balancers(
        &mut self,
        region_name: &str,
        draft: &LoadBalancerDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<Order, Refusal> {
        let quotas = self.quotas;
        let region = self.region_mut(region_name)?;
        let token = draft.client_token.as_deref().filter(|token| !token.is_empty());
        if let Some(token) = token
            && let Some(known) = region.client_tokens.get(token).cloned()
        {
            known.check(token, occasion.now)?;
            region.tasks.repeat(occasion, &known.task_id, known.created.clone());
            return Ok(Order { load_balancers: known.created.clone(), deal_name: known.deal_name.clone() });
        }
        let spec = draft.check(region, &quotas)?;
        let vips = take_vips(&spec, occasion)?;
        let mut ids = Vec::new();
        for vip in vips {
            let id = region.new_load_balancer_id(occasion);
            let name = match &spec.name {
                Some(name) if spec.count == 1 && !region.has_name(name) => name.clone(),
                // A name that is taken, or is meant for several, makes the platform choose another.
                _ => id.as_str().to_owned(),
            };
            let ipv6 = occasion.vips.ipv6_of(vip);
            region.add_load_balancer(spec.make(id.clone(), name, vip, ipv6, occasion.now));
            ids.push(id);
        }
        let deal_name = region.tasks.start_order(occasion, ids.clone(), Work::Creating);
        if let Some(token) = token {
            let known = ClientToken {
                created: ids.clone(),
                deal_name: deal_name.clone(),
                task_id: occasion.task_id.clone(),
                at: occasion.now,
                generation: occasion.generation,
            };
            region.client_tokens.remember(token.to_owned(), Arc::new(known));
        }
        for id in &ids {
            self.set_new_tags(ResourceName::load_balancer(id), &draft.tags);
        }
        Ok(Order { load_balancers: ids, deal_name })
    }

    /// Changes attributes of a load balancer; what is absent stays. Gives the order's name when it is paid in another way.
    pub fn modify_load_balancer(
        &mut self,
        region_name: &str,
        id: &str,
        change: &LoadBalancerChange,
        occasion: &mut Occasion<'_>,
    ) -> Result<Option<DealName>, Refusal> {
        if let Some(target) = &change.target_region {
            self.region(&target.region)?;
        }
        let region = self.region_mut(region_name)?;
        let id = region.idle_load_balancer(id, Rule::LbNotFoundListed, Rule::LbTaskLock)?;
        let before = region.load_balancer(id.as_str(), Rule::LbNotFoundListed)?;
        let after = change.check(before, region)?;
        let is_order = change.is_order(before);
        if after != *before {
            *region.load_balancer_mut(&id, Rule::LbNotFoundListed)? = after;
        }
        if is_order {
            return Ok(Some(region.tasks.start_order(occasion, vec![id], Work::Settings)));
        }
        region.tasks.start(occasion, vec![id]);
        Ok(None)
    }

    /// What of a quota a region uses; `None` where that has no meaning for a whole region.
    pub fn quota_used(&self, region: &str, quota: Quota) -> Result<Option<usize>, Refusal> {
        let region = self.region(region)?;
        let count = |counts: fn(&LoadBalancer) -> bool| Some(region.load_balancers().filter(|it| counts(it)).count());
        Ok(match quota {
            Quota::PublicLoadBalancers => count(|it| it.exposure == Exposure::Open),
            Quota::InternalLoadBalancers => count(|it| it.exposure == Exposure::Internal),
            Quota::CarrierLoadBalancers => count(|it| draft::is_single_carrier(&it.isp)),
            _ => None,
        })
    }
}

/// As many addresses as the spec wants, or none.
fn take_vips(spec: &draft::LoadBalancerSpec, occasion: &mut Occasion<'_>) -> Result<Vec<Ipv4Addr>, Refusal> {
    if let Some(vip) = spec.vip {
        let refused = |rule| Refusal::new(rule).at(Field::Vip).given(vip);
        require(occasion.vips.contains(vip), || refused(Rule::LbVipInsideSubnet))?;
        require(occasion.vips.take_exactly(vip), || refused(Rule::LbVipMustBeFree))?;
        return Ok(vec![vip]);
    }
    let vips: Vec<Ipv4Addr> = (0..spec.count).map_while(|_| occasion.vips.take()).collect();
    if vips.len() < spec.count {
        for vip in vips {
            occasion.vips.give_back(vip);
        }
        return Err(Refusal::new(Rule::LbVipPoolExhausted));
    }
    Ok(vips)
}

impl Region {
    /// Adds a load balancer, or replaces the one with its id: for fixtures that cannot be created.
    pub fn add_load_balancer(&mut self, load_balancer: LoadBalancer) {
        self.load_balancers.insert(load_balancer.id.clone(), Arc::new(load_balancer));
    }

    fn new_load_balancer_id(&self, occasion: &mut Occasion<'_>) -> LoadBalancerId {
        loop {
            let id = LoadBalancerId::from_random(occasion.chance.bits());
            if !self.load_balancers.contains_key(&id) {
                return id;
            }
        }
    }

    fn has_name(&self, name: &str) -> bool {
        self.load_balancers().any(|load_balancer| load_balancer.name == name)
    }
}
