//! Actions in the miniature core.

use std::fmt;
use std::marker::PhantomData;

use super::{Core, shaped};
use crate::engine::{Caller, Engine};
use crate::schema::Schema;
use crate::{Action, Declaration, Progress, Report};

/// One action in a configuration.
pub struct Trigger<A> {
    engine: Engine,
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
        Trigger { engine: self.engine.clone(), of: PhantomData }
    }
}

impl<A: Action> Trigger<A> {
    /// `terraform validate`.
    pub fn validate(&self, config: &A::Config) -> Report {
        self.engine.validate_action(<A as Declaration>::NAME, shaped(self.schema(), config))
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
        let (_, report) = self.engine.plan_action(name, shaped(self.schema(), config), Caller::default()).await?;
        Ok(report)
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
        let work = self.engine.invoke_action(<A as Declaration>::NAME, shaped(self.schema(), config), sender);
        let (progress, done) = tokio::join!(listening, work);
        report.extend(done);
        if report.has_errors() { Err(report) } else { Ok(Invoked { progress, report }) }
    }

    fn schema(&self) -> &Schema {
        &self.engine.schema().actions[<A as Declaration>::NAME]
    }
}

impl<A> fmt::Debug for Trigger<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trigger").finish_non_exhaustive()
    }
}
