//! Tags of any resource (service `tag`, version 2018-08-13).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::action::{Accepted, actions};

actions! { Tag:
    DescribeResourceTagsByResourceIds => DescribeResourceTagsByResourceIdsReply;
    ModifyResourceTags => Accepted;
    TagResources => TagResourcesReply;
    UnTagResources => TagResourcesReply;
}

/// Lists the tags of resources of one kind.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeResourceTagsByResourceIds {
    /// Service part of the six-part resource name, e.g. clb, ssl.
    pub service_type: String,
    /// Resource prefix, e.g. clb, certificate.
    pub resource_prefix: String,
    /// Resource ids, at most 50.
    pub resource_ids: Vec<String>,
    /// Region, empty for region-less resources.
    pub resource_region: String,
    /// Default 0, multiple of Limit.
    pub offset: Option<u64>,
    /// Default 15.
    pub limit: Option<u64>,
    /// Custom, System or All.
    pub category: Option<String>,
}

/// What [`DescribeResourceTagsByResourceIds`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeResourceTagsByResourceIdsReply {
    /// Number of matches before paging.
    pub total_count: u64,
    /// Page offset, default 0.
    pub offset: u64,
    /// Page size.
    pub limit: u64,
    /// Tag list.
    pub tags: Vec<TagResource>,
}

/// Sets and removes tags of one resource.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyResourceTags {
    /// Six-part resource name qcs::service:region:uin/:prefix/id.
    pub resource: String,
    /// Tags to add or change, at most 10.
    pub replace_tags: Option<Vec<Tag>>,
    /// Tag keys to remove, at most 10.
    pub delete_tags: Option<Vec<TagKeyObject>>,
}

/// Sets tags of resources, each on its own.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TagResources {
    /// Six-part resource names, at most 10.
    pub resource_list: Vec<String>,
    /// Tags to add or change, at most 10.
    pub tags: Vec<Tag>,
}

/// Removes tags of resources, each on its own.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UnTagResources {
    /// Six-part resource names, at most 10.
    pub resource_list: Vec<String>,
    /// Tag keys to remove, at most 10.
    pub tag_keys: Vec<String>,
}

/// What [`TagResources`] and [`UnTagResources`] answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct TagResourcesReply {
    /// Resources that stay as they were.
    pub failed_resources: Vec<FailedResource>,
}

/// A resource that stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct FailedResource {
    /// Six-part resource name.
    pub resource: String,
    /// Error code.
    pub code: String,
    /// What is wrong.
    pub message: String,
}

/// A tag of a resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct TagResource {
    /// Tag key.
    pub tag_key: String,
    /// Tag value.
    pub tag_value: String,
    /// Resource id.
    pub resource_id: String,
    /// MD5 of key.
    pub tag_key_md5: String,
    /// MD5 of value.
    pub tag_value_md5: String,
    /// Service part of the six-part resource name, e.g. clb, ssl.
    pub service_type: String,
    /// Custom, System or All.
    pub category: Option<String>,
}

/// A tag.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// Tag key.
    pub tag_key: String,
    /// Tag value.
    pub tag_value: String,
    /// Custom, System or All.
    pub category: Option<String>,
}

/// The key of a tag to remove.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct TagKeyObject {
    /// Tag key.
    pub tag_key: String,
}
