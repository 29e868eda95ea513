//! Planning as core does it: what it asks, in which order, and what it makes of the answers.

use super::verdict::Failure;
use super::{Instance, proposal};
use crate::engine::consistency::{self, Breach};
use crate::engine::{PlanRequest, PlanResponse};
use crate::schema::{Attribute, AttributeKind};
use crate::{Deferral, Dynamic, Path, Report, Resource, ResourceModel, Step};

/// What a plan is going to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// Create it.
    Create,
    /// Change it in place.
    Update,
    /// Delete it and create it again.
    Replace,
    /// Delete it.
    Delete,
}

/// A plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it is going to do.
    pub action: Action,
    /// The attributes that make it a replacement: those the provider names whose values change.
    pub replace: Vec<Path>,
    /// The state that will be, with unknown values; null when deleting.
    pub planned: Dynamic,
    /// Why it is put off; only where the core allows deferral.
    pub deferred: Option<Deferral>,
    /// Warnings.
    pub report: Report,
    pub(super) private: Vec<u8>,
    pub(super) identity: Dynamic,
}

/// What is there before a plan.
struct Prior {
    state: Dynamic,
    private: Vec<u8>,
    identity: Dynamic,
}

impl Prior {
    /// Nothing, when something is created.
    const NOTHING: Self = Self { state: Dynamic::Null, private: Vec::new(), identity: Dynamic::Null };
}

impl<R: Resource> Instance<R> {
    /// Plans to make it what `config` says, or (null) to delete it.
    pub(super) async fn plan_of(&self, config: &Dynamic) -> Result<Plan, Failure> {
        if config.is_null() {
            let response = self.ask(&self.prior(), config).await?;
            return Ok(plan(Action::Delete, Vec::new(), response));
        }
        if self.state.is_null() || self.tainted {
            // What is tainted is planned as if there were nothing, and only called a replacement.
            let response = self.ask(&Prior::NOTHING, config).await?;
            let action = if self.tainted { Action::Replace } else { Action::Create };
            return Ok(plan(action, Vec::new(), response));
        }
        let mut first = self.ask(&self.prior(), config).await?;
        let named = std::mem::take(&mut first.replace);
        let (action, replace) = intent(&self.schema().attributes, &self.state, &first.planned, named)
            .map_err(|breaches| Self::refusal("Provider produced invalid plan", breaches))?;
        if action != Action::Replace {
            return Ok(plan(action, replace, first));
        }
        // The object that comes in its place is planned from nothing but what this plan left. The user has read the
        // warnings already.
        let created = Prior { state: Dynamic::Null, private: first.private, identity: first.identity };
        let again = self.ask(&created, config).await?;
        Ok(plan(Action::Replace, replace, PlanResponse { report: first.report, ..again }))
    }

    fn prior(&self) -> Prior {
        Prior { state: self.state.clone(), private: self.private.clone(), identity: self.identity.clone() }
    }

    async fn ask(&self, prior: &Prior, config: &Dynamic) -> Result<PlanResponse, Failure> {
        let attributes = &self.schema().attributes;
        let proposed =
            if config.is_null() { Dynamic::Null } else { proposal::proposed(attributes, &prior.state, config) };
        let request = PlanRequest {
            type_name: <R as ResourceModel>::NAME.into(),
            prior: prior.state.clone(),
            proposed,
            config: config.clone(),
            prior_private: prior.private.clone(),
            earlier_private: Vec::new(),
            prior_identity: prior.identity.clone(),
            caller: self.core.caller.clone(),
        };
        let mut response = self.core.engine.plan_resource(request).await;
        self.shows_no_secret(config, &response.report)?;
        if response.report.has_errors() {
            return Err(response.report.into());
        }
        response.planned = self.arrived(&response.planned)?;
        let breaches = match (config.is_null(), response.planned.is_null()) {
            (true, true) => Vec::new(),
            (true, false) => vec![(Path::root(), "is to be destroyed, and something else was planned".to_owned())],
            (false, true) => vec![(Path::root(), "is configured, and nothing was planned".to_owned())],
            (false, false) => consistency::check_plan(self.schema(), &prior.state, config, &response.planned),
        };
        Self::keeps("Provider produced invalid plan", breaches)?;
        Ok(response)
    }
}

/// What core takes a plan for, and which of the paths that the provider names are the reason to replace.
///
/// A path counts where the value changes, comes or goes, or is not known. Of write-only values core sees no change, so they
/// always count.
pub(super) fn intent(
    attributes: &[Attribute],
    prior: &Dynamic,
    planned: &Dynamic,
    named: Vec<Path>,
) -> Result<(Action, Vec<Path>), Vec<Breach>> {
    let (mut replace, mut missing) = (Vec::new(), Vec::new());
    for path in named {
        let (before, after) = (value_at(prior, &path), value_at(planned, &path));
        if before.is_none() && after.is_none() {
            missing.push((path, "is to replace the resource, and is neither in its state nor in its plan".to_owned()));
        } else if before != after || is_write_only(attributes, &path) {
            replace.push(path);
        }
    }
    match (missing.is_empty(), replace.is_empty()) {
        (false, _) => Err(missing),
        (_, false) => Ok((Action::Replace, replace)),
        _ if planned == prior => Ok((Action::NoOp, replace)),
        _ => Ok((Action::Update, replace)),
    }
}

fn plan(action: Action, replace: Vec<Path>, response: PlanResponse) -> Plan {
    let PlanResponse { planned, private, identity, deferred, report, replace: _ } = response;
    Plan { action, replace, planned, deferred, report, private, identity }
}

/// The value at a path; `None` where there is no such part. What is inside an unknown value is unknown.
fn value_at<'v>(value: &'v Dynamic, path: &Path) -> Option<&'v Dynamic> {
    path.steps().iter().try_fold(value, |value, step| match (value, step) {
        (Dynamic::Unknown(_), _) => Some(value),
        (Dynamic::Object(parts), Step::Attribute(name)) => parts.get(name),
        (Dynamic::Map(parts), Step::Key(key)) => parts.get(key),
        (Dynamic::List(parts), Step::Index(index)) => parts.get(usize::try_from(*index).ok()?),
        _ => None,
    })
}

fn is_write_only(attributes: &[Attribute], path: &Path) -> bool {
    let mut attributes = attributes;
    for step in path.steps() {
        let Step::Attribute(name) = step else { continue };
        match attributes.iter().find(|attribute| attribute.name == *name) {
            Some(attribute) if attribute.write_only => return true,
            Some(Attribute { kind: AttributeKind::Nested(_, inner), .. }) => attributes = inner,
            _ => return false,
        }
    }
    false
}
