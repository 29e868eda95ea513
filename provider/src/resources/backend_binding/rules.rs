//! What the platform can say of the plan of a binding: whether the listener and the instances exist. What is unknown is left to it.

use std::collections::BTreeSet;

use tfplugin_sdk::{PlanEdit, Result, Value, path};

use super::BackendBinding;
use crate::errors::Doing;
use crate::platform::Platform;
use crate::resources::refuse_absent;

/// Asks about what changes.
pub(super) async fn plan(plan: &mut PlanEdit<'_, BackendBinding>) -> Result<()> {
    let Some(platform) = plan.api.filter(|_| !plan.is_destroy()) else { return Ok(()) };
    if plan.is_create() {
        check_listener(plan, platform).await?;
    }
    check_instances(plan, platform).await
}

async fn check_listener(plan: &mut PlanEdit<'_, BackendBinding>, platform: &Platform) -> Result<()> {
    let known = (plan.planned.load_balancer_id.known().cloned(), plan.planned.listener_id.known().cloned());
    let (Some(balancer), Some(listener)) = known else { return Ok(()) };
    let listeners = platform.listeners(&balancer).await.doing(format_args!("list the listeners of {balancer}"))?;
    match listeners {
        None => refuse_absent(plan, path!(load_balancer_id), "load balancer", &balancer),
        Some(listeners) if listeners.iter().all(|found| found.listener_id != listener) => plan.error(
            path!(listener_id),
            format!("The listener {listener} does not exist"),
            format!("The load balancer {balancer} has no listener with this id."),
        ),
        Some(_) => {}
    }
    Ok(())
}

/// Only instances that are new to the binding are looked for.
async fn check_instances(plan: &mut PlanEdit<'_, BackendBinding>, platform: &Platform) -> Result<()> {
    let Value::Known(backends) = &plan.planned.backends else { return Ok(()) };
    let before = plan.prior.iter().flat_map(|prior| &prior.backends).filter_map(|backend| backend.instance_id.clone());
    let named = backends.iter().filter_map(|backend| backend.known()?.instance_id.known().cloned());
    let (before, named): (BTreeSet<String>, BTreeSet<String>) = (before.collect(), named.collect());
    let new: Vec<String> = named.difference(&before).cloned().collect();
    for id in platform.missing_instances(&new).await.doing("look for the instances")? {
        refuse_absent(plan, path!(backends), "instance", &id);
    }
    Ok(())
}
