//! States that come from outside, in the miniature core: recorded from older versions, from other types of resource, and
//! turned back into configuration.

use super::Instance;
use super::verdict::Failure;
use crate::engine::UpgradeRequest;
use crate::tf_type::Codec;
use crate::{Dynamic, ForeignState, Path, Report, Resource, ResourceModel};

/// The `attributes` of a resource as a state file has them, or all of a recorded state: any JSON.
///
/// # Panics
///
/// When it is no JSON.
pub fn recorded(json: &str) -> Dynamic {
    crate::wire::stored_json(json.as_bytes(), None).unwrap_or_else(|report| panic!("not a recorded state: {report:?}"))
}

impl<R: Resource> Instance<R> {
    /// Takes a state that version `version` of the schema stored, as Terraform does when it reads its state file.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    pub fn upgrade(&mut self, version: i64, state: Dynamic) -> Result<(), Report> {
        let request = UpgradeRequest { type_name: <R as ResourceModel>::NAME.into(), version, state };
        let upgraded = self.core.engine.upgrade_resource(request);
        self.shows_no_secret(&upgraded.state, &upgraded.report).map_err(Failure::into_report)?;
        if upgraded.report.has_errors() {
            return Err(upgraded.report);
        }
        let (private, identity) = (self.private.clone(), self.identity.clone());
        self.take(&upgraded.state, private, identity).map_err(Failure::into_report)
    }

    /// Takes the state of another type of resource, as Terraform does for a `moved` block, and reads it.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    pub async fn move_from(&mut self, source: &ForeignState) -> Result<Report, Report> {
        self.moved_from(source).map_err(Failure::into_report)?;
        self.refresh().await
    }

    pub(super) fn moved_from(&mut self, source: &ForeignState) -> Result<(), Failure> {
        let moved = self.core.engine.move_resource(<R as ResourceModel>::NAME, source);
        self.shows_no_secret(&moved.state, &moved.report)?;
        if moved.report.has_errors() {
            return Err(moved.report.into());
        }
        self.take(&moved.state, moved.private, moved.identity)
    }

    /// The configuration that Terraform would write for it. It must be valid.
    ///
    /// # Errors
    ///
    /// What validating it reports.
    ///
    /// # Panics
    ///
    /// When it does not fit its own schema.
    pub fn generate_config(&self) -> Result<R::Config, Report> {
        let config = self.core.engine.generate_config(<R as ResourceModel>::NAME, &self.state)?;
        let mut report = Report::new();
        let typed = R::Config::decode(&config, &Path::root(), &mut report);
        let typed = typed.unwrap_or_else(|| panic!("a generated configuration does not fit its schema: {report:?}"));
        let report = self.validate(&typed);
        if report.has_errors() { Err(report) } else { Ok(typed) }
    }
}
