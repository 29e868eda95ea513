//! What data sources and ephemeral resources share: the input comes from a wholly known configuration with defaults,
//! and the answer must keep what the user set.

use std::collections::BTreeMap;

use super::consistency;
use super::tree::{Counterparts, edited, rewrite};
use super::{Answer, Caller, Engine, failure};
use crate::schema::{Attribute, Schema};
use crate::{Deferral, Dynamic, Path, Report, Result};

/// What author code answered.
pub(crate) struct Answered {
    answer: Option<Dynamic>,
    report: Report,
}

impl Answered {
    pub(super) fn failed(report: Report) -> Self {
        Self { answer: None, report }
    }

    /// Whether there is one.
    pub(super) fn is_answer(&self) -> bool {
        self.answer.is_some()
    }

    /// The author's answer; where it repeats the input, in the exact form of the input.
    pub(super) fn of(answer: Result<Dynamic>, rewritten: &Dynamic, input: &Dynamic, mut report: Report) -> Self {
        match answer {
            Ok(answer) => Self { answer: Some(edited(input, rewritten, &answer)), report },
            Err(error) => {
                report.extend(error.into());
                Self::failed(report)
            }
        }
    }
}

/// The configuration with defaults filled in.
pub(super) fn input_of(schema: &Schema, config: &Dynamic) -> Result<Dynamic, Report> {
    if !config.is_wholly_known() {
        let detail = "Terraform asked for it before all of its configuration was known. This is a bug in Terraform.";
        return Err(failure("The configuration is not known yet", detail));
    }
    let default = |attribute: &Attribute, _: &Counterparts<'_>, value: Dynamic| match &attribute.default {
        Some(default) if value.is_null() => default.clone(),
        _ => value,
    };
    Ok(rewrite(&schema.attributes, &Counterparts { config, prior: None }, config, &default))
}

impl Answer {
    /// Not yet.
    pub(super) fn put_off(deferred: Option<Deferral>, report: Report) -> Self {
        Self { value: Dynamic::unknown(), deferred, report }
    }
}

/// The answer, if it keeps what the user set and is wholly known; or that it is put off.
pub(super) fn check_answer(
    schema: &Schema,
    config: &Dynamic,
    answered: Answered,
    caller: &Caller,
) -> Result<Answer, Report> {
    let Answered { answer, mut report } = answered;
    let Some(answer) = answer else {
        return match report.put_off(caller) {
            deferred @ Some(_) => Ok(Answer::put_off(deferred, report.warnings())),
            None => Err(report),
        };
    };
    for (path, problem) in consistency::check_plan(schema, &Dynamic::Null, config, &answer) {
        let detail = format!("This is a bug in the provider: in its answer `{path}` {problem}.");
        report.error(path, "The provider answered something else than it was asked", detail);
    }
    if !answer.is_wholly_known() {
        let detail = "This is a bug in the provider: its answer has values that are not known.";
        report.error(Path::root(), "The provider answered with unknown values", detail);
    }
    if report.has_errors() { Err(report) } else { Ok(Answer { value: answer, deferred: None, report }) }
}

impl Engine {
    /// The schema and the handler of a type; `kind` says what it is, for the user.
    pub(super) fn declared<'a, H: ?Sized>(
        &self,
        type_name: &str,
        kind: &str,
        schemas: &'a BTreeMap<String, Schema>,
        handlers: &'a BTreeMap<String, Box<H>>,
    ) -> Result<(&'a Schema, &'a H), Report> {
        match (schemas.get(type_name), handlers.get(type_name)) {
            (Some(schema), Some(handler)) => Ok((schema, handler.as_ref())),
            _ => Err(failure(
                format!("Unknown {kind} type"),
                format!("The provider {} has no {kind} type {type_name:?}.", self.address()),
            )),
        }
    }
}
