//! `clb_backend_binding`: which backends a listener forwards to, and with which weight.
//!
//! A binding owns the backends it lists and no others, so several bindings may share a listener.

mod convert;
mod health;
mod official;
mod reconcile;
mod rules;

use std::collections::BTreeSet;
use std::time::Duration;

use clb_cloud_api::{ApiError, clb};
use tfplugin_sdk::{
    Codec, Context, Error, ForeignState, Path, PlanEdit, Planned, Report, Resource, Result, Timeouts, path,
};
use tokio::time::sleep;

use crate::errors::{Doing, Failure};
use crate::platform::{Claimed, MOST_TARGETS, Part, Platform, unless_gone};
use reconcile::{Changes, state_backends};

pub(crate) use reconcile::named_as;

/// What the platform gives a backend without a weight (SDK).
const DEFAULT_WEIGHT: u8 = 10;

/// How often it is looked whether backends are healthy. All bindings of a load balancer share what is seen.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Binds backends to a listener. The binding owns the backends it lists: others on the same listener, bound by hand or by another
/// binding, are left alone unless `exclusive` is set.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Resource)]
#[tf(
    name = "clb_backend_binding",
    import = "{load_balancer_id}/{listener_id}",
    import_also("#{listener_id}#{load_balancer_id}", "{load_balancer_id}#{listener_id}"),
    identity(load_balancer_id, listener_id)
)]
pub struct BackendBinding {
    /// Load balancer of the listener. A change replaces the binding.
    #[tf(replace, pattern = "^lb-[0-9a-z]{8}$", message = "the id of a load balancer, such as lb-1a2b3c4d")]
    pub load_balancer_id: String,
    /// Listener that forwards to the backends. A change replaces the binding.
    #[tf(replace, pattern = "^lbl-[0-9a-z]+$", message = "the id of a listener, such as lbl-1a2b3c4d")]
    pub listener_id: String,
    /// TCP port, 1 to 65535, of the backends that name none.
    #[tf(port)]
    pub default_port: Option<u16>,
    /// Backends, 1 to 500 (the account's quota per listener may be lower). A change of a weight alone is made in place and
    /// interrupts nothing; a backend whose address or port changes is unbound and bound anew.
    #[tf(length(1..=500), unique(instance_id, eni_ip, port))]
    pub backends: BTreeSet<Backend>,
    /// Whether the listener may have no other backends: others then show up as drift and are unbound, also those of another
    /// binding, so a listener with an exclusive binding should have no second one. Defaults to `false`.
    #[tf(default = false)]
    pub exclusive: bool,
    /// How long connections are given to end before a backend is unbound, such as `90s`; also at the end of the binding. The
    /// backend's weight is set to 0 first, so that it gets no new connections. The platform does not tell how many connections a
    /// backend still has, so the whole time is waited; let `timeouts` be longer. Without it backends are unbound at once.
    pub drain_timeout: Option<Duration>,
    /// Whether creating and changing wait until all backends with a weight above 0 pass the listener's health checks: new ones
    /// are waited for before weights are changed and others unbound. How long is for `timeouts` to say; then the backends that
    /// do not pass are named. Where the health checks are off nothing is waited for. Defaults to `false`.
    #[tf(default = false)]
    pub wait_for_healthy: bool,
    /// How long each operation may take, with the tasks it waits for. Creating, changing and deleting have 15 minutes each.
    #[tf(timeouts(create = "15m", update = "15m", delete = "15m"))]
    pub timeouts: Option<Timeouts>,
}

/// A backend: exactly one of `instance_id` and `eni_ip`, and a port, which may be that of all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, tfplugin_sdk::Object)]
#[tf(exactly_one_of(instance_id, eni_ip))]
pub struct Backend {
    /// Instance (CVM), such as `ins-1a2b3c4d`; reached at the primary IPv4 address of its primary network interface.
    #[tf(pattern = "^ins-[0-9a-z]{8}$", message = "the id of an instance, such as ins-1a2b3c4d")]
    pub instance_id: Option<String>,
    /// IP address of a network interface.
    #[tf(ip)]
    pub eni_ip: Option<String>,
    /// TCP port of the backend, 1 to 65535. Defaults to `default_port`.
    #[tf(optional, computed, port)]
    pub port: u16,
    /// Weight, 0 to 100: its share of new connections in relation to the others. 0 gets no new connections and keeps those it
    /// has. Defaults to 10.
    #[tf(default = DEFAULT_WEIGHT, range(0..=100))]
    pub weight: u8,
}

impl Resource for BackendBinding {
    type Api = Platform;

    async fn create(cx: &mut Context<'_, Self>, plan: BackendBindingPlan) -> Result<Self> {
        settle(cx, BTreeSet::new(), &plan).await
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        rules::remember(cx.api(), &state);
        let (balancer, listener) = (&state.load_balancer_id, &state.listener_id);
        let found = cx.unless_cancelled(cx.api().recent_backends(balancer, listener)).await?;
        Ok(found.doing(reading(listener))?.map(|bound| {
            let backends = state_backends(&bound, &state.backends, state.exclusive);
            Self { backends, ..state }
        }))
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: BackendBindingPlan) -> Result<Self> {
        settle(cx, state.backends, &plan).await
    }

    async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
        let (platform, balancer, listener) = (cx.api(), &state.load_balancer_id, &state.listener_id);
        let doing = format!("unbind backends from the listener {listener}");
        let _claim = platform.claim(cx, claimed(balancer, listener, &state.backends)).await.doing(&doing)?;
        let Some(now) = find(platform, balancer, listener).await? else { return Ok(()) };
        let leaving = Changes::unbinding(&now, &state.backends);
        let unbound = release(cx, balancer, listener, &leaving, state.drain_timeout).await;
        let left = async {
            let now = platform.backends(balancer, listener).await?;
            Ok(now.filter(|now| !Changes::unbinding(now, &state.backends).is_empty()))
        };
        unless_gone(unbound, left).await.doing_at(&doing, attribute).map(|_| ())
    }

    async fn import(cx: &mut Context<'_, Self>, id: BackendBindingImport) -> Result<Option<Self>> {
        let BackendBindingImport { load_balancer_id, listener_id } = id;
        let found = cx.unless_cancelled(find(cx.api(), &load_balancer_id, &listener_id)).await??;
        // All of them: which ones another binding owns is not written anywhere.
        Ok(found.filter(|bound| !bound.is_empty()).map(|bound| {
            let backends = state_backends(&bound, &BTreeSet::new(), true);
            Self { load_balancer_id, listener_id, backends, ..Self::absent() }
        }))
    }

    fn move_from(source: &ForeignState) -> Result<Option<Self>> {
        official::moved(source)
    }

    fn validate(config: &BackendBindingConfig, report: &mut Report) {
        rules::validate(config, report);
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        rules::plan(plan).await
    }
}

/// Makes what is bound be what the plan says: first the new backends, then the weights, last what goes, so that there is always
/// someone to forward to. `owned` is what the state has before, and is kept up to date at every step.
async fn settle(
    cx: &mut Context<'_, BackendBinding>,
    mut owned: BTreeSet<Backend>,
    plan: &BackendBindingPlan,
) -> Result<BackendBinding> {
    let (platform, balancer, listener) = (cx.api(), &plan.load_balancer_id, &plan.listener_id);
    let doing = format!("bind backends to the listener {listener}");
    let wanted = wanted(plan);
    let mut claimed = claimed(balancer, listener, owned.union(&wanted));
    claimed.backends = claimed.backends.filter(|_| !plan.exclusive);
    let claim = platform.claim(cx, claimed).await.doing(&doing)?;
    let now = find(platform, balancer, listener).await?.ok_or_else(|| no_listener(plan))?;
    let changes = Changes::new(&now, &owned, &wanted, plan.exclusive).map_err(|backend| taken(plan, backend))?;
    for batch in changes.bind.chunks(MOST_TARGETS) {
        let with_these: BTreeSet<Backend> = owned.iter().chain(batch).cloned().collect();
        let bound = platform.carry_out(cx, balancer, Part::Bind(convert::registration(listener, batch))).await;
        if bound.as_ref().is_err_and(Failure::outcome_is_open) {
            let now = platform.backends(balancer, listener).await.ok().flatten();
            let ours = now.map_or_else(|| with_these.clone(), |now| state_backends(&now, &with_these, false));
            if ours != owned {
                cx.checkpoint(|state| state.backends = planned(&ours));
            }
        }
        bound.doing_at(&doing, attribute)?;
        owned = with_these;
        cx.checkpoint(|state| state.backends = planned(&owned));
    }
    if plan.wait_for_healthy {
        wait_until_healthy(cx, plan, &wanted).await?;
    }
    for batch in changes.reweigh.chunks(MOST_TARGETS) {
        let reweighed = platform.carry_out(cx, balancer, Part::Reweigh(convert::reweighing(listener, batch))).await;
        reweighed.doing_at(format_args!("change the weights on the listener {listener}"), attribute)?;
        for (before, wanted) in batch {
            owned.remove(before);
            owned.insert(wanted.clone());
        }
        cx.checkpoint(|state| state.backends = planned(&owned));
    }
    let unbound = release(cx, balancer, listener, &changes.unbind, plan.drain_timeout).await;
    unbound.doing_at(format_args!("unbind backends from the listener {listener}"), attribute)?;
    drop(claim);
    let now = find(platform, balancer, listener).await?.ok_or_else(|| no_listener(plan))?;
    Ok(BackendBinding {
        load_balancer_id: balancer.clone(),
        listener_id: listener.clone(),
        default_port: plan.default_port,
        backends: state_backends(&now, &wanted, plan.exclusive),
        exclusive: plan.exclusive,
        drain_timeout: plan.drain_timeout,
        wait_for_healthy: plan.wait_for_healthy,
        timeouts: None,
    })
}

/// The backends of a plan; those whose port was not known while planning have the port of all.
fn wanted(plan: &BackendBindingPlan) -> BTreeSet<Backend> {
    let wanted = plan.backends.iter().map(|backend| Backend {
        instance_id: backend.instance_id.clone(),
        eni_ip: backend.eni_ip.clone(),
        port: backend.port.known().copied().or(plan.default_port).unwrap_or_default(),
        weight: backend.weight,
    });
    wanted.collect()
}

/// Backends as far as they have come true.
fn planned(backends: &BTreeSet<Backend>) -> BTreeSet<BackendPlan> {
    let planned = backends.iter().map(|backend| BackendPlan {
        instance_id: backend.instance_id.clone(),
        eni_ip: backend.eni_ip.clone(),
        port: Planned::Known(backend.port),
        weight: backend.weight,
    });
    planned.collect()
}

/// Waits until the backends that are to get connections pass the listener's health checks.
async fn wait_until_healthy(
    cx: &Context<'_, BackendBinding>,
    plan: &BackendBindingPlan,
    wanted: &BTreeSet<Backend>,
) -> Result<()> {
    let (platform, balancer, listener) = (cx.api(), &plan.load_balancer_id, &plan.listener_id);
    let bound = find(platform, balancer, listener).await?.ok_or_else(|| no_listener(plan))?;
    loop {
        let seen = platform.recent_health(balancer).await;
        let seen = seen.doing(format_args!("ask for the health of the backends of {balancer}"))?;
        let unhealthy = health::unhealthy(wanted, &bound, listener, &seen);
        if unhealthy.is_empty() {
            return Ok(());
        }
        cx.unless_cancelled(sleep(BETWEEN_LOOKS)).await.map_err(|why| {
            let told = why.diagnostic();
            Error::new(format!("Backends of the listener {listener} are not healthy: {}", unhealthy.join(", ")))
                .detail(format!(
                    "They are bound, and wait_for_healthy waits until they pass the listener's health checks. Look at what they \
                     answer, and at the security groups in between.\n\n{}. {}",
                    told.summary, told.detail
                ))
                .at(path!(backends))
        })?;
    }
}

/// Unbinds backends; with a drain time they first get no new connections, and those they have are given that time to end.
async fn release(
    cx: &Context<'_, BackendBinding>,
    balancer: &str,
    listener: &str,
    backends: &[Backend],
    drain: Option<Duration>,
) -> Result<(), Failure> {
    if let Some(drain) = drain.filter(|_| !backends.is_empty()) {
        let drained: Vec<_> =
            backends.iter().map(|backend| (backend.clone(), Backend { weight: 0, ..backend.clone() })).collect();
        for batch in drained.chunks(MOST_TARGETS) {
            cx.api().carry_out(cx, balancer, Part::Reweigh(convert::reweighing(listener, batch))).await?;
        }
        cx.unless_cancelled(sleep(drain)).await.map_err(|why| {
            let waited = "The backends get no new connections any more and are still bound; it was waiting for those they have \
                          to end. Apply again to wait anew and unbind them.";
            Failure::stopped(why, waited.to_owned())
        })?;
    }
    for batch in backends.chunks(MOST_TARGETS) {
        cx.api().carry_out(cx, balancer, Part::Unbind(convert::deregistration(listener, batch))).await?;
    }
    Ok(())
}

/// What nobody else in this process may change meanwhile.
fn claimed<'a>(balancer: &str, listener: &str, backends: impl IntoIterator<Item = &'a Backend>) -> Claimed {
    let name = |backend: &Backend| {
        let target = backend.instance_id.as_ref().or(backend.eni_ip.as_ref());
        format!("{}:{}", target.map_or("", |target| target), backend.port)
    };
    let backends = Some(backends.into_iter().map(name).collect());
    Claimed { load_balancer_id: balancer.to_owned(), listener_id: listener.to_owned(), backends }
}

/// What is bound to the listener now, by whomever; `None` when there is no such listener.
async fn find(platform: &Platform, balancer: &str, listener: &str) -> Result<Option<Vec<clb::Backend>>> {
    platform.backends(balancer, listener).await.doing(reading(listener))
}

fn reading(listener: &str) -> String {
    format!("read the backends of the listener {listener}")
}

fn no_listener(plan: &BackendBindingPlan) -> Error {
    let BackendBindingPlan { load_balancer_id, listener_id, .. } = plan;
    Error::new(format!("The listener {listener_id} does not exist"))
        .detail(format!(
            "The load balancer {load_balancer_id} has no listener with this id (any more). If it was deleted outside Terraform, plan \
             and apply again: Terraform will create it anew."
        ))
        .at(path!(listener_id))
}

/// Says which backend somebody else has bound.
fn taken(plan: &BackendBindingPlan, backend: Backend) -> Error {
    let BackendBindingPlan { load_balancer_id, listener_id, .. } = plan;
    let (name, port) = (backend.instance_id.or(backend.eni_ip).unwrap_or_default(), backend.port);
    Error::new(format!("The backend {name}:{port} is bound to the listener {listener_id} already"))
        .detail(format!(
            "It was bound by somebody else: by hand, by another tool, or by another clb_backend_binding. List it in one place \
             only. To take it over, import it (terraform import ADDRESS {load_balancer_id}/{listener_id}) or set exclusive = \
             true, which takes over all backends of the listener."
        ))
        .at(path!(backends))
}

/// The attribute that a refusal is about.
fn attribute(refusal: &ApiError) -> Option<Path> {
    match refusal.group() {
        "AuthFailure" | "RequestLimitExceeded" | "InternalError" => None,
        _ if refusal.code == "InvalidParameter.LBIdNotFound" => Some(path!(load_balancer_id)),
        _ if refusal.code == "InvalidParameter.ListenerIdNotFound" => Some(path!(listener_id)),
        _ => Some(path!(backends)),
    }
}
