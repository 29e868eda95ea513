//! Questions for lists of vpc: ids or filters, and a page in numbers that are written as text.

use clb_cloud_api::vpc;
use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;
use clb_model::tag::{ResourceName, Tags};
use clb_model::world::World;

use super::asked_for;
use super::written::Page;

/// The most ids of a question (SDK).
pub(super) const MOST_IDS: usize = 100;

/// A question.
pub(super) struct Listing<'a> {
    pub ids: Option<Vec<String>>,
    pub filters: Option<Vec<vpc::Filter>>,
    /// The filters that the action knows, besides those by tags.
    pub known: &'a [&'a str],
    /// Numbers that the API writes as strings.
    pub offset: Option<&'a str>,
    pub limit: Option<&'a str>,
}

/// A checked one.
pub(super) struct Listed {
    ids: Vec<String>,
    filters: Vec<vpc::Filter>,
    pub page: Page,
}

impl Listing<'_> {
    pub fn check(self) -> Result<Listed, Refusal> {
        let number = |text: Option<&str>, field| {
            let refused = |text| Refusal::new(Rule::VpcPagingStrings).at(field).given(format_args!("{text:?}"));
            text.map(|text| text.parse::<i64>().map_err(|_| refused(text))).transpose()
        };
        let offset = number(self.offset, Field::Offset)?;
        let limit = number(self.limit, Field::Limit)?;
        let page = Page::check(offset, limit, 20, 100, Rule::VpcPagingStrings)?;
        Listed::check(self.ids, self.filters, self.known, page)
    }
}

impl Listed {
    /// A question whose page is known already.
    pub fn check(
        ids: Option<Vec<String>>,
        filters: Option<Vec<vpc::Filter>>,
        known: &[&str],
        page: Page,
    ) -> Result<Self, Refusal> {
        let (ids, filters) = (ids.unwrap_or_default(), filters.unwrap_or_default());
        if !ids.is_empty() && !filters.is_empty() {
            return Err(Refusal::new(Rule::VpcIdsAndFiltersExclusive).at(Field::Filters));
        }
        check_ids(&ids)?;
        let is_known = |name: &str| known.contains(&name) || is_about_tags(name);
        if let Some(index) = filters.iter().position(|filter| !is_known(&filter.name)) {
            return Err(Refusal::new(Rule::VpcFilterNames).at(Field::Filters).nth(index).given(&filters[index].name));
        }
        Ok(Self { ids, filters, page })
    }

    /// The ids that are asked for; none when all are.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Whether a resource is asked for: its id is, or what it says under each filter's name is.
    pub fn wants(&self, name: &ResourceName, world: &World, says: impl Fn(&str) -> String) -> bool {
        asked_for(&self.ids, &name.id)
            && self.filters.iter().all(|filter| {
                let given = |text: &str| filter.values.iter().any(|value| value == text);
                passes_tags(&filter.name, name, world, given).unwrap_or_else(|| given(&says(&filter.name)))
            })
    }
}

pub(super) fn check_ids(ids: &[String]) -> Result<(), Refusal> {
    if ids.len() > MOST_IDS {
        return Err(Refusal::new(Rule::VpcDescribeIdsMax100).at(Field::NetworkIds).given(ids.len()));
    }
    Ok(())
}

fn is_about_tags(filter: &str) -> bool {
    filter == "tag-key" || filter.starts_with("tag:")
}

/// Whether a resource passes a filter by tags; `None` for any other filter.
pub(super) fn passes_tags(
    filter: &str,
    name: &ResourceName,
    world: &World,
    given: impl Fn(&str) -> bool,
) -> Option<bool> {
    match filter {
        "tag-key" => Some(world.tags(name).any(|(key, _)| given(key))),
        "tag-value" => Some(world.tags(name).any(|(_, value)| given(value))),
        other => {
            let wanted = other.strip_prefix("tag:")?;
            Some(world.tags(name).any(|(key, value)| key == wanted && given(value)))
        }
    }
}

/// The tags of a request; each key once (GO).
pub(super) fn tags(given: Option<Vec<vpc::Tag>>) -> Result<Tags, Refusal> {
    let mut tags = Tags::default();
    for tag in given.unwrap_or_default() {
        if tags.0.contains_key(&tag.key) {
            return Err(Refusal::new(Rule::TagDuplicateKey).at(Field::Tags).given(&tag.key));
        }
        tags.0.insert(tag.key, tag.value);
    }
    Ok(tags)
}

/// The tags of a resource as vpc and cvm show them.
pub(super) fn shown_tags(name: &ResourceName, world: &World) -> Vec<vpc::Tag> {
    world.tags(name).map(|(key, value)| vpc::Tag { key: key.clone(), value: value.clone() }).collect()
}
