//! What a `tencentcloud_clb_listener` of the official provider becomes: its state in the platform's words, which are then read as
//! an answer of the platform is.

use clb_cloud_api::clb;
use tfplugin_sdk::{Error, ForeignState, Object, Result};

use super::{HealthCheck, QuicListener, convert};
use crate::resources::official;

const TYPE: &str = "tencentcloud_clb_listener";

/// The attributes that matter here.
#[derive(Clone, Debug, PartialEq, Object)]
struct ClbListener {
    id: Option<String>,
    clb_id: Option<String>,
    listener_id: Option<String>,
    listener_name: Option<String>,
    port: Option<i64>,
    protocol: Option<String>,
    scheduler: Option<String>,
    certificate_ssl_mode: Option<String>,
    certificate_id: Option<String>,
    certificate_ca_id: Option<String>,
    multi_cert_info: Vec<MultiCertInfo>,
    health_check_switch: Option<bool>,
    health_check_time_out: Option<i64>,
    health_check_interval_time: Option<i64>,
    health_check_health_num: Option<i64>,
    health_check_unhealth_num: Option<i64>,
    health_check_type: Option<String>,
    health_check_port: Option<i64>,
    health_source_ip_type: Option<i64>,
    proxy_protocol: Option<bool>,
    snat_enable: Option<bool>,
    deregister_target_rst: Option<bool>,
    idle_connect_timeout: Option<i64>,
    max_conn: Option<i64>,
    max_cps: Option<i64>,
    reschedule_target_zero_weight: Option<bool>,
    reschedule_unhealthy: Option<bool>,
    reschedule_expand_target: Option<bool>,
    reschedule_start_time: Option<i64>,
    reschedule_interval: Option<i64>,
}

/// Several certificates on one listener.
#[derive(Clone, Debug, PartialEq, Object)]
struct MultiCertInfo {
    ssl_mode: Option<String>,
    cert_id_list: Vec<String>,
}

/// The listener, if `source` is one of the official provider's.
pub(super) fn moved(source: &ForeignState) -> Result<Option<QuicListener>> {
    let Some(listener) = official::state::<ClbListener>(source, TYPE)? else { return Ok(None) };
    let protocol = listener.protocol.clone().unwrap_or_default();
    if protocol != convert::QUIC {
        return Err(Error::new(format!("This {TYPE} is no QUIC listener")).detail(format!(
            "Its protocol is {protocol:?}, and a clb_quic_listener is always of QUIC. Remove this `moved` block and leave the \
             listener with the official provider; both can be used in one configuration."
        )));
    }
    let balancer = official::required(listener.clb_id.clone(), TYPE, "clb_id")?;
    convert::from_wire(&balancer, &in_words_of_the_platform(listener)?, &HealthCheck::default()).map(Some)
}

fn in_words_of_the_platform(listener: ClbListener) -> Result<clb::Listener> {
    // `lb-1#lbl-2`, of old versions `lbl-2`.
    let in_id = listener.id.as_deref().and_then(|id| id.rsplit('#').next()).map(str::to_owned);
    let id = official::given(listener.listener_id.clone()).or(in_id);
    Ok(clb::Listener {
        listener_id: official::required(id, TYPE, "listener_id")?,
        protocol: convert::QUIC.to_owned(),
        port: listener.port.unwrap_or_default(),
        certificate: Some(certificate(&listener)),
        health_check: Some(health_check(&listener)),
        attr_flags: flags(&listener),
        scheduler: official::given(listener.scheduler),
        listener_name: listener.listener_name.unwrap_or_default(),
        deregister_target_rst: listener.deregister_target_rst.unwrap_or_default(),
        idle_connect_timeout: listener.idle_connect_timeout.filter(|seconds| *seconds != 0),
        max_conn: listener.max_conn.unwrap_or_default(),
        max_cps: listener.max_cps.unwrap_or_default(),
        reschedule_start_time: listener.reschedule_start_time.unwrap_or_default(),
        reschedule_interval: listener.reschedule_interval.and_then(|value| value.try_into().ok()).unwrap_or_default(),
        ..clb::Listener::default()
    })
}

/// One certificate is in three attributes, several are in a block that knows of no certificate of clients.
fn certificate(listener: &ClbListener) -> clb::CertificateOutput {
    let several = listener.multi_cert_info.first();
    let mut ids = several.map(|block| block.cert_id_list.clone()).unwrap_or_default();
    if let Some(one) = official::given(listener.certificate_id.clone()) {
        ids.insert(0, one);
    }
    let mut ids = ids.into_iter();
    let mode = several.and_then(|block| official::given(block.ssl_mode.clone()));
    clb::CertificateOutput {
        ssl_mode: official::given(listener.certificate_ssl_mode.clone()).or(mode).unwrap_or_default(),
        cert_id: ids.next().unwrap_or_default(),
        cert_ca_id: listener.certificate_ca_id.clone().unwrap_or_default(),
        ext_cert_ids: ids.collect(),
        ..clb::CertificateOutput::default()
    }
}

/// Its attributes of HTTP checks are left out: it refuses them on a QUIC listener, and what it reads back there means nothing.
fn health_check(listener: &ClbListener) -> clb::HealthCheck {
    clb::HealthCheck {
        health_switch: listener.health_check_switch.map(i64::from),
        time_out: listener.health_check_time_out,
        interval_time: listener.health_check_interval_time,
        health_num: listener.health_check_health_num,
        un_health_num: listener.health_check_unhealth_num,
        check_type: official::given(listener.health_check_type.clone()),
        check_port: listener.health_check_port.filter(|port| *port != 0),
        source_ip_type: listener.health_source_ip_type,
        ..clb::HealthCheck::default()
    }
}

fn flags(listener: &ClbListener) -> Vec<String> {
    let flags = [
        ("ProxyProtocol", listener.proxy_protocol),
        ("SnatEnable", listener.snat_enable),
        ("RescheduleTargetZeroWeight", listener.reschedule_target_zero_weight),
        ("RescheduleUnhealthy", listener.reschedule_unhealthy),
        ("RescheduleExpandTarget", listener.reschedule_expand_target),
    ];
    flags.into_iter().filter(|(_, set)| *set == Some(true)).map(|(flag, _)| flag.to_owned()).collect()
}
