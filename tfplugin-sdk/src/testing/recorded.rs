//! States that come from outside, in the miniature core: recorded from older versions, from other types of resource, and
//! turned back into configuration.

use super::Instance;
use crate::tf_type::Codec;
use crate::{Dynamic, ForeignState, Path, Report, Resource};

/// The `attributes` of a resource as a state file has them, or all of a recorded state: any JSON.
///
/// # Panics
///
/// When it is no JSON.
pub fn recorded(json: &str) -> Dynamic {
    crate::wire::untyped_json(json.as_bytes()).unwrap_or_else(|report| panic!("not a recorded state: {report:?}"))
}

impl<R: Resource> Instance<R> {
    /// Takes the state of another type of resource, as Terraform does for a `moved` block, and reads it.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    pub async fn move_from(&mut self, source: &ForeignState) -> Result<Report, Report> {
        let moved = self.engine.move_resource(Self::NAME, source);
        if moved.report.has_errors() {
            return Err(moved.report);
        }
        self.check_stored(&moved.state);
        (self.state, self.private, self.identity) = (moved.state, moved.private, moved.identity);
        self.refresh().await
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
        let config = self.engine.generate_config(Self::NAME, &self.state)?;
        let mut report = Report::new();
        let typed = R::Config::decode(&config, &Path::root(), &mut report);
        let typed = typed.unwrap_or_else(|| panic!("a generated configuration does not fit its schema: {report:?}"));
        let report = self.validate(&typed);
        if report.has_errors() { Err(report) } else { Ok(typed) }
    }
}
