//! Tag actions: decode, ask, answer.

use clb_cloud_api::action::Accepted;
use clb_cloud_api::tag as api;
use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;
use clb_model::tag::{ResourceName, Tags};
use clb_model::world::World;

use super::refusal::{Fault, code_and_message};
use super::{Call, md5};

const MOST_IDS: usize = 50;
const DEFAULT_LIMIT: u64 = 15;
/// The most resources, and the most tags, of a call for several resources (SDK).
const MOST_RESOURCES: usize = 10;
/// What kind of tags there are: such that users have set.
const CATEGORY: &str = "Custom";

pub(super) fn describe(
    call: &Call<'_>,
    request: api::DescribeResourceTagsByResourceIds,
) -> Result<api::DescribeResourceTagsByResourceIdsReply, Fault> {
    let count = request.resource_ids.len();
    if count > MOST_IDS {
        return Err(Refusal::new(Rule::TagResourceIdsMax50).at(Field::ResourceIds).given(count).into());
    }
    let (offset, limit) = (request.offset.unwrap_or(0), request.limit.unwrap_or(DEFAULT_LIMIT));
    if limit == 0 || offset % limit != 0 {
        let given = format!("{offset} and {limit}");
        return Err(Refusal::new(Rule::TagOffsetMultipleOfLimit).at(Field::Offset).given(given).into());
    }
    let shows_custom = check_category(request.category.as_deref())?;
    call.world(|world| {
        let names = request.resource_ids.iter().map(|id| ResourceName {
            service: request.service_type.clone(),
            prefix: request.resource_prefix.clone(),
            id: id.clone(),
        });
        let mut tags = Vec::new();
        for name in names.filter(|_| shows_custom) {
            tags.extend(world.tags(&name).map(|(key, value)| view(&name, key, value)));
        }
        let total_count = tags.len() as u64;
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let tags = tags.into_iter().skip(count(offset)).take(count(limit)).collect();
        Ok(api::DescribeResourceTagsByResourceIdsReply { total_count, offset, limit, tags })
    })
}

/// Whether tags that users have set are asked for; there are no others here.
fn check_category(category: Option<&str>) -> Result<bool, Refusal> {
    match category {
        None | Some("" | "Custom" | "All") => Ok(true),
        Some("System") => Ok(false),
        Some(other) => Err(Refusal::new(Rule::TagCategoryEnum).at(Field::Category).given(other)),
    }
}

fn read_name(resource: &str) -> Result<ResourceName, Refusal> {
    let unreadable =
        || Refusal::new(Rule::TagResourceMustExist).at(Field::Resource).given(format_args!("{resource:?}"));
    ResourceName::parse(resource).ok_or_else(unreadable)
}

fn read_tags(given: Vec<api::Tag>) -> Tags {
    Tags(given.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect())
}

pub(super) fn modify(call: &Call<'_>, request: api::ModifyResourceTags) -> Result<Accepted, Fault> {
    let name = read_name(&request.resource)?;
    let set = read_tags(request.replace_tags.unwrap_or_default());
    let remove: Vec<String> = request.delete_tags.unwrap_or_default().into_iter().map(|tag| tag.tag_key).collect();
    call.write(|world, _| world.modify_tags(&name, &set, &remove))?;
    Ok(Accepted {})
}

pub(super) fn set(call: &Call<'_>, request: api::TagResources) -> Result<api::TagResourcesReply, Fault> {
    check_count(request.tags.len())?;
    let set = read_tags(request.tags);
    modify_each(call, &request.resource_list, |world, name| world.modify_tags(name, &set, &[]))
}

pub(super) fn remove(call: &Call<'_>, request: api::UnTagResources) -> Result<api::TagResourcesReply, Fault> {
    check_count(request.tag_keys.len())?;
    modify_each(call, &request.resource_list, |world, name| {
        world.modify_tags(name, &Tags::default(), &request.tag_keys)
    })
}

fn check_count(count: usize) -> Result<(), Refusal> {
    if count > MOST_RESOURCES {
        return Err(Refusal::new(Rule::TagResourcesMax10).at(Field::ResourceList).given(count));
    }
    Ok(())
}

/// Each resource on its own: those that cannot be changed are in the answer, the others are changed.
fn modify_each(
    call: &Call<'_>,
    resources: &[String],
    change: impl Fn(&mut World, &ResourceName) -> Result<(), Refusal>,
) -> Result<api::TagResourcesReply, Fault> {
    check_count(resources.len())?;
    let failed_resources = call.write(|world, _| {
        let mut failed = Vec::new();
        for resource in resources {
            if let Err(refusal) = read_name(resource).and_then(|name| change(world, &name)) {
                let (code, message) = code_and_message(&refusal.into());
                failed.push(api::FailedResource { resource: resource.clone(), code: code.to_owned(), message });
            }
        }
        Ok(failed)
    })?;
    Ok(api::TagResourcesReply { failed_resources })
}

fn view(name: &ResourceName, key: &str, value: &str) -> api::TagResource {
    api::TagResource {
        tag_key: key.to_owned(),
        tag_value: value.to_owned(),
        resource_id: name.id.clone(),
        tag_key_md5: md5::hex(key),
        tag_value_md5: md5::hex(value),
        service_type: name.service.clone(),
        category: Some(CATEGORY.to_owned()),
    }
}
