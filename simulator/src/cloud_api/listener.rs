//! Listener actions: decode, ask, answer.

use clb_cloud_api::action::Accepted;
use clb_cloud_api::clb;
use clb_model::forwarding::ClientCertificate;
use clb_model::health::{Check, CheckSource, CustomCheck, HealthCheck, HealthCheckDraft, HttpCheck};
use clb_model::listener::{
    CertificateChoice, ClientVerification, InlineCertificate, Listener, ListenerChange, ListenerDraft, ListenerTls,
    MultiTlsDraft, ProtocolDraft, RunningDraft, TlsDraft, scheduler_word,
};
use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;
use clb_model::tag::Tags;

use serde::Deserialize;

use super::arguments::{self, Arguments};
use super::refusal::Fault;
use super::{Call, asked_for, written};
use crate::x509;

const MOST_IDS: usize = 100;

pub(super) fn create(call: &Call<'_>, request: clb::CreateListener) -> Result<clb::CreateListenerReply, Fault> {
    let of_protocol = ProtocolDraft {
        session_expire_time: request.session_expire_time,
        session_type: request.session_type,
        end_port: request.end_port,
        full_end_ports: request.full_end_ports,
        target_type: request.target_type,
        sni_switch: request.sni_switch,
        keepalive_enable: request.keepalive_enable,
        h2c_switch: request.h2c_switch,
        ssl_close_switch: request.ssl_close_switch,
        data_compress_mode: request.data_compress_mode,
        idle_connect_timeout: request.idle_connect_timeout,
        deregister_target_rst: request.deregister_target_rst,
        reschedule_switches: [
            request.reschedule_target_zero_weight,
            request.reschedule_unhealthy,
            request.reschedule_expand_target,
        ],
        reschedule_times: [request.reschedule_start_time, request.reschedule_interval],
    };
    let draft = ListenerDraft {
        load_balancer_id: request.load_balancer_id,
        protocol: request.protocol,
        ports: request.ports,
        names: request.listener_names.unwrap_or_default(),
        settings: ListenerChange {
            name: None,
            scheduler: request.scheduler,
            health_check: health_check(request.health_check.unwrap_or_default()),
            tls: request.certificate.map(tls),
            multi_tls: request.multi_cert_info.map(multi_tls),
            max_connections: request.max_conn,
            max_new_connections: request.max_cps,
            proxy_protocol: request.proxy_protocol,
            snat: request.snat_enable,
            of_protocol,
        },
    };
    let ids = call.write(|world, occasion| world.create_listeners(call.region, &draft, occasion))?;
    Ok(clb::CreateListenerReply { listener_ids: ids.iter().map(ToString::to_string).collect() })
}

pub(super) fn describe(call: &Call<'_>, request: clb::DescribeListeners) -> Result<clb::DescribeListenersReply, Fault> {
    let ids = request.listener_ids.unwrap_or_default();
    if ids.len() > MOST_IDS {
        return Err(Refusal::new(Rule::ListenerDescribeIdsMax100).at(Field::ListenerIds).given(ids.len()).into());
    }
    call.in_region(|_, region| {
        let load_balancer = region.load_balancer(&request.load_balancer_id, Rule::LbNotFound)?;
        let asked = |listener: &&Listener| {
            asked_for(&ids, listener.id.as_str()) && is_on(listener, request.protocol.as_deref(), request.port)
        };
        let listeners: Vec<clb::Listener> = load_balancer.listeners().filter(asked).map(view).collect();
        Ok(clb::DescribeListenersReply { total_count: listeners.len() as u64, listeners })
    })
}

/// Whether a listener has that protocol and that port, as far as they are asked for.
pub(super) fn is_on(listener: &Listener, protocol: Option<&str>, port: Option<i64>) -> bool {
    protocol.is_none_or(|protocol| protocol == listener.protocol.word())
        && port.is_none_or(|port| port == i64::from(listener.port))
}

pub(super) fn modify(call: &Call<'_>, request: clb::ModifyListener) -> Result<Accepted, Fault> {
    let of_protocol = ProtocolDraft {
        session_expire_time: request.session_expire_time,
        session_type: request.session_type,
        target_type: request.target_type,
        sni_switch: request.sni_switch,
        keepalive_enable: request.keepalive_enable,
        data_compress_mode: request.data_compress_mode,
        idle_connect_timeout: request.idle_connect_timeout,
        deregister_target_rst: request.deregister_target_rst,
        reschedule_switches: [
            request.reschedule_target_zero_weight,
            request.reschedule_unhealthy,
            request.reschedule_expand_target,
        ],
        reschedule_times: [request.reschedule_start_time, request.reschedule_interval],
        ..ProtocolDraft::default()
    };
    let change = ListenerChange {
        name: request.listener_name,
        scheduler: request.scheduler,
        health_check: health_check(request.health_check.unwrap_or_default()),
        tls: request.certificate.map(tls),
        multi_tls: request.multi_cert_info.map(multi_tls),
        max_connections: request.max_conn,
        max_new_connections: request.max_cps,
        proxy_protocol: request.proxy_protocol,
        snat: request.snat_enable,
        of_protocol,
    };
    let (load_balancer, listener) = (&request.load_balancer_id, &request.listener_id);
    call.write(|world, occasion| world.modify_listener(call.region, load_balancer, listener, &change, occasion))?;
    Ok(Accepted {})
}

pub(super) fn delete(call: &Call<'_>, request: clb::DeleteListener) -> Result<Accepted, Fault> {
    let (load_balancer, listener) = (&request.load_balancer_id, &request.listener_id);
    call.write(|world, occasion| world.delete_listener(call.region, load_balancer, listener, occasion))?;
    Ok(Accepted {})
}

pub(super) fn delete_all(call: &Call<'_>, request: clb::DeleteLoadBalancerListeners) -> Result<Accepted, Fault> {
    let (load_balancer, listeners) = (&request.load_balancer_id, request.listener_ids.unwrap_or_default());
    call.write(|world, occasion| world.delete_listeners(call.region, load_balancer, &listeners, occasion))?;
    Ok(Accepted {})
}

pub(super) fn set_running(call: &Call<'_>, request: clb::SetLoadBalancerStartStatus) -> Result<Accepted, Fault> {
    let draft = RunningDraft {
        operation: request.operation_type,
        load_balancer_id: request.load_balancer_id,
        listener_ids: request.listener_ids.unwrap_or_default(),
    };
    call.write(|world, occasion| world.set_listeners_running(call.region, &draft, occasion))?;
    Ok(Accepted {})
}

/// An action for rules of layer 7, which no listener here has: it is refused on every listener that is there.
pub(super) fn of_layer_7(call: &Call<'_>, request: OfLayer7) -> Result<Accepted, Fault> {
    call.in_region(|_, region| {
        let load_balancer = region.load_balancer(&request.load_balancer_id, Rule::LbNotFoundUnlisted)?;
        let listener = load_balancer.listener(&request.listener_id)?;
        Err(Refusal::new(Rule::ListenerL7OnlyAction).at(Field::ListenerId).given(&listener.id))
    })
}

/// What all actions for rules of layer 7 have in common.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OfLayer7 {
    load_balancer_id: String,
    listener_id: String,
}

impl OfLayer7 {
    /// The rest of the arguments says nothing to anyone here.
    pub(super) fn read(arguments: &Arguments) -> Result<Self, Fault> {
        let mut common = arguments.clone();
        common.entries.retain(|name, _| matches!(name.as_str(), "LoadBalancerId" | "ListenerId"));
        Ok(arguments::read(&common)?)
    }
}

fn health_check(given: clb::HealthCheck) -> HealthCheckDraft {
    HealthCheckDraft {
        switch: given.health_switch,
        check_type: given.check_type,
        timeout: given.time_out,
        interval: given.interval_time,
        healthy_threshold: given.health_num,
        unhealthy_threshold: given.un_health_num,
        http_codes: given.http_code,
        http_method: given.http_check_method,
        http_path: given.http_check_path,
        http_domain: given.http_check_domain,
        http_version: given.http_version,
        source: given.source_ip_type,
        check_port: given.check_port,
        context_type: given.context_type,
        send_context: given.send_context,
        receive_context: given.recv_context,
        extended_code: given.extended_code,
    }
}

pub(super) fn tls(given: clb::CertificateInput) -> TlsDraft {
    let inline_server = given.cert_name.is_some() || given.cert_content.is_some() || given.cert_key.is_some();
    let inline_ca = given.cert_ca_name.is_some() || given.cert_ca_content.is_some();
    let server = chosen(given.cert_id).or_else(|| {
        inline_server.then(|| {
            let key = given.cert_key.as_ref().map(clb_cloud_api::secret::Secret::expose);
            inline(given.cert_name, given.cert_content.as_deref(), key, "SVR")
        })
    });
    let client_ca = chosen(given.cert_ca_id)
        .or_else(|| inline_ca.then(|| inline(given.cert_ca_name, given.cert_ca_content.as_deref(), None, "CA")));
    TlsDraft { mode: given.ssl_mode, verify_client: given.ssl_verify_client, server, client_ca }
}

fn multi_tls(given: clb::MultiCertInfo) -> MultiTlsDraft {
    MultiTlsDraft {
        mode: given.ssl_mode,
        verify_client: given.ssl_verify_client,
        certificates: given.cert_list.into_iter().map(one_of_several).collect(),
    }
}

/// One that is uploaded without a key is meant to be a CA (a choice: `CertInfo` has no type).
fn one_of_several(given: clb::CertInfo) -> CertificateChoice {
    chosen(given.cert_id).unwrap_or_else(|| {
        let purpose = if given.cert_key.is_some() { "SVR" } else { "CA" };
        let key = given.cert_key.as_ref().map(clb_cloud_api::secret::Secret::expose);
        inline(given.cert_name, given.cert_content.as_deref(), key, purpose)
    })
}

/// An empty id counts as none: clients send it for what they leave out.
fn chosen(id: Option<String>) -> Option<CertificateChoice> {
    id.filter(|id| !id.is_empty()).map(CertificateChoice::Known)
}

fn inline(name: Option<String>, pem: Option<&str>, key: Option<&str>, purpose: &str) -> CertificateChoice {
    let draft = pem.map(|pem| x509::draft(pem, key, Some(purpose), name.clone(), true, Tags::default()));
    CertificateChoice::Inline(Box::new(InlineCertificate { name, draft }))
}

fn view(it: &Listener) -> clb::Listener {
    let limit = |limit: Option<u32>| limit.map_or(-1, i64::from);
    let (settings, reschedule) = (&it.settings, &it.settings.reschedule);
    // H2cSwitch is for HTTP listeners; no flag is known for SslCloseSwitch.
    let flags = [
        ("Stop", it.stopped),
        ("ProxyProtocol", it.proxy_protocol),
        ("SnatEnable", it.snat),
        ("RescheduleTargetZeroWeight", reschedule.target_zero_weight),
        ("RescheduleUnhealthy", reschedule.unhealthy),
        ("RescheduleExpandTarget", reschedule.expand_target),
    ];
    clb::Listener {
        listener_id: it.id.to_string(),
        protocol: it.protocol.word().to_owned(),
        port: i64::from(it.port),
        certificate: it.tls.as_ref().map(view_tls),
        health_check: Some(view_health_check(&it.health_check)),
        scheduler: Some(scheduler_word(it.scheduler).to_owned()),
        session_expire_time: Some(i64::from(settings.session_expire_time)),
        listener_name: it.name.clone(),
        create_time: written::time(it.created_at),
        target_type: Some("NODE".to_owned()),
        session_type: settings.session_type.word().to_owned(),
        deregister_target_rst: settings.deregister_target_rst,
        attr_flags: flags.iter().filter(|(_, on)| *on).map(|(flag, _)| (*flag).to_owned()).collect(),
        max_conn: limit(it.limits.concurrent),
        max_cps: limit(it.limits.new_per_second),
        idle_connect_timeout: Some(i64::from(settings.idle_connect_timeout)),
        reschedule_interval: u64::from(reschedule.interval),
        reschedule_start_time: i64::from(reschedule.start_time),
        ..clb::Listener::default()
    }
}

fn view_tls(tls: &ListenerTls) -> clb::CertificateOutput {
    let (mode, verify, ca) = match &tls.clients {
        ClientVerification::OneWay => ("UNIDIRECTIONAL", "ON", String::new()),
        ClientVerification::Mutual { ca, demand: ClientCertificate::Required } => ("MUTUAL", "ON", ca.id.to_string()),
        ClientVerification::Mutual { ca, demand: ClientCertificate::Optional } => {
            ("MUTUAL", "OPTIONAL", ca.id.to_string())
        }
    };
    clb::CertificateOutput {
        ssl_mode: mode.to_owned(),
        ssl_verify_client: verify.to_owned(),
        cert_id: tls.server.id.to_string(),
        cert_ca_id: ca,
        ext_cert_ids: tls.further.iter().map(|certificate| certificate.id.to_string()).collect(),
    }
}

/// HTTP fields only for an HTTP check, those of a custom check only for one, the port only when it is not the backend's
/// own: official clients break on more.
fn view_health_check(it: &HealthCheck) -> clb::HealthCheck {
    let http: Option<&HttpCheck> = match &it.check {
        Check::Http(http) => Some(http),
        Check::Tcp | Check::Ping | Check::Custom(_) => None,
    };
    let custom: Option<&CustomCheck> = match &it.check {
        Check::Custom(custom) => Some(custom),
        Check::Tcp | Check::Ping | Check::Http(_) => None,
    };
    clb::HealthCheck {
        health_switch: Some(i64::from(it.enabled)),
        time_out: Some(i64::from(it.timeout)),
        interval_time: Some(i64::from(it.interval)),
        health_num: Some(i64::from(it.healthy_threshold)),
        un_health_num: Some(i64::from(it.unhealthy_threshold)),
        check_type: Some(it.check.word().to_owned()),
        check_port: it.port.map(i64::from),
        context_type: custom.map(|custom| if custom.hexadecimal { "HEX" } else { "TEXT" }.to_owned()),
        send_context: custom.map(|custom| custom.send.clone()),
        recv_context: custom.map(|custom| custom.receive.clone()),
        http_code: http.map(|http| i64::from(http.codes)),
        http_check_path: http.map(|http| http.path.clone()),
        http_check_domain: http.map(|http| http.domain.clone()),
        http_check_method: http.map(|http| http.method.clone()),
        http_version: http.map(|http| http.version.clone()),
        source_ip_type: Some(match it.source {
            CheckSource::Vip => 0,
            CheckSource::SharedRange => 1,
        }),
        ..clb::HealthCheck::default()
    }
}
