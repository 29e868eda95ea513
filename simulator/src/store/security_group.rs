//! Security groups with their rules, as they are stored.

use clb_model::address_range::AddressRange;
use clb_model::id::SecurityGroupId;
use clb_model::security_group::SecurityGroup;
use clb_model::security_group::policy::{Peer, Policy, Ports, Protocol, Verdict, Written};
use clb_model::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use super::written::{List, Text, Time, record};

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "SecurityGroup", deny_unknown_fields)]
pub struct SecurityGroupRecord {
    #[serde_as(as = "Text")]
    id: SecurityGroupId,
    name: String,
    description: String,
    project_id: u64,
    is_default: bool,
    version: u64,
    #[serde_as(as = "List<PolicyRecord>")]
    ingress: Vec<Policy>,
    #[serde_as(as = "List<PolicyRecord>")]
    egress: Vec<Policy>,
    #[serde_as(as = "Time")]
    created_at: Timestamp,
    #[serde_as(as = "Time")]
    updated_at: Timestamp,
}
record!(SecurityGroupRecord of SecurityGroup);

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Policy", deny_unknown_fields)]
struct PolicyRecord {
    #[serde(with = "VerdictRecord")]
    action: Verdict,
    #[serde(with = "ProtocolRecord")]
    protocol: Protocol,
    #[serde(with = "PortsRecord")]
    ports: Ports,
    #[serde(with = "PeerRecord")]
    peer: Peer,
    description: String,
    #[serde(with = "WrittenRecord")]
    written: Written,
    #[serde_as(as = "Time")]
    modified_at: Timestamp,
}
record!(PolicyRecord of Policy);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Verdict", rename_all = "snake_case")]
enum VerdictRecord {
    Accept,
    Drop,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Protocol", rename_all = "snake_case")]
enum ProtocolRecord {
    Tcp,
    Udp,
    Icmp,
    Icmpv6,
    Gre,
    All,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Ports", rename_all = "snake_case")]
enum PortsRecord {
    All,
    These(Vec<(u16, u16)>),
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Peer", rename_all = "snake_case")]
enum PeerRecord {
    Addresses(#[serde_as(as = "DisplayFromStr")] AddressRange),
    Members(#[serde_as(as = "Text")] SecurityGroupId),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Written", deny_unknown_fields)]
struct WrittenRecord {
    protocol: String,
    port: String,
    addresses: String,
}
