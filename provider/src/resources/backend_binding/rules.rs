//! What can be said of the plan of a binding: whether the listener and the instances exist, whether the backends can be bound
//! there, and whether anybody is left to forward to. What is unknown is left to the platform.

use std::collections::BTreeSet;
use std::time::Duration;

use clb_cloud_api::clb;
use tfplugin_sdk::{PlanEdit, Refinements, Report, Result, Value, path};

use super::reconcile::is_same;
use super::{Backend, BackendBinding, BackendBindingConfig, BackendConfig, DEFAULT_WEIGHT};
use crate::errors::Doing;
use crate::platform::{Platform, Quota, Sighting};
use crate::resources::{quota, refuse_absent};

/// The protocol of the listeners whose backends these are.
const QUIC: &str = "QUIC";

/// Each backend has a port, its own or that of all.
pub(super) fn validate(config: &BackendBindingConfig, report: &mut Report) {
    let Value::Known(backends) = &config.backends else { return };
    if config.default_port.is_null() && backends.iter().any(names_no_port) {
        let remedy = "Give it a port, or set default_port, which is the port of all backends that name none.";
        report.error(path!(backends), "A backend has no port", remedy);
    }
}

fn names_no_port(backend: &Value<BackendConfig>) -> bool {
    backend.known().is_some_and(|backend| backend.port.is_null())
}

/// Asks about what changes.
pub(super) async fn plan(plan: &mut PlanEdit<'_, BackendBinding>) -> Result<()> {
    if plan.is_destroy() {
        return Ok(());
    }
    fill_in_default_port(plan);
    warn_if_nobody_has_weight(plan);
    let Some(platform) = plan.api else { return Ok(()) };
    if let Some(prior) = &plan.prior {
        remember(platform, prior);
    }
    if plan.is_create() && !listener_is_there(plan, platform).await? {
        return Ok(());
    }
    warn_if_checks_are_slower_than_the_drain(plan, platform).await?;
    let new = new_backends(plan);
    check_instances(plan, platform, &new).await?;
    check_targets(plan, platform, &new).await
}

/// Gives the backends that name no port the port of all.
fn fill_in_default_port(plan: &mut PlanEdit<'_, BackendBinding>) {
    let Value::Known(written) = plan.config.backends.clone() else { return };
    if !written.iter().any(names_no_port) {
        return;
    }
    let default = match &plan.planned.default_port {
        Value::Known(port) => Value::Known(*port),
        _ => Value::Unknown(Refinements::not_null()),
    };
    let filled = |backend: Value<BackendConfig>| match backend {
        Value::Known(backend) => Value::Known(BackendConfig {
            port: if backend.port.is_null() { default.clone() } else { backend.port },
            weight: if backend.weight.is_null() { Value::Known(DEFAULT_WEIGHT) } else { backend.weight },
            ..backend
        }),
        unknown => unknown,
    };
    let filled: Vec<_> = written.into_iter().map(filled).collect();
    let mut seen = BTreeSet::new();
    for backend in filled.iter().filter_map(Value::known) {
        let Some(port) = backend.port.known() else { continue };
        let Some(name) = backend.instance_id.known().or(backend.eni_ip.known()) else { continue };
        if !seen.insert((name, *port)) {
            plan.error(
                path!(backends),
                format!("The backend {name}:{port} is listed twice"),
                format!("One of them names no port, and default_port is {port} too. Remove one of them."),
            );
        }
    }
    plan.planned.backends = Value::Known(filled);
}

/// Notes which backends Terraform binds.
pub(super) fn remember(platform: &Platform, binding: &BackendBinding) {
    for Backend { instance_id, eni_ip, port, .. } in &binding.backends {
        for name in instance_id.iter().chain(eni_ip) {
            platform.remember_managed(&target(&binding.listener_id, name, i64::from(*port)));
        }
    }
}

/// A backend of a listener in one text.
fn target(listener: &str, name: &str, port: i64) -> String {
    format!("{listener}/{name}:{port}")
}

/// Whether Terraform binds what is bound there.
fn is_managed(platform: &Platform, listener: &str, found: &clb::Backend) -> bool {
    let names = std::iter::once(&found.instance_id).chain(&found.private_ip_addresses);
    names.into_iter().any(|name| platform.is_managed(&target(listener, name, found.port)))
}

fn warn_if_nobody_has_weight(plan: &mut PlanEdit<'_, BackendBinding>) {
    let Value::Known(backends) = &plan.planned.backends else { return };
    let is_zero =
        |backend: &Value<BackendConfig>| backend.known().is_some_and(|backend| backend.weight.known() == Some(&0));
    if plan.changes(&path!(backends)) && !backends.is_empty() && backends.iter().all(is_zero) {
        plan.warn(
            path!(backends),
            "No backend of this binding is given new connections",
            "All of them have weight 0. That is right while they are drained; otherwise give at least one a weight of 1 to 100.",
        );
    }
}

/// New backends get no connections before they have passed their first checks (QD 34d11f97). Old ones that are unbound sooner leave
/// nobody to forward to.
async fn warn_if_checks_are_slower_than_the_drain(
    plan: &mut PlanEdit<'_, BackendBinding>,
    platform: &Platform,
) -> Result<()> {
    let Some(drain) = plan.planned.drain_timeout.known().copied() else { return Ok(()) };
    let waits = plan.planned.wait_for_healthy.known() != Some(&false);
    if waits || !plan.changes(&path!(drain_timeout)) {
        return Ok(());
    }
    let known = plan.planned.load_balancer_id.known().zip(plan.planned.listener_id.known());
    let Some((balancer, listener)) = known else { return Ok(()) };
    let found = platform.recent_listener(balancer, listener).await;
    let found = found.doing(format_args!("read the listener {listener}"))?;
    let Some(first) = found.and_then(|found| first_verdict(&found)).filter(|first| *first > drain) else {
        return Ok(());
    };
    let summary = format!("The health checks of the listener {listener} are slower than the drain");
    let detail = format!(
        "A new backend is given connections {first:?} after it is bound at the earliest, and those it replaces are unbound after \
         {drain:?}. Set wait_for_healthy to true, or drain_timeout to more than {first:?}."
    );
    plan.warn(path!(drain_timeout), summary, detail);
    Ok(())
}

/// How long a new backend is checked before it counts as healthy; `None` where nothing is checked.
fn first_verdict(listener: &clb::Listener) -> Option<Duration> {
    let check = listener.health_check.as_ref().filter(|check| check.health_switch != Some(0))?;
    let seconds = check.interval_time?.checked_mul(check.health_num?)?;
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

/// Whether the listener exists, as far as can be known; otherwise the plan is refused.
async fn listener_is_there(plan: &mut PlanEdit<'_, BackendBinding>, platform: &Platform) -> Result<bool> {
    let known = (plan.planned.load_balancer_id.known().cloned(), plan.planned.listener_id.known().cloned());
    let (Some(balancer), Some(listener)) = known else { return Ok(true) };
    let listeners = platform.recent_listeners(&balancer).await;
    let listeners = listeners.doing_at(format_args!("list the listeners of {balancer}"), |refusal| {
        (refusal.code == "InvalidParameter.FormatError").then(|| path!(load_balancer_id))
    })?;
    match listeners {
        None => refuse_absent(plan, path!(load_balancer_id), "load balancer", &balancer),
        Some(listeners) if listeners.iter().all(|found| found.listener_id != listener) => plan.error(
            path!(listener_id),
            format!("The listener {listener} does not exist"),
            format!("The load balancer {balancer} has no listener with this id. Check both ids."),
        ),
        Some(_) => return Ok(true),
    }
    Ok(false)
}

/// The backends that are known and that the binding does not have on its listener.
fn new_backends(plan: &PlanEdit<'_, BackendBinding>) -> Vec<Backend> {
    let Value::Known(backends) = &plan.planned.backends else { return Vec::new() };
    let stays = !plan.changes(&path!(load_balancer_id)) && !plan.changes(&path!(listener_id));
    let prior = plan.prior.iter().filter(|_| stays).flat_map(|prior| &prior.backends);
    let before: BTreeSet<_> = prior.map(|it| (it.instance_id.as_ref(), it.eni_ip.as_ref(), it.port)).collect();
    let known = backends.iter().filter_map(|backend| {
        let backend = backend.known()?;
        let name = |name: &Value<String>| name.known().cloned();
        let (instance_id, eni_ip) = (name(&backend.instance_id), name(&backend.eni_ip));
        let is_named = instance_id.is_some() || eni_ip.is_some();
        let port = *backend.port.known().filter(|_| is_named)?;
        Some(Backend { instance_id, eni_ip, port, weight: backend.weight.known().copied().unwrap_or_default() })
    });
    known.filter(|it| !before.contains(&(it.instance_id.as_ref(), it.eni_ip.as_ref(), it.port))).collect()
}

/// Only instances of new backends are looked for: that they exist, and that they are where the load balancer can reach them.
async fn check_instances(plan: &mut PlanEdit<'_, BackendBinding>, platform: &Platform, new: &[Backend]) -> Result<()> {
    let ids: BTreeSet<&String> = new.iter().filter_map(|backend| backend.instance_id.as_ref()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = ids.into_iter().cloned().collect();
    let home = home_of_backends(plan, platform).await?;
    if home == Home::Elsewhere {
        return Ok(());
    }
    for (id, sighting) in platform.look_for_instances(&ids).await.doing("look for the instances")? {
        match (sighting, &home) {
            (Sighting::Missing, _) => refuse_absent(plan, path!(backends), "instance", &id),
            (Sighting::Seen(its), Home::Vpc { balancer, vpc }) if its != *vpc && !its.is_empty() => plan.error(
                path!(backends),
                format!("The instance {id} is in another VPC"),
                format!(
                    "It is in {its}, and the load balancer {balancer} is in {vpc}: a load balancer reaches instances of its own \
                     VPC. Choose an instance of {vpc}, or a load balancer of {its}."
                ),
            ),
            _ => {}
        }
    }
    Ok(())
}

/// Where the instances have to be.
#[derive(PartialEq, Eq)]
enum Home {
    /// In this VPC of the load balancer.
    Vpc { balancer: String, vpc: String },
    /// In the region, as far as can be known.
    Region,
    /// In another region: the load balancer reaches it by cross-region binding.
    Elsewhere,
}

async fn home_of_backends(plan: &PlanEdit<'_, BackendBinding>, platform: &Platform) -> Result<Home> {
    let Some(balancer) = plan.planned.load_balancer_id.known().cloned() else { return Ok(Home::Region) };
    let found =
        platform.recent_load_balancer(&balancer).await.doing(format_args!("read the load balancer {balancer}"))?;
    let Some(found) = found else { return Ok(Home::Region) };
    let target = found.target_region_info;
    if !target.region.is_empty() && target.region != platform.region() {
        return Ok(Home::Elsewhere);
    }
    let vpc = if target.vpc_id.is_empty() { found.vpc_id } else { target.vpc_id };
    let is_bounded = !found.snat_pro && vpc.starts_with("vpc-");
    Ok(if is_bounded { Home::Vpc { balancer, vpc } } else { Home::Region })
}

/// What is bound to the load balancer already, held against the new backends.
async fn check_targets(plan: &mut PlanEdit<'_, BackendBinding>, platform: &Platform, new: &[Backend]) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let known = plan.planned.load_balancer_id.known().cloned().zip(plan.planned.listener_id.known().cloned());
    let Some((balancer, listener)) = known else { return check_quota(plan, platform, new.len(), &[], "").await };
    let bound = platform.recently_bound(&balancer).await.doing(format_args!("read the backends of {balancer}"))?;
    let bound = bound.iter().flat_map(|listeners| listeners.iter());
    let quic: Vec<&clb::ListenerBackend> = bound.filter(|it| it.protocol == QUIC).collect();
    let exclusive = plan.planned.exclusive.known() == Some(&true);
    let mut added = new.len();
    for there in &quic {
        for found in &there.targets {
            let Some(backend) = new.iter().find(|backend| is_same(backend, found)) else { continue };
            let is_here = there.listener_id == listener;
            added -= usize::from(is_here);
            if !(is_here && exclusive) {
                say_it_is_taken(plan, platform, backend, found, (&balancer, &there.listener_id, is_here));
            }
        }
    }
    let here = quic.into_iter().find(|there| there.listener_id == listener);
    let here = here.map(|there| there.targets.as_slice()).unwrap_or_default();
    check_quota(plan, platform, added, here, &listener).await
}

/// An address and port is a backend of one QUIC listener of a load balancer, and of one binding.
fn say_it_is_taken(
    plan: &mut PlanEdit<'_, BackendBinding>,
    platform: &Platform,
    backend: &Backend,
    found: &clb::Backend,
    (balancer, listener, is_here): (&str, &str, bool),
) {
    let name = backend.instance_id.as_ref().or(backend.eni_ip.as_ref()).map(String::as_str).unwrap_or_default();
    let summary = format!("The backend {name}:{} is bound to the listener {listener} already", backend.port);
    let rule = if is_here {
        "Only one binding may own it".to_owned()
    } else {
        format!("A backend can be bound to only one QUIC listener of {balancer}")
    };
    if is_managed(platform, listener, found) {
        // It may be about to be unbound by this very plan, before this one is bound.
        let remedy =
            "Terraform manages that binding too: unless this plan unbinds it there first, it cannot be bound here.";
        return plan.warn(path!(backends), summary, format!("{rule}. {remedy}"));
    }
    let remedy = if is_here {
        format!(
            "it was bound by hand, by another tool or by another configuration. To take it over, import it (terraform import ADDRESS \
             {balancer}/{listener}) or set exclusive = true, which takes over all backends of the listener"
        )
    } else {
        "unbind it there, or give the backend another port or a load balancer of its own".to_owned()
    };
    plan.error(path!(backends), summary, format!("{rule}: {remedy}."));
}

/// New backends are bound before others are unbound, so that there is always one to forward to.
async fn check_quota(
    plan: &mut PlanEdit<'_, BackendBinding>,
    platform: &Platform,
    added: usize,
    here: &[clb::Backend],
    listener: &str,
) -> Result<()> {
    let Some(quota) = platform.limit(Quota::Backends).await.doing("ask for the account's quotas")? else {
        return Ok(());
    };
    let own = |found: &&clb::Backend| {
        plan.prior.iter().flat_map(|prior| &prior.backends).any(|backend| is_same(backend, found))
    };
    let stays = here.iter().filter(|found| own(found) || !is_managed(platform, listener, found)).count();
    let count = quota::Count { at_least: stays + added, at_most: here.len() + added };
    quota::check(plan, path!(backends), "backends on a listener", count, quota.limit);
    Ok(())
}
