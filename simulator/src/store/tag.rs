//! Tags of a resource, as they are stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use clb_model::tag::{ResourceName, Tags};
use serde::{Deserialize, Serialize};

/// A resource's name and its tags.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagsRow {
    service: String,
    prefix: String,
    id: String,
    tags: BTreeMap<String, String>,
}

impl TagsRow {
    pub fn new(name: &ResourceName, tags: &Tags) -> Self {
        let ResourceName { service, prefix, id } = name.clone();
        let Tags(tags) = tags.clone();
        Self { service, prefix, id, tags }
    }

    pub fn into_parts(self) -> (ResourceName, Arc<Tags>) {
        let Self { service, prefix, id, tags } = self;
        (ResourceName { service, prefix, id }, Arc::new(Tags(tags)))
    }
}
