//! Upgrade: a stored state in the shape of the present schema. Core asks for every instance on every read of the
//! state, also when nothing changed.

use std::cmp::Ordering;

use super::tree::{shaped, with_empty_blocks, without_write_only};
use super::{Engine, UpgradeRequest, UpgradeResponse, failure};
use crate::schema::Schema;
use crate::{Dynamic, Path, Report};

impl Engine {
    /// Upgrades a state. One of the present version passes; what is no longer in the schema is dropped, what is new is
    /// null until it is read.
    pub fn upgrade_resource(&self, request: UpgradeRequest) -> UpgradeResponse {
        match self.upgrade(request) {
            Ok(state) => UpgradeResponse { state, report: Report::new() },
            Err(report) => UpgradeResponse { state: Dynamic::Null, report },
        }
    }

    fn upgrade(&self, request: UpgradeRequest) -> Result<Dynamic, Report> {
        let (schema, handler) = self.resource(&request.type_name)?;
        let state = match request.version.cmp(&schema.version) {
            Ordering::Equal => request.state,
            Ordering::Less => handler.upgrade(request.version, request.state)?,
            Ordering::Greater => return Err(too_new(&request, schema)),
        };
        let mut report = Report::new();
        let state = shaped(&schema.value_type(), state, &Path::root(), &mut report);
        if report.has_errors() {
            Err(report)
        } else {
            Ok(with_empty_blocks(&schema.attributes, &without_write_only(&schema.attributes, &state)))
        }
    }
}

fn too_new(request: &UpgradeRequest, schema: &Schema) -> Report {
    failure(
        "The state is newer than the provider",
        format!(
            "This {} was written by version {} of the resource; the provider has version {}. Use the release of the \
             provider that wrote it, or a later one.",
            request.type_name, request.version, schema.version
        ),
    )
}
