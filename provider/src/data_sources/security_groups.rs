//! `clb_security_groups`: the security groups of the region.

use std::collections::{BTreeMap, BTreeSet};

use clb_cloud_api::vpc;
use tfplugin_sdk::{DataSource, Operation, Result};

use super::{has_tags, in_parts, is_among, is_named};
use crate::errors::Doing;
use crate::platform::{Found, Platform};

/// A filter of DescribeSecurityGroups gets at most this many values here, as many as a call takes ids. As ids they would be
/// refused all together if one of them does not exist.
const IDS_PER_CALL: usize = 100;

/// The security groups of the region that fit all filters, also those that Terraform does not manage; all of them without a
/// filter. They come in the order of their creation. Their rules are not part of it: the platform tells them group by group.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::DataSource)]
#[tf(name = "clb_security_groups", conflicts(name, name_contains))]
pub struct SecurityGroups {
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
    /// What was found.
    #[tf(computed)]
    pub security_groups: Vec<FoundSecurityGroup>,
}

/// A security group that was found.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
pub struct FoundSecurityGroup {
    /// Id of the security group.
    pub security_group_id: String,
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Number of the project it belongs to.
    pub project_id: u32,
    /// Whether it is the group that the platform uses where none is named.
    pub is_default: bool,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// When it was created, as the platform writes it.
    pub created_at: String,
}

impl DataSource for SecurityGroups {
    type Api = Platform;

    async fn read(operation: &mut Operation<'_, Platform>, input: SecurityGroupsInput) -> Result<Self> {
        let all = operation.unless_cancelled(input.search(operation.api()).all()).await?;
        let found = all.doing("list the security groups")?;
        let fitting = found.into_iter().filter(|group| input.fits(group));
        let security_groups = fitting.map(described).collect();
        let SecurityGroupsInput { security_group_ids, name, name_contains, tags } = input;
        Ok(Self { security_group_ids, name, name_contains, tags, security_groups })
    }
}

impl SecurityGroupsInput {
    /// Asks the platform, as far as it knows the filters. What [`Self::fits`] does not take must be left out.
    pub(crate) fn search<'a>(&self, platform: &'a Platform) -> Found<'a, vpc::DescribeSecurityGroups> {
        Found::new(platform, self.questions())
    }

    fn questions(&self) -> impl Iterator<Item = vpc::DescribeSecurityGroups> {
        let filter = |name: String, values: Vec<String>| vpc::Filter { name, values };
        let named = self.name.iter().map(|name| filter("security-group-name".to_owned(), vec![name.clone()]));
        let tagged = self.tags.iter().flatten().map(|(key, value)| filter(format!("tag:{key}"), vec![value.clone()]));
        let common: Vec<vpc::Filter> = named.chain(tagged).collect();
        in_parts(self.security_group_ids.as_ref(), IDS_PER_CALL).into_iter().map(move |part| {
            let ids = part.map(|ids| filter("security-group-id".to_owned(), ids));
            let filters: Vec<vpc::Filter> = common.iter().cloned().chain(ids).collect();
            let order_field = Some("CreatedTime".to_owned());
            vpc::DescribeSecurityGroups {
                filters: (!filters.is_empty()).then_some(filters),
                order_field,
                ..Default::default()
            }
        })
    }

    /// Whether a security group is what is looked for.
    pub(crate) fn fits(&self, group: &vpc::SecurityGroup) -> bool {
        is_among(&group.security_group_id, self.security_group_ids.as_ref())
            && is_named(&group.security_group_name, self.name.as_ref(), self.name_contains.as_ref())
            && has_tags(&tags(group), self.tags.as_ref())
    }
}

fn tags(group: &vpc::SecurityGroup) -> BTreeMap<String, String> {
    group.tag_set.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

fn described(group: vpc::SecurityGroup) -> FoundSecurityGroup {
    FoundSecurityGroup {
        tags: tags(&group),
        security_group_id: group.security_group_id,
        name: group.security_group_name,
        description: group.security_group_desc,
        project_id: group.project_id.parse().unwrap_or_default(),
        is_default: group.is_default,
        created_at: group.created_time,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tfplugin_sdk::Codec;

    use super::SecurityGroupsInput;

    #[test]
    fn ids_are_a_filter_so_that_one_that_does_not_exist_finds_nothing() {
        let input = SecurityGroupsInput {
            security_group_ids: Some(BTreeSet::from(["sg-1".to_owned(), "sg-2".to_owned()])),
            name: Some("web".to_owned()),
            ..SecurityGroupsInput::absent()
        };
        let questions: Vec<_> = input.questions().collect();
        let [question] = questions.as_slice() else { panic!("one question: {questions:?}") };
        let filters = question.filters.as_ref().expect("two filters");
        let names: Vec<&str> = filters.iter().map(|filter| filter.name.as_str()).collect();
        assert_eq!(names, ["security-group-name", "security-group-id"]);
        assert!(question.security_group_ids.is_none());
        assert!(SecurityGroupsInput::absent().questions().all(|question| question.filters.is_none()));
    }
}
