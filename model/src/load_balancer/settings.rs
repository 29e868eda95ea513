//! Settings of load balancers that have actions of their own: specification, project, log topics.

use std::collections::BTreeSet;

use super::draft::SLA_TYPES;
use super::{Kind, LoadBalancer, LogTopic};
use crate::id::LoadBalancerId;
use crate::refusal::{Field, Refusal, require};
use crate::region::Region;
use crate::rules::Rule;
use crate::task::{DealName, Occasion, Work};
use crate::world::World;

/// The most load balancers one call moves to a project (SDK), and the most that it gives another specification (ours).
const MOST_IN_A_CALL: usize = 20;

/// A load balancer and the specification it is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecificationChange {
    /// Which load balancer.
    pub load_balancer_id: String,
    /// Such as `clb.c2.medium`.
    pub sla_type: String,
}

/// What a log topic is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogKind {
    /// `ACCESS`.
    Access,
    /// `HEALTH`.
    Health,
}

impl LogKind {
    /// The kind a request means; access logs when it says nothing.
    pub fn parse(word: Option<&str>) -> Result<Self, Refusal> {
        match word {
            None | Some("" | "ACCESS") => Ok(Self::Access),
            Some("HEALTH") => Ok(Self::Health),
            Some(other) => Err(Refusal::new(Rule::LbLogTypeEnum).at(Field::LogType).given(other)),
        }
    }
}

impl World {
    /// Gives load balancers other specifications: all that are named, or none.
    pub fn modify_specifications(
        &mut self,
        region: &str,
        changes: &[SpecificationChange],
        occasion: &mut Occasion<'_>,
    ) -> Result<DealName, Refusal> {
        let region = self.region_mut(region)?;
        require((1..=MOST_IN_A_CALL).contains(&changes.len()), || {
            Refusal::new(Rule::LbSlaCount).at(Field::Specifications).given(changes.len())
        })?;
        let mut wanted = Vec::new();
        for (index, change) in changes.iter().enumerate() {
            wanted.push(region.check_specification(change).map_err(|refusal| refusal.nth(index))?);
        }
        for (id, sla_type) in &wanted {
            region.change(id, |load_balancer| load_balancer.sla_type.clone_from(sla_type))?;
        }
        let ids: BTreeSet<LoadBalancerId> = wanted.into_iter().map(|(id, _)| id).collect();
        Ok(region.tasks.start_order(occasion, ids.into_iter().collect(), Work::Settings))
    }

    /// Moves load balancers to a project: all that are named, or none.
    pub fn modify_projects(
        &mut self,
        region: &str,
        ids: &[String],
        project_id: u64,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        require((1..=MOST_IN_A_CALL).contains(&ids.len()), || {
            let given = if ids.is_empty() { "none, and one is needed".to_owned() } else { ids.len().to_string() };
            Refusal::new(Rule::ProjectChangeMax20).at(Field::LoadBalancerIds).given(given)
        })?;
        let mut moving = BTreeSet::new();
        for (index, id) in ids.iter().enumerate() {
            let id = region.idle_load_balancer(id, Rule::LbNotFoundListed, Rule::LbTaskLock);
            let at_its_place = |refusal: Refusal| Refusal { field: Some(Field::LoadBalancerIds), ..refusal.nth(index) };
            moving.insert(id.map_err(at_its_place)?);
        }
        for id in &moving {
            region.change(id, |load_balancer| load_balancer.project_id = project_id)?;
        }
        region.tasks.start(occasion, moving.into_iter().collect());
        Ok(())
    }

    /// Sets where a load balancer's logs go; an empty set and an empty topic mean nowhere.
    pub fn set_log_topic(
        &mut self,
        region: &str,
        id: &str,
        kind: LogKind,
        topic: LogTopic,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        let id = region.idle_load_balancer(id, Rule::LbNotFoundUnlisted, Rule::LbTaskLockUnlistedWrites)?;
        let whole = topic.set_id.is_empty() == topic.topic_id.is_empty();
        require(whole, || Refusal::new(Rule::LbLogSetAndTopic).at(Field::LogTopic).given("one of them"))?;
        let topic = (!topic.set_id.is_empty()).then_some(topic);
        region.change(&id, |load_balancer| match kind {
            LogKind::Access => load_balancer.access_log = topic,
            LogKind::Health => load_balancer.health_log = topic,
        })?;
        region.tasks.start(occasion, vec![id]);
        Ok(())
    }
}

impl Region {
    fn check_specification(&self, change: &SpecificationChange) -> Result<(LoadBalancerId, String), Refusal> {
        let id = &change.load_balancer_id;
        let id = self.idle_load_balancer(id, Rule::LbNotFoundListed, Rule::LbTaskLockUnlistedWrites)?;
        let load_balancer = self.load_balancer(id.as_str(), Rule::LbNotFoundListed)?;
        let refused = |rule| Refusal::new(rule).at(Field::Specifications);
        require(load_balancer.kind == Kind::Current, || refused(Rule::LbSlaNotClassic).given(&id))?;
        let sla_type = &change.sla_type;
        // The empty word means shared, and there is no way back to that.
        let known = !sla_type.is_empty() && SLA_TYPES.contains(&sla_type.as_str());
        require(known, || refused(Rule::LbSlaSpecification).given(format_args!("{sla_type:?}")))?;
        Ok((id, sla_type.clone()))
    }

    /// Changes a load balancer when the change makes a difference.
    fn change(&mut self, id: &LoadBalancerId, change: impl FnOnce(&mut LoadBalancer)) -> Result<(), Refusal> {
        let before = self.load_balancer(id.as_str(), Rule::LbNotFoundListed)?;
        let mut after = before.clone();
        change(&mut after);
        if after != *before {
            *self.load_balancer_mut(id, Rule::LbNotFoundListed)? = after;
        }
        Ok(())
    }
}
