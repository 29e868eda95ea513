//! Networks (service `vpc`, version 2017-03-12): VPCs, subnets, route tables, addresses and security groups.
//!
//! A trap of this service: `Offset` and `Limit` are strings, but for addresses and assistant CIDRs.

mod network;
mod security_group;

use serde::{Deserialize, Serialize};

pub use network::*;
pub use security_group::*;

/// A filter of a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Filter {
    /// Filter name.
    pub name: String,
    /// Filter values.
    pub values: Vec<String>,
}

/// A tag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// Tag key.
    pub key: String,
    /// Tag value.
    #[serde(default)]
    pub value: String,
}
