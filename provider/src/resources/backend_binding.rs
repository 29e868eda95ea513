//! `clb_backend_binding`: which backends a listener forwards to, and with which weight.
//!
//! A binding owns the backends it lists and no others, so several bindings may share a listener.

mod reconcile;
mod rules;

use std::collections::BTreeSet;

use clb_cloud_api::{ApiError, clb};
use tfplugin_sdk::{Context, Error, Path, PlanEdit, Report, Resource, Result, path};

use crate::errors::{Doing, Failure};
use crate::platform::{Platform, Turn};
use reconcile::{Changes, state_backends};

/// BatchRegisterTargets and BatchDeregisterTargets take at most this many targets.
const TARGETS_PER_BATCH: usize = 500;

/// BatchModifyTargetWeight takes at most this many targets in one entry, and 500 in all.
const TARGETS_PER_WEIGHT_ENTRY: usize = 50;

/// Binds backends to a listener. The binding owns the backends it lists: others on the same listener, bound by hand or by another
/// binding, are left alone unless `exclusive` is set.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Resource)]
#[tf(name = "clb_backend_binding", import = "{load_balancer_id}/{listener_id}")]
pub struct BackendBinding {
    /// Load balancer of the listener. A change replaces the binding.
    #[tf(replace, pattern = "^lb-[0-9a-z]+$", message = "the id of a load balancer, such as lb-1a2b3c4d")]
    pub load_balancer_id: String,
    /// Listener that forwards to the backends. A change replaces the binding.
    #[tf(replace, pattern = "^lbl-[0-9a-z]+$", message = "the id of a listener, such as lbl-1a2b3c4d")]
    pub listener_id: String,
    /// Backends, 1 to 500 (the account's quota per listener may be lower). A change of a weight alone is made in place and
    /// interrupts nothing; a backend whose address or port changes is unbound and bound anew.
    #[tf(length(1..=500))]
    pub backends: BTreeSet<Backend>,
    /// Whether the listener may have no other backends: others then show up as drift and are unbound, also those of another
    /// binding, so a listener with an exclusive binding should have no second one. Defaults to `false`.
    #[tf(default = false)]
    pub exclusive: bool,
}

/// A backend: exactly one of `instance_id` and `eni_ip`, and a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, tfplugin_sdk::Object)]
pub struct Backend {
    /// Instance (CVM), such as `ins-1a2b3c4d`; reached at the primary IPv4 address of its primary network interface.
    #[tf(pattern = "^ins-[0-9a-z]+$", message = "the id of an instance, such as ins-1a2b3c4d")]
    pub instance_id: Option<String>,
    /// IP address of a network interface.
    pub eni_ip: Option<String>,
    /// TCP port of the backend, 1 to 65535.
    #[tf(range(1..=65535))]
    pub port: u16,
    /// Weight, 0 to 100: its share of new connections in relation to the others. 0 gets no new connections and keeps those it
    /// has. Defaults to 10.
    #[tf(default = 10, range(0..=100))]
    pub weight: u8,
}

impl Resource for BackendBinding {
    type Api = Platform;

    async fn create(cx: &mut Context<'_, Self>, plan: BackendBindingPlan) -> Result<Self> {
        let platform = cx.api();
        let turn = platform.turn(cx, &plan.load_balancer_id).await?;
        let bound = bound(platform, &plan).await?;
        let changes = Changes::new(&bound, &BTreeSet::new(), &plan.backends, plan.exclusive).map_err(taken(&plan))?;
        bring_about(cx, &turn, &plan, BTreeSet::new(), changes).await?;
        drop(turn);
        fetch(platform, &plan).await
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        let (balancer, listener) = (&state.load_balancer_id, &state.listener_id);
        let found = cx.unless_cancelled(cx.api().backends(balancer, listener)).await?;
        let found = found.doing(format_args!("read the backends of the listener {listener}"))?;
        Ok(found.map(|bound| {
            let backends = state_backends(&bound, &state.backends, state.exclusive);
            Self { backends, ..state }
        }))
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: BackendBindingPlan) -> Result<Self> {
        let platform = cx.api();
        let turn = platform.turn(cx, &plan.load_balancer_id).await?;
        let bound = bound(platform, &plan).await?;
        let changes = Changes::new(&bound, &state.backends, &plan.backends, plan.exclusive).map_err(taken(&plan))?;
        bring_about(cx, &turn, &plan, state.backends, changes).await?;
        drop(turn);
        fetch(platform, &plan).await
    }

    async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
        let platform = cx.api();
        let (balancer, listener) = (&state.load_balancer_id, &state.listener_id);
        let doing = format!("unbind the backends of the listener {listener}");
        let turn = platform.turn(cx, balancer).await?;
        let Some(bound) = platform.backends(balancer, listener).await.doing(&doing)? else { return Ok(()) };
        let ours = Changes::unbinding(&bound, &state.backends);
        let unbound = unbind(cx, &turn, balancer, listener, &ours).await;
        if unbound.is_err() {
            let left = platform.backends(balancer, listener).await.doing(&doing)?;
            if left.is_none_or(|bound| Changes::unbinding(&bound, &state.backends).is_empty()) {
                return Ok(());
            }
        }
        unbound
    }

    async fn import(cx: &mut Context<'_, Self>, id: BackendBindingImport) -> Result<Option<Self>> {
        let BackendBindingImport { load_balancer_id, listener_id } = id;
        let found = cx.unless_cancelled(cx.api().backends(&load_balancer_id, &listener_id)).await?;
        let found = found.doing(format_args!("import the backends of the listener {listener_id}"))?;
        // All of them: which ones another binding owns is not written anywhere.
        Ok(found.filter(|bound| !bound.is_empty()).map(|bound| {
            let backends = state_backends(&bound, &BTreeSet::new(), true);
            Self { load_balancer_id, listener_id, backends, exclusive: false }
        }))
    }

    fn validate(config: &BackendBindingConfig, report: &mut Report) {
        rules::validate(config, report);
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        rules::plan(plan).await
    }
}

/// Carries out changes: first the new backends, then the weights, last what goes, so that there is always someone to forward to.
/// `owned` is what is in the state before, and is kept up to date at every step.
async fn bring_about(
    cx: &mut Context<'_, BackendBinding>,
    turn: &Turn<'_>,
    plan: &BackendBindingPlan,
    mut owned: BTreeSet<Backend>,
    changes: Changes,
) -> Result<()> {
    let (balancer, listener) = (&plan.load_balancer_id, &plan.listener_id);
    for batch in changes.bind.chunks(TARGETS_PER_BATCH) {
        let claimed: BTreeSet<Backend> = owned.iter().chain(batch).cloned().collect();
        if let Err(refused) = bind(cx, turn, balancer, listener, batch).await {
            if refused.outcome_is_open {
                let bound = cx.api().backends(balancer, listener).await.ok().flatten();
                let ours = bound.map_or_else(|| claimed.clone(), |bound| state_backends(&bound, &claimed, false));
                if ours != owned {
                    cx.checkpoint(|state| state.backends = ours);
                }
            }
            return Err(refused.error);
        }
        owned = claimed;
        cx.checkpoint(|state| state.backends.clone_from(&owned));
    }
    for batch in changes.reweigh.chunks(TARGETS_PER_BATCH) {
        let request = clb::BatchModifyTargetWeight {
            load_balancer_id: balancer.clone(),
            modify_list: batch
                .chunks(TARGETS_PER_WEIGHT_ENTRY)
                .map(|some| clb::RsWeightRule {
                    listener_id: listener.clone(),
                    targets: some.iter().map(|(_, wanted)| target(wanted)).collect(),
                    ..Default::default()
                })
                .collect(),
        };
        let reweighed = turn.carry_out(cx, &request).await;
        reweighed.doing_at(format_args!("change the weights on the listener {listener}"), attribute)?;
        for (before, wanted) in batch {
            owned.remove(before);
            owned.insert(wanted.clone());
        }
        cx.checkpoint(|state| state.backends.clone_from(&owned));
    }
    unbind(cx, turn, balancer, listener, &changes.unbind).await
}

/// A registration that did not go well.
struct Refused {
    error: Error,
    outcome_is_open: bool,
}

async fn bind(
    cx: &Context<'_, BackendBinding>,
    turn: &Turn<'_>,
    balancer: &str,
    listener: &str,
    backends: &[Backend],
) -> Result<(), Refused> {
    let doing = format!("bind backends to the listener {listener}");
    let request = clb::BatchRegisterTargets {
        load_balancer_id: balancer.to_owned(),
        targets: backends
            .iter()
            .map(|backend| clb::BatchTarget { weight: Some(backend.weight.into()), ..batch_target(listener, backend) })
            .collect(),
    };
    let answered = match turn.send(cx, &request).await {
        Ok(answered) => answered,
        Err(failure) => {
            let outcome_is_open = failure.outcome_is_open();
            let failed: Result<(), Failure> = Err(failure);
            let Err(error) = failed.doing_at(&doing, attribute) else { return Ok(()) };
            return Err(Refused { error, outcome_is_open });
        }
    };
    let reply = answered.reply;
    if reply.fail_listener_id_set.is_empty() {
        return Ok(());
    }
    Err(Refused { error: partly_failed(&doing, reply.message, &answered.request_id), outcome_is_open: true })
}

async fn unbind(
    cx: &Context<'_, BackendBinding>,
    turn: &Turn<'_>,
    balancer: &str,
    listener: &str,
    backends: &[Backend],
) -> Result<()> {
    let doing = format!("unbind backends from the listener {listener}");
    for batch in backends.chunks(TARGETS_PER_BATCH) {
        let request = clb::BatchDeregisterTargets {
            load_balancer_id: balancer.to_owned(),
            targets: batch.iter().map(|backend| batch_target(listener, backend)).collect(),
        };
        let answered = turn.send(cx, &request).await.doing_at(&doing, attribute)?;
        if !answered.reply.fail_listener_id_set.is_empty() {
            return Err(partly_failed(&doing, answered.reply.message, &answered.request_id));
        }
    }
    Ok(())
}

/// The batch actions say in a reply what others say in an error.
fn partly_failed(doing: &str, message: Option<String>, request_id: &str) -> Error {
    let message = message.filter(|text| !text.is_empty()).unwrap_or_else(|| "it gave no reason".to_owned());
    Error::new(format!("Cannot {doing}"))
        .detail(format!("The platform did not accept all of them: {message} (request id {request_id})"))
        .at(path!(backends))
}

/// Says which backend somebody else has bound.
fn taken(plan: &BackendBindingPlan) -> impl FnOnce(Backend) -> Error {
    let (balancer, listener) = (plan.load_balancer_id.clone(), plan.listener_id.clone());
    move |backend| {
        let name = backend.instance_id.or(backend.eni_ip).unwrap_or_default();
        let port = backend.port;
        Error::new(format!("The backend {name}:{port} is bound to the listener {listener} already"))
            .detail(format!(
                "It was bound by somebody else: by hand, by another tool, or by another clb_backend_binding. List it in one \
                 place only. To take it over, import it (terraform import ADDRESS {balancer}/{listener}) or set exclusive = true, \
                 which takes over all backends of the listener."
            ))
            .at(path!(backends))
    }
}

async fn bound(platform: &Platform, plan: &BackendBindingPlan) -> Result<Vec<clb::Backend>> {
    let (balancer, listener) = (&plan.load_balancer_id, &plan.listener_id);
    let found = platform.backends(balancer, listener).await;
    found.doing(format_args!("read the backends of the listener {listener}"))?.ok_or_else(|| {
        Error::new(format!("The listener {listener} does not exist"))
            .detail(format!(
                "The load balancer {balancer} has no listener with this id (any more). If it was deleted outside Terraform, plan and \
                 apply again: Terraform will create it anew."
            ))
            .at(path!(listener_id))
    })
}

async fn fetch(platform: &Platform, plan: &BackendBindingPlan) -> Result<BackendBinding> {
    let bound = bound(platform, plan).await?;
    Ok(BackendBinding {
        load_balancer_id: plan.load_balancer_id.clone(),
        listener_id: plan.listener_id.clone(),
        backends: state_backends(&bound, &plan.backends, plan.exclusive),
        exclusive: plan.exclusive,
    })
}

fn target(backend: &Backend) -> clb::Target {
    clb::Target {
        port: backend.port.into(),
        instance_id: backend.instance_id.clone(),
        eni_ip: backend.eni_ip.clone(),
        weight: Some(backend.weight.into()),
        ..Default::default()
    }
}

fn batch_target(listener: &str, backend: &Backend) -> clb::BatchTarget {
    clb::BatchTarget {
        listener_id: listener.to_owned(),
        port: backend.port.into(),
        instance_id: backend.instance_id.clone(),
        eni_ip: backend.eni_ip.clone(),
        ..Default::default()
    }
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
