//! Tag actions: decode, ask, answer.

use clb_cloud_api::action::Accepted;
use clb_cloud_api::tag as api;
use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;
use clb_model::tag::{ResourceName, Tags};

use super::Call;
use super::refusal::Fault;

const MOST_IDS: usize = 50;
const DEFAULT_LIMIT: u64 = 15;

pub(super) fn describe(
    call: &Call<'_>,
    request: api::DescribeResourceTagsByResourceIds,
) -> Result<api::DescribeResourceTagsByResourceIdsReply, Fault> {
    let count = request.resource_ids.len();
    if count > MOST_IDS {
        return Err(Refusal::new(Rule::TagResourceIdsMax50).at(Field::ResourceIds).given(count).into());
    }
    let (offset, limit) = (request.offset.unwrap_or(0), request.limit.unwrap_or(DEFAULT_LIMIT));
    call.world(|world| {
        let names = request.resource_ids.iter().map(|id| ResourceName {
            service: request.service_type.clone(),
            prefix: request.resource_prefix.clone(),
            id: id.clone(),
        });
        let mut tags = Vec::new();
        for name in names {
            tags.extend(world.tags(&name).map(|(key, value)| view(&name, key, value)));
        }
        let total_count = tags.len() as u64;
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let tags = tags.into_iter().skip(count(offset)).take(count(limit)).collect();
        Ok(api::DescribeResourceTagsByResourceIdsReply { total_count, offset, limit, tags })
    })
}

pub(super) fn modify(call: &Call<'_>, request: api::ModifyResourceTags) -> Result<Accepted, Fault> {
    let unreadable =
        || Refusal::new(Rule::TagResourceMustExist).at(Field::Resource).given(format_args!("{:?}", request.resource));
    let name = ResourceName::parse(&request.resource).ok_or_else(unreadable)?;
    let set = request.replace_tags.unwrap_or_default().into_iter().map(|tag| (tag.tag_key, tag.tag_value));
    let set = Tags(set.collect());
    let remove: Vec<String> = request.delete_tags.unwrap_or_default().into_iter().map(|tag| tag.tag_key).collect();
    call.write(|world, _| world.modify_tags(&name, &set, &remove))?;
    Ok(Accepted {})
}

/// The MD5 fields stay empty: nothing we know of reads them.
fn view(name: &ResourceName, key: &str, value: &str) -> api::TagResource {
    api::TagResource {
        tag_key: key.to_owned(),
        tag_value: value.to_owned(),
        resource_id: name.id.clone(),
        service_type: name.service.clone(),
        ..api::TagResource::default()
    }
}
