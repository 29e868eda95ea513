//! `clb_backend_binding`: which backends a listener forwards to, and with which weight.
//!
//! A binding owns the backends it lists and no others, so several bindings may share a listener.

mod convert;
mod official;
mod reconcile;
mod rules;

use std::collections::BTreeSet;

use clb_cloud_api::{ApiError, clb};
use tfplugin_sdk::{Context, Error, ForeignState, Path, PlanEdit, Resource, Result, Timeouts, path};

use crate::errors::{Doing, Failure};
use crate::platform::{Claimed, MOST_TARGETS, Part, Platform, unless_gone};
use reconcile::{Changes, state_backends};

/// Binds backends to a listener. The binding owns the backends it lists: others on the same listener, bound by hand or by another
/// binding, are left alone unless `exclusive` is set.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Resource)]
#[tf(
    name = "clb_backend_binding",
    import = "{load_balancer_id}/{listener_id}",
    identity(load_balancer_id, listener_id)
)]
pub struct BackendBinding {
    /// Load balancer of the listener. A change replaces the binding.
    #[tf(replace, pattern = "^lb-[0-9a-z]{8}$", message = "the id of a load balancer, such as lb-1a2b3c4d")]
    pub load_balancer_id: String,
    /// Listener that forwards to the backends. A change replaces the binding.
    #[tf(replace, pattern = "^lbl-[0-9a-z]+$", message = "the id of a listener, such as lbl-1a2b3c4d")]
    pub listener_id: String,
    /// Backends, 1 to 500 (the account's quota per listener may be lower). A change of a weight alone is made in place and
    /// interrupts nothing; a backend whose address or port changes is unbound and bound anew.
    #[tf(length(1..=500), unique(instance_id, eni_ip, port))]
    pub backends: BTreeSet<Backend>,
    /// Whether the listener may have no other backends: others then show up as drift and are unbound, also those of another
    /// binding, so a listener with an exclusive binding should have no second one. Defaults to `false`.
    #[tf(default = false)]
    pub exclusive: bool,
    /// How long each operation may take, with the tasks it waits for. Creating, changing and deleting have 15 minutes each.
    #[tf(timeouts(create = "15m", update = "15m", delete = "15m"))]
    pub timeouts: Option<Timeouts>,
}

/// A backend: exactly one of `instance_id` and `eni_ip`, and a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, tfplugin_sdk::Object)]
#[tf(exactly_one_of(instance_id, eni_ip))]
pub struct Backend {
    /// Instance (CVM), such as `ins-1a2b3c4d`; reached at the primary IPv4 address of its primary network interface.
    #[tf(pattern = "^ins-[0-9a-z]{8}$", message = "the id of an instance, such as ins-1a2b3c4d")]
    pub instance_id: Option<String>,
    /// IP address of a network interface.
    #[tf(ip)]
    pub eni_ip: Option<String>,
    /// TCP port of the backend, 1 to 65535.
    #[tf(port)]
    pub port: u16,
    /// Weight, 0 to 100: its share of new connections in relation to the others. 0 gets no new connections and keeps those it
    /// has. Defaults to 10.
    #[tf(default = 10, range(0..=100))]
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
        let _claim = platform.claim(cx, claimed(listener, &state.backends)).await.doing(&doing)?;
        let Some(now) = find(platform, balancer, listener).await? else { return Ok(()) };
        let unbound = unbind(cx, balancer, listener, &Changes::unbinding(&now, &state.backends)).await;
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
            Self { load_balancer_id, listener_id, backends, exclusive: false, timeouts: None }
        }))
    }

    fn move_from(source: &ForeignState) -> Result<Option<Self>> {
        official::moved(source)
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
    let mut claimed = claimed(listener, owned.union(&plan.backends));
    claimed.backends = claimed.backends.filter(|_| !plan.exclusive);
    let claim = platform.claim(cx, claimed).await.doing(&doing)?;
    let now = find(platform, balancer, listener).await?.ok_or_else(|| no_listener(plan))?;
    let changes = Changes::new(&now, &owned, &plan.backends, plan.exclusive).map_err(|backend| taken(plan, backend))?;
    for batch in changes.bind.chunks(MOST_TARGETS) {
        let with_these: BTreeSet<Backend> = owned.iter().chain(batch).cloned().collect();
        let bound = platform.carry_out(cx, balancer, Part::Bind(convert::registration(listener, batch))).await;
        if bound.as_ref().is_err_and(Failure::outcome_is_open) {
            let now = platform.backends(balancer, listener).await.ok().flatten();
            let ours = now.map_or_else(|| with_these.clone(), |now| state_backends(&now, &with_these, false));
            if ours != owned {
                cx.checkpoint(|state| state.backends = ours);
            }
        }
        bound.doing_at(&doing, attribute)?;
        owned = with_these;
        cx.checkpoint(|state| state.backends.clone_from(&owned));
    }
    for batch in changes.reweigh.chunks(MOST_TARGETS) {
        let reweighed = platform.carry_out(cx, balancer, Part::Reweigh(convert::reweighing(listener, batch))).await;
        reweighed.doing_at(format_args!("change the weights on the listener {listener}"), attribute)?;
        for (before, wanted) in batch {
            owned.remove(before);
            owned.insert(wanted.clone());
        }
        cx.checkpoint(|state| state.backends.clone_from(&owned));
    }
    let unbound = unbind(cx, balancer, listener, &changes.unbind).await;
    unbound.doing_at(format_args!("unbind backends from the listener {listener}"), attribute)?;
    drop(claim);
    let now = find(platform, balancer, listener).await?.ok_or_else(|| no_listener(plan))?;
    Ok(BackendBinding {
        load_balancer_id: balancer.clone(),
        listener_id: listener.clone(),
        backends: state_backends(&now, &plan.backends, plan.exclusive),
        exclusive: plan.exclusive,
        timeouts: None,
    })
}

async fn unbind(
    cx: &Context<'_, BackendBinding>,
    balancer: &str,
    listener: &str,
    backends: &[Backend],
) -> Result<(), Failure> {
    for batch in backends.chunks(MOST_TARGETS) {
        let part = Part::Unbind(convert::deregistration(listener, batch));
        cx.api().carry_out(cx, balancer, part).await?;
    }
    Ok(())
}

/// What nobody else in this process may change meanwhile.
fn claimed<'a>(listener: &str, backends: impl IntoIterator<Item = &'a Backend>) -> Claimed {
    let name = |backend: &Backend| {
        let target = backend.instance_id.as_ref().or(backend.eni_ip.as_ref());
        format!("{}:{}", target.map_or("", |target| target), backend.port)
    };
    Claimed { listener_id: listener.to_owned(), backends: Some(backends.into_iter().map(name).collect()) }
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
