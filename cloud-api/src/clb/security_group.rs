//! A security group of several load balancers at once. All groups of one load balancer are
//! [`SetLoadBalancerSecurityGroups`](super::SetLoadBalancerSecurityGroups).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::action::{Accepted, actions};

actions! { Clb:
    SetSecurityGroupForLoadbalancers => Accepted;
}

/// Binds a security group to load balancers, or unbinds it from them.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SetSecurityGroupForLoadbalancers {
    /// Security group id, `sg-xxxxxxxx`.
    pub security_group: String,
    /// ADD or DEL.
    pub operation_type: String,
    /// CLB instance ids, at most 20.
    pub load_balancer_ids: Vec<String>,
}
