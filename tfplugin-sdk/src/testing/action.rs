//! Actions in the miniature core.

use std::fmt;
use std::marker::PhantomData;

use super::{Core, shaped};
use crate::schema::Schema;
use crate::{Action, Declaration, Progress, Report};

/// One action in a configuration.
pub struct Trigger<A> {
    core: Core,
    of: PhantomData<fn() -> A>,
}

/// An action that was done.
#[derive(Clone, Debug)]
pub struct Invoked {
    /// What it said on the way.
    pub progress: Vec<String>,
    /// What was found; no errors.
    pub report: Report,
}

impl Core {
    /// An action.
    pub fn action<A: Action>(&self) -> Trigger<A> {
        Trigger { core: self.clone(), of: PhantomData }
    }
}

impl<A: Action> Trigger<A> {
    /// `terraform validate`.
    pub fn validate(&self, config: &A::Config) -> Report {
        let config = shaped(self.schema(), config);
        let report = self.core.engine.validate_action(<A as Declaration>::NAME, config.clone());
        self.core.without_secrets(<A as Declaration>::NAME, self.schema(), &config, report)
    }

    /// Validates and plans it.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    pub async fn plan(&self, config: &A::Config) -> Result<Report, Report> {
        let report = self.validate(config);
        if report.has_errors() {
            return Err(report);
        }
        let name = <A as Declaration>::NAME;
        let config = shaped(self.schema(), config);
        let planned = self.core.engine.plan_action(name, config.clone(), self.core.caller.clone()).await;
        let hidden = |report| self.core.without_secrets(name, self.schema(), &config, report);
        planned.map(|(_, report)| hidden(report)).map_err(hidden)
    }

    /// Validates, plans and invokes it.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    pub async fn invoke(&self, config: &A::Config) -> Result<Invoked, Report> {
        let mut report = self.plan(config).await?;
        let (sender, mut messages) = Progress::new();
        let listening = async {
            let mut progress = Vec::new();
            while let Some(message) = messages.recv().await {
                progress.push(message);
            }
            progress
        };
        let config = shaped(self.schema(), config);
        let work = self.core.engine.invoke_action(<A as Declaration>::NAME, config.clone(), sender);
        let (progress, done) = tokio::join!(listening, work);
        report.extend(self.core.without_secrets(<A as Declaration>::NAME, self.schema(), &config, done));
        if report.has_errors() { Err(report) } else { Ok(Invoked { progress, report }) }
    }

    fn schema(&self) -> &Schema {
        &self.core.engine.schema().actions[<A as Declaration>::NAME]
    }
}

impl<A> fmt::Debug for Trigger<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trigger").finish_non_exhaustive()
    }
}
