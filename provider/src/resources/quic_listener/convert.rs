//! Between a QUIC listener in Terraform and on the wire. Pure: no calls.

use std::collections::BTreeSet;

use clb_cloud_api::clb;
use tfplugin_sdk::{Error, Result};

use super::{
    CheckSource, CheckType, HealthCheck, HttpMethod, HttpVersion, QuicListener, QuicListenerPlan, Scheduler,
    StatusClass, Tls, TlsMode, VerifyClient,
};

/// The protocol of the listeners this resource is about.
pub(crate) const QUIC: &str = "QUIC";

/// The flag of a listener that sends PROXY headers.
const PROXY_PROTOCOL: &str = "ProxyProtocol";

/// The flag of a listener that hides the client's address from backends.
const SNAT: &str = "SnatEnable";

/// The platform's word for no limit of connections.
const NO_LIMIT: i64 = -1;

/// What the platform does where an HTTP check does not say.
const DEFAULT_PATH: &str = "/";
const DEFAULT_METHOD: HttpMethod = HttpMethod::Head;
const DEFAULT_VERSION: HttpVersion = HttpVersion::Http11;
const ALL_CLASSES: i64 = 0b1_1111;

/// The creation of a listener.
pub(super) fn creation(plan: &QuicListenerPlan) -> clb::CreateListener {
    clb::CreateListener {
        load_balancer_id: plan.load_balancer_id.clone(),
        ports: vec![i64::from(plan.port)],
        protocol: QUIC.to_owned(),
        listener_names: plan.name.known().map(|name| vec![name.clone()]),
        health_check: Some(health_check(&plan.health_check)),
        certificate: Some(certificate(&plan.tls)),
        scheduler: Some(scheduler(plan.scheduler).to_owned()),
        proxy_protocol: plan.proxy_protocol.then_some(true),
        snat_enable: plan.snat.then_some(true),
        max_conn: plan.max_connections.map(i64::from),
        max_cps: plan.max_new_connections_per_second.map(i64::from),
        ..Default::default()
    }
}

/// The change from what is to what is planned, with only the groups that differ; `None` when there is none.
pub(super) fn modification(now: &QuicListener, plan: &QuicListenerPlan) -> Option<clb::ModifyListener> {
    let nothing = clb::ModifyListener {
        load_balancer_id: now.load_balancer_id.clone(),
        listener_id: now.listener_id.clone(),
        ..Default::default()
    };
    let request = clb::ModifyListener {
        listener_name: plan.name.known().filter(|wanted| **wanted != now.name).cloned(),
        scheduler: (plan.scheduler != now.scheduler).then(|| scheduler(plan.scheduler).to_owned()),
        certificate: (plan.tls != now.tls).then(|| certificate(&plan.tls)),
        health_check: (plan.health_check != now.health_check).then(|| health_check(&plan.health_check)),
        proxy_protocol: (plan.proxy_protocol != now.proxy_protocol).then_some(plan.proxy_protocol),
        snat_enable: (plan.snat != now.snat).then_some(plan.snat),
        max_conn: changed_limit(now.max_connections, plan.max_connections),
        max_cps: changed_limit(now.max_new_connections_per_second, plan.max_new_connections_per_second),
        ..nothing.clone()
    };
    (request != nothing).then_some(request)
}

/// What the platform says of a listener, as Terraform's state. `before` is the health check the user knows of.
pub(crate) fn from_wire(
    load_balancer_id: &str,
    listener: &clb::Listener,
    before: &HealthCheck,
) -> Result<QuicListener> {
    let id = &listener.listener_id;
    if listener.protocol != QUIC {
        let found = &listener.protocol;
        return Err(Error::new(format!("The listener {id} is no QUIC listener"))
            .detail(format!("Its protocol is {found}, and a listener never changes its protocol.")));
    }
    let scheduler = match listener.scheduler.as_deref() {
        None | Some("WRR") => Scheduler::WeightedRoundRobin,
        Some("LEAST_CONN") => Scheduler::LeastConnections,
        Some(other) => {
            return Err(Error::new(format!("The listener {id} has an unknown scheduler")).detail(format!(
                "The platform calls it {other}; this version of the provider knows WRR and LEAST_CONN."
            )));
        }
    };
    let has = |wanted: &str| listener.attr_flags.iter().any(|flag| flag == wanted);
    Ok(QuicListener {
        listener_id: id.clone(),
        load_balancer_id: load_balancer_id.to_owned(),
        port: u16::try_from(listener.port).unwrap_or_default(),
        name: listener.listener_name.clone(),
        scheduler,
        tls: tls(listener.certificate.as_ref()),
        health_check: checked(listener.health_check.as_ref(), before),
        proxy_protocol: has(PROXY_PROTOCOL),
        snat: has(SNAT),
        max_connections: limit(listener.max_conn),
        max_new_connections_per_second: limit(listener.max_cps),
        timeouts: None,
    })
}

/// What to say of a limit, if it changes.
fn changed_limit(now: Option<u32>, wanted: Option<u32>) -> Option<i64> {
    (now != wanted).then(|| wanted.map_or(NO_LIMIT, i64::from))
}

/// A limit that the platform tells; a reply without the field is one of a listener without limit.
fn limit(found: i64) -> Option<u32> {
    u32::try_from(found).ok().filter(|limit| *limit > 0)
}

fn scheduler(scheduler: Scheduler) -> &'static str {
    match scheduler {
        Scheduler::WeightedRoundRobin => "WRR",
        Scheduler::LeastConnections => "LEAST_CONN",
    }
}

fn certificate(tls: &Tls) -> clb::CertificateInput {
    let mode = match tls.mode {
        TlsMode::OneWay => "UNIDIRECTIONAL",
        TlsMode::Mutual => "MUTUAL",
    };
    let verify = match tls.verify_client {
        VerifyClient::Required => "ON",
        VerifyClient::Optional => "OPTIONAL",
    };
    clb::CertificateInput {
        ssl_mode: Some(mode.to_owned()),
        // Said also where it is the default: otherwise the platform could keep what was there before.
        ssl_verify_client: (tls.mode == TlsMode::Mutual).then(|| verify.to_owned()),
        cert_id: Some(tls.certificate_id.clone()),
        cert_ca_id: tls.client_ca_certificate_id.clone(),
        ..Default::default()
    }
}

/// A listener without a certificate reads as one with an empty id: the next plan then sets it again.
fn tls(certificate: Option<&clb::CertificateOutput>) -> Tls {
    let mutual = certificate.is_some_and(|certificate| certificate.ssl_mode == "MUTUAL");
    let ca = certificate.map(|certificate| certificate.cert_ca_id.clone());
    // What stands there with one-way TLS means nothing.
    let optional = mutual && certificate.is_some_and(|certificate| certificate.ssl_verify_client == "OPTIONAL");
    Tls {
        mode: if mutual { TlsMode::Mutual } else { TlsMode::OneWay },
        certificate_id: certificate.map(|certificate| certificate.cert_id.clone()).unwrap_or_default(),
        client_ca_certificate_id: ca.filter(|id| mutual && !id.is_empty()),
        verify_client: if optional { VerifyClient::Optional } else { VerifyClient::Required },
    }
}

fn health_check(check: &HealthCheck) -> clb::HealthCheck {
    let request = clb::HealthCheck {
        health_switch: Some(i64::from(check.enabled)),
        time_out: Some(check.timeout.into()),
        interval_time: Some(check.interval.into()),
        health_num: Some(check.healthy_threshold.into()),
        un_health_num: Some(check.unhealthy_threshold.into()),
        source_ip_type: Some(i64::from(check.source_ip == CheckSource::PlatformRange)),
        check_type: Some(if check.r#type == CheckType::Http { "HTTP" } else { "TCP" }.to_owned()),
        ..Default::default()
    };
    if check.r#type == CheckType::Tcp {
        return request;
    }
    // What the user leaves out is said all the same: otherwise the platform would keep what was there before.
    let classes = check.http_status_classes.as_ref();
    clb::HealthCheck {
        http_check_domain: check.http_domain.clone(),
        http_check_path: Some(check.http_path.clone().unwrap_or_else(|| DEFAULT_PATH.to_owned())),
        http_check_method: Some(check.http_method.unwrap_or(DEFAULT_METHOD).to_string()),
        http_version: Some(check.http_version.unwrap_or(DEFAULT_VERSION).to_string()),
        http_code: Some(classes.map_or(ALL_CLASSES, |classes| classes.iter().map(|class| bit(*class)).sum())),
        ..request
    }
}

/// What the platform says of a check. Whether it fills in defaults is not documented: where it names a default that the user left
/// out, the user's silence stays; where it names HTTP fields on a TCP check, they mean nothing.
fn checked(check: Option<&clb::HealthCheck>, before: &HealthCheck) -> HealthCheck {
    let Some(check) = check else { return before.clone() };
    let default = HealthCheck::default();
    let number =
        |value: Option<i64>, default: u16| value.and_then(|value| u16::try_from(value).ok()).unwrap_or(default);
    let read = HealthCheck {
        enabled: check.health_switch != Some(0),
        r#type: if check.check_type.as_deref() == Some("HTTP") { CheckType::Http } else { CheckType::Tcp },
        interval: number(check.interval_time, default.interval),
        timeout: number(check.time_out, default.timeout),
        healthy_threshold: number(check.health_num, default.healthy_threshold),
        unhealthy_threshold: number(check.un_health_num, default.unhealthy_threshold),
        source_ip: if check.source_ip_type == Some(1) { CheckSource::PlatformRange } else { CheckSource::Vip },
        ..default
    };
    if read.r#type == CheckType::Tcp {
        return read;
    }
    let path = check.http_check_path.clone().unwrap_or_else(|| DEFAULT_PATH.to_owned());
    let method = check.http_check_method.as_deref().and_then(|method| method.parse().ok()).unwrap_or(DEFAULT_METHOD);
    let version = check.http_version.as_deref().and_then(|version| version.parse().ok()).unwrap_or(DEFAULT_VERSION);
    let classes = classes(check.http_code.filter(|code| *code != 0).unwrap_or(ALL_CLASSES));
    HealthCheck {
        http_domain: check.http_check_domain.clone().filter(|domain| !domain.is_empty()),
        http_path: unless_silent(path, before.http_path.as_ref(), &DEFAULT_PATH.to_owned()),
        http_method: unless_silent(method, before.http_method.as_ref(), &DEFAULT_METHOD),
        http_version: unless_silent(version, before.http_version.as_ref(), &DEFAULT_VERSION),
        http_status_classes: unless_silent(classes, before.http_status_classes.as_ref(), &self::classes(ALL_CLASSES)),
        ..read
    }
}

fn unless_silent<T: PartialEq>(found: T, before: Option<&T>, default: &T) -> Option<T> {
    (before.is_some() || found != *default).then_some(found)
}

fn bit(class: StatusClass) -> i64 {
    match class {
        StatusClass::Informational => 1,
        StatusClass::Success => 2,
        StatusClass::Redirection => 4,
        StatusClass::ClientError => 8,
        StatusClass::ServerError => 16,
    }
}

fn classes(code: i64) -> BTreeSet<StatusClass> {
    use StatusClass::{ClientError, Informational, Redirection, ServerError, Success};
    [Informational, Success, Redirection, ClientError, ServerError]
        .into_iter()
        .filter(|class| code & bit(*class) != 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clb_cloud_api::clb;
    use tfplugin_sdk::Planned;

    use super::{creation, from_wire, modification};
    use crate::resources::quic_listener::{
        CheckSource, CheckType, HealthCheck, HttpMethod, QuicListener, QuicListenerPlan, Scheduler, StatusClass, Tls,
        TlsMode, VerifyClient,
    };

    fn plan() -> QuicListenerPlan {
        QuicListenerPlan {
            listener_id: Planned::Unknown,
            load_balancer_id: "lb-1".to_owned(),
            port: 443,
            name: Planned::Known("quic".to_owned()),
            scheduler: Scheduler::LeastConnections,
            tls: Tls {
                mode: TlsMode::Mutual,
                certificate_id: "aB3dE5gH".to_owned(),
                client_ca_certificate_id: Some("cD4eF6iJ".to_owned()),
                verify_client: VerifyClient::Optional,
            },
            health_check: HealthCheck::default(),
            proxy_protocol: true,
            snat: true,
            max_connections: Some(100),
            max_new_connections_per_second: None,
            timeouts: None,
        }
    }

    /// What a platform that keeps what it is told would say of a listener created like this.
    fn told(request: clb::CreateListener) -> clb::Listener {
        let certificate = request.certificate.expect("always sent");
        let flags = [request.proxy_protocol.map(|_| "ProxyProtocol"), request.snat_enable.map(|_| "SnatEnable")];
        clb::Listener {
            listener_id: "lbl-1".to_owned(),
            protocol: request.protocol,
            port: request.ports[0],
            listener_name: request.listener_names.expect("named")[0].clone(),
            scheduler: request.scheduler,
            certificate: Some(clb::CertificateOutput {
                ssl_mode: certificate.ssl_mode.expect("always sent"),
                ssl_verify_client: certificate.ssl_verify_client.unwrap_or_default(),
                cert_id: certificate.cert_id.expect("always sent"),
                cert_ca_id: certificate.cert_ca_id.unwrap_or_default(),
                ..Default::default()
            }),
            health_check: request.health_check,
            attr_flags: flags.into_iter().flatten().map(str::to_owned).collect(),
            max_conn: request.max_conn.unwrap_or(-1),
            max_cps: request.max_cps.unwrap_or_default(),
            ..Default::default()
        }
    }

    fn read_back(plan: &QuicListenerPlan) -> QuicListener {
        from_wire("lb-1", &told(creation(plan)), &plan.health_check).expect("a QUIC listener")
    }

    fn http() -> HealthCheck {
        let (domain, kind) = (Some("a.example".to_owned()), CheckType::Http);
        HealthCheck { r#type: kind, http_domain: domain, ..HealthCheck::default() }
    }

    #[test]
    fn what_is_created_reads_back_as_planned() {
        let classes = Some(BTreeSet::from([StatusClass::Success, StatusClass::Redirection]));
        let full = HealthCheck {
            http_path: Some("/".to_owned()),
            http_method: Some(HttpMethod::Get),
            http_status_classes: classes,
            enabled: false,
            interval: 300,
            source_ip: CheckSource::PlatformRange,
            ..http()
        };
        for health_check in [HealthCheck::default(), http(), full] {
            let plan = QuicListenerPlan { health_check, ..plan() };
            let read = read_back(&plan);
            assert_eq!((&read.tls, &read.health_check), (&plan.tls, &plan.health_check));
            assert_eq!(
                (read.scheduler, read.proxy_protocol, read.snat, read.port),
                (plan.scheduler, plan.proxy_protocol, plan.snat, plan.port)
            );
            assert_eq!((read.max_connections, read.max_new_connections_per_second), (Some(100), None));
            assert_eq!(modification(&read, &plan), None);
        }
    }

    #[test]
    fn only_the_group_that_changed_is_sent() {
        let now = read_back(&plan());
        let renamed = modification(&now, &QuicListenerPlan { name: Planned::Known("other".to_owned()), ..plan() });
        let expected = clb::ModifyListener {
            load_balancer_id: "lb-1".to_owned(),
            listener_id: "lbl-1".to_owned(),
            listener_name: Some("other".to_owned()),
            ..Default::default()
        };
        assert_eq!(renamed, Some(expected));

        let checked = modification(&now, &QuicListenerPlan { health_check: http(), ..plan() }).expect("differs");
        assert!(checked.certificate.is_none() && checked.health_check.is_some());
    }

    #[test]
    fn a_limit_that_is_taken_out_is_lifted() {
        let now = read_back(&plan());
        let lifted = modification(&now, &QuicListenerPlan { max_connections: None, ..plan() }).expect("differs");
        assert_eq!((lifted.max_conn, lifted.max_cps), (Some(-1), None));
    }

    #[test]
    fn http_fields_of_a_tcp_check_mean_nothing() {
        let mut listener = told(creation(&plan()));
        let check = listener.health_check.as_mut().expect("always sent");
        check.http_code = Some(3);
        check.http_check_method = Some("GET".to_owned());
        check.check_port = Some(8080);
        let read = from_wire("lb-1", &listener, &HealthCheck::default()).expect("a QUIC listener");
        assert_eq!(read.health_check, HealthCheck::default());
    }

    #[test]
    fn a_changed_http_field_is_seen_even_if_the_user_left_it_out() {
        let mut listener = told(creation(&QuicListenerPlan { health_check: http(), ..plan() }));
        listener.health_check.as_mut().expect("always sent").http_check_path = Some("/other".to_owned());
        let read = from_wire("lb-1", &listener, &http()).expect("a QUIC listener");
        assert_eq!(read.health_check.http_path.as_deref(), Some("/other"));
    }

    #[test]
    fn another_protocol_is_not_taken_for_quic() {
        let listener = clb::Listener { protocol: "TCP".to_owned(), ..told(creation(&plan())) };
        let error = from_wire("lb-1", &listener, &HealthCheck::default()).expect_err("no QUIC listener");
        assert!(error.diagnostic().detail.contains("TCP"), "{error}");
    }
}
