//! `list "clb_security_group"`.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_sdk::{ListResource, Listing, Operation, Result};

use super::display_name;
use crate::data_sources::security_groups::SecurityGroupsInput;
use crate::errors::Doing;
use crate::platform::Platform;
use crate::resources::SecurityGroup;
use crate::resources::security_group::SecurityGroupIdentity;

/// The security groups of the region that fit all filters; all of them without a filter. Whole resources, with their rules, take
/// two calls for each.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::ListResource)]
#[tf(lists = SecurityGroup, conflicts(name, name_contains))]
pub struct SecurityGroupSearch {
    /// Only security groups with these ids. Ids that do not exist find nothing.
    #[tf(each(pattern = "^sg-", message = "the id of a security group, such as sg-1a2b3c4d"))]
    pub security_group_ids: Option<BTreeSet<String>>,
    /// Only security groups with exactly this name; several can have the same.
    #[tf(not_empty)]
    pub name: Option<String>,
    /// Only security groups with this somewhere in their names.
    #[tf(not_empty)]
    pub name_contains: Option<String>,
    /// Only security groups that have all these tags, at most 5.
    #[tf(length(..=5))]
    pub tags: Option<BTreeMap<String, String>>,
}

impl ListResource for SecurityGroupSearch {
    async fn list(
        operation: &mut Operation<'_, Platform>,
        input: SecurityGroupSearchInput,
        found: &mut Listing<SecurityGroup>,
    ) -> Result<()> {
        let wanted = SecurityGroupsInput {
            security_group_ids: input.security_group_ids,
            name: input.name,
            name_contains: input.name_contains,
            tags: input.tags,
        };
        let mut search = wanted.search(operation.api());
        while let Some(group) = operation.unless_cancelled(search.next()).await?.doing("list the security groups")? {
            let name = display_name(&group.security_group_name, &group.security_group_id);
            let fits = wanted.fits(&group);
            let identity = SecurityGroupIdentity { security_group_id: group.security_group_id };
            if fits && !found.identity(name, identity).await {
                break;
            }
        }
        Ok(())
    }
}
