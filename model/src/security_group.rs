//! Security groups: ordered rules, first match wins, and what no rule names is dropped. The groups of a load balancer
//! are bound here; whether a packet passes is [`filter`]'s topic, what a rule looks like [`policy`]'s, and changing the
//! rules of a group [`rule_set`]'s.

pub mod filter;
pub mod policy;
pub mod rule_set;

use std::sync::Arc;

use crate::id::{LoadBalancerId, SecurityGroupId};
use crate::quota::{Quota, Quotas};
use crate::refusal::{Field, Refusal, require};
use crate::region::Region;
use crate::rules::Rule;
use crate::tag::{ResourceName, Tags};
use crate::task::Occasion;
use crate::time::Timestamp;
use crate::world::World;
use policy::Policy;
use rule_set::RuleSetDraft;

/// The most groups one call may name (SDK).
const MOST_IN_A_CALL: usize = 50;
/// The most load balancers one call may name (SDK).
const MOST_LOAD_BALANCERS_IN_A_CALL: usize = 20;
/// The most groups of a region (sample of DescribeSecurityGroupLimits, INTL 215/41428).
const MOST: usize = 50;
/// The most characters of a name (SDK).
const LONGEST_NAME: usize = 60;
/// The most characters of a description (SDK).
const LONGEST_DESCRIPTION: usize = 100;

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Its id.
    pub id: SecurityGroupId,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Project.
    pub project_id: u64,
    /// Whether it is the region's default group, which stays.
    pub is_default: bool,
    /// Grows by one with every change of its rules.
    pub version: u64,
    /// What may come in.
    pub ingress: Vec<Policy>,
    /// What may go out.
    pub egress: Vec<Policy>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it, or one of its rules, was changed last.
    pub updated_at: Timestamp,
}

impl SecurityGroup {
    /// A group without rules, which lets nothing through (QD 78ae521d).
    pub fn new(id: SecurityGroupId, name: &str, description: &str, created_at: Timestamp) -> Self {
        Self {
            id,
            name: name.to_owned(),
            description: description.to_owned(),
            project_id: 0,
            is_default: false,
            version: 0,
            ingress: Vec::new(),
            egress: Vec::new(),
            created_at,
            updated_at: created_at,
        }
    }

    /// All its rules.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.ingress.iter().chain(&self.egress)
    }

    /// Whether one of its rules is about the members of that group.
    pub fn refers_to(&self, group: &SecurityGroupId) -> bool {
        self.policies().any(|policy| policy.peer.group() == Some(group))
    }
}

/// What a request says about a new group.
#[derive(Clone, Debug, Default)]
pub struct SecurityGroupDraft {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Project, a number.
    pub project_id: Option<String>,
    /// Its first rules, if any.
    pub rules: RuleSetDraft,
    /// Tags to set.
    pub tags: Tags,
}

/// Who uses a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Load balancers it is bound to.
    pub load_balancers: usize,
    /// Instances it is bound to.
    pub instances: usize,
    /// Other groups with a rule about it.
    pub groups: usize,
}

/// Whether groups are bound to load balancers or unbound from them (`OperationType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Add,
    Remove,
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let length = name.chars().count();
    require(length <= LONGEST_NAME, || {
        Refusal::new(Rule::SecurityGroupNameMax60)
            .at(Field::SecurityGroupName)
            .given(format_args!("{length} characters"))
    })
}

fn check_description(description: &str) -> Result<(), Refusal> {
    let length = description.chars().count();
    require(length <= LONGEST_DESCRIPTION, || {
        Refusal::new(Rule::SecurityGroupDescriptionMax100)
            .at(Field::SecurityGroupDescription)
            .given(format_args!("{length} characters"))
    })
}

fn check_project(text: Option<&str>) -> Result<u64, Refusal> {
    let text = text.filter(|text| !text.is_empty()).unwrap_or("0");
    let refused =
        |_| Refusal::new(Rule::SecurityGroupProjectNumber).at(Field::ProjectId).given(format_args!("{text:?}"));
    text.parse().map_err(refused)
}

/// The groups a load balancer is to have: such that are there, each once, and not too many.
fn check_bound(region: &Region, groups: &[String], quotas: Quotas) -> Result<Vec<SecurityGroupId>, Refusal> {
    let mut bound = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let group_id = SecurityGroupId::from(group.as_str());
        require(region.security_groups.contains_key(&group_id), || {
            Refusal::new(Rule::LbSgMustExist).at(Field::SecurityGroups).nth(index).given(group)
        })?;
        if !bound.contains(&group_id) {
            bound.push(group_id);
        }
    }
    quotas.check(Quota::SecurityGroups, bound.len(), Rule::LbSgQuota5, Field::SecurityGroups)?;
    Ok(bound)
}

impl World {
    /// Makes a group, with rules if the draft has some.
    pub fn create_security_group(
        &mut self,
        region: &str,
        draft: &SecurityGroupDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<SecurityGroupId, Refusal> {
        let region = self.region_mut(region)?;
        check_name(&draft.name)?;
        check_description(&draft.description)?;
        let project_id = check_project(draft.project_id.as_deref())?;
        draft.tags.check()?;
        require(region.security_groups.len() < MOST, || {
            Refusal::new(Rule::SecurityGroupQuota).given(region.security_groups.len())
        })?;
        let id = loop {
            let id = SecurityGroupId::from_random(occasion.chance.bits());
            if !region.security_groups.contains_key(&id) {
                break id;
            }
        };
        let group = SecurityGroup {
            project_id,
            ..SecurityGroup::new(id.clone(), &draft.name, &draft.description, occasion.now)
        };
        let group = region.with_first_rules(group, &draft.rules, occasion.now)?;
        region.add_security_group(group);
        self.set_new_tags(ResourceName::security_group(&id), &draft.tags);
        Ok(id)
    }

    /// Renames a group, or describes it differently.
    pub fn modify_security_group(
        &mut self,
        region: &str,
        id: &str,
        name: Option<&str>,
        description: Option<&str>,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let group = self.region_mut(region)?.security_group_mut(id)?;
        name.map(check_name).transpose()?;
        description.map(check_description).transpose()?;
        let group = Arc::make_mut(group);
        name.unwrap_or(&group.name.clone()).clone_into(&mut group.name);
        description.unwrap_or(&group.description.clone()).clone_into(&mut group.description);
        group.updated_at = occasion.now;
        Ok(())
    }

    /// Deletes a group that nobody uses.
    pub fn delete_security_group(&mut self, region: &str, id: &str) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        let group = region.security_group(id)?;
        require(!group.is_default, || {
            Refusal::new(Rule::SecurityGroupDefaultUndeletable).at(Field::SecurityGroupId).given(id)
        })?;
        let usage = region.usage_of(&group.id);
        require(usage == Usage::default(), || {
            Refusal::new(Rule::SecurityGroupInUse).at(Field::SecurityGroupId).given(format_args!(
                "{id}, used by {} load balancers, {} instances and {} other groups",
                usage.load_balancers, usage.instances, usage.groups
            ))
        })?;
        let id = group.id.clone();
        region.security_groups.remove(&id);
        self.tags.remove(&ResourceName::security_group(&id));
        Ok(())
    }

    /// Replaces the security groups of a load balancer; an empty list unbinds all (SDK).
    pub fn set_security_groups(
        &mut self,
        region: &str,
        load_balancer_id: &str,
        groups: &[String],
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let quotas = self.quotas;
        let region = self.region_mut(region)?;
        let id = region.idle_load_balancer(load_balancer_id, Rule::LbNotFoundListed, Rule::LbTaskLock)?;
        require(groups.len() <= MOST_IN_A_CALL, || {
            Refusal::new(Rule::LbSgArrayMax50).at(Field::SecurityGroups).given(groups.len())
        })?;
        let bound = check_bound(region, groups, quotas)?;
        region.bind_security_groups(&id, bound);
        region.tasks.start(occasion, vec![id]);
        Ok(())
    }

    /// Binds a group to load balancers (`ADD`), or unbinds it from them (`DEL`). All or none.
    pub fn set_security_group_of(
        &mut self,
        region: &str,
        group: &str,
        operation: &str,
        load_balancer_ids: &[String],
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let quotas = self.quotas;
        let region = self.region_mut(region)?;
        let operation = match operation {
            "ADD" => Operation::Add,
            "DEL" => Operation::Remove,
            other => return Err(Refusal::new(Rule::LbSgOperationEnum).at(Field::Operation).given(other)),
        };
        require(load_balancer_ids.len() <= MOST_LOAD_BALANCERS_IN_A_CALL, || {
            Refusal::new(Rule::LbSgForLbsMax20).at(Field::LoadBalancerIds).given(load_balancer_ids.len())
        })?;
        let group_id = SecurityGroupId::from(group);
        require(region.security_groups.contains_key(&group_id), || {
            Refusal::new(Rule::LbSgMustExist).at(Field::SecurityGroup).given(group)
        })?;
        let mut planned = Vec::new();
        for (index, id) in load_balancer_ids.iter().enumerate() {
            let id = region.idle_load_balancer(id, Rule::LbNotFoundListed, Rule::LbTaskLock);
            let id = id.map_err(|refusal| refusal.nth(index))?;
            let bound = &region.load_balancer(id.as_str(), Rule::LbNotFoundListed)?.security_groups;
            // One that is bound already keeps its place.
            let mut groups = bound.clone();
            match operation {
                Operation::Add if !groups.contains(&group_id) => groups.push(group_id.clone()),
                Operation::Add => {}
                Operation::Remove => groups.retain(|bound| *bound != group_id),
            }
            quotas
                .check(Quota::SecurityGroups, groups.len(), Rule::LbSgQuota5, Field::LoadBalancerIds)
                .map_err(|refusal| refusal.nth(index))?;
            if !planned.iter().any(|(known, _)| *known == id) {
                planned.push((id, groups));
            }
        }
        let ids = planned.iter().map(|(id, _)| id.clone()).collect();
        for (id, groups) in planned {
            region.bind_security_groups(&id, groups);
        }
        region.tasks.start(occasion, ids);
        Ok(())
    }
}

impl Region {
    /// Every security group, by id.
    pub fn security_groups(&self) -> impl Iterator<Item = &SecurityGroup> {
        self.security_groups.values().map(Arc::as_ref)
    }

    /// The security group with that id.
    pub fn security_group(&self, id: &str) -> Result<&SecurityGroup, Refusal> {
        let found = self.security_groups.get(&SecurityGroupId::from(id)).map(Arc::as_ref);
        found.ok_or_else(|| not_found(id))
    }

    pub(crate) fn security_group_mut(&mut self, id: &str) -> Result<&mut Arc<SecurityGroup>, Refusal> {
        self.security_groups.get_mut(&SecurityGroupId::from(id)).ok_or_else(|| not_found(id))
    }

    /// Who uses a group.
    pub fn usage_of(&self, group: &SecurityGroupId) -> Usage {
        Usage {
            load_balancers: self.load_balancers().filter(|it| it.security_groups.contains(group)).count(),
            instances: self.network.instances().filter(|it| it.security_groups.contains(group)).count(),
            groups: self.security_groups().filter(|it| it.id != *group && it.refers_to(group)).count(),
        }
    }

    fn bind_security_groups(&mut self, id: &LoadBalancerId, groups: Vec<SecurityGroupId>) {
        if let Some(load_balancer) = self.load_balancers.get_mut(id)
            && load_balancer.security_groups != groups
        {
            Arc::make_mut(load_balancer).security_groups = groups;
        }
    }
}

fn not_found(id: &str) -> Refusal {
    Refusal::new(Rule::SecurityGroupNotFound).at(Field::SecurityGroupId).given(id)
}
