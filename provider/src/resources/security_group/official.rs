//! What a `tencentcloud_security_group` of the official provider becomes: a group without its rules, which other resources of the
//! official provider have; the next read finds them.

use std::collections::BTreeMap;

use tfplugin_sdk::{Codec, ForeignState, Object, Result};

use super::SecurityGroup;
use crate::resources::official;

const TYPE: &str = "tencentcloud_security_group";

/// The attributes that matter here.
#[derive(Clone, Debug, PartialEq, Object)]
struct OfficialGroup {
    id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    tags: BTreeMap<String, String>,
}

/// The group, if `source` is one of the official provider's.
pub(super) fn moved(source: &ForeignState) -> Result<Option<SecurityGroup>> {
    let Some(group) = official::state::<OfficialGroup>(source, TYPE)? else { return Ok(None) };
    Ok(Some(SecurityGroup {
        security_group_id: official::required(group.id, TYPE, "id")?,
        name: group.name.unwrap_or_default(),
        description: group.description.unwrap_or_default(),
        tags: group.tags,
        ..SecurityGroup::absent()
    }))
}
