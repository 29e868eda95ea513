//! What the platform can say of the plan of a security group: whether the groups that its rules name exist, and whether it may be
//! deleted. What is unknown is left to it.

use tfplugin_sdk::{Path, PlanEdit, Result, Value, path};

use super::{SecurityGroup, SecurityRuleConfig};
use crate::errors::Doing;
use crate::platform::{Platform, Sighting};
use crate::resources::refuse_absent;

/// Asks about what changes.
pub(super) async fn plan(plan: &mut PlanEdit<'_, SecurityGroup>) -> Result<()> {
    let Some(platform) = plan.api else { return Ok(()) };
    if plan.is_destroy() {
        return refuse_to_delete_the_default(plan, platform).await;
    }
    for (at, rules) in [(path!(ingress), plan.planned.ingress.clone()), (path!(egress), plan.planned.egress.clone())] {
        if plan.changes(&at) {
            check_groups(plan, platform, &at, &rules).await?;
        }
    }
    Ok(())
}

/// Each region has a default group for instances, which cannot be deleted.
async fn refuse_to_delete_the_default(plan: &mut PlanEdit<'_, SecurityGroup>, platform: &Platform) -> Result<()> {
    let Some(id) = plan.prior.as_ref().map(|prior| prior.security_group_id.clone()) else { return Ok(()) };
    let found = platform.security_group(&id).await.doing(format_args!("read the security group {id}"))?;
    if found.is_some_and(|found| found.is_default) {
        plan.error(
            Path::root(),
            format!("The security group {id} cannot be deleted"),
            "It is the default group of the region. To let Terraform forget it, take it out of the state: terraform state rm \
             ADDRESS.",
        );
    }
    Ok(())
}

async fn check_groups(
    plan: &mut PlanEdit<'_, SecurityGroup>,
    platform: &Platform,
    at: &Path,
    rules: &Value<Vec<Value<SecurityRuleConfig>>>,
) -> Result<()> {
    let Value::Known(rules) = rules else { return Ok(()) };
    for (position, rule) in rules.iter().enumerate() {
        let Some(id) = rule.known().and_then(|rule| rule.security_group_id.known()) else { continue };
        let looked = platform.look_for_security_group(id).await;
        if looked.doing(format_args!("look for the security group {id}"))? == Sighting::Missing {
            refuse_absent(plan, at.clone().index(position).attribute("security_group_id"), "security group", id);
        }
    }
    Ok(())
}
