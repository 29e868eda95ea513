//! Plan: from core's proposal to the state that will be.
//!
//! ```text
//! proposed -> defaults -> write-only null -> differs from prior? computed unknown, unless kept
//!          -> replace modifiers -> the author's hook -> checked against the configuration -> planned
//! ```
//!
//! A plan that changes nothing returns exactly the prior state. The order is that of the Go framework, which
//! providers and users are used to.

use super::handler::{PlanHook, ResourceHandler};
use super::identity::planned_identity;
use super::members::check_distinct;
use super::replacement::find_replacing;
use super::tree::{Counterparts, edited, rewrite, shaped, without_write_only};
use super::{ConnectionState, Engine, PlanRequest, PlanResponse, consistency};
use crate::schema::{Attribute, Schema};
use crate::{Dynamic, Path, Private, Report};

impl Engine {
    /// Plans a create, an update or (with a null proposal) a destroy. Of a replacement, core asks twice: first with the
    /// prior state, then with none.
    pub async fn plan_resource(&self, request: PlanRequest) -> PlanResponse {
        let refused = |report| PlanResponse {
            planned: Dynamic::Null,
            replace: Vec::new(),
            private: request.prior_private.clone(),
            identity: request.prior_identity.clone(),
            report,
        };
        let (schema, handler) = match self.resource(&request.type_name) {
            Ok(found) => found,
            Err(report) => return refused(report),
        };
        let draft = if request.proposed.is_null() { Draft::destroy() } else { Draft::new(schema, &request) };
        let mut repeated = Report::new();
        check_distinct(&schema.attributes, &draft.planned, &Path::root(), &mut repeated);
        if repeated.has_errors() {
            return refused(repeated);
        }
        match self.consult(schema, handler, &request, draft).await {
            Ok((draft, private, report)) => PlanResponse {
                identity: planned_identity(schema, &request.prior_identity, &draft.planned),
                planned: draft.planned,
                replace: draft.replace,
                private: private.to_bytes(),
                report,
            },
            Err(report) => refused(report),
        }
    }

    /// Lets the author look at the draft and change it.
    async fn consult(
        &self,
        schema: &Schema,
        handler: &dyn ResourceHandler,
        request: &PlanRequest,
        mut draft: Draft,
    ) -> Result<(Draft, Private, Report), Report> {
        let connection = match self.connection() {
            ConnectionState::Connected(connection) => Some(connection),
            ConnectionState::NotConfigured | ConnectionState::Deferred => None,
        };
        let destroy = draft.planned.is_null();
        let hook = PlanHook {
            config: if destroy { schema.null_object() } else { request.config.clone() },
            prior: request.prior.clone(),
            planned: if destroy { request.prior.clone() } else { draft.planned.clone() },
            destroy,
            private: Private::from_bytes(&request.prior_private),
        };
        let answer = handler.plan(connection.as_ref(), self.cancellation(), hook).await;
        let mut report = answer.report;
        let Some((before, after)) = answer.edited else { return Err(report) };
        if report.has_errors() {
            return Err(report);
        }
        if !destroy && before != after {
            let planned = edited(&draft.planned, &before, &after);
            let planned = shaped(&schema.value_type(), planned, &Path::root(), &mut report);
            draft.planned = without_write_only(&schema.attributes, &planned);
            for (path, problem) in consistency::check_plan(schema, &request.prior, &request.config, &draft.planned) {
                let detail = format!("This is a bug in the provider: its plan for `{path}` {problem}.");
                report.error(path, "The provider made an invalid plan", detail);
            }
        }
        if !destroy && !request.prior.is_null() {
            draft.replace.extend(answer.replace);
        }
        draft.replace.sort();
        draft.replace.dedup();
        if report.has_errors() { Err(report) } else { Ok((draft, answer.private, report)) }
    }
}

/// A plan before the author has seen it.
struct Draft {
    planned: Dynamic,
    replace: Vec<Path>,
}

impl Draft {
    fn destroy() -> Self {
        Self { planned: Dynamic::Null, replace: Vec::new() }
    }

    fn new(schema: &Schema, request: &PlanRequest) -> Self {
        let prior = Some(&request.prior).filter(|prior| !prior.is_null());
        let whole = Counterparts { config: &request.config, prior };
        let planned = rewrite(&schema.attributes, &whole, &request.proposed, &default_or_planned);
        let planned = without_write_only(&schema.attributes, &planned);
        if planned == request.prior {
            return Self { planned: request.prior.clone(), replace: Vec::new() };
        }
        let planned = rewrite(&schema.attributes, &whole, &planned, &unknown_or_planned);
        let mut replace = Vec::new();
        if prior.is_some() {
            find_replacing(&schema.attributes, &whole, &planned, &Path::root(), &mut replace);
        }
        Self { planned, replace }
    }
}

fn default_or_planned(attribute: &Attribute, counterparts: &Counterparts<'_>, planned: Dynamic) -> Dynamic {
    match &attribute.default {
        Some(default) if counterparts.config.is_null() => default.clone(),
        _ => planned,
    }
}

/// Something changes, so everything the provider computes may change with it, except what is kept. A value that was
/// never there cannot be kept: a new object gets new ones.
fn unknown_or_planned(attribute: &Attribute, counterparts: &Counterparts<'_>, planned: Dynamic) -> Dynamic {
    if !attribute.is_left_to_provider(counterparts.config) {
        return planned;
    }
    let refinements = &attribute.plan.refinements;
    let is_there = counterparts.prior.is_some() && !(planned.is_null() && refinements.not_null == Some(true));
    if attribute.plan.keep && is_there { planned } else { Dynamic::Unknown(refinements.clone()) }
}
