//! Changing the rules of a security group: adding, replacing, removing. Each change makes the group's version one larger.

use std::sync::Arc;

use super::SecurityGroup;
use super::policy::{Policy, PolicyDraft};
use crate::refusal::{Field, Refusal, require};
use crate::region::Region;
use crate::rules::Rule;
use crate::task::Occasion;
use crate::time::Timestamp;
use crate::world::World;

/// The most rules of one direction of a group (sample of DescribeSecurityGroupLimits, INTL 215/41428).
const MOST_PER_DIRECTION: usize = 100;
/// The most groups that the rules of one group refer to (there).
const MOST_REFERENCES: usize = 10;
/// The most rules of all the groups of a load balancer (INTL 214/14733).
const MOST_PER_LOAD_BALANCER: usize = 512;

/// What a request says about the rules of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSetDraft {
    /// The version the caller knows.
    pub version: Option<String>,
    /// Rules for what comes in.
    pub ingress: Option<Vec<PolicyDraft>>,
    /// Rules for what goes out.
    pub egress: Option<Vec<PolicyDraft>>,
}

/// Which way traffic goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// In.
    Ingress,
    /// Out.
    Egress,
}

impl SecurityGroup {
    /// Its rules of one direction.
    pub fn rules(&self, direction: Direction) -> &[Policy] {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }

    fn rules_mut(&mut self, direction: Direction) -> &mut Vec<Policy> {
        match direction {
            Direction::Ingress => &mut self.ingress,
            Direction::Egress => &mut self.egress,
        }
    }

    fn changed(&mut self, now: Timestamp) {
        self.version += 1;
        self.updated_at = now;
    }

    /// The rules it has and the new ones obey the rules of a whole set.
    fn check_whole(&self, region: &Region) -> Result<(), Refusal> {
        for direction in [Direction::Ingress, Direction::Egress] {
            let rules = self.rules(direction);
            require(rules.len() <= MOST_PER_DIRECTION, || {
                Refusal::new(Rule::SecurityGroupRuleQuota).at(field(direction)).given(rules.len())
            })?;
            let repeated = (1..rules.len()).find(|index| rules[..*index].iter().any(|it| it.equals(&rules[*index])));
            if let Some(index) = repeated {
                return Err(Refusal::new(Rule::SecurityGroupRuleDuplicate).at(field(direction)).nth(index));
            }
        }
        let mut references: Vec<_> = self.policies().filter_map(|policy| policy.peer.group()).collect();
        references.sort();
        references.dedup();
        for group in &references {
            if **group != self.id {
                region.security_group(group.as_str())?;
            }
        }
        require(references.len() <= MOST_REFERENCES, || {
            Refusal::new(Rule::SecurityGroupReferencesMax10).given(references.len())
        })?;
        region.check_bound_rules(self)
    }
}

/// Where the rules of a direction stand in a request.
const fn field(direction: Direction) -> Field {
    match direction {
        Direction::Ingress => Field::Ingress,
        Direction::Egress => Field::Egress,
    }
}

impl RuleSetDraft {
    /// The version the caller knows, as a number.
    fn version(&self) -> Result<Option<u64>, Refusal> {
        let text = self.version.as_deref().filter(|text| !text.is_empty());
        let refused = |text| {
            Refusal::new(Rule::SecurityGroupVersionNumber).at(Field::PolicyVersion).given(format_args!("{text:?}"))
        };
        text.map(|text| text.parse().map_err(|_| refused(text))).transpose()
    }

    /// Refuses a version that is no longer the group's; without one nothing is compared (INTL 215/15807).
    fn check_version(&self, group: &SecurityGroup) -> Result<(), Refusal> {
        let known = self.version()?;
        require(known.is_none_or(|known| known == group.version), || {
            Refusal::new(Rule::SecurityGroupVersionCurrent).at(Field::PolicyVersion).given(format_args!(
                "{}, and it is {}",
                known.unwrap_or_default(),
                group.version
            ))
        })
    }

    /// The one direction that the request is about, and its drafts, at least one.
    fn one_direction(&self) -> Result<(Direction, &[PolicyDraft]), Refusal> {
        let drafts = |given: &'_ Option<Vec<PolicyDraft>>| given.as_ref().is_some_and(|drafts| !drafts.is_empty());
        match (drafts(&self.ingress), drafts(&self.egress)) {
            (true, false) => Ok((Direction::Ingress, self.ingress.as_deref().unwrap_or_default())),
            (false, true) => Ok((Direction::Egress, self.egress.as_deref().unwrap_or_default())),
            (true, true) => {
                Err(Refusal::new(Rule::SecurityGroupOneDirectionPerCall).at(Field::PolicySet).given("both"))
            }
            (false, false) => Err(Refusal::new(Rule::SecurityGroupRulesNotEmpty).at(Field::PolicySet)),
        }
    }
}

/// The rules that drafts mean.
fn check_all(drafts: &[PolicyDraft], direction: Direction, now: Timestamp) -> Result<Vec<Policy>, Refusal> {
    // More than that many are refused in any case; this bounds the work.
    require(drafts.len() <= MOST_PER_DIRECTION, || {
        Refusal::new(Rule::SecurityGroupRuleQuota).at(field(direction)).given(drafts.len())
    })?;
    drafts.iter().enumerate().map(|(index, draft)| draft.check(now).map_err(|refusal| refusal.nth(index))).collect()
}

/// The place a rule has in a list of `count`.
fn check_index(index: Option<i64>, count: usize, nth: usize) -> Result<usize, Refusal> {
    let found = index.and_then(|index| usize::try_from(index).ok()).filter(|index| *index < count);
    found.ok_or_else(|| {
        let given = index.map_or_else(|| "none".to_owned(), |index| index.to_string());
        Refusal::new(Rule::SecurityGroupRuleIndex)
            .at(Field::PolicyIndex)
            .nth(nth)
            .given(format_args!("{given}, and there are {count} rules"))
    })
}

impl World {
    /// Adds rules of one direction: at a place, the same for all, or after the last (INTL 215/15807).
    pub fn create_policies(
        &mut self,
        region: &str,
        id: &str,
        draft: &RuleSetDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        self.change_rules(region, id, occasion.now, |group, now| {
            draft.check_version(group)?;
            let (direction, drafts) = draft.one_direction()?;
            let new = check_all(drafts, direction, now)?;
            let rules = group.rules_mut(direction);
            let at = match drafts[0].index {
                None => rules.len(),
                given => check_index(given, rules.len() + 1, 0)?,
            };
            let other = drafts.iter().position(|draft| draft.index != drafts[0].index);
            if let Some(nth) = other {
                return Err(Refusal::new(Rule::SecurityGroupRuleSameIndex).at(Field::PolicyIndex).nth(nth));
            }
            rules.splice(at..at, new);
            Ok(())
        })
    }

    /// Replaces all rules of the directions that are given; version 0 removes all rules (SDK). Rules stand in the order
    /// in which they are given, whatever index they name: the action has none (SDK).
    pub fn reset_policies(
        &mut self,
        region: &str,
        id: &str,
        draft: &RuleSetDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        self.change_rules(region, id, occasion.now, |group, now| {
            if draft.version()? == Some(0) {
                group.ingress.clear();
                group.egress.clear();
                return Ok(());
            }
            require(draft.ingress.is_some() || draft.egress.is_some(), || {
                Refusal::new(Rule::SecurityGroupRulesNotEmpty).at(Field::PolicySet)
            })?;
            for (direction, drafts) in [(Direction::Ingress, &draft.ingress), (Direction::Egress, &draft.egress)] {
                if let Some(drafts) = drafts {
                    *group.rules_mut(direction) = check_all(drafts, direction, now)?;
                }
            }
            Ok(())
        })
    }

    /// Replaces single rules of one direction, each named by its index.
    pub fn replace_policies(
        &mut self,
        region: &str,
        id: &str,
        draft: &RuleSetDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        self.change_rules(region, id, occasion.now, |group, now| {
            draft.check_version(group)?;
            let (direction, drafts) = draft.one_direction()?;
            let new = check_all(drafts, direction, now)?;
            let rules = group.rules_mut(direction);
            for (nth, (draft, policy)) in drafts.iter().zip(new).enumerate() {
                let index = check_index(draft.index, rules.len(), nth)?;
                rules[index] = policy;
            }
            Ok(())
        })
    }

    /// Removes rules of one direction: those with an index by that, others by what they say.
    pub fn delete_policies(
        &mut self,
        region: &str,
        id: &str,
        draft: &RuleSetDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        self.change_rules(region, id, occasion.now, |group, now| {
            draft.check_version(group)?;
            let (direction, drafts) = draft.one_direction()?;
            let rules = group.rules_mut(direction);
            let mut gone = Vec::new();
            for (nth, draft) in drafts.iter().enumerate() {
                gone.push(match draft.index {
                    Some(_) => check_index(draft.index, rules.len(), nth)?,
                    None => find(rules, draft, now).map_err(|refusal| refusal.nth(nth))?,
                });
            }
            let mut index = 0;
            rules.retain(|_| {
                index += 1;
                !gone.contains(&(index - 1))
            });
            Ok(())
        })
    }

    /// Changes a copy of a group, and keeps it when it is a valid one.
    fn change_rules(
        &mut self,
        region: &str,
        id: &str,
        now: Timestamp,
        change: impl FnOnce(&mut SecurityGroup, Timestamp) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        let mut group = region.security_group(id)?.clone();
        change(&mut group, now)?;
        group.check_whole(region)?;
        group.changed(now);
        region.security_groups.insert(group.id.clone(), Arc::new(group));
        Ok(())
    }
}

/// Where the rule is that says the same as a draft.
fn find(rules: &[Policy], draft: &PolicyDraft, now: Timestamp) -> Result<usize, Refusal> {
    let wanted = draft.check(now)?;
    let found = rules.iter().position(|rule| rule.equals(&wanted));
    found.ok_or_else(|| Refusal::new(Rule::SecurityGroupRuleNotFound).at(Field::PolicySet))
}

impl Region {
    /// The group with its first rules, both directions at once, if there are some.
    pub(super) fn with_first_rules(
        &self,
        mut group: SecurityGroup,
        draft: &RuleSetDraft,
        now: Timestamp,
    ) -> Result<SecurityGroup, Refusal> {
        let none = Vec::new();
        let (ingress, egress) = (draft.ingress.as_ref().unwrap_or(&none), draft.egress.as_ref().unwrap_or(&none));
        if ingress.is_empty() && egress.is_empty() {
            return Ok(group);
        }
        group.ingress = check_all(ingress, Direction::Ingress, now)?;
        group.egress = check_all(egress, Direction::Egress, now)?;
        group.check_whole(self)?;
        group.changed(now);
        Ok(group)
    }

    /// Whether the load balancers that a group is bound to can carry its rules.
    fn check_bound_rules(&self, changed: &SecurityGroup) -> Result<(), Refusal> {
        for load_balancer in self.load_balancers().filter(|it| it.security_groups.contains(&changed.id)) {
            let groups = load_balancer.security_groups.iter();
            let count: usize = groups
                .map(|id| if *id == changed.id { Some(changed) } else { self.security_groups.get(id).map(Arc::as_ref) })
                .map(|group| group.map_or(0, |group| group.policies().count()))
                .sum();
            require(count <= MOST_PER_LOAD_BALANCER, || {
                Refusal::new(Rule::LbSgRulesMax512)
                    .at(Field::PolicySet)
                    .given(format_args!("{count} at {}", load_balancer.id))
            })?;
        }
        Ok(())
    }
}
