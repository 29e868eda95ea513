//! A stand-in for the official Tencent Cloud provider: states as its release 1.83 writes them, and a provider under its address that
//! leaves everything as its state says.
//!
//! The attributes are those of its schema. It calls no cloud: it is there so that Terraform finds the provider that a state names.

use serde_json::{Value, json};
use tfplugin_sdk::{Context, Error, Provider, ProviderConfig, Resource, Result};

/// Its address, in the short form of `required_providers`.
pub const SOURCE: &str = "tencentcloudstack/tencentcloud";

/// The provider block.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Credentials {
    /// Secret id.
    pub secret_id: Option<String>,
    /// Region.
    pub region: Option<String>,
}

/// A listener of the official provider, as far as tests leave one with it.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "tencentcloud_clb_listener")]
pub struct ClbListener {
    /// `lb-1#lbl-2`.
    #[tf(computed, keep)]
    pub id: String,
    /// Load balancer.
    pub clb_id: String,
    /// Name.
    pub listener_name: String,
    /// Port.
    pub port: Option<u16>,
    /// Protocol.
    pub protocol: String,
    /// Scheduler.
    #[tf(optional, computed, keep)]
    pub scheduler: String,
    /// Listener.
    #[tf(computed, keep)]
    pub listener_id: String,
}

impl Resource for ClbListener {
    type Api = ();

    async fn create(_: &mut Context<'_, Self>, _: ClbListenerPlan) -> Result<Self> {
        Err(Error::new("This stand-in creates nothing"))
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }
}

/// The stand-in.
pub fn provider() -> Provider<()> {
    Provider::new::<Credentials, _>(SOURCE, |_: CredentialsConfig| async { Ok(Some(())) }).resource::<ClbListener>()
}

/// A state file with these resources, all called `web`: pairs of type and attributes.
pub fn state_file(resources: &[(&str, Value)]) -> String {
    // The host that Terraform completes short addresses with.
    let host = ["registry", "terraform", "io"].join(".");
    let resource = |(type_name, attributes): &(&str, Value)| {
        let secrets = attributes.get("key").map(|_| json!([{ "type": "get_attr", "value": "key" }]));
        json!({
            "mode": "managed",
            "type": type_name,
            "name": "web",
            "provider": format!("provider[\"{host}/{SOURCE}\"]"),
            "instances": [{
                "schema_version": 0,
                "attributes": attributes,
                "sensitive_attributes": secrets.into_iter().collect::<Vec<_>>(),
                // What its SDK keeps of `timeouts`; of others the four letters `null`.
                "private": if *type_name == "tencentcloud_clb_instance" { TIMEOUTS } else { "bnVsbA==" },
            }],
        })
    };
    let resources: Vec<Value> = resources.iter().map(resource).collect();
    let lineage = "8b0c6c1e-7a43-4b9c-9d65-1f6f0b6b2c55";
    json!({ "version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": lineage, "outputs": {}, "resources": resources }).to_string()
}

/// `{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":600000000000,"update":600000000000}}`
const TIMEOUTS: &str = "eyJlMmJmYjczMC1lY2FhLTExZTYtOGY4OC0zNDM2M2JjN2M0YzAiOnsiY3JlYXRlIjo2MDAwMDAwMDAwMDAsInVwZGF0ZSI6NjAwMDAwMDAwMDAwfX0=";

/// The attributes of a public `tencentcloud_clb_instance`.
pub fn clb_instance(id: &str, name: &str, vpc_id: &str, vip: &str, security_groups: &[&str]) -> Value {
    json!({
        "address_ip_version": "ipv4", "address_ipv6": "", "associate_endpoint": null, "bandwidth_package_id": null,
        "clb_name": name, "clb_vips": [vip], "cluster_id": null, "delete_protect": null, "domain": "", "dynamic_vip": null,
        "eip_address_id": "", "exclusive_cluster": [], "force": false, "id": id, "internet_bandwidth_max_out": 10,
        "internet_charge_type": "TRAFFIC_POSTPAID_BY_HOUR", "ipv6_mode": "", "load_balancer_pass_to_target": false,
        "log_set_id": "", "log_topic_id": "", "master_zone_id": "", "network_type": "OPEN", "project_id": 0,
        "security_groups": security_groups, "slave_zone_id": "", "sla_type": "", "snat_ips": [], "snat_pro": false,
        "subnet_id": "", "tags": { "team": "edge" }, "target_region_info_region": "ap-guangzhou",
        "target_region_info_vpc_id": vpc_id, "timeouts": null, "vip": vip, "vip_isp": "BGP", "vpc_id": vpc_id, "zone_id": "",
    })
}

/// The attributes of a `tencentcloud_clb_listener`.
pub fn clb_listener(clb_id: &str, listener_id: &str, protocol: &str, port: u16, certificate_id: &str) -> Value {
    let mut attributes: Value = serde_json::from_str(LISTENER).expect("it is JSON");
    let mode = if certificate_id.is_empty() { "" } else { "UNIDIRECTIONAL" };
    let own = json!({
        "certificate_id": certificate_id, "certificate_ssl_mode": mode, "clb_id": clb_id, "listener_id": listener_id,
        "id": format!("{clb_id}#{listener_id}"), "port": port, "protocol": protocol,
    });
    for (name, value) in own.as_object().into_iter().flatten() {
        attributes[name] = value.clone();
    }
    attributes
}

/// What the state of a listener with default settings has besides.
const LISTENER: &str = r#"{
    "certificate_ca_id": "", "data_compress_mode": "", "deregister_target_rst": false, "end_port": 0, "h2c_switch": false,
    "health_check_context_type": "", "health_check_health_num": 3, "health_check_http_code": null,
    "health_check_http_domain": "", "health_check_http_method": "", "health_check_http_path": "",
    "health_check_http_version": "", "health_check_interval_time": 5, "health_check_port": null,
    "health_check_recv_context": "", "health_check_send_context": "", "health_check_switch": true,
    "health_check_time_out": 2, "health_check_type": "TCP", "health_check_unhealth_num": 3, "health_source_ip_type": 0,
    "idle_connect_timeout": 0, "keepalive_enable": 0, "listener_name": "web", "max_conn": -1, "max_cps": -1,
    "multi_cert_info": [], "proxy_protocol": false, "reschedule_expand_target": false, "reschedule_interval": 0,
    "reschedule_start_time": 0, "reschedule_target_zero_weight": false, "reschedule_unhealthy": false, "scheduler": "WRR",
    "session_expire_time": 0, "session_type": "NORMAL", "snat_enable": false, "sni_switch": null, "target_type": "NODE"
}"#;

/// The attributes of a `tencentcloud_clb_attachment` on a listener of layer 4; each target is an address, a port and a weight.
pub fn clb_attachment(clb_id: &str, listener_id: &str, targets: &[(&str, u16, u8)]) -> Value {
    let target = |(ip, port, weight): &(&str, u16, u8)| json!({ "eni_ip": ip, "instance_id": "", "port": port, "weight": weight });
    json!({
        "clb_id": clb_id, "domain": null, "id": format!("#{listener_id}#{clb_id}"), "listener_id": listener_id,
        "protocol_type": "QUIC", "rule_id": null, "targets": targets.iter().map(target).collect::<Vec<_>>(), "url": null,
    })
}

/// The attributes of a `tencentcloud_ssl_certificate`. Its private key is among them.
pub fn ssl_certificate(id: &str, cert: &str, key: &str) -> Value {
    json!({
        "begin_time": "2026-08-21 08:00:00", "cert": cert.trim(), "create_time": "2026-08-21 10:02:03", "domain": "quic.example",
        "end_time": "2027-08-21 08:00:00", "id": id, "key": key.trim(), "name": "web", "product_zh_name": "", "project_id": 0,
        "status": 1, "subject_names": ["quic.example"], "tags": {}, "type": "SVR",
    })
}

/// The attributes of a `tencentcloud_security_group`.
pub fn security_group(id: &str, name: &str) -> Value {
    json!({ "description": "who may", "id": id, "name": name, "project_id": 0, "tags": {}, "timeouts": null })
}
