//! Ephemeral resources in the miniature core.

use std::fmt;
use std::marker::PhantomData;

use super::{Core, shaped};
use crate::schema::Schema;
use crate::{Declaration, EphemeralResource, Path, Renewed, Report};

/// One ephemeral resource in a configuration.
pub struct Ephemeral<E> {
    core: Core,
    of: PhantomData<fn() -> E>,
}

/// An ephemeral resource that is open.
#[derive(Clone, Debug)]
pub struct Open<E> {
    /// Its value.
    pub value: E,
    /// When it must be renewed, and what is kept for it.
    pub renewal: Renewed,
}

impl Core {
    /// An ephemeral resource.
    pub fn ephemeral_resource<E: EphemeralResource>(&self) -> Ephemeral<E> {
        Ephemeral { core: self.clone(), of: PhantomData }
    }
}

impl<E: EphemeralResource> Ephemeral<E> {
    /// `terraform validate`.
    pub fn validate(&self, config: &E::Config) -> Report {
        let config = shaped(self.schema(), config);
        let report = self.core.engine.validate_ephemeral_resource(<E as Declaration>::NAME, config.clone());
        self.core.without_secrets(<E as Declaration>::NAME, self.schema(), &config, report)
    }

    /// Validates and opens it.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    ///
    /// # Panics
    ///
    /// When the value does not fit its own schema.
    pub async fn open(&self, config: &E::Config) -> Result<Open<E>, Report> {
        let report = self.validate(config);
        if report.has_errors() {
            return Err(report);
        }
        let name = <E as Declaration>::NAME;
        let config = shaped(self.schema(), config);
        let opened = self.core.engine.open_ephemeral_resource(name, config.clone(), self.core.caller.clone()).await;
        let (answer, renewal) =
            opened.map_err(|report| self.core.without_secrets(name, self.schema(), &config, report))?;
        self.core.without_secrets(name, self.schema(), &config, answer.report);
        let mut report = Report::new();
        let value = E::decode(&answer.value, &Path::root(), &mut report);
        let value = value.unwrap_or_else(|| panic!("the value of {name} does not fit its schema: {report:?}"));
        Ok(Open { value, renewal })
    }

    /// Renews it.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    pub async fn renew(&self, open: &mut Open<E>) -> Result<(), Report> {
        let private = open.renewal.private.clone();
        (open.renewal, _) = self.core.engine.renew_ephemeral_resource(<E as Declaration>::NAME, private).await?;
        Ok(())
    }

    /// Closes it.
    pub async fn close(&self, open: Open<E>) -> Report {
        self.core.engine.close_ephemeral_resource(<E as Declaration>::NAME, open.renewal.private).await
    }

    fn schema(&self) -> &Schema {
        &self.core.engine.schema().ephemeral_resources[<E as Declaration>::NAME]
    }
}

impl<E> fmt::Debug for Ephemeral<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ephemeral").finish_non_exhaustive()
    }
}
