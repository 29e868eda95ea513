//! Targets (the API's word for backends): bind, unbind, change weight or port, describe.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::load_balancer::Filter;
use crate::action::{Accepted, Opaque, actions};

actions! { Clb:
    RegisterTargets => Accepted;
    DeregisterTargets => Accepted;
    BatchRegisterTargets => BatchRegisterTargetsReply;
    BatchDeregisterTargets => BatchDeregisterTargetsReply;
    BatchModifyTargetWeight => Accepted;
    BatchModifyTargetTag => Accepted;
    ModifyTargetWeight => Accepted;
    ModifyTargetPort => Accepted;
    DescribeTargets => DescribeTargetsReply;
}

/// Binds targets to a listener. A task.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RegisterTargets {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Listener id, `lbl-xxxxxxxx`.
    pub listener_id: String,
    /// At most 20 backends.
    pub targets: Vec<Target>,
    /// L7 rule id (`loc-xxxxxxxx`); unused for L4/QUIC.
    pub location_id: Option<String>,
    /// Domain of the instance (classic/domain CLB) or L7 rule domain.
    pub domain: Option<String>,
    /// L7 rule URL; unused for L4.
    pub url: Option<String>,
}

/// Unbinds targets from a listener. A task.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeregisterTargets {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Listener id, `lbl-xxxxxxxx`.
    pub listener_id: String,
    /// At most 20 backends.
    pub targets: Vec<Target>,
    /// L7 rule id (`loc-xxxxxxxx`); unused for L4/QUIC.
    pub location_id: Option<String>,
    /// Domain of the instance (classic/domain CLB) or L7 rule domain.
    pub domain: Option<String>,
    /// L7 rule URL; unused for L4.
    pub url: Option<String>,
}

/// Binds targets to several listeners of one load balancer. Done when the reply is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BatchRegisterTargets {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// At most 500 bindings.
    pub targets: Vec<BatchTarget>,
}

/// What [`BatchRegisterTargets`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BatchRegisterTargetsReply {
    /// Listeners whose (de)registration failed; empty = all done.
    pub fail_listener_id_set: Vec<String>,
    /// Failure text.
    pub message: Option<String>,
}

/// Unbinds targets from several listeners of one load balancer. Done when the reply is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BatchDeregisterTargets {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// At most 500 bindings.
    pub targets: Vec<BatchTarget>,
}

/// What [`BatchDeregisterTargets`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BatchDeregisterTargetsReply {
    /// Listeners whose (de)registration failed; empty = all done.
    pub fail_listener_id_set: Vec<String>,
    /// Failure text.
    pub message: Option<String>,
}

/// Changes weights on several listeners of one load balancer. A task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BatchModifyTargetWeight {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Weight changes, at most 100 entries, 50 targets each, 500 in all.
    pub modify_list: Vec<RsWeightRule>,
}

/// Changes the tags of targets on several listeners of one load balancer. Done when the reply is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BatchModifyTargetTag {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Tag changes.
    pub modify_list: Vec<RsTagRule>,
}

/// Changes weights on one listener. A task.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyTargetWeight {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Listener id, `lbl-xxxxxxxx`.
    pub listener_id: String,
    /// Backends.
    pub targets: Vec<Target>,
    /// L7 rule id (`loc-xxxxxxxx`); unused for L4/QUIC.
    pub location_id: Option<String>,
    /// Domain of the instance (classic/domain CLB) or L7 rule domain.
    pub domain: Option<String>,
    /// L7 rule URL; unused for L4.
    pub url: Option<String>,
    /// Weight for all targets, default 10; Targets[].Weight wins.
    pub weight: Option<i64>,
}

/// Moves targets to a new port. A task.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyTargetPort {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Listener id, `lbl-xxxxxxxx`.
    pub listener_id: String,
    /// Backends.
    pub targets: Vec<Target>,
    /// New backend port.
    pub new_port: i64,
    /// L7 rule id (`loc-xxxxxxxx`); unused for L4/QUIC.
    pub location_id: Option<String>,
    /// Domain of the instance (classic/domain CLB) or L7 rule domain.
    pub domain: Option<String>,
    /// L7 rule URL; unused for L4.
    pub url: Option<String>,
}

/// Lists what is bound to the listeners of a load balancer.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeTargets {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// At most 20 ids.
    pub listener_ids: Option<Vec<String>>,
    /// Filter by protocol.
    pub protocol: Option<String>,
    /// Filter by listener port.
    pub port: Option<i64>,
    /// location-id, private-ip-address, tag.
    pub filters: Option<Vec<Filter>>,
}

/// What [`DescribeTargets`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeTargetsReply {
    /// Listener entries.
    pub listeners: Vec<ListenerBackend>,
}

/// A backend in a request: exactly one of `instance_id` and `eni_ip`.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Target {
    /// Backend port.
    pub port: i64,
    /// CVM or ENI; ignored in requests.
    pub r#type: Option<String>,
    /// CVM id `ins-xxxxxxxx` (primary NIC primary IPv4); exactly one of InstanceId/EniIp.
    pub instance_id: Option<String>,
    /// Weight 0-100, default 10; 0 = no new connections.
    pub weight: Option<i64>,
    /// Backend IP (ENI or other private IP); exactly one of InstanceId/EniIp.
    pub eni_ip: Option<String>,
    /// Free-form backend tag.
    pub tag: Option<String>,
}

/// A backend of one listener in a batch.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct BatchTarget {
    /// Listener id, `lbl-xxxxxxxx`.
    pub listener_id: String,
    /// Backend port.
    pub port: i64,
    /// CVM id `ins-xxxxxxxx` (primary NIC primary IPv4); exactly one of InstanceId/EniIp.
    pub instance_id: Option<String>,
    /// Backend IP (ENI or other private IP); exactly one of InstanceId/EniIp.
    pub eni_ip: Option<String>,
    /// Weight 0-100, default 10; 0 = no new connections.
    pub weight: Option<i64>,
    /// L7 rule id (`loc-xxxxxxxx`); unused for L4/QUIC.
    pub location_id: Option<String>,
    /// Free-form backend tag.
    pub tag: Option<String>,
}

/// Weight changes on one listener.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RsWeightRule {
    /// Listener id, `lbl-xxxxxxxx`.
    pub listener_id: String,
    /// Backends.
    pub targets: Vec<Target>,
    /// L7 rule id (`loc-xxxxxxxx`); unused for L4/QUIC.
    pub location_id: Option<String>,
    /// Domain of the instance (classic/domain CLB) or L7 rule domain.
    pub domain: Option<String>,
    /// L7 rule URL; unused for L4.
    pub url: Option<String>,
    /// Weight used when Target.Weight is absent.
    pub weight: Option<i64>,
}

/// Tag changes on one listener.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RsTagRule {
    /// Listener id, `lbl-xxxxxxxx`.
    pub listener_id: String,
    /// Backends.
    pub targets: Vec<Target>,
    /// L7 rule id (`loc-xxxxxxxx`); unused for L4/QUIC.
    pub location_id: Option<String>,
    /// Tag used when Target.Tag is empty.
    pub tag: Option<String>,
}

/// A listener with what is bound to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ListenerBackend {
    /// Listener id, `lbl-xxxxxxxx`.
    pub listener_id: String,
    /// Listener protocol TCP, UDP, HTTP, HTTPS, TCP_SSL, QUIC.
    pub protocol: String,
    /// Port.
    pub port: i64,
    /// L7 rules; null for L4.
    pub rules: Option<Opaque>,
    /// Backends of an L4 listener; null for L7.
    pub targets: Vec<Backend>,
    /// End port of a port-range listener; 0 otherwise.
    pub end_port: i64,
}

/// A bound backend.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Backend {
    /// CVM, ENI, CCN, EVM, GLOBALROUTE, NAT, SRV.
    pub r#type: String,
    /// Backend instance id (CVM `ins-xxxxxxxx`).
    pub instance_id: String,
    /// Port.
    pub port: i64,
    /// Weight 0-100, default 10; 0 = no new connections.
    pub weight: i64,
    /// Public IPs.
    pub public_ip_addresses: Option<Vec<String>>,
    /// Private IPs.
    pub private_ip_addresses: Vec<String>,
    /// Instance name.
    pub instance_name: Option<String>,
    /// Bind time.
    pub registered_time: String,
    /// ENI id.
    pub eni_id: Option<String>,
    /// Free-form backend tag.
    pub tag: String,
    /// Zone name such as ap-guangzhou-3.
    pub zone: Option<String>,
}
