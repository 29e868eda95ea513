//! Listeners: create, describe, change, delete, stop; and their certificates.
//!
//! Every field the API documents is here, also those of layer-7 listeners.

use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_with::skip_serializing_none;

use super::load_balancer::LoadBalancer;
use crate::action::{Accepted, Opaque, actions};
use crate::secret::Secret;

actions! { Clb:
    CreateListener => CreateListenerReply;
    DescribeListeners => DescribeListenersReply;
    ModifyListener => Accepted;
    DeleteListener => Accepted;
    DeleteLoadBalancerListeners => Accepted;
    SetLoadBalancerStartStatus => Accepted;
    ReplaceCertForLoadBalancers => Accepted;
    DescribeLoadBalancerListByCertId => DescribeLoadBalancerListByCertIdReply;
}

/// Creates one listener per port. A task; the ids come with the reply.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateListener {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// One listener per port, each 1-65535; fewer than 50 entries accepted per call.
    pub ports: Vec<i64>,
    /// Listener protocol TCP, UDP, HTTP, HTTPS, TCP_SSL, QUIC.
    pub protocol: String,
    /// Names matching Ports by position, 1-80 chars each.
    pub listener_names: Option<Vec<String>>,
    /// Health check settings (TCP/UDP/TCP_SSL/QUIC listeners).
    pub health_check: Option<HealthCheck>,
    /// Certificate settings; one of Certificate/MultiCertInfo for TCP_SSL and HTTPS without SNI, never both; the
    /// create doc does not name QUIC, the modify doc does.
    pub certificate: Option<CertificateInput>,
    /// Session persistence seconds 30-3600, 0 = off; TCP/UDP only.
    pub session_expire_time: Option<i64>,
    /// WRR (default) or LEAST_CONN for TCP/UDP/TCP_SSL/QUIC.
    pub scheduler: Option<String>,
    /// SNI switch, HTTPS only (0/1).
    pub sni_switch: Option<i64>,
    /// NODE or TARGETGROUP (also TARGETGROUP-V2, POLARIS in output); documented for TCP/UDP.
    pub target_type: Option<String>,
    /// NORMAL (default) or QUIC_CID (UDP listener, WRR, IPv4 only).
    pub session_type: Option<String>,
    /// Keep-alive to backends, HTTP/HTTPS only.
    pub keepalive_enable: Option<i64>,
    /// End port of a port-range listener; 0 otherwise.
    pub end_port: Option<u64>,
    /// Reschedule on unbind, TCP/UDP only.
    pub deregister_target_rst: Option<bool>,
    /// Several server certificates of different algorithms; exclusive with Certificate.
    pub multi_cert_info: Option<MultiCertInfo>,
    /// Listener concurrent-connection cap, -1 = none; LCU instances, TCP/UDP/TCP_SSL/QUIC.
    pub max_conn: Option<i64>,
    /// Listener new-connection cap, -1 = none; LCU instances, TCP/UDP/TCP_SSL/QUIC.
    pub max_cps: Option<i64>,
    /// Idle timeout seconds, TCP/UDP only; default 900 TCP, 300 UDP; 10-900 shared, 10-1980 LCU.
    pub idle_connect_timeout: Option<i64>,
    /// PROXY protocol to backends for TCP_SSL and QUIC.
    pub proxy_protocol: Option<bool>,
    /// Replace client source IP, default false.
    pub snat_enable: Option<bool>,
    /// End ports of full-range listeners.
    pub full_end_ports: Option<Vec<i64>>,
    /// H2c, private HTTP listener.
    pub h2c_switch: Option<bool>,
    /// TCP_SSL: drop the TLS layer.
    pub ssl_close_switch: Option<bool>,
    /// Transparent or compatibility.
    pub data_compress_mode: Option<String>,
    /// Reschedule on weight 0, TCP/UDP only.
    pub reschedule_target_zero_weight: Option<bool>,
    /// Reschedule on health failure, TCP/UDP only.
    pub reschedule_unhealthy: Option<bool>,
    /// Reschedule on backend count change, TCP/UDP only.
    pub reschedule_expand_target: Option<bool>,
    /// Reschedule start 0-3600 s, TCP/UDP only.
    pub reschedule_start_time: Option<i64>,
    /// Reschedule duration 0-3600 s, TCP/UDP only.
    pub reschedule_interval: Option<i64>,
}

/// What [`CreateListener`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CreateListenerReply {
    /// New listener ids in the order of Ports.
    pub listener_ids: Vec<String>,
}

/// Lists the listeners of a load balancer, without paging. Unknown listener ids are left out.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeListeners {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// At most 100 ids.
    pub listener_ids: Option<Vec<String>>,
    /// Filter by protocol.
    pub protocol: Option<String>,
    /// Filter by port 1-65535.
    pub port: Option<i64>,
}

/// What [`DescribeListeners`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeListenersReply {
    /// Listener entries.
    pub listeners: Vec<Listener>,
    /// Number of matches before paging.
    pub total_count: u64,
}

/// Changes a listener; what is absent stays as it is. Port and protocol cannot change. A task.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyListener {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Listener id, `lbl-xxxxxxxx`.
    pub listener_id: String,
    /// Listener name.
    pub listener_name: Option<String>,
    /// Session persistence seconds 30-3600, 0 = off; TCP/UDP only.
    pub session_expire_time: Option<i64>,
    /// Health check settings (TCP/UDP/TCP_SSL/QUIC listeners).
    pub health_check: Option<HealthCheck>,
    /// Certificate settings; exclusive with MultiCertInfo (HTTPS, TCP_SSL, and QUIC).
    pub certificate: Option<CertificateInput>,
    /// WRR, LEAST_CONN (docs also list IP_HASH).
    pub scheduler: Option<String>,
    /// SNI switch, HTTPS only (0/1).
    pub sni_switch: Option<i64>,
    /// NODE or TARGETGROUP (also TARGETGROUP-V2, POLARIS in output); documented for TCP/UDP.
    pub target_type: Option<String>,
    /// Keep-alive to backends, HTTP/HTTPS only.
    pub keepalive_enable: Option<i64>,
    /// Reschedule on unbind, TCP/UDP only.
    pub deregister_target_rst: Option<bool>,
    /// NORMAL (default) or QUIC_CID (UDP listener, WRR, IPv4 only).
    pub session_type: Option<String>,
    /// Several server certificates of different algorithms; exclusive with Certificate.
    pub multi_cert_info: Option<MultiCertInfo>,
    /// Listener concurrent-connection cap, -1 = none; LCU instances, TCP/UDP/TCP_SSL/QUIC.
    pub max_conn: Option<i64>,
    /// Listener new-connection cap, -1 = none; LCU instances, TCP/UDP/TCP_SSL/QUIC.
    pub max_cps: Option<i64>,
    /// Idle timeout seconds, TCP/UDP only; default 900 TCP, 300 UDP; 10-900 shared, 10-1980 LCU.
    pub idle_connect_timeout: Option<i64>,
    /// PROXY protocol to backends for TCP_SSL and QUIC.
    pub proxy_protocol: Option<bool>,
    /// Replace client source IP, default false.
    pub snat_enable: Option<bool>,
    /// Transparent or compatibility.
    pub data_compress_mode: Option<String>,
    /// Reschedule on weight 0, TCP/UDP only.
    pub reschedule_target_zero_weight: Option<bool>,
    /// Reschedule on health failure, TCP/UDP only.
    pub reschedule_unhealthy: Option<bool>,
    /// Reschedule on backend count change, TCP/UDP only.
    pub reschedule_expand_target: Option<bool>,
    /// Reschedule start 0-3600 s, TCP/UDP only.
    pub reschedule_start_time: Option<i64>,
    /// Reschedule duration 0-3600 s, TCP/UDP only.
    pub reschedule_interval: Option<i64>,
}

/// Deletes a listener and unbinds its targets. A task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteListener {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Listener id, `lbl-xxxxxxxx`.
    pub listener_id: String,
}

/// Deletes listeners and unbinds their targets. A task.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteLoadBalancerListeners {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// At most 20 ids; absent = all listeners of the instance.
    pub listener_ids: Option<Vec<String>>,
}

/// Stops or starts a load balancer or some of its listeners. A task.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SetLoadBalancerStartStatus {
    /// Start or Stop.
    pub operation_type: String,
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Listeners to act on; empty = whole instance.
    pub listener_ids: Option<Vec<String>>,
}

/// Puts a certificate in place of another on every listener of the account. Done when the reply is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReplaceCertForLoadBalancers {
    /// Certificate to replace.
    pub old_certificate_id: String,
    /// What takes its place: a server certificate or a client CA, as the old one is.
    pub certificate: CertificateInput,
}

/// Asks which load balancers use certificates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeLoadBalancerListByCertId {
    /// Certificate ids, at most 20.
    pub cert_ids: Vec<String>,
}

/// What [`DescribeLoadBalancerListByCertId`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeLoadBalancerListByCertIdReply {
    /// Per certificate, the instances using it.
    pub cert_set: Vec<CertIdRelatedWithLoadBalancers>,
}

/// The load balancers that use a certificate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CertIdRelatedWithLoadBalancers {
    /// Certificate id.
    pub cert_id: String,
    /// Instances.
    pub load_balancers: Vec<LoadBalancer>,
}

/// A listener.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Listener {
    /// Listener id, `lbl-xxxxxxxx`.
    pub listener_id: String,
    /// Listener protocol TCP, UDP, HTTP, HTTPS, TCP_SSL, QUIC.
    pub protocol: String,
    /// Listener port.
    pub port: i64,
    /// Certificate settings; exclusive with MultiCertInfo (HTTPS, TCP_SSL, and QUIC).
    pub certificate: Option<CertificateOutput>,
    /// Health check settings (TCP/UDP/TCP_SSL/QUIC listeners).
    #[serde(serialize_with = "HealthCheck::serialize_with_nulls")]
    pub health_check: Option<HealthCheck>,
    /// WRR, LEAST_CONN or IP_HASH; nullable.
    pub scheduler: Option<String>,
    /// Session persistence seconds 30-3600, 0 = off; TCP/UDP only.
    pub session_expire_time: Option<i64>,
    /// SNI switch, HTTPS only (0/1).
    pub sni_switch: i64,
    /// L7 rules; null for L4.
    pub rules: Option<Opaque>,
    /// Listener name.
    pub listener_name: String,
    /// Creation time 'YYYY-MM-DD HH:mm:ss'.
    pub create_time: String,
    /// End port of a port-range listener; 0 otherwise.
    pub end_port: i64,
    /// NODE or TARGETGROUP (also TARGETGROUP-V2, POLARIS in output); documented for TCP/UDP.
    pub target_type: Option<String>,
    /// Bound target group.
    pub target_group: Option<BasicTargetGroupInfo>,
    /// NORMAL (default) or QUIC_CID (UDP listener, WRR, IPv4 only).
    pub session_type: String,
    /// Keep-alive to backends, HTTP/HTTPS only.
    pub keepalive_enable: Option<i64>,
    /// TOA flag, NAT64 TCP listener only.
    pub toa: bool,
    /// Reschedule on unbind, TCP/UDP only.
    pub deregister_target_rst: bool,
    /// Listener flags: Stop, ProxyProtocol, SnatEnable, H2cSwitch, RescheduleTargetZeroWeight, RescheduleUnhealthy,
    /// RescheduleExpandTarget.
    pub attr_flags: Vec<String>,
    /// Bound target groups.
    pub target_group_list: Option<Vec<BasicTargetGroupInfo>>,
    /// Listener concurrent-connection cap, -1 = none; LCU instances, TCP/UDP/TCP_SSL/QUIC.
    pub max_conn: i64,
    /// Listener new-connection cap, -1 = none; LCU instances, TCP/UDP/TCP_SSL/QUIC.
    pub max_cps: i64,
    /// Idle timeout seconds, TCP/UDP only; default 900 TCP, 300 UDP; 10-900 shared, 10-1980 LCU.
    pub idle_connect_timeout: Option<i64>,
    /// Reschedule duration 0-3600 s, TCP/UDP only.
    pub reschedule_interval: u64,
    /// Transparent or compatibility.
    pub data_compress_mode: String,
    /// Reschedule start 0-3600 s, TCP/UDP only.
    pub reschedule_start_time: i64,
}

/// Health-check settings, in requests and replies; in a request, what is absent takes the default or stays.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HealthCheck {
    /// 1 on (default), 0 off.
    pub health_switch: Option<i64>,
    /// Response timeout 2-60 s, default 2, must be less than IntervalTime.
    pub time_out: Option<i64>,
    /// Probe interval, default 5; 2-300 (IPv4), 5-300 (IPv6 and some old IPv4).
    pub interval_time: Option<i64>,
    /// Healthy threshold 2-10, default 3.
    pub health_num: Option<i64>,
    /// Unhealthy threshold 2-10, default 3.
    pub un_health_num: Option<i64>,
    /// Bit sum of healthy classes 1=1xx 2=2xx 4=3xx 8=4xx 16=5xx, 1-31, default 31.
    pub http_code: Option<i64>,
    /// HTTP probe path.
    pub http_check_path: Option<String>,
    /// Host header of the HTTP probe.
    pub http_check_domain: Option<String>,
    /// HEAD (default) or GET.
    pub http_check_method: Option<String>,
    /// Probe port, TCP/UDP only; -1 restores default.
    pub check_port: Option<i64>,
    /// HEX or TEXT, CUSTOM probe.
    pub context_type: Option<String>,
    /// CUSTOM probe request, up to 500 printable ASCII.
    pub send_context: Option<String>,
    /// CUSTOM probe reply, up to 500 printable ASCII.
    pub recv_context: Option<String>,
    /// TCP, HTTP, HTTPS, GRPC, PING, CUSTOM; TCP_SSL and QUIC allow TCP (default) and HTTP.
    pub check_type: Option<String>,
    /// HTTP/1.0 or HTTP/1.1 for an HTTP probe on an L4 listener.
    pub http_version: Option<String>,
    /// Probe source: 0 VIP, 1 100.64.0.0/10.
    pub source_ip_type: Option<i64>,
    /// GRPC status code(s), default 12.
    pub extended_code: Option<String>,
}

impl HealthCheck {
    /// What a reply always has, null where a check does not use it. A request leaves it out.
    const ALWAYS_IN_REPLIES: [&str; 10] = [
        "CheckPort",
        "ContextType",
        "ExtendedCode",
        "HttpCheckDomain",
        "HttpCheckMethod",
        "HttpCheckPath",
        "HttpCode",
        "HttpVersion",
        "RecvContext",
        "SendContext",
    ];

    #[expect(clippy::ref_option, reason = "the form that serde calls")]
    fn serialize_with_nulls<S: Serializer>(check: &Option<Self>, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = serde_json::to_value(check).map_err(S::Error::custom)?;
        if let Opaque::Object(fields) = &mut shown {
            for name in Self::ALWAYS_IN_REPLIES {
                fields.entry(name).or_insert(Opaque::Null);
            }
        }
        shown.serialize(serializer)
    }
}

/// The certificates of a listener, by id or uploaded inline.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CertificateInput {
    /// UNIDIRECTIONAL (default) or MUTUAL.
    #[serde(rename = "SSLMode")]
    pub ssl_mode: Option<String>,
    /// With MUTUAL: ON (default) or OPTIONAL.
    #[serde(rename = "SSLVerifyClient")]
    pub ssl_verify_client: Option<String>,
    /// Server certificate id.
    pub cert_id: Option<String>,
    /// Client CA certificate id, for MUTUAL.
    pub cert_ca_id: Option<String>,
    /// Name when uploading inline.
    pub cert_name: Option<String>,
    /// Private key PEM when uploading inline.
    pub cert_key: Option<Secret>,
    /// Certificate PEM when uploading inline.
    pub cert_content: Option<String>,
    /// CA name when uploading inline (MUTUAL).
    pub cert_ca_name: Option<String>,
    /// CA PEM when uploading inline (MUTUAL).
    pub cert_ca_content: Option<String>,
}

/// The certificates of a listener.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CertificateOutput {
    /// UNIDIRECTIONAL (default) or MUTUAL.
    #[serde(rename = "SSLMode")]
    pub ssl_mode: String,
    /// With MUTUAL: ON (default) or OPTIONAL.
    #[serde(rename = "SSLVerifyClient")]
    pub ssl_verify_client: String,
    /// Server certificate id.
    pub cert_id: String,
    /// Client CA id.
    pub cert_ca_id: String,
    /// Further server certificates.
    pub ext_cert_ids: Vec<String>,
}

/// Several server certificates of different algorithms.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MultiCertInfo {
    /// UNIDIRECTIONAL (default) or MUTUAL.
    #[serde(rename = "SSLMode")]
    pub ssl_mode: String,
    /// Server certificates with distinct algorithms; with MUTUAL must hold one CA certificate.
    pub cert_list: Vec<CertInfo>,
    /// With MUTUAL: ON (default) or OPTIONAL.
    #[serde(rename = "SSLVerifyClient")]
    pub ssl_verify_client: Option<String>,
}

/// One certificate of several.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CertInfo {
    /// Certificate id, else upload CertName+CertContent(+CertKey).
    pub cert_id: Option<String>,
    /// Name when uploading inline.
    pub cert_name: Option<String>,
    /// Certificate PEM when uploading inline.
    pub cert_content: Option<String>,
    /// Private key PEM when uploading inline.
    pub cert_key: Option<Secret>,
}

/// A bound target group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BasicTargetGroupInfo {
    /// Target group id `lbtg-xxxxxxxx`.
    pub target_group_id: String,
    /// Target group name 1-80 chars.
    pub target_group_name: String,
    /// Weight 0-100, default 10; 0 = no new connections.
    pub weight: Option<u64>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{CreateListener, HealthCheck, Listener};

    #[test]
    fn a_reply_shows_what_a_check_does_not_use_as_null_and_a_request_leaves_it_out() {
        let check = Some(HealthCheck { health_switch: Some(1), http_code: Some(2), ..HealthCheck::default() });
        let request = CreateListener { health_check: check.clone(), ..CreateListener::default() };
        let asked = serde_json::to_value(request).expect("JSON");
        assert_eq!(asked["HealthCheck"], json!({"HealthSwitch": 1, "HttpCode": 2}));
        let reply = Listener { health_check: check, ..Listener::default() };
        let shown = serde_json::to_value(reply).expect("JSON");
        assert_eq!((&shown["HealthCheck"]["HealthSwitch"], &shown["HealthCheck"]["HttpCode"]), (&json!(1), &json!(2)));
        assert_eq!(shown["HealthCheck"].get("CheckPort"), Some(&Value::Null));
        let none = serde_json::to_value(Listener::default()).expect("JSON");
        assert_eq!(none["HealthCheck"], Value::Null);
    }
}
