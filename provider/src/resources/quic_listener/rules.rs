//! What a QUIC listener has to obey, as far as it can be known before apply: rules between attributes, and what the platform
//! says of the load balancer, the port and the certificates. What is unknown is left to the platform.

use clb_cloud_api::clb;
use tfplugin_sdk::{Path, PlanEdit, Report, Result, Value, path};

use super::convert::QUIC;
use super::{CheckType, HealthCheckConfig, QuicListener, QuicListenerConfig, TlsConfig, TlsMode};
use crate::errors::Doing;
use crate::platform::Platform;
use crate::resources::certificate::CertificateType;
use crate::resources::load_balancer::{AddressIpVersion, ip_version};

/// The only generation that carries QUIC listeners.
const CURRENT_GENERATION: u64 = 1;

/// IPv6 load balancers check their backends at this interval or slower. That NAT64 counts as IPv6 is not stated by the platform.
const SHORTEST_INTERVAL_ON_IPV6: u16 = 5;

/// Rules between attributes.
pub(super) fn validate(config: &QuicListenerConfig, report: &mut Report) {
    if let Value::Known(tls) = &config.tls {
        validate_tls(tls, report);
    }
    if let Value::Known(check) = &config.health_check {
        validate_timing(check, report);
        validate_http(check, report);
    }
}

fn validate_tls(tls: &TlsConfig, report: &mut Report) {
    let mode = or_default(&tls.mode, TlsMode::OneWay);
    if mode == Some(TlsMode::Mutual) && tls.client_ca_certificate_id.is_null() {
        report.error(
            path!(tls.client_ca_certificate_id),
            "Mutual TLS needs a client CA certificate",
            "With tls.mode \"mutual\" every client shows a certificate, which is checked against the CA certificate that \
             client_ca_certificate_id names. Set it, or set tls.mode to \"one_way\".",
        );
    }
    if mode == Some(TlsMode::OneWay) && !tls.client_ca_certificate_id.is_null() {
        report.error(
            path!(tls.client_ca_certificate_id),
            "One-way TLS takes no client CA certificate",
            "With tls.mode \"one_way\" no client is asked for a certificate, so this CA would never be used. Set tls.mode to \
             \"mutual\", or remove client_ca_certificate_id.",
        );
    }
}

fn validate_timing(check: &HealthCheckConfig, report: &mut Report) {
    let (timeout, interval) = (or_default(&check.timeout, 2), or_default(&check.interval, 5));
    let (Some(timeout), Some(interval)) = (timeout, interval) else { return };
    if timeout >= interval {
        report.error(
            path!(health_check.timeout),
            "The health check's timeout must be less than its interval",
            format!(
                "A check must be over before the next one starts: timeout is {timeout} seconds, interval is {interval}. Lower \
                 health_check.timeout (at least 2) or raise health_check.interval (at most 300)."
            ),
        );
    }
}

fn validate_http(check: &HealthCheckConfig, report: &mut Report) {
    let kind = or_default(&check.r#type, CheckType::Tcp);
    if kind == Some(CheckType::Http) && check.http_domain.is_null() {
        report.error(
            path!(health_check.http_domain),
            "An HTTP health check needs http_domain",
            "The platform sends HTTP/1.1 requests, which must name a host.",
        );
    }
    if kind != Some(CheckType::Tcp) {
        return;
    }
    let http_only = [
        ("http_domain", check.http_domain.is_null()),
        ("http_path", check.http_path.is_null()),
        ("http_method", check.http_method.is_null()),
        ("http_version", check.http_version.is_null()),
        ("http_status_classes", check.http_status_classes.is_null()),
    ];
    for (name, _) in http_only.iter().filter(|(_, is_null)| !is_null) {
        report.error(
            path!(health_check).attribute(name),
            format!("{name} is for HTTP health checks"),
            format!(
                "health_check.type is \"tcp\": only that a connection opens is checked. Remove {name}, or set health_check.type \
                 to \"http\"."
            ),
        );
    }
}

fn or_default<T: Copy>(value: &Value<T>, default: T) -> Option<T> {
    match value {
        Value::Null => Some(default),
        Value::Known(value) => Some(*value),
        Value::Unknown(_) => None,
    }
}

/// What the platform can say of a plan. Only what changes is asked about.
pub(super) async fn plan(plan: &mut PlanEdit<'_, QuicListener>) -> Result<()> {
    let Some(platform) = plan.api else { return Ok(()) };
    if plan.is_destroy() {
        return Ok(());
    }
    if let Some(prior) = &plan.prior {
        platform.remember_managed(&prior.listener_id);
    }
    let changed = Changed::of(plan);
    if changed.place {
        check_place(plan, platform).await?;
    }
    if changed.tls {
        check_certificates(plan, platform).await?;
    }
    Ok(())
}

/// Which groups of attributes are new.
struct Changed {
    place: bool,
    tls: bool,
}

impl Changed {
    fn of(plan: &PlanEdit<'_, QuicListener>) -> Self {
        let Some(prior) = &plan.prior else { return Self { place: true, tls: true } };
        let planned = &plan.planned;
        let interval = match &planned.health_check {
            Value::Known(check) => check.interval.known() != Some(&prior.health_check.interval),
            _ => false,
        };
        let place = planned.load_balancer_id.known() != Some(&prior.load_balancer_id)
            || planned.port.known() != Some(&prior.port)
            || interval;
        let tls = match &planned.tls {
            Value::Known(tls) => {
                tls.certificate_id.known() != Some(&prior.tls.certificate_id)
                    || tls.client_ca_certificate_id.known() != prior.tls.client_ca_certificate_id.as_ref()
            }
            _ => false,
        };
        Self { place, tls }
    }
}

/// The load balancer, and the port on it.
async fn check_place(plan: &mut PlanEdit<'_, QuicListener>, platform: &Platform) -> Result<()> {
    let Some(id) = plan.planned.load_balancer_id.known().cloned() else { return Ok(()) };
    let Some(balancer) = platform.load_balancer(&id).await.doing(format_args!("read the load balancer {id}"))? else {
        let region = platform.region();
        plan.error(
            path!(load_balancer_id),
            format!("The load balancer {id} does not exist"),
            format!("There is none with this id in the region {region} of this account. Check the id and the provider's region."),
        );
        return Ok(());
    };
    if let Some(reason) = cannot_carry_quic(&balancer) {
        plan.error(
            path!(load_balancer_id),
            format!("The load balancer {id} cannot carry QUIC listeners"),
            format!(
                "{reason} A QUIC listener needs a load balancer of the current generation, in a VPC, with an IPv4 or an IPv6 \
                 NAT64 address."
            ),
        );
        return Ok(());
    }
    let interval = match &plan.planned.health_check {
        Value::Known(check) => check.interval.known().copied(),
        _ => None,
    };
    let ipv6 = ip_version(&balancer) != AddressIpVersion::Ipv4;
    if let Some(interval) = interval.filter(|interval| ipv6 && *interval < SHORTEST_INTERVAL_ON_IPV6) {
        plan.error(
            path!(health_check.interval),
            "The health check's interval is too short for an IPv6 load balancer",
            format!(
                "The load balancer {id} has an IPv6 address; these check their backends every {SHORTEST_INTERVAL_ON_IPV6} to \
                 300 seconds. The interval is {interval}."
            ),
        );
    }
    check_port(plan, platform, &id).await
}

async fn check_port(plan: &mut PlanEdit<'_, QuicListener>, platform: &Platform, id: &str) -> Result<()> {
    let Some(port) = plan.planned.port.known().copied() else { return Ok(()) };
    let listeners = platform.listeners(id).await.doing(format_args!("list the listeners of {id}"))?;
    let own = plan.prior.as_ref().map(|prior| prior.listener_id.as_str());
    let Some(holder) = listeners.as_ref().and_then(|listeners| holder_of(listeners, port, own)) else { return Ok(()) };
    let name = Some(&holder.listener_name).filter(|name| !name.is_empty());
    let name = name.map(|name| format!(" (\"{name}\")")).unwrap_or_default();
    let who = format!("the {} listener {}{name}", holder.protocol, holder.listener_id);
    let rule =
        format!("UDP and QUIC listeners of a load balancer share one port space, and {who} has port {port} of {id}.");
    if platform.is_managed(&holder.listener_id) {
        // It may be about to be replaced or destroyed by this very plan, before this one is created.
        let remedy = "Terraform manages that listener too. Unless this plan removes it first, this one cannot be created. If its resource \
             was only renamed, a `moved` block keeps the listener.";
        plan.warn(path!(port), format!("Port {port} is in use at present"), format!("{rule} {remedy}"));
    } else {
        let remedy = format!(
            "Choose another port, remove that listener, or import it: terraform import ADDRESS {id}/{}. If Terraform manages it, \
             because its resource was renamed or is to be replaced, plan without -refresh=false.",
            holder.listener_id
        );
        plan.error(path!(port), format!("Port {port} is taken"), format!("{rule} {remedy}"));
    }
    Ok(())
}

/// The listener that has a port in the port space of QUIC.
fn holder_of<'a>(listeners: &'a [clb::Listener], port: u16, own: Option<&str>) -> Option<&'a clb::Listener> {
    listeners.iter().find(|listener| {
        let same_space = listener.protocol == QUIC || listener.protocol == "UDP";
        same_space && listener.port == i64::from(port) && Some(listener.listener_id.as_str()) != own
    })
}

/// Why a load balancer cannot carry QUIC listeners.
fn cannot_carry_quic(balancer: &clb::LoadBalancer) -> Option<&'static str> {
    if balancer.forward != CURRENT_GENERATION {
        return Some("It is a classic load balancer.");
    }
    if balancer.vpc_id.is_empty() || balancer.vpc_id == "0" {
        return Some("It is in the basic network, not in a VPC.");
    }
    if ip_version(balancer) == AddressIpVersion::Ipv6FullChain {
        return Some("Its address is IPv6 up to the backends (ipv6_full_chain).");
    }
    None
}

async fn check_certificates(plan: &mut PlanEdit<'_, QuicListener>, platform: &Platform) -> Result<()> {
    let Value::Known(tls) = &plan.planned.tls else { return Ok(()) };
    let server = (path!(tls.certificate_id), tls.certificate_id.known().cloned(), CertificateType::Server);
    let ca = tls.client_ca_certificate_id.known().cloned();
    let ca = (path!(tls.client_ca_certificate_id), ca, CertificateType::ClientCa);
    for (path, id, expected) in [server, ca] {
        if let Some(id) = id {
            check_certificate(plan, platform, path, &id, expected).await?;
        }
    }
    Ok(())
}

async fn check_certificate(
    plan: &mut PlanEdit<'_, QuicListener>,
    platform: &Platform,
    path: Path,
    id: &str,
    expected: CertificateType,
) -> Result<()> {
    let found = platform.certificate(id).await.doing(format_args!("read the certificate {id}"))?;
    let Some(found) = found else {
        let remedy = "There is none with this id in this account. Certificates of the platform are named by 8 letters and digits.";
        plan.error(path, format!("The certificate {id} does not exist"), remedy);
        return Ok(());
    };
    if found.certificate_type != expected.wire() {
        let (needed, got) = match expected {
            CertificateType::Server => ("a server certificate (type \"server\")", "a CA certificate"),
            CertificateType::ClientCa => ("a CA certificate (type \"client_ca\")", "a server certificate"),
        };
        plan.error(
            path.clone(),
            format!("The certificate {id} is of the wrong type"),
            format!("`{path}` names {needed}; {id} is {got} ({}).", found.certificate_type),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clb_cloud_api::clb;
    use tfplugin_sdk::{Refinements, Report, Value};

    use super::{cannot_carry_quic, holder_of, validate_http, validate_timing, validate_tls};
    use crate::resources::quic_listener::{CheckType, HealthCheckConfig, TlsConfig, TlsMode};

    fn paths(check: impl FnOnce(&mut Report)) -> Vec<String> {
        let mut report = Report::new();
        check(&mut report);
        report.diagnostics().iter().map(|found| found.path.to_string()).collect()
    }

    fn health_check() -> HealthCheckConfig {
        HealthCheckConfig {
            enabled: Value::Null,
            r#type: Value::Null,
            interval: Value::Null,
            timeout: Value::Null,
            healthy_threshold: Value::Null,
            unhealthy_threshold: Value::Null,
            http_domain: Value::Null,
            http_path: Value::Null,
            http_method: Value::Null,
            http_version: Value::Null,
            http_status_classes: Value::Null,
        }
    }

    fn tls(mode: Value<TlsMode>, ca: Value<String>) -> TlsConfig {
        TlsConfig { mode, certificate_id: Value::Known("aB3dE5gH".to_owned()), client_ca_certificate_id: ca }
    }

    fn unknown<T>() -> Value<T> {
        Value::Unknown(Refinements::none())
    }

    #[test]
    fn the_timeout_must_be_less_than_the_interval() {
        let timing = |timeout, interval| {
            let check = HealthCheckConfig { interval, timeout, ..health_check() };
            paths(|report| validate_timing(&check, report))
        };
        assert_eq!(timing(Value::Known(5), Value::Null), ["health_check.timeout"], "the default interval is 5");
        assert_eq!(timing(Value::Null, Value::Known(2)), ["health_check.timeout"], "the default timeout is 2");
        assert!(timing(Value::Known(4), Value::Null).is_empty());
        assert!(timing(Value::Known(60), unknown()).is_empty());
    }

    #[test]
    fn mutual_tls_needs_a_client_ca_and_one_way_tls_refuses_it() {
        let check = |mode, ca| paths(|report| validate_tls(&tls(mode, ca), report));
        let ca = || Value::Known("cD4eF6iJ".to_owned());
        assert_eq!(check(Value::Known(TlsMode::Mutual), Value::Null), ["tls.client_ca_certificate_id"]);
        assert_eq!(check(Value::Null, ca()), ["tls.client_ca_certificate_id"]);
        assert!(check(Value::Known(TlsMode::Mutual), ca()).is_empty());
        assert!(check(Value::Known(TlsMode::Mutual), unknown()).is_empty());
        assert!(check(unknown(), Value::Null).is_empty());
    }

    #[test]
    fn http_fields_need_an_http_check_and_an_http_check_needs_a_domain() {
        let check =
            HealthCheckConfig { http_path: Value::Known("/up".to_owned()), http_method: unknown(), ..health_check() };
        assert_eq!(
            paths(|report| validate_http(&check, report)),
            ["health_check.http_path", "health_check.http_method"]
        );
        let check = HealthCheckConfig { r#type: Value::Known(CheckType::Http), ..check };
        assert_eq!(paths(|report| validate_http(&check, report)), ["health_check.http_domain"]);
        let check = HealthCheckConfig { r#type: unknown(), ..check };
        assert!(paths(|report| validate_http(&check, report)).is_empty());
    }

    #[test]
    fn only_load_balancers_of_the_right_kind_carry_quic() {
        let good = clb::LoadBalancer { forward: 1, vpc_id: "vpc-1".to_owned(), ..Default::default() };
        let ipv6 = |mode: &str| clb::LoadBalancer {
            address_ip_version: "ipv6".to_owned(),
            ipv6_mode: Some(mode.to_owned()),
            ..good.clone()
        };
        assert_eq!(cannot_carry_quic(&good), None);
        assert_eq!(cannot_carry_quic(&ipv6("IPv6Nat64")), None);
        assert!(cannot_carry_quic(&ipv6("IPv6FullChain")).is_some());
        assert!(cannot_carry_quic(&clb::LoadBalancer { forward: 0, ..good.clone() }).is_some());
        assert!(cannot_carry_quic(&clb::LoadBalancer { vpc_id: String::new(), ..good }).is_some());
    }

    #[test]
    fn a_port_is_shared_with_tcp_and_not_with_udp() {
        let listener = |id: &str, protocol: &str| clb::Listener {
            listener_id: id.to_owned(),
            protocol: protocol.to_owned(),
            port: 443,
            ..Default::default()
        };
        let holder =
            |listeners: &[clb::Listener], own| holder_of(listeners, 443, own).map(|held| held.listener_id.clone());
        assert_eq!(holder(&[listener("lbl-1", "TCP"), listener("lbl-2", "HTTPS")], None), None);
        assert_eq!(holder(&[listener("lbl-1", "UDP")], None).as_deref(), Some("lbl-1"));
        assert_eq!(holder(&[listener("lbl-1", "QUIC")], None).as_deref(), Some("lbl-1"));
        assert_eq!(holder(&[listener("lbl-1", "QUIC")], Some("lbl-1")), None);
    }
}
