//! The verbs on VPCs.

use std::net::IpAddr;
use std::sync::Arc;

use super::{Network, Vpc, check_cidr, check_name, check_switch};
use crate::address_range::AddressRange;
use crate::id::VpcId;
use crate::refusal::{Field, Refusal, require};
use crate::region::Region;
use crate::rules::Rule;
use crate::tag::{ResourceName, Tags};
use crate::task::Occasion;
use crate::world::World;

/// The ranges that a VPC lies in (SDK).
const PRIVATE: [&str; 3] = ["10.0.0.0/12", "172.16.0.0/12", "192.168.0.0/16"];
/// The longest prefix of a VPC (SDK).
const SMALLEST: u8 = 28;
/// The most DNS servers of a VPC (SDK).
const MOST_DNS_SERVERS: usize = 4;
/// The most VPCs of a region; there is such a bound (INTL 215/15774), the figure is ours.
const MOST: usize = 20;
/// The most assistant ranges of a VPC; our bound.
const MOST_ASSISTANTS: usize = 10;
/// DNS servers of a VPC that names none (SDK samples).
const DNS_SERVERS: [[u8; 4]; 2] = [[183, 60, 83, 19], [183, 60, 82, 98]];

/// What a request says about a new VPC.
#[derive(Clone, Debug, Default)]
pub struct VpcDraft {
    /// Its name.
    pub name: String,
    /// Its range.
    pub cidr: Option<String>,
    /// `true` or `false`.
    pub multicast: Option<String>,
    /// Addresses.
    pub dns_servers: Vec<String>,
    /// A domain.
    pub domain_name: Option<String>,
    /// Tags to set.
    pub tags: Tags,
}

/// What a request says about a VPC that is there; what it does not say stays.
#[derive(Clone, Debug, Default)]
pub struct VpcChange {
    /// Its name.
    pub name: Option<String>,
    /// `true` or `false`.
    pub multicast: Option<String>,
    /// Addresses.
    pub dns_servers: Option<Vec<String>>,
    /// A domain.
    pub domain_name: Option<String>,
}

impl VpcDraft {
    fn check(&self) -> Result<Checked, Refusal> {
        let name = check_name(&self.name, Rule::VpcNameMax60Bytes, Field::VpcName)?;
        let text = self.cidr.as_deref().filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| Refusal::new(Rule::VpcCidrRequired).at(Field::CidrBlock))?;
        let cidr = check_range(text)?;
        self.tags.check()?;
        let dns_servers = if self.dns_servers.is_empty() {
            DNS_SERVERS.map(IpAddr::from).to_vec()
        } else {
            check_dns_servers(&self.dns_servers)?
        };
        let multicast = check_switch(self.multicast.as_deref(), Field::EnableMulticast)?.unwrap_or(false);
        Ok(Checked { name, cidr, dns_servers, multicast })
    }
}

struct Checked {
    name: String,
    cidr: AddressRange,
    dns_servers: Vec<IpAddr>,
    multicast: bool,
}

/// A range that a VPC may have.
fn check_range(text: &str) -> Result<AddressRange, Refusal> {
    let cidr = check_cidr(text)?;
    let private = PRIVATE.iter().filter_map(|it| it.parse::<AddressRange>().ok()).any(|it| it.covers(&cidr));
    require(private && cidr.prefix() <= SMALLEST, || {
        Refusal::new(Rule::VpcCidrRange).at(Field::CidrBlock).given(text)
    })?;
    Ok(cidr)
}

fn check_dns_servers(given: &[String]) -> Result<Vec<IpAddr>, Refusal> {
    require(given.len() <= MOST_DNS_SERVERS, || {
        Refusal::new(Rule::VpcDnsServersMax4).at(Field::DnsServers).given(given.len())
    })?;
    let parse = |(index, text): (usize, &String)| {
        let refused = |_| Refusal::new(Rule::VpcDnsServerFormat).at(Field::DnsServers).nth(index).given(text);
        text.parse().map_err(refused)
    };
    given.iter().enumerate().map(parse).collect()
}

impl World {
    /// Makes a VPC.
    pub fn create_vpc(
        &mut self,
        region: &str,
        draft: &VpcDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<VpcId, Refusal> {
        let network = &mut self.region_mut(region)?.network;
        let checked = draft.check()?;
        require(network.vpcs.len() < MOST, || Refusal::new(Rule::VpcQuota).given(network.vpcs.len()))?;
        let id = loop {
            let id = VpcId::from_random(occasion.chance.bits());
            if !network.vpcs.contains_key(&id) {
                break id;
            }
        };
        network.add_vpc(Vpc {
            multicast: checked.multicast,
            dns_servers: checked.dns_servers,
            domain_name: draft.domain_name.clone().unwrap_or_default(),
            ..Vpc::new(id.clone(), &checked.name, checked.cidr, occasion.now)
        });
        self.set_new_tags(ResourceName::vpc(&id), &draft.tags);
        Ok(id)
    }

    /// Changes what a request says of a VPC.
    pub fn modify_vpc(&mut self, region: &str, id: &str, change: &VpcChange) -> Result<(), Refusal> {
        let vpc = self.region_mut(region)?.network.vpc_mut(id)?;
        let name = change.name.as_deref().map(|name| check_name(name, Rule::VpcNameMax60Bytes, Field::VpcName));
        let name = name.transpose()?;
        let dns_servers = change.dns_servers.as_deref().map(check_dns_servers).transpose()?;
        let multicast = check_switch(change.multicast.as_deref(), Field::EnableMulticast)?;
        let vpc = Arc::make_mut(vpc);
        vpc.name = name.unwrap_or_else(|| vpc.name.clone());
        vpc.dns_servers = dns_servers.unwrap_or_else(|| vpc.dns_servers.clone());
        vpc.multicast = multicast.unwrap_or(vpc.multicast);
        vpc.domain_name = change.domain_name.clone().unwrap_or_else(|| vpc.domain_name.clone());
        Ok(())
    }

    /// Adds ranges to a VPC and takes others away.
    pub fn modify_assistant_cidrs(
        &mut self,
        region: &str,
        id: &str,
        add: &[String],
        remove: &[String],
    ) -> Result<(), Refusal> {
        let network = &mut self.region_mut(region)?.network;
        let vpc = network.known_vpc(id, Rule::VpcMustExist)?;
        let mut ranges = vpc.assistant_cidrs.clone();
        for text in remove {
            let range = check_cidr(text)?;
            let found = ranges.iter().position(|known| *known == range);
            let found =
                found.ok_or_else(|| Refusal::new(Rule::AssistantCidrNotFound).at(Field::CidrBlock).given(text))?;
            let used = network.subnets_of(&vpc.id).find(|subnet| range.covers(&subnet.cidr));
            if let Some(subnet) = used {
                return Err(Refusal::new(Rule::AssistantCidrInUse)
                    .at(Field::CidrBlock)
                    .given(format_args!("{text}, used by {}", subnet.id)));
            }
            ranges.remove(found);
        }
        for text in add {
            let range = check_range(text)?;
            require(!ranges.iter().chain([&vpc.cidr]).any(|known| known.overlaps(&range)), || {
                Refusal::new(Rule::AssistantCidrNoOverlap).at(Field::CidrBlock).given(text)
            })?;
            ranges.push(range);
        }
        require(ranges.len() <= MOST_ASSISTANTS, || Refusal::new(Rule::AssistantCidrQuota).given(ranges.len()))?;
        Arc::make_mut(network.vpc_mut(id)?).assistant_cidrs = ranges;
        Ok(())
    }

    /// Deletes a VPC that nothing is in.
    pub fn delete_vpc(&mut self, region: &str, id: &str) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        let vpc = region.network.known_vpc(id, Rule::VpcNotFound)?.id.clone();
        if let Some(user) = region.user_of_vpc(&vpc) {
            return Err(Refusal::new(Rule::VpcInUse).at(Field::VpcId).given(format_args!("{id}, which {user} is in")));
        }
        region.network.vpcs.remove(&vpc);
        self.tags.remove(&ResourceName::vpc(&vpc));
        Ok(())
    }
}

impl Network {
    /// The VPC with that id. Which rule names an unknown one depends on the action.
    pub fn known_vpc(&self, id: &str, unknown: Rule) -> Result<&Vpc, Refusal> {
        self.vpc(id).ok_or_else(|| not_found(id, unknown))
    }

    fn vpc_mut(&mut self, id: &str) -> Result<&mut Arc<Vpc>, Refusal> {
        self.vpcs.get_mut(&VpcId::from(id)).ok_or_else(|| not_found(id, Rule::VpcMustExist))
    }
}

fn not_found(id: &str, unknown: Rule) -> Refusal {
    Refusal::new(unknown).at(Field::VpcId).given(id)
}

impl Region {
    /// Something that is in the VPC, if anything is.
    fn user_of_vpc(&self, vpc: &VpcId) -> Option<String> {
        let subnet = self.network.subnets_of(vpc).map(|it| it.id.to_string()).next();
        let instance = || self.network.instances().find(|it| it.vpc_id == *vpc).map(|it| it.id.to_string());
        let load_balancer = || self.load_balancers().find(|it| it.vpc_id() == Some(vpc)).map(|it| it.id.to_string());
        subnet.or_else(instance).or_else(load_balancer)
    }
}
