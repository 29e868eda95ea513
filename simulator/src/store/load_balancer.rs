//! Load balancers, as they are stored. Their listeners have rows of their own.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use clb_model::id::{ListenerId, LoadBalancerId, SecurityGroupId, SubnetId, VpcId};
use clb_model::listener::Listener;
use clb_model::load_balancer::{Exposure, IpVersion, Kind, LoadBalancer, Phase, Placement};
use clb_model::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::serde_as;

use super::written::{List, Text, Time, record};

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "LoadBalancer", deny_unknown_fields)]
pub struct LoadBalancerRecord {
    #[serde_as(as = "Text")]
    id: LoadBalancerId,
    name: String,
    #[serde(with = "ExposureRecord")]
    exposure: Exposure,
    #[serde(with = "KindRecord")]
    kind: Kind,
    #[serde(with = "PlacementRecord")]
    placement: Placement,
    #[serde(with = "IpVersionRecord")]
    ip_version: IpVersion,
    vip: Ipv4Addr,
    #[serde(with = "PhaseRecord")]
    phase: Phase,
    pass_to_target: bool,
    delete_protection: bool,
    bandwidth: u32,
    charge_type: String,
    isp: String,
    sla_type: String,
    project_id: u64,
    #[serde_as(as = "List<Text>")]
    security_groups: Vec<SecurityGroupId>,
    #[serde_as(as = "Time")]
    created_at: Timestamp,
    #[serde(skip)]
    listeners: BTreeMap<ListenerId, Arc<Listener>>,
}
record!(LoadBalancerRecord of LoadBalancer);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Exposure", rename_all = "snake_case")]
enum ExposureRecord {
    Open,
    Internal,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Kind", rename_all = "snake_case")]
enum KindRecord {
    Current,
    Classic,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Placement", rename_all = "snake_case", deny_unknown_fields)]
enum PlacementRecord {
    Vpc {
        #[serde_as(as = "Text")]
        vpc_id: VpcId,
        #[serde_as(as = "Option<Text>")]
        subnet_id: Option<SubnetId>,
    },
    Basic,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "IpVersion", rename_all = "snake_case")]
enum IpVersionRecord {
    V4,
    Nat64,
    V6FullChain,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Phase", rename_all = "snake_case")]
enum PhaseRecord {
    Creating,
    Running,
}
