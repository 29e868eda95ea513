//! Identity: what identifies an object for ever comes from its state, and may not change while it lives.

use std::cmp::Ordering;

use super::tree::shaped;
use super::{Engine, failure};
use crate::schema::Schema;
use crate::{Dynamic, Path, Report};

/// The identity of `state`; null when the resource has none.
pub(super) fn identity_of(schema: &Schema, state: &Dynamic) -> Dynamic {
    schema.identity.as_ref().map_or(Dynamic::Null, |identity| identity.of(state))
}

/// The identity of a planned state, beside `before`, which is that of the same object and null when there is none yet.
/// Only what is created may have one that is not known yet.
pub(super) fn planned_identity(schema: &Schema, before: &Dynamic, planned: &Dynamic) -> Dynamic {
    let identity = identity_of(schema, planned);
    if identity.is_wholly_known() || before.is_null() { identity } else { before.clone() }
}

/// The identity of the state now. One that is another than before is a bug of the provider: it speaks of another object.
pub(super) fn kept_identity(schema: &Schema, before: &Dynamic, state: &Dynamic, report: &mut Report) -> Dynamic {
    let now = identity_of(schema, state);
    if now.is_null() || before.is_null() || now == *before {
        return if now.is_null() { before.clone() } else { now };
    }
    let Dynamic::Object(parts) = &now else { return now };
    for (name, _) in parts.iter().filter(|(name, part)| before.attribute(name) != *part) {
        let detail = format!(
            "This is a bug in the provider: `{name}` identifies the object and has changed, so this is another object."
        );
        report.error(Path::root().attribute(name), "Unexpected identity change", detail);
    }
    before.clone()
}

impl Engine {
    /// Brings a stored identity to the present version.
    ///
    /// # Errors
    ///
    /// When there is no upgrade, or when its result does not fit.
    pub fn upgrade_identity(&self, type_name: &str, version: i64, identity: Dynamic) -> Result<Dynamic, Report> {
        let (schema, handler) = self.resource(type_name)?;
        let Some(present) = &schema.identity else {
            return Err(failure(
                "No identity",
                format!("A {type_name} has no identity in this version of the provider."),
            ));
        };
        let identity = match version.cmp(&present.version) {
            Ordering::Equal => identity,
            Ordering::Less => handler.upgrade_identity(version, identity)?,
            Ordering::Greater => {
                let detail = format!(
                    "The identity of this {type_name} has version {version}; the provider knows {}. Use the release of the \
                     provider that wrote it, or a later one.",
                    present.version
                );
                return Err(failure("The identity is newer than the provider", detail));
            }
        };
        let mut report = Report::new();
        let identity = shaped(&present.value_type(), identity, &Path::root(), &mut report);
        if report.has_errors() { Err(report) } else { Ok(identity) }
    }
}
