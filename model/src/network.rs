//! Networks: VPCs, subnets, and the instances in them. Instances come from a seed; VPCs and subnets are made and unmade
//! here. Each VPC has one route table, its main one, which holds nothing but the local route.

mod subnet;
mod vpc;
mod zone;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

pub use subnet::{SubnetChange, SubnetDraft};
pub use vpc::{VpcChange, VpcDraft};
pub use zone::Zone;

use crate::address_range::AddressRange;
use crate::id::{InstanceId, RouteTableId, SecurityGroupId, SubnetId, VpcId};
use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;
use crate::time::Timestamp;

/// The most bytes of a VPC's and of a subnet's name (SDK).
const LONGEST_NAME: usize = 60;

/// What a region has of networks.
#[derive(Clone, Debug, Default)]
pub struct Network {
    pub(crate) vpcs: BTreeMap<VpcId, Arc<Vpc>>,
    pub(crate) subnets: BTreeMap<SubnetId, Arc<Subnet>>,
    pub(crate) instances: BTreeMap<InstanceId, Arc<Instance>>,
}

/// A private network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpc {
    /// Its id.
    pub id: VpcId,
    /// Its name.
    pub name: String,
    /// Its IPv4 range, such as `10.0.0.0/16`.
    pub cidr: AddressRange,
    /// Further IPv4 ranges (`AssistantCidrSet`).
    pub assistant_cidrs: Vec<AddressRange>,
    /// Whether a public load balancer without a VPC goes here.
    pub is_default: bool,
    /// Whether multicast is on.
    pub multicast: bool,
    /// DNS servers its machines are told of, at most four.
    pub dns_servers: Vec<IpAddr>,
    /// Domain its machines are told of; empty for none.
    pub domain_name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A part of a VPC in one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// The VPC it is part of.
    pub vpc_id: VpcId,
    /// Its name.
    pub name: String,
    /// Its IPv4 range, inside one of the VPC's.
    pub cidr: AddressRange,
    /// Its zone, such as `ap-guangzhou-3`.
    pub zone: String,
    /// Whether broadcast is on.
    pub broadcast: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A machine that can be bound as a backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// Its name.
    pub name: String,
    /// The VPC it is in.
    pub vpc_id: VpcId,
    /// The subnet it is in.
    pub subnet_id: SubnetId,
    /// Its zone.
    pub zone: String,
    /// Primary address of its main network interface: what a binding by instance id stands for (SDK).
    pub primary_ip: IpAddr,
    /// Security groups of its main interface.
    pub security_groups: Vec<SecurityGroupId>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Vpc {
    /// A VPC with nothing but a name and a range.
    pub fn new(id: VpcId, name: &str, cidr: AddressRange, created_at: Timestamp) -> Self {
        Self {
            id,
            name: name.to_owned(),
            cidr,
            assistant_cidrs: Vec::new(),
            is_default: false,
            multicast: false,
            dns_servers: Vec::new(),
            domain_name: String::new(),
            created_at,
        }
    }

    /// Its main route table. The platform gives it an id of its own; here the id is the VPC's with another prefix.
    pub fn main_route_table(&self) -> RouteTableId {
        let id = self.id.as_str();
        RouteTableId::from(format!("{}{}", RouteTableId::PREFIX, id.strip_prefix(VpcId::PREFIX).unwrap_or(id)))
    }

    /// Its ranges, the first one first.
    pub fn cidrs(&self) -> impl Iterator<Item = &AddressRange> {
        std::iter::once(&self.cidr).chain(&self.assistant_cidrs)
    }
}

impl Network {
    /// Adds a VPC, or replaces the one with its id.
    pub fn add_vpc(&mut self, vpc: Vpc) {
        self.vpcs.insert(vpc.id.clone(), Arc::new(vpc));
    }

    /// Adds a subnet, or replaces the one with its id.
    pub fn add_subnet(&mut self, subnet: Subnet) {
        self.subnets.insert(subnet.id.clone(), Arc::new(subnet));
    }

    /// Adds an instance, or replaces the one with its id.
    pub fn add_instance(&mut self, instance: Instance) {
        self.instances.insert(instance.id.clone(), Arc::new(instance));
    }

    /// Every VPC, by id.
    pub fn vpcs(&self) -> impl Iterator<Item = &Vpc> {
        self.vpcs.values().map(Arc::as_ref)
    }

    /// Every subnet, by id.
    pub fn subnets(&self) -> impl Iterator<Item = &Subnet> {
        self.subnets.values().map(Arc::as_ref)
    }

    /// The subnets of a VPC.
    pub fn subnets_of<'a>(&'a self, vpc: &'a VpcId) -> impl Iterator<Item = &'a Subnet> {
        self.subnets().filter(move |subnet| subnet.vpc_id == *vpc)
    }

    /// Every instance, by id.
    pub fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.instances.values().map(Arc::as_ref)
    }

    /// The VPC with that id.
    pub fn vpc(&self, id: &str) -> Option<&Vpc> {
        self.vpcs.get(&VpcId::from(id)).map(Arc::as_ref)
    }

    /// The subnet with that id.
    pub fn subnet(&self, id: &str) -> Option<&Subnet> {
        self.subnets.get(&SubnetId::from(id)).map(Arc::as_ref)
    }

    /// The instance with that id.
    pub fn instance(&self, id: &str) -> Option<&Instance> {
        self.instances.get(&InstanceId::from(id)).map(Arc::as_ref)
    }

    /// The VPC for public load balancers that name none.
    pub fn default_vpc(&self) -> Option<&Vpc> {
        self.vpcs().find(|vpc| vpc.is_default)
    }
}

/// A range as networks have it: IPv4, with a prefix, and an address that has no bits beyond it.
fn check_cidr(text: &str) -> Result<AddressRange, Refusal> {
    let refused = || Refusal::new(Rule::NetworkCidrFormat).at(Field::CidrBlock).given(format_args!("{text:?}"));
    let range: AddressRange = text.parse().map_err(|_| refused())?;
    require(range.is_ipv4() && range.to_string() == text, refused)?;
    Ok(range)
}

/// The name of a VPC or a subnet.
fn check_name(name: &str, rule: Rule, field: Field) -> Result<String, Refusal> {
    require(name.len() <= LONGEST_NAME, || Refusal::new(rule).at(field).given(format_args!("{} bytes", name.len())))?;
    Ok(name.to_owned())
}

/// Switches are written as words.
fn check_switch(text: Option<&str>, field: Field) -> Result<Option<bool>, Refusal> {
    match text {
        None | Some("") => Ok(None),
        Some(word) if word.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(word) if word.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(other) => Err(Refusal::new(Rule::NetworkSwitchWords).at(field).given(format_args!("{other:?}"))),
    }
}
