//! One resource in a configuration, and what Terraform stores of it.
//!
//! Not here: how it is planned (`plan`) and changed (`change`), and how states come in from outside (`import`,
//! `recorded`).

use std::fmt;
use std::marker::PhantomData;

use super::plan::{Action, Plan};
use super::secrets::Secrets;
use super::verdict::Failure;
use super::{Core, shaped};
use crate::engine::ReadRequest;
use crate::engine::consistency::{self, Breach};
use crate::schema::Schema;
use crate::tf_type::Codec;
use crate::{Dynamic, Path, Private, Report, Resource, ResourceModel};

/// One resource in a configuration, and its state.
pub struct Instance<R> {
    pub(super) core: Core,
    pub(super) state: Dynamic,
    pub(super) private: Vec<u8>,
    pub(super) identity: Dynamic,
    pub(super) tainted: bool,
    /// Those of the configurations that were applied.
    pub(super) secrets: Secrets,
    pub(super) of: PhantomData<fn() -> R>,
}

/// Its state.
impl<R: Resource> Instance<R> {
    /// Its state as Terraform stores it; null when there is none.
    pub fn stored(&self) -> &Dynamic {
        &self.state
    }

    /// Its state; `None` when there is none, or when it does not fit (after a failure parts may be missing).
    pub fn state(&self) -> Option<R> {
        if self.state.is_null() { None } else { R::decode(&self.state, &Path::root(), &mut Report::new()) }
    }

    /// Its private state as Terraform stores it.
    pub fn private(&self) -> Private {
        Private::from_bytes(&self.private)
    }

    /// Its identity; `None` when there is none.
    pub fn identity(&self) -> Option<R::Identity> {
        if self.identity.is_null() {
            return None;
        }
        R::Identity::decode(&self.identity, &Path::root(), &mut Report::new())
    }

    /// Whether it will be replaced because creating it failed half-way.
    pub fn is_tainted(&self) -> bool {
        self.tainted
    }

    /// The same in the hands of another process of the provider: Terraform starts one for every command and keeps nothing
    /// but the state in between.
    #[must_use]
    pub fn in_process_of(self, core: &Core) -> Self {
        Self { core: core.clone(), ..self }
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.core.engine.schema().resources[<R as ResourceModel>::NAME]
    }
}

/// Terraform's commands.
impl<R: Resource> Instance<R> {
    /// `terraform validate`.
    pub fn validate(&self, config: &R::Config) -> Report {
        self.validated(&shaped(self.schema(), config)).unwrap_or_else(Failure::into_report)
    }

    /// `terraform plan`.
    ///
    /// # Errors
    ///
    /// What validating or planning reports.
    pub async fn plan(&self, config: &R::Config) -> Result<Plan, Report> {
        self.planned(config).await.map_err(Failure::into_report)
    }

    /// `terraform apply` with a configuration that is wholly known when planning.
    ///
    /// # Errors
    ///
    /// What the provider reports. The state is then what Terraform would store.
    pub async fn apply(&mut self, config: &R::Config) -> Result<Plan, Report> {
        self.apply_after(config, config).await
    }

    /// `terraform apply` with values that are unknown when planning (`planned`) and known when applying.
    ///
    /// # Errors
    ///
    /// What the provider reports. The state is then what Terraform would store.
    pub async fn apply_after(&mut self, planned: &R::Config, config: &R::Config) -> Result<Plan, Report> {
        self.applied(planned, config).await.map_err(Failure::into_report)
    }

    /// `terraform destroy`.
    ///
    /// # Errors
    ///
    /// What the provider reports. The state is then what Terraform would store.
    pub async fn destroy(&mut self) -> Result<Plan, Report> {
        self.destroyed().await.map_err(Failure::into_report)
    }

    /// `terraform refresh`: reads it. A resource that is gone has no state afterwards; one that is put off keeps it.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    pub async fn refresh(&mut self) -> Result<Report, Report> {
        self.refreshed().await.map_err(Failure::into_report)
    }
}

/// The same, with broken rules as values.
impl<R: Resource> Instance<R> {
    fn validated(&self, config: &Dynamic) -> Result<Report, Failure> {
        let report = self.core.engine.validate_resource(<R as ResourceModel>::NAME, config.clone(), &self.core.caller);
        self.shows_no_secret(config, &report)?;
        Ok(report)
    }

    pub(super) async fn planned(&self, config: &R::Config) -> Result<Plan, Failure> {
        let config = shaped(self.schema(), config);
        let mut report = self.validated(&config)?;
        if report.has_errors() {
            return Err(report.into());
        }
        let mut plan = self.plan_of(&config).await?;
        report.extend(plan.report);
        plan.report = report;
        Ok(plan)
    }

    pub(super) async fn applied(&mut self, planned: &R::Config, config: &R::Config) -> Result<Plan, Failure> {
        let first = self.planned(planned).await?;
        let config = shaped(self.schema(), config);
        assert!(config.is_wholly_known(), "a configuration is wholly known when it is applied");
        self.secrets = std::mem::take(&mut self.secrets).and(Secrets::of(&self.schema().attributes, &config));
        if first.deferred.is_some() || first.action == Action::NoOp {
            return Ok(first);
        }
        let mut report = first.report.clone();
        if first.action == Action::Replace {
            self.delete(first.private.clone(), &mut report).await?;
        }
        let mut plan = self.plan_of(&config).await?;
        Self::keeps("Provider produced inconsistent final plan", self.departures(&first, &plan))?;
        report.extend(plan.report);
        plan.report = report;
        if plan.action != Action::NoOp {
            self.put(&config, &mut plan).await?;
            plan.report.extend(self.refreshed().await?);
            let again = self.plan_of(&config).await?;
            Self::keeps("The plan after apply is not empty", self.differences(&again))?;
        }
        if first.action == Action::Replace {
            (plan.action, plan.replace) = (first.action, first.replace);
        }
        Ok(plan)
    }

    /// Read and applied once more, as a user does after something went wrong.
    pub(super) async fn reapplied(&mut self, config: &R::Config) -> Result<Plan, Failure> {
        self.refreshed().await?;
        self.applied(config, config).await
    }

    pub(super) async fn destroyed(&mut self) -> Result<Plan, Failure> {
        let mut plan = self.plan_of(&Dynamic::Null).await?;
        if plan.deferred.is_some() {
            return Ok(plan);
        }
        self.delete(plan.private.clone(), &mut plan.report).await?;
        Ok(plan)
    }

    pub(super) async fn refreshed(&mut self) -> Result<Report, Failure> {
        let request = ReadRequest {
            type_name: <R as ResourceModel>::NAME.into(),
            state: self.state.clone(),
            private: self.private.clone(),
            identity: self.identity.clone(),
            caller: self.core.caller.clone(),
        };
        let read = self.core.engine.read_resource(request).await;
        self.shows_no_secret(&Dynamic::Null, &read.report)?;
        if read.report.has_errors() {
            return Err(read.report.into());
        }
        if read.deferred.is_some() {
            return Ok(read.report);
        }
        self.is_identified(&read.state, &read.identity)?;
        self.take(&read.state, read.private, read.identity)?;
        Ok(read.report)
    }

    /// Stores what a provider found.
    pub(super) fn take(&mut self, state: &Dynamic, private: Vec<u8>, identity: Dynamic) -> Result<(), Failure> {
        let state = self.arrived(state)?;
        self.is_storable(&state, &private)?;
        // What is gone has no mark any more.
        self.tainted &= !state.is_null();
        (self.state, self.private, self.identity) = (state, private, identity);
        Ok(())
    }

    /// Where a plan with what is known while applying departs from the one that the user has seen.
    fn departures(&self, first: &Plan, last: &Plan) -> Vec<Breach> {
        let expected = if first.action == Action::Replace { Action::Create } else { first.action };
        let same = expected == last.action || (expected, last.action) == (Action::Update, Action::NoOp);
        let mut breaches = consistency::check_compatible(self.schema(), &first.planned, &last.planned);
        if !same {
            breaches.push((Path::root(), format!("was to be {expected:?} and is now {:?}", last.action)));
        }
        breaches
    }

    /// Where a plan differs from the state; nowhere, when it is to do nothing.
    pub(super) fn differences(&self, plan: &Plan) -> Vec<Breach> {
        let Dynamic::Object(planned) = &plan.planned else {
            return vec![(Path::root(), "would be planned anew".into())];
        };
        let differing = planned.iter().filter(|(name, planned)| self.state.attribute(name) != *planned);
        differing.map(|(name, _)| (Path::root().attribute(name), "would change".into())).collect()
    }
}

impl<R> fmt::Debug for Instance<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("tainted", &self.tainted).finish_non_exhaustive()
    }
}
