//! Calls that name targets of several listeners of one load balancer.
//!
//! Binding and unbinding are done listener by listener: some may fail while the others succeed, and the answer says
//! which (SDK). Changing weights or remarks is one thing: all or nothing.

use std::fmt;
use std::sync::Arc;

use super::{Binding, TargetDraft, check_keys, with_tags, with_weights, without};
use crate::id::{ListenerId, LoadBalancerId};
use crate::listener::Listener;
use crate::load_balancer::Placement;
use crate::refusal::{Field, Refusal, require};
use crate::region::Region;
use crate::rules::Rule;
use crate::task::Occasion;
use crate::world::World;

/// The most targets of one batch (SDK).
const MOST_IN_A_BATCH: usize = 500;
/// The most entries of a change of weights or remarks, and the most targets of one (SDK).
const MOST_ENTRIES: usize = 100;
const MOST_IN_AN_ENTRY: usize = 50;

/// A target of a batch: the listener it belongs to comes with it.
#[derive(Clone, Debug, Default)]
pub struct BatchTarget {
    /// The listener.
    pub listener_id: String,
    /// A layer-7 rule, which no listener here has.
    pub location: Option<String>,
    /// The target.
    pub target: TargetDraft,
}

/// New weights for targets of one listener.
#[derive(Clone, Debug, Default)]
pub struct WeightRule {
    /// The listener.
    pub listener_id: String,
    /// A layer-7 rule, which no listener here has.
    pub location: Option<String>,
    /// The targets; their own weights win.
    pub targets: Vec<TargetDraft>,
    /// The weight of those that name none.
    pub weight: Option<i64>,
}

/// A new remark for targets of one listener.
#[derive(Clone, Debug, Default)]
pub struct TagRule {
    /// The listener.
    pub listener_id: String,
    /// A layer-7 rule, which no listener here has.
    pub location: Option<String>,
    /// The targets; their own remarks win.
    pub targets: Vec<TargetDraft>,
    /// The remark of those that bring none.
    pub tag: Option<String>,
}

/// Why a batch failed for one listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchFailure {
    /// The listener as the request names it.
    pub listener_id: String,
    /// The reason.
    pub reason: FailureReason,
}

/// A reason why a batch failed for a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureReason {
    /// There is no such listener.
    NoListener,
    /// There is no such backend.
    NoBackend(String),
    /// Another rule.
    Refused(Refusal),
}

/// The platform's texts where they are known (SDK samples: two spaces after `IP`).
impl fmt::Display for BatchFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            FailureReason::NoListener => write!(f, "Listener {} not exists.", self.listener_id),
            FailureReason::NoBackend(backend) => write!(f, "IP  {backend} not found."),
            FailureReason::Refused(refusal) => {
                write!(f, "Listener {}: {}", self.listener_id, refusal.rule.sentence())?;
                refusal.given.iter().try_for_each(|given| write!(f, " Given: {given}."))
            }
        }
    }
}

impl World {
    /// Binds targets of several listeners; gives the listeners that failed.
    pub fn create_bindings_in_batch(
        &mut self,
        region: &str,
        load_balancer_id: &str,
        targets: &[BatchTarget],
        occasion: &mut Occasion<'_>,
    ) -> Result<Vec<BatchFailure>, Refusal> {
        let (now, quotas) = (occasion.now, self.quotas);
        self.in_batch(region, load_balancer_id, targets, Rule::LbTaskLock, occasion, |region, id, listener, targets| {
            let bindings = region.with_bound(id, listener, targets, quotas, now)?;
            region.set_bindings(id, listener, bindings);
            Ok(())
        })
    }

    /// Unbinds targets of several listeners; gives the listeners that failed.
    pub fn delete_bindings_in_batch(
        &mut self,
        region: &str,
        load_balancer_id: &str,
        targets: &[BatchTarget],
        occasion: &mut Occasion<'_>,
    ) -> Result<Vec<BatchFailure>, Refusal> {
        let lock = Rule::LbTaskLockUnlistedWrites;
        self.in_batch(region, load_balancer_id, targets, lock, occasion, |region, id, listener_id, targets| {
            let listener = region.load_balancer(id.as_str(), Rule::LbNotFoundListed)?.listener(listener_id.as_str())?;
            let bindings = without(listener, &check_keys(targets)?)?;
            region.set_bindings(id, listener_id, bindings);
            Ok(())
        })
    }

    /// Changes weights of targets of several listeners: all, or none.
    pub fn modify_binding_weights_in_batch(
        &mut self,
        region: &str,
        load_balancer_id: &str,
        rules: &[WeightRule],
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let lock = Rule::LbTaskLockUnlistedWrites;
        self.all_or_none(region, load_balancer_id, rules, Rule::TargetBatchWeightLimits, lock, occasion)
    }

    /// Changes remarks of targets of several listeners: all, or none.
    pub fn modify_binding_tags_in_batch(
        &mut self,
        region: &str,
        load_balancer_id: &str,
        rules: &[TagRule],
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let lock = Rule::LbTaskLock;
        self.all_or_none(region, load_balancer_id, rules, Rule::TargetBatchTagLimits, lock, occasion)
    }

    /// Lays the rules over a copy of the load balancer, so that one which refuses leaves nothing half done; two may name
    /// one listener.
    fn all_or_none(
        &mut self,
        region: &str,
        load_balancer_id: &str,
        rules: &[impl TargetRule],
        limits: Rule,
        lock: Rule,
        occasion: &Occasion<'_>,
    ) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        let id = region.idle_load_balancer(load_balancer_id, Rule::LbNotFoundUnlisted, lock)?;
        check_target_rules(rules, limits)?;
        let mut load_balancer = region.load_balancer(id.as_str(), Rule::LbNotFoundUnlisted)?.clone();
        for (index, rule) in rules.iter().enumerate() {
            check_location(rule.location())?;
            check_keys(rule.targets())?;
            let listener = load_balancer.listener(rule.listener_id()).map_err(|refusal| refusal.nth(index))?;
            let (listener_id, bindings) = (listener.id.clone(), rule.lay_over(listener)?);
            if let Some(listener) = load_balancer.listeners.get_mut(&listener_id)
                && listener.bindings != bindings
            {
                Arc::make_mut(listener).bindings = bindings;
            }
        }
        *region.load_balancer_mut(&id, Rule::LbNotFoundUnlisted)? = load_balancer;
        region.tasks.start(occasion, vec![id]);
        Ok(())
    }

    /// Does `change` for each listener of the batch, in the order they are first named.
    fn in_batch(
        &mut self,
        region: &str,
        load_balancer_id: &str,
        targets: &[BatchTarget],
        lock: Rule,
        occasion: &Occasion<'_>,
        change: impl Fn(&mut Region, &LoadBalancerId, &ListenerId, &[TargetDraft]) -> Result<(), Refusal>,
    ) -> Result<Vec<BatchFailure>, Refusal> {
        let region = self.region_mut(region)?;
        let id = region.idle_load_balancer(load_balancer_id, Rule::LbNotFoundListed, lock)?;
        let load_balancer = region.load_balancer(id.as_str(), Rule::LbNotFoundListed)?;
        require(load_balancer.placement != Placement::Basic, || {
            Refusal::new(Rule::TargetBatchVpcOnly).at(Field::LoadBalancerId).given(&id)
        })?;
        check_batch(targets)?;
        let groups = by_listener(targets);
        let known = |listener: &str| load_balancer.listener(listener).is_ok();
        require(groups.iter().any(|(listener, _)| known(listener)), || {
            Refusal::new(Rule::TargetBatchAllListenersUnknown).at(Field::Targets).given(&targets[0].listener_id)
        })?;
        let mut failures = Vec::new();
        for (listener_id, targets) in groups {
            let listener = ListenerId::from(listener_id);
            if let Err(refusal) = change(region, &id, &listener, &targets) {
                failures.push(BatchFailure { listener_id: listener_id.to_owned(), reason: reason(refusal) });
            }
        }
        region.tasks.start(occasion, vec![id]);
        Ok(failures)
    }
}

fn reason(refusal: Refusal) -> FailureReason {
    match (refusal.rule, &refusal.given) {
        (Rule::ListenerNotFound, _) => FailureReason::NoListener,
        (Rule::TargetInstanceMustExist, Some(backend)) => FailureReason::NoBackend(backend.clone()),
        _ => FailureReason::Refused(refusal),
    }
}

/// What is wrong with a batch whatever its listeners are.
fn check_batch(targets: &[BatchTarget]) -> Result<(), Refusal> {
    require(!targets.is_empty(), || Refusal::new(Rule::TargetListNotEmpty).at(Field::Targets))?;
    require(targets.len() <= MOST_IN_A_BATCH, || {
        Refusal::new(Rule::TargetBatchMax500).at(Field::Targets).given(targets.len())
    })?;
    for (index, entry) in targets.iter().enumerate() {
        check_location(entry.location.as_deref())
            .and_then(|()| entry.target.check_key())
            .and_then(|_| entry.target.check_weight(super::DEFAULT_WEIGHT))
            .map_err(|refusal| refusal.nth(index))?;
    }
    Ok(())
}

fn check_location(location: Option<&str>) -> Result<(), Refusal> {
    location.map_or(Ok(()), |location| {
        Err(Refusal::new(Rule::TargetNoLocationOnL4).at(Field::TargetLocation).given(location))
    })
}

/// One entry of a call that changes something about targets of several listeners.
trait TargetRule {
    fn listener_id(&self) -> &str;
    fn location(&self) -> Option<&str>;
    fn targets(&self) -> &[TargetDraft];
    /// The listener's bindings as the rule leaves them.
    fn lay_over(&self, listener: &Listener) -> Result<Vec<Binding>, Refusal>;
}

impl TargetRule for WeightRule {
    fn listener_id(&self) -> &str {
        &self.listener_id
    }

    fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    fn targets(&self) -> &[TargetDraft] {
        &self.targets
    }

    fn lay_over(&self, listener: &Listener) -> Result<Vec<Binding>, Refusal> {
        with_weights(listener, &self.targets, self.weight)
    }
}

impl TargetRule for TagRule {
    fn listener_id(&self) -> &str {
        &self.listener_id
    }

    fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    fn targets(&self) -> &[TargetDraft] {
        &self.targets
    }

    fn lay_over(&self, listener: &Listener) -> Result<Vec<Binding>, Refusal> {
        with_tags(listener, &self.targets, self.tag.as_deref())
    }
}

fn check_target_rules(rules: &[impl TargetRule], limits: Rule) -> Result<(), Refusal> {
    let refused = |given| Refusal::new(limits).at(Field::WeightRules).given(given);
    require(!rules.is_empty(), || Refusal::new(Rule::TargetListNotEmpty).at(Field::WeightRules))?;
    require(rules.len() <= MOST_ENTRIES, || refused(rules.len()))?;
    let mut targets = 0;
    for rule in rules {
        require(rule.targets().len() <= MOST_IN_AN_ENTRY, || refused(rule.targets().len()))?;
        targets += rule.targets().len();
    }
    require(targets <= MOST_IN_A_BATCH, || refused(targets))
}

/// The targets of each listener, listeners in the order they are first named.
fn by_listener(targets: &[BatchTarget]) -> Vec<(&str, Vec<TargetDraft>)> {
    let mut groups: Vec<(&str, Vec<TargetDraft>)> = Vec::new();
    for entry in targets {
        match groups.iter_mut().find(|(listener, _)| *listener == entry.listener_id) {
            Some((_, group)) => group.push(entry.target.clone()),
            None => groups.push((&entry.listener_id, vec![entry.target.clone()])),
        }
    }
    groups
}
