//! What can be said of the plan of a QUIC listener: of the load balancer, the port, the quota and the certificates. What is unknown
//! is left to the platform.

use clb_cloud_api::clb;
use tfplugin_sdk::{Path, PlanEdit, Result, Value, path};

use super::convert::QUIC;
use super::{CheckSource, QuicListener};
use crate::errors::Doing;
use crate::platform::{Platform, Quota};
use crate::resources::certificate::{CertificateType, warn_of_expiry};
use crate::resources::load_balancer::{AddressIpVersion, ip_version};
use crate::resources::{quota, refuse_absent};

/// The only generation that carries QUIC listeners.
const CURRENT_GENERATION: u64 = 1;

/// IPv6 load balancers check their backends at this interval or slower. That NAT64 counts as IPv6 is not stated by the platform.
const SHORTEST_INTERVAL_ON_IPV6: u16 = 5;

/// Asks about what changes.
pub(super) async fn plan(plan: &mut PlanEdit<'_, QuicListener>) -> Result<()> {
    if plan.is_destroy() {
        return Ok(());
    }
    warn_if_nothing_is_checked(plan);
    let Some(platform) = plan.api else { return Ok(()) };
    if let Some(prior) = &plan.prior {
        platform.remember_managed(&prior.listener_id);
    }
    let place = [
        path!(load_balancer_id),
        path!(port),
        path!(health_check.interval),
        path!(health_check.source_ip),
        path!(max_connections),
        path!(max_new_connections_per_second),
    ];
    if place.iter().any(|path| plan.changes(path)) {
        check_place(plan, platform).await?;
    }
    let Value::Known(tls) = plan.planned.tls.clone() else { return Ok(()) };
    for (path, id, expected) in [
        (path!(tls.certificate_id), tls.certificate_id, CertificateType::Server),
        (path!(tls.client_ca_certificate_id), tls.client_ca_certificate_id, CertificateType::ClientCa),
    ] {
        if let Some(id) = id.known().filter(|_| plan.changes(&path)) {
            check_certificate(plan, platform, path, id, expected).await?;
        }
    }
    Ok(())
}

fn warn_if_nothing_is_checked(plan: &mut PlanEdit<'_, QuicListener>) {
    let Value::Known(check) = &plan.planned.health_check else { return };
    if check.enabled.known() == Some(&false) && plan.changes(&path!(health_check.enabled)) {
        plan.warn(
            path!(health_check.enabled),
            "The backends of this listener are not checked",
            "New connections go to all of them, also to those that are down. Leave out `enabled` unless that is wanted.",
        );
    }
}

/// The load balancer, and the port on it.
async fn check_place(plan: &mut PlanEdit<'_, QuicListener>, platform: &Platform) -> Result<()> {
    let Some(id) = plan.planned.load_balancer_id.known().cloned() else { return Ok(()) };
    let balancer = platform.recent_load_balancer(&id).await;
    let balancer = balancer.doing_at(format_args!("read the load balancer {id}"), |refusal| {
        (refusal.code == "InvalidParameter.FormatError").then(|| path!(load_balancer_id))
    })?;
    let Some(balancer) = balancer else {
        refuse_absent(plan, path!(load_balancer_id), "load balancer", &id);
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
    if ip_version(&balancer) != AddressIpVersion::Ipv4 {
        check_against_ipv6(plan, &id);
    }
    if balancer.sla_type.is_empty() {
        refuse_limits(plan, &id);
    }
    let listeners = platform.recent_listeners(&id).await.doing(format_args!("list the listeners of {id}"))?;
    let listeners = listeners.as_deref().map(Vec::as_slice).unwrap_or_default();
    check_port(plan, platform, &id, listeners);
    check_quota(plan, platform, &id, listeners).await
}

/// What load balancers with an IPv6 address do not do.
fn check_against_ipv6(plan: &mut PlanEdit<'_, QuicListener>, id: &str) {
    let Value::Known(check) = plan.planned.health_check.clone() else { return };
    let interval = check.interval.known().copied();
    if let Some(interval) = interval.filter(|interval| *interval < SHORTEST_INTERVAL_ON_IPV6) {
        plan.error(
            path!(health_check.interval),
            "The health check's interval is too short for an IPv6 load balancer",
            format!(
                "The load balancer {id} has an IPv6 address; these check their backends every {SHORTEST_INTERVAL_ON_IPV6} to \
                 300 seconds. The interval is {interval}."
            ),
        );
    }
    if check.source_ip.known() == Some(&CheckSource::PlatformRange) {
        plan.error(
            path!(health_check.source_ip),
            "An IPv6 load balancer checks its backends from its own address",
            format!("The load balancer {id} has an IPv6 address. Set source_ip to \"vip\", or leave it out."),
        );
    }
}

/// Shared load balancers carry no listeners with limits of their own (SDK: "LCU instances").
fn refuse_limits(plan: &mut PlanEdit<'_, QuicListener>, id: &str) {
    let limits = [
        (path!(max_connections), plan.planned.max_connections.known().is_some()),
        (path!(max_new_connections_per_second), plan.planned.max_new_connections_per_second.known().is_some()),
    ];
    for (path, _) in limits.into_iter().filter(|(_, is_set)| *is_set) {
        plan.error(
            path.clone(),
            format!("A listener of the load balancer {id} cannot have {path}"),
            "It is a shared load balancer; only those with a performance specification limit the connections of single \
             listeners. Leave the limit out, or give the load balancer an sla_type.",
        );
    }
}

async fn check_quota(
    plan: &mut PlanEdit<'_, QuicListener>,
    platform: &Platform,
    id: &str,
    listeners: &[clb::Listener],
) -> Result<()> {
    if plan.prior.as_ref().is_some_and(|prior| prior.load_balancer_id == id) {
        return Ok(());
    }
    let Some(limit) = platform.limit(Quota::Listeners).await.doing("ask for the account's quotas")? else {
        return Ok(());
    };
    let stay = listeners.iter().filter(|listener| !platform.is_managed(&listener.listener_id)).count();
    let count = quota::Count { at_least: stay + 1, at_most: listeners.len() + 1 };
    quota::check(plan, path!(load_balancer_id), format_args!("listeners on {id}"), count, limit.limit);
    Ok(())
}

fn check_port(plan: &mut PlanEdit<'_, QuicListener>, platform: &Platform, id: &str, listeners: &[clb::Listener]) {
    let Some(port) = plan.planned.port.known().copied() else { return };
    let own = plan.prior.as_ref().map(|prior| prior.listener_id.as_str());
    let Some(holder) = holder_of(listeners, port, own) else { return };
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
}

/// The listener that has a port in the port space of QUIC.
fn holder_of<'a>(listeners: &'a [clb::Listener], port: u16, own: Option<&str>) -> Option<&'a clb::Listener> {
    listeners.iter().find(|listener| {
        let same_space = listener.protocol == QUIC || listener.protocol == "UDP";
        same_space && listener.port == i64::from(port) && Some(listener.listener_id.as_str()) != own
    })
}

/// Why a load balancer cannot carry QUIC listeners.
pub(crate) fn cannot_carry_quic(balancer: &clb::LoadBalancer) -> Option<&'static str> {
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

async fn check_certificate(
    plan: &mut PlanEdit<'_, QuicListener>,
    platform: &Platform,
    path: Path,
    id: &str,
    expected: CertificateType,
) -> Result<()> {
    let found = platform.recent_certificate(id).await.doing(format_args!("read the certificate {id}"))?;
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
    if let Some(text) = &found.certificate_public_key {
        warn_of_expiry(plan, path, text);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clb_cloud_api::clb;

    use super::{cannot_carry_quic, holder_of};

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
