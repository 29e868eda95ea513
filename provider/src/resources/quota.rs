//! Holding a plan against a quota of the account.
//!
//! A plan sees its own resource and not what else is planned: what Terraform manages may go before this comes, and more of the
//! kind may be planned beside it. So only what nobody is going to remove counts for certain.

use std::fmt::Display;

use tfplugin_sdk::{Path, PlanEdit, Resource};

use crate::platform::Platform;

/// How many there would be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    /// If Terraform first removed all that it manages besides.
    pub(super) at_least: usize,
    /// If nothing is removed before.
    pub(super) at_most: usize,
}

/// Refuses a plan that exceeds a limit whatever else is planned, and warns of one that may. `what` is counted, such as "listeners
/// on lb-1a2b3c4d".
pub(super) fn check<R: Resource<Api = Platform>>(
    plan: &mut PlanEdit<'_, R>,
    path: Path,
    what: impl Display,
    count: Count,
    limit: usize,
) {
    let Count { at_least, at_most } = count;
    let ask = "ask the platform for a higher quota";
    if at_least > limit {
        plan.error(
            path,
            format!("The account's quota allows {limit} {what}"),
            format!("With this plan there would be {at_least}. Remove some first, or {ask}."),
        );
    } else if at_most > limit {
        plan.warn(
            path,
            format!("The account's quota allows {limit} {what}"),
            format!(
                "There would be {at_most} unless this plan first removes some that Terraform manages. Otherwise {ask}."
            ),
        );
    }
}
