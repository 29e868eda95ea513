//! Data sources in the miniature core.

use std::fmt;
use std::marker::PhantomData;

use super::{Core, shaped};
use crate::engine::Answer;
use crate::schema::Schema;
use crate::{DataSource, Declaration, Deferral, Path, Report};

/// One data source in a configuration.
pub struct Lookup<D> {
    core: Core,
    of: PhantomData<fn() -> D>,
}

impl Core {
    /// A data source.
    pub fn data_source<D: DataSource>(&self) -> Lookup<D> {
        Lookup { core: self.clone(), of: PhantomData }
    }
}

impl<D: DataSource> Lookup<D> {
    /// `terraform validate`.
    pub fn validate(&self, config: &D::Config) -> Report {
        let config = shaped(self.schema(), config);
        let report = self.core.engine.validate_data_source(<D as Declaration>::NAME, config.clone());
        self.core.without_secrets(<D as Declaration>::NAME, self.schema(), &config, report)
    }

    /// What Terraform does with it in every plan: validate and read.
    ///
    /// # Errors
    ///
    /// What validating or reading reports.
    ///
    /// # Panics
    ///
    /// When the answer does not fit its own schema, or is put off.
    pub async fn read(&self, config: &D::Config) -> Result<D, Report> {
        let answer = self.answer(config).await?;
        let name = <D as Declaration>::NAME;
        assert!(answer.deferred.is_none(), "reading a {name} is put off: {:?}", answer.deferred);
        let mut report = Report::new();
        let answer = D::decode(&answer.value, &Path::root(), &mut report);
        Ok(answer.unwrap_or_else(|| panic!("the answer of {name} does not fit its schema: {report:?}")))
    }

    /// Why reading it is put off, if it is; only where the core allows that ([`Core::allowing_deferral`]).
    ///
    /// # Errors
    ///
    /// What validating or reading reports.
    pub async fn deferred(&self, config: &D::Config) -> Result<Option<Deferral>, Report> {
        Ok(self.answer(config).await?.deferred)
    }

    async fn answer(&self, config: &D::Config) -> Result<Answer, Report> {
        let report = self.validate(config);
        if report.has_errors() {
            return Err(report);
        }
        let name = <D as Declaration>::NAME;
        let config = shaped(self.schema(), config);
        let read = self.core.engine.read_data_source(name, config.clone(), self.core.caller.clone()).await;
        let mut answer = read.map_err(|report| self.core.without_secrets(name, self.schema(), &config, report))?;
        answer.report = self.core.without_secrets(name, self.schema(), &config, answer.report);
        Ok(answer)
    }

    fn schema(&self) -> &Schema {
        &self.core.engine.schema().data_sources[<D as Declaration>::NAME]
    }
}

impl<D> fmt::Debug for Lookup<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").finish_non_exhaustive()
    }
}
