//! VPCs, subnets and instances, as they are stored.

use std::net::IpAddr;

use clb_model::address_range::AddressRange;
use clb_model::id::{InstanceId, SecurityGroupId, SubnetId, VpcId};
use clb_model::network::{Instance, Subnet, Vpc};
use clb_model::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use super::written::{List, Text, Time, record};

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Vpc", deny_unknown_fields)]
pub struct VpcRecord {
    #[serde_as(as = "Text")]
    id: VpcId,
    name: String,
    #[serde_as(as = "DisplayFromStr")]
    cidr: AddressRange,
    #[serde_as(as = "List<DisplayFromStr>")]
    assistant_cidrs: Vec<AddressRange>,
    is_default: bool,
    multicast: bool,
    dns_servers: Vec<IpAddr>,
    domain_name: String,
    #[serde_as(as = "Time")]
    created_at: Timestamp,
}
record!(VpcRecord of Vpc);

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Subnet", deny_unknown_fields)]
pub struct SubnetRecord {
    #[serde_as(as = "Text")]
    id: SubnetId,
    #[serde_as(as = "Text")]
    vpc_id: VpcId,
    name: String,
    #[serde_as(as = "DisplayFromStr")]
    cidr: AddressRange,
    zone: String,
    broadcast: bool,
    #[serde_as(as = "Time")]
    created_at: Timestamp,
}
record!(SubnetRecord of Subnet);

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Instance", deny_unknown_fields)]
pub struct InstanceRecord {
    #[serde_as(as = "Text")]
    id: InstanceId,
    name: String,
    #[serde_as(as = "Text")]
    vpc_id: VpcId,
    #[serde_as(as = "Text")]
    subnet_id: SubnetId,
    zone: String,
    primary_ip: IpAddr,
    #[serde_as(as = "List<Text>")]
    security_groups: Vec<SecurityGroupId>,
    #[serde_as(as = "Time")]
    created_at: Timestamp,
}
record!(InstanceRecord of Instance);
