//! Security groups with their rules, as they are stored.

use clb_model::id::SecurityGroupId;
use clb_model::security_group::{Policy, SecurityGroup};
use clb_model::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::serde_as;

use super::written::{List, Text, Time, record};

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "SecurityGroup", deny_unknown_fields)]
pub struct SecurityGroupRecord {
    #[serde_as(as = "Text")]
    id: SecurityGroupId,
    name: String,
    description: String,
    is_default: bool,
    version: u64,
    #[serde_as(as = "List<PolicyRecord>")]
    ingress: Vec<Policy>,
    #[serde_as(as = "List<PolicyRecord>")]
    egress: Vec<Policy>,
    #[serde_as(as = "Time")]
    created_at: Timestamp,
}
record!(SecurityGroupRecord of SecurityGroup);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Policy", deny_unknown_fields)]
struct PolicyRecord {
    protocol: String,
    port: String,
    cidr: String,
    accept: bool,
    description: String,
}
record!(PolicyRecord of Policy);
