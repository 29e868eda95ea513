//! The health of targets, as the load balancer's probes see it.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::action::actions;

actions! { Clb:
    DescribeTargetHealth => DescribeTargetHealthReply;
}

/// Asks how the probes see the targets of load balancers.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeTargetHealth {
    /// At most 30 ids.
    pub load_balancer_ids: Vec<String>,
    /// Listener ids.
    pub listener_ids: Option<Vec<String>>,
    /// L7 rule ids; unused for L4/QUIC.
    pub location_ids: Option<Vec<String>>,
}

/// What [`DescribeTargetHealth`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeTargetHealthReply {
    /// Instances.
    pub load_balancers: Vec<LoadBalancerHealth>,
}

/// Health per load balancer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct LoadBalancerHealth {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Instance name, 1-80 chars: letters/CJK/digits/-/_ , no supplementary Unicode.
    pub load_balancer_name: String,
    /// Listener entries.
    pub listeners: Vec<ListenerHealth>,
}

/// Health per listener.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ListenerHealth {
    /// Listener id, `lbl-xxxxxxxx`.
    pub listener_id: String,
    /// Listener name.
    pub listener_name: String,
    /// Listener protocol TCP, UDP, HTTP, HTTPS, TCP_SSL, QUIC.
    pub protocol: String,
    /// Port.
    pub port: i64,
    /// Rules; an L4 listener has a single rule with null Domain/Url.
    pub rules: Vec<RuleHealth>,
}

/// Health per rule; a layer-4 listener has exactly one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RuleHealth {
    /// L7 rule id (`loc-xxxxxxxx`); unused for L4/QUIC.
    pub location_id: String,
    /// Domain of the instance (classic/domain CLB) or L7 rule domain.
    pub domain: Option<String>,
    /// L7 rule URL; unused for L4.
    pub url: Option<String>,
    /// Advanced rule id.
    pub rule_id: String,
    /// Backends.
    pub targets: Vec<TargetHealth>,
}

/// Health of one target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct TargetHealth {
    /// Backend private IP.
    #[serde(rename = "IP")]
    pub ip: String,
    /// Port.
    pub port: i64,
    /// true = healthy; traffic also needs weight > 0.
    pub health_status: bool,
    /// Backend instance id.
    pub target_id: String,
    /// Alive, Dead, Unknown, Close.
    pub health_status_detail: String,
    /// Deprecated misspelt twin of HealthStatusDetail.
    pub health_status_detial: String,
    /// Target group id `lbtg-xxxxxxxx`.
    pub target_group_id: String,
    /// Weight 0-100, default 10; 0 = no new connections.
    pub weight: Option<u64>,
}
