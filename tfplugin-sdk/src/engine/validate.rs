//! Validate: the rules each attribute declares, then the author's own. Unknown values never fail, nothing needs a
//! connection, and everything that is wrong is reported at once.

use super::literal::{outline, shown};
use super::tree::for_each_element;
use super::{Caller, Engine};
use crate::schema::{Attribute, AttributeKind, Presence, Schema, Validator, value_of};
use crate::{Dynamic, Path, Report};

impl Engine {
    /// Checks the provider block.
    // Like every operation, it takes what it is about.
    #[allow(clippy::needless_pass_by_value)]
    pub fn validate_provider(&self, config: Dynamic) -> Report {
        validated(&self.0.schema.provider, &config, |report| self.0.handlers.provider.validate(&config, report))
    }

    /// Checks the configuration of a resource.
    #[allow(clippy::needless_pass_by_value)]
    pub fn validate_resource(&self, type_name: &str, config: Dynamic, caller: &Caller) -> Report {
        let (schema, handler) = match self.resource(type_name) {
            Ok(found) => found,
            Err(report) => return report,
        };
        let mut report = validated(schema, &config, |report| handler.validate(&config, report));
        if !caller.knows_write_only {
            refuse_write_only(&schema.attributes, &config, &Path::root(), &mut report);
        }
        report
    }
}

/// Refuses every write-only value: who does not know them would store them.
fn refuse_write_only(attributes: &[Attribute], object: &Dynamic, path: &Path, report: &mut Report) {
    for attribute in attributes {
        let (value, path) = (object.attribute(&attribute.name), path.attribute(&attribute.name));
        if attribute.write_only && !value.is_null() {
            let detail = format!(
                "`{path}` is write-only, which this Terraform does not know: the value would be stored in the state. Use \
                 Terraform 1.11 or newer, or leave `{path}` out."
            );
            report.error(path, "Write-only values are not supported here", detail);
        } else if let AttributeKind::Nested(_, inner) = &attribute.kind {
            for_each_element(value, &path, |element, path| refuse_write_only(inner, element, path, report));
            refuse_write_only(inner, value, &path, report);
        }
    }
}

/// Checks a configuration: the rules each attribute declares, then those of `author`.
pub(crate) fn validated(schema: &Schema, config: &Dynamic, author: impl FnOnce(&mut Report)) -> Report {
    let mut report = Report::new();
    check_object(&schema.attributes, config, &Path::root(), &mut report);
    for constraint in &schema.constraints {
        constraint.check(&schema.attributes, config, &Path::root(), &mut report);
    }
    add_new(&mut report, author);
    report
}

/// Adds what is found, except errors about attributes of which the user has read already: a number out of range
/// also does not fit its Rust type.
pub(super) fn add_new(report: &mut Report, find: impl FnOnce(&mut Report)) {
    let mut found = Report::new();
    find(&mut found);
    let earlier = report.clone();
    let known = |path: &Path| !path.is_root() && earlier.diagnostics().iter().any(|earlier| earlier.path == *path);
    for diagnostic in found {
        if !diagnostic.is_error() || !known(&diagnostic.path) {
            report.push(diagnostic);
        }
    }
}

pub(super) fn check_object(attributes: &[Attribute], object: &Dynamic, path: &Path, report: &mut Report) {
    if !matches!(object, Dynamic::Object(_)) {
        return;
    }
    for attribute in attributes {
        let value = object.attribute(&attribute.name);
        let path = path.attribute(&attribute.name);
        // Core takes any value, and so it would be planned.
        if attribute.presence == Presence::Computed {
            if !attribute.is_unset(value) {
                let detail = format!("The provider says what `{path}` is. Remove it.");
                report.error(path.clone(), format!("`{path}` cannot be set"), detail);
            }
            continue;
        }
        // Core notices only what is left out, not what is set to null.
        if attribute.presence == Presence::Required && value.is_null() {
            let detail = format!("`{path}` is required; null was given.");
            report.error(path.clone(), format!("Missing value for `{path}`"), detail);
        }
        for validator in &attribute.validators {
            check(validator, attribute, value, &path, report);
        }
        if let AttributeKind::Nested(_, inner) = &attribute.kind {
            for_each_element(value, &path, |element, path| check_object(inner, element, path, report));
            check_object(inner, value, &path, report);
        }
    }
}

/// Checks one rule of an attribute: for its value, or for an element of it.
fn check(validator: &Validator, of: &Attribute, value: &Dynamic, path: &Path, report: &mut Report) {
    let inner = if let AttributeKind::Nested(_, inner) = &of.kind { inner.as_slice() } else { &[] };
    match validator {
        Validator::Each(rule) => for_each_element(value, path, |element, place| {
            let mut found = Report::new();
            check(rule, of, element, place, &mut found);
            for mut diagnostic in found {
                if matches!(element, Dynamic::Object(_)) {
                    let outline = outline(inner, element, &[]);
                    diagnostic.detail = format!("{} The element is {outline}.", diagnostic.detail);
                }
                report.push(diagnostic);
            }
        }),
        Validator::Between(constraint) => {
            if matches!(value, Dynamic::Object(_)) {
                constraint.check(inner, value, path, report);
            }
        }
        Validator::NoNulls => for_each_element(value, path, |element, place| {
            if element.is_null() {
                let detail = format!("`{path}` must {}. Leave it out, or give it a value.", validator.rule(value));
                report.error(place.clone(), format!("Missing value for `{place}`"), detail);
            }
        }),
        Validator::Unique(by) => {
            let mut seen = Vec::new();
            for_each_element(value, path, |element, place| {
                let parts = distinctive(by, inner, element);
                if parts.iter().all(Dynamic::is_wholly_known) && seen.contains(&parts) {
                    let which = match element {
                        Dynamic::Object(_) => outline(inner, element, by),
                        plain => shown(plain, of.is_secret()),
                    };
                    let rule = validator.rule(value);
                    let detail = format!("`{path}` must {rule}; {which} is there twice. Remove one of them.");
                    report.error(place.clone(), format!("Repeated element in `{path}`"), detail);
                }
                seen.push(parts);
            });
        }
        Validator::Custom(custom) => {
            if let Some(problem) = custom.problem(value) {
                report.error(path.clone(), format!("Invalid value for `{path}`"), problem);
            }
        }
        rule if !rule.accepts(value) => {
            let given = shown(value, of.is_secret());
            let detail = format!("`{path}` must {}; {given} was given.", rule.rule(value));
            report.error(path.clone(), format!("Invalid value for `{path}`"), detail);
        }
        _ => {}
    }
}

/// What two elements must differ in: all of it, or what an object has for the attributes `by`.
fn distinctive(by: &[String], attributes: &[Attribute], element: &Dynamic) -> Vec<Dynamic> {
    match element {
        Dynamic::Object(_) if !by.is_empty() => {
            by.iter().map(|name| value_of(attributes, element, name).clone()).collect()
        }
        other => vec![other.clone()],
    }
}
