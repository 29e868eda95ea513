//! Networks: VPCs, subnets and the instances in them. The model reads them; making them is a seed's business.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::id::{InstanceId, SecurityGroupId, SubnetId, VpcId};
use crate::time::Timestamp;

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
    pub cidr: String,
    /// Whether a public load balancer without a VPC goes here.
    pub is_default: bool,
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
    /// Its IPv4 range, inside the VPC's.
    pub cidr: String,
    /// Its zone, such as `ap-guangzhou-3`.
    pub zone: String,
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
