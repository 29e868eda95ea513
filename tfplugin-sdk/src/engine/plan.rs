//! Plan: from core's proposal to the state that will be.
//!
//! ```text
//! proposed -> defaults -> write-only null -> differs from prior? computed unknown, unless kept
//!          -> replace modifiers -> the author's hook -> checked against the configuration -> planned
//! ```
//!
//! A plan that changes nothing returns exactly the prior state. The order is that of the Go framework, which
//! providers and users are used to.

use std::collections::{BTreeMap, BTreeSet};

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
            deferred: None,
            report,
        };
        let (schema, handler) = match self.resource(&request.type_name) {
            Ok(found) => found,
            Err(report) => return refused(report),
        };
        let draft = if request.proposed.is_null() { Draft::destroy() } else { Draft::new(schema, handler, &request) };
        let mut repeated = Report::new();
        check_distinct(&schema.attributes, &draft.planned, &Path::root(), &mut repeated);
        if repeated.has_errors() {
            return refused(repeated);
        }
        let drafted = draft.planned.clone();
        // In the second half of a replacement core sends the identity that the first half planned: of another object.
        let before = if request.prior.is_null() { &Dynamic::Null } else { &request.prior_identity };
        match self.consult(schema, handler, &request, draft).await {
            Ok((draft, private, report)) => PlanResponse {
                identity: planned_identity(schema, before, &draft.planned),
                planned: draft.planned,
                replace: draft.replace,
                private: private.to_bytes(),
                deferred: self.waits_for_configuration(&request.caller),
                report,
            },
            Err(report) => match report.put_off(&request.caller) {
                deferred @ Some(_) => PlanResponse { planned: drafted, deferred, ..refused(report.warnings()) },
                None => refused(report),
            },
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
            replace: draft.replace.clone(),
            private: Private::from_bytes(&request.prior_private),
            earlier: (!request.earlier_private.is_empty()).then(|| Private::from_bytes(&request.earlier_private)),
            meta: request.caller.meta.clone(),
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
            draft.replace = answer.replace;
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

    fn new(schema: &Schema, handler: &dyn ResourceHandler, request: &PlanRequest) -> Self {
        let prior = Some(&request.prior).filter(|prior| !prior.is_null());
        let whole = Counterparts { config: &request.config, prior };
        let planned = rewrite(&schema.attributes, &whole, &request.proposed, &default_or_planned);
        let planned = without_write_only(&schema.attributes, &planned);
        let planned = match prior {
            Some(prior) if *prior != planned => settled(handler, prior, planned),
            _ => planned,
        };
        if planned == request.prior {
            return Self { planned: request.prior.clone(), replace: Vec::new() };
        }
        let mut planned = rewrite(&schema.attributes, &whole, &planned, &unknown_or_planned);
        if let (Some(prior), Dynamic::Object(planned)) = (prior, &mut planned) {
            keep_unless_changed(schema, &request.config, prior, planned);
        }
        let mut replace = Vec::new();
        if prior.is_some() {
            find_replacing(&schema.attributes, &whole, &planned, &Path::root(), &mut replace);
        }
        Self { planned, replace }
    }
}

/// `planned` with the prior value wherever it means the same in Rust: `60s` is no change from `1m`.
fn settled(handler: &dyn ResourceHandler, prior: &Dynamic, planned: Dynamic) -> Dynamic {
    match (handler.canonical(prior), handler.canonical(&planned)) {
        (Some(before), Some(after)) => same_or_planned(prior, planned, &before, &after),
        _ => planned,
    }
}

fn same_or_planned(prior: &Dynamic, planned: Dynamic, before: &Dynamic, after: &Dynamic) -> Dynamic {
    match (prior, planned, before, after) {
        (Dynamic::Object(prior), Dynamic::Object(planned), Dynamic::Object(before), Dynamic::Object(after)) => {
            let part = |(name, planned): (String, Dynamic)| {
                let part = match (prior.get(&name), before.get(&name), after.get(&name)) {
                    (Some(prior), Some(before), Some(after)) => same_or_planned(prior, planned, before, after),
                    _ => planned,
                };
                (name, part)
            };
            Dynamic::Object(planned.into_iter().map(part).collect())
        }
        (Dynamic::List(prior), Dynamic::List(planned), Dynamic::List(before), Dynamic::List(after))
            if [prior.len(), before.len(), after.len()] == [planned.len(); 3] =>
        {
            let parts = prior.iter().zip(planned).zip(before.iter().zip(after));
            let settled = |((prior, planned), (before, after))| same_or_planned(prior, planned, before, after);
            Dynamic::List(parts.map(settled).collect())
        }
        (prior, planned, before, after) => {
            if before == after && after.is_wholly_known() {
                prior.clone()
            } else {
                planned
            }
        }
    }
}

/// What is computed from named attributes stays as it was unless one of them changes.
fn keep_unless_changed(schema: &Schema, config: &Dynamic, prior: &Dynamic, planned: &mut BTreeMap<String, Dynamic>) {
    let changed: BTreeSet<String> = planned
        .iter()
        .filter(|(name, planned)| prior.attribute(name) != *planned)
        .map(|(name, _)| name.clone())
        .collect();
    for attribute in &schema.attributes {
        let causes = &attribute.plan.computed_when;
        let name = &attribute.name;
        if causes.is_empty() || !attribute.is_left_to_provider(config.attribute(name)) {
            continue;
        }
        let was_there = !prior.attribute(name).is_null() || attribute.plan.refinements.not_null != Some(true);
        if was_there && !causes.iter().any(|cause| changed.contains(cause)) {
            planned.insert(name.clone(), prior.attribute(name).clone());
        }
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
    let never_null = refinements.not_null == Some(true) || attribute.plan.keep_non_null;
    let is_there = counterparts.prior.is_some() && !(planned.is_null() && never_null);
    if attribute.plan.keep && is_there { planned } else { Dynamic::Unknown(refinements.clone()) }
}
