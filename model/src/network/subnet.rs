//! The verbs on subnets.

use std::sync::Arc;

use super::{Network, Subnet, check_cidr, check_name, check_switch};
use crate::address_range::AddressRange;
use crate::id::{SubnetId, VpcId};
use crate::load_balancer::{LoadBalancer, Placement};
use crate::refusal::{Field, Refusal, require};
use crate::region::Region;
use crate::rules::Rule;
use crate::tag::{ResourceName, Tags};
use crate::task::Occasion;
use crate::world::World;

/// The shortest and the longest prefix of a subnet (SDK).
const PREFIXES: std::ops::RangeInclusive<u8> = 16..=28;
/// The most subnets of a VPC; the figure is ours.
const MOST_PER_VPC: usize = 100;
/// Addresses of a subnet that nobody is given: the first two and the last. The figure is ours.
const RESERVED: u64 = 3;

/// What a request says about a new subnet.
#[derive(Clone, Debug, Default)]
pub struct SubnetDraft {
    /// The VPC it is part of.
    pub vpc_id: String,
    /// Its name.
    pub name: String,
    /// Its range.
    pub cidr: Option<String>,
    /// Its zone.
    pub zone: String,
    /// Tags to set.
    pub tags: Tags,
}

/// What a request says about a subnet that is there; what it does not say stays.
#[derive(Clone, Debug, Default)]
pub struct SubnetChange {
    /// Its name.
    pub name: Option<String>,
    /// `true` or `false`.
    pub broadcast: Option<String>,
}

impl World {
    /// Makes a subnet.
    pub fn create_subnet(
        &mut self,
        region: &str,
        draft: &SubnetDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<SubnetId, Refusal> {
        let region = self.region_mut(region)?;
        let (vpc_id, name, cidr) = region.check_subnet(draft)?;
        let id = loop {
            let id = SubnetId::from_random(occasion.chance.bits());
            if !region.network.subnets.contains_key(&id) {
                break id;
            }
        };
        region.network.add_subnet(Subnet {
            id: id.clone(),
            vpc_id,
            name,
            cidr,
            zone: draft.zone.clone(),
            broadcast: false,
            created_at: occasion.now,
        });
        self.set_new_tags(ResourceName::subnet(&id), &draft.tags);
        Ok(id)
    }

    /// Changes what a request says of a subnet.
    pub fn modify_subnet(&mut self, region: &str, id: &str, change: &SubnetChange) -> Result<(), Refusal> {
        let network = &mut self.region_mut(region)?.network;
        let subnet = network.subnets.get_mut(&SubnetId::from(id));
        let subnet = subnet.ok_or_else(|| not_found(id, Rule::VpcMustExist))?;
        let name = change.name.as_deref().map(|name| check_name(name, Rule::SubnetNameMax60Bytes, Field::SubnetName));
        let name = name.transpose()?;
        let broadcast = check_switch(change.broadcast.as_deref(), Field::EnableBroadcast)?;
        let subnet = Arc::make_mut(subnet);
        subnet.name = name.unwrap_or_else(|| subnet.name.clone());
        subnet.broadcast = broadcast.unwrap_or(subnet.broadcast);
        Ok(())
    }

    /// Gives a subnet another route table. A VPC has but its main one, so this is the one it has already, or none that is
    /// there.
    pub fn replace_route_table(&mut self, region: &str, subnet: &str, route_table: &str) -> Result<(), Refusal> {
        let network = &self.region(region)?.network;
        let subnet = network.known_subnet(subnet, Rule::VpcMustExist)?;
        let vpc = network.known_vpc(subnet.vpc_id.as_str(), Rule::VpcMustExist)?;
        require(vpc.main_route_table().as_str() == route_table, || {
            Refusal::new(Rule::RouteTableNotFound).at(Field::RouteTableId).given(route_table)
        })
    }

    /// Deletes a subnet that nothing is in.
    pub fn delete_subnet(&mut self, region: &str, id: &str) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        let subnet = region.network.known_subnet(id, Rule::VpcNotFound)?.id.clone();
        if let Some(user) = region.users_of_subnet(&subnet).next() {
            return Err(Refusal::new(Rule::SubnetInUse)
                .at(Field::SubnetId)
                .given(format_args!("{id}, which {user} is in")));
        }
        region.network.subnets.remove(&subnet);
        self.tags.remove(&ResourceName::subnet(&subnet));
        Ok(())
    }
}

impl Region {
    /// VPC, name and range of a draft that obeys the rules.
    fn check_subnet(&self, draft: &SubnetDraft) -> Result<(VpcId, String, AddressRange), Refusal> {
        let vpc = self.network.known_vpc(&draft.vpc_id, Rule::VpcMustExist)?;
        let name = check_name(&draft.name, Rule::SubnetNameMax60Bytes, Field::SubnetName)?;
        require(self.has_zone(&draft.zone), || {
            Refusal::new(Rule::SubnetZoneMustFit).at(Field::Zone).given(format_args!("{:?}", draft.zone))
        })?;
        let text = draft.cidr.as_deref().filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| Refusal::new(Rule::VpcCidrRequired).at(Field::CidrBlock))?;
        let cidr = check_cidr(text)?;
        require(PREFIXES.contains(&cidr.prefix()) && vpc.cidrs().any(|it| it.covers(&cidr)), || {
            Refusal::new(Rule::SubnetInsideVpc).at(Field::CidrBlock).given(text)
        })?;
        let mut others = self.network.subnets_of(&vpc.id);
        if let Some(other) = others.find(|other| other.cidr.overlaps(&cidr)) {
            return Err(Refusal::new(Rule::SubnetNoOverlap)
                .at(Field::CidrBlock)
                .given(format_args!("{text}, and {} has {}", other.id, other.cidr)));
        }
        let count = self.network.subnets_of(&vpc.id).count();
        require(count < MOST_PER_VPC, || Refusal::new(Rule::SubnetQuota).at(Field::VpcId).given(count))?;
        draft.tags.check()?;
        Ok((vpc.id.clone(), name, cidr))
    }

    /// What is in the subnet.
    fn users_of_subnet<'a>(&'a self, subnet: &'a SubnetId) -> impl Iterator<Item = String> + 'a {
        let instances = self.network.instances().filter(move |it| it.subnet_id == *subnet);
        let load_balancers = self.load_balancers().filter(move |it| is_in(it, subnet));
        instances.map(|it| it.id.to_string()).chain(load_balancers.map(|it| it.id.to_string()))
    }

    /// How many addresses of a subnet can be given away, and how many of these are free.
    pub fn addresses_of(&self, subnet: &Subnet) -> (u64, u64) {
        let total = subnet.cidr.size().saturating_sub(RESERVED);
        (total, total.saturating_sub(self.users_of_subnet(&subnet.id).count() as u64))
    }
}

fn is_in(load_balancer: &LoadBalancer, subnet: &SubnetId) -> bool {
    matches!(&load_balancer.placement, Placement::Vpc { subnet_id: Some(its), .. } if its == subnet)
}

impl Network {
    /// The subnet with that id. Which rule names an unknown one depends on the action.
    pub fn known_subnet(&self, id: &str, unknown: Rule) -> Result<&Subnet, Refusal> {
        self.subnet(id).ok_or_else(|| not_found(id, unknown))
    }
}

fn not_found(id: &str, unknown: Rule) -> Refusal {
    Refusal::new(unknown).at(Field::SubnetId).given(id)
}
