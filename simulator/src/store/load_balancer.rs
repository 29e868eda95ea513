//! Load balancers, as they are stored. Their listeners have rows of their own.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use clb_model::id::{ListenerId, LoadBalancerId, SecurityGroupId, SubnetId, VpcId};
use clb_model::listener::Listener;
use clb_model::load_balancer::{Exposure, IpVersion, Kind, LoadBalancer, LogTopic, Phase, Placement};
use clb_model::time::Timestamp;
use clb_model::zone::Zone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_with::{DeserializeAs, SerializeAs, serde_as};

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ipv6: Option<Ipv6Addr>,
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
    snat_pro: bool,
    #[serde_as(as = "Place")]
    zone: Zone,
    #[serde_as(as = "Option<Place>")]
    backup_zone: Option<Zone>,
    #[serde_as(as = "Option<LogTopicRecord>")]
    access_log: Option<LogTopic>,
    #[serde_as(as = "Option<LogTopicRecord>")]
    health_log: Option<LogTopic>,
    endpoint: String,
    #[serde_as(as = "Time")]
    created_at: Timestamp,
    #[serde_as(as = "Time")]
    status_at: Timestamp,
    #[serde(skip)]
    listeners: BTreeMap<ListenerId, Arc<Listener>>,
}
record!(LoadBalancerRecord of LoadBalancer);

/// A zone, by its place in its region.
struct Place;

impl SerializeAs<Zone> for Place {
    fn serialize_as<S: Serializer>(source: &Zone, serializer: S) -> Result<S::Ok, S::Error> {
        source.place().serialize(serializer)
    }
}

impl<'de> DeserializeAs<'de, Zone> for Place {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Zone, D::Error> {
        Zone::at(u8::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("a region has no such zone"))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LogTopic", deny_unknown_fields)]
struct LogTopicRecord {
    set_id: String,
    topic_id: String,
}
record!(LogTopicRecord of LogTopic);

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
