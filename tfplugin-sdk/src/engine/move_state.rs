//! Move: the state of another type of resource becomes one of ours.

use super::identity::identity_of;
use super::tree::{without_unknown, without_write_only};
use super::{Engine, ImportResponse, failure};
use crate::{Dynamic, ForeignState, Report};

impl Engine {
    /// Takes over a state of another type; of its private bytes nothing stays.
    pub fn move_resource(&self, type_name: &str, source: &ForeignState) -> ImportResponse {
        self.moved(type_name, source).unwrap_or_else(|report| ImportResponse {
            state: Dynamic::Null,
            private: Vec::new(),
            identity: Dynamic::Null,
            deferred: None,
            report,
        })
    }

    fn moved(&self, type_name: &str, source: &ForeignState) -> Result<ImportResponse, Report> {
        let (schema, handler) = self.resource(type_name)?;
        let Some(state) = handler.move_from(source)? else {
            let detail = format!(
                "A {type_name} cannot take over a {} of the provider {}. Remove the `moved` block and import the object \
                 instead, or look in the documentation of {type_name} for what can be moved.",
                source.type_name, source.provider
            );
            return Err(failure("Unsupported move", detail));
        };
        let state = without_write_only(&schema.attributes, &without_unknown(&state));
        let identity = identity_of(schema, &state);
        Ok(ImportResponse { state, private: Vec::new(), identity, deferred: None, report: Report::new() })
    }
}
