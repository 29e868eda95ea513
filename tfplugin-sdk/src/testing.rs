//! A miniature of Terraform's core, so that a provider can be tested without Terraform: in one process, without a
//! socket, in milliseconds.
//!
//! An [`Instance`] is one resource in a configuration. [`Instance::apply`] does what `terraform apply` does with it:
//! validate, plan, plan again, apply, read, plan once more. After every call the rules of core are checked; one that
//! is broken panics and so fails the test, with the sentence Terraform would print and the attribute. Diagnostics
//! of the provider come back as they are.
//!
//! Not here: the wire, and what only a real Terraform can show. Use both.

mod action;
mod data_source;
mod ephemeral_resource;
mod function;
mod list_resource;
mod proposal;
mod recorded;

pub use action::{Invoked, Trigger};
pub use data_source::Lookup;
pub use ephemeral_resource::{Ephemeral, Open};
pub use function::Callable;
pub use list_resource::{Hit, Hits, Search};
pub use recorded::recorded;

use std::fmt;
use std::marker::PhantomData;

use crate::engine::consistency::{self, Breach};
use crate::engine::tree::{with_empty_blocks, without_write_only};
use crate::engine::{
    ApplyRequest, Caller, Engine, ImportBy, ImportRequest, PlanRequest, PlanResponse, ReadRequest, UpgradeRequest,
};
use crate::schema::Schema;
use crate::tf_type::Codec;
use crate::{Dynamic, Path, Private, Provider, ProviderConfig, Report, Resource, ResourceModel};

/// Terraform's core, as far as one provider meets it.
#[derive(Clone, Debug)]
pub struct Core {
    engine: Engine,
}

impl Core {
    /// Starts a provider, checks its declarations and configures it.
    ///
    /// # Errors
    ///
    /// What validating or configuring reports.
    pub async fn start<A, C>(provider: Provider<A>, config: &C::Config) -> Result<Self, Report>
    where
        A: Send + Sync + 'static,
        C: ProviderConfig,
    {
        provider.assert_valid();
        let engine = provider.into_engine();
        let report = engine.validate_provider(shaped(&engine.schema().provider, config));
        if report.has_errors() {
            return Err(report);
        }
        let report = engine.configure(shaped(&engine.schema().provider, config)).await;
        if report.has_errors() { Err(report) } else { Ok(Self { engine }) }
    }

    /// A resource that does not exist yet.
    pub fn resource<R: Resource>(&self) -> Instance<R> {
        Instance {
            engine: self.engine.clone(),
            state: Dynamic::Null,
            private: Vec::new(),
            identity: Dynamic::Null,
            tainted: false,
            of: PhantomData,
        }
    }

    /// The user interrupts Terraform (presses Ctrl-C).
    pub fn interrupt(&self) {
        self.engine.stop();
    }
}

/// What a plan is going to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// Create it.
    Create,
    /// Change it in place.
    Update,
    /// Delete it and create it again.
    Replace,
    /// Delete it.
    Delete,
}

/// A plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it is going to do.
    pub action: Action,
    /// The attributes that make it a replacement.
    pub replace: Vec<Path>,
    /// The state that will be, with unknown values; null when deleting.
    pub planned: Dynamic,
    /// Warnings.
    pub report: Report,
    private: Vec<u8>,
}

/// One resource in a configuration, and its state.
pub struct Instance<R> {
    engine: Engine,
    state: Dynamic,
    private: Vec<u8>,
    identity: Dynamic,
    tainted: bool,
    of: PhantomData<fn() -> R>,
}

impl<R: Resource> Instance<R> {
    const NAME: &'static str = <R as ResourceModel>::NAME;

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

    /// Whether it will be replaced because creating it failed half-way.
    pub fn is_tainted(&self) -> bool {
        self.tainted
    }

    /// `terraform validate`.
    pub fn validate(&self, config: &R::Config) -> Report {
        self.engine.validate_resource(Self::NAME, shaped(self.schema(), config), &Caller::default())
    }

    /// `terraform plan`.
    ///
    /// # Errors
    ///
    /// What validating or planning reports.
    pub async fn plan(&self, config: &R::Config) -> Result<Plan, Report> {
        let report = self.validate(config);
        if report.has_errors() {
            return Err(report);
        }
        let mut plan = self.plan_of(&shaped(self.schema(), config)).await?;
        let mut warnings = report;
        warnings.extend(plan.report);
        plan.report = warnings;
        Ok(plan)
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
        let first = self.plan(planned).await?;
        let config = shaped(self.schema(), config);
        assert!(config.is_wholly_known(), "a configuration is wholly known when it is applied");
        let mut report = first.report;
        if first.action == Action::Replace {
            self.change(&Dynamic::Null, Dynamic::Null, self.private.clone(), &mut report).await?;
        }
        let mut plan = self.plan_of(&config).await?;
        check::<R>("Provider produced inconsistent final plan", || {
            let expected = if first.action == Action::Replace { Action::Create } else { first.action };
            let same = expected == plan.action || (expected, plan.action) == (Action::Update, Action::NoOp);
            let changed =
                (!same).then(|| (Path::root(), format!("was to be {expected:?} and is now {:?}", plan.action)));
            let mut breaches = consistency::check_compatible(self.schema(), &first.planned, &plan.planned);
            breaches.extend(changed);
            breaches
        });
        report.extend(plan.report);
        plan.report = report;
        if plan.action != Action::NoOp {
            self.change(&config, plan.planned.clone(), plan.private.clone(), &mut plan.report).await?;
            plan.report.extend(self.refresh().await?);
            let again = self.plan_of(&config).await?;
            check::<R>("The plan after apply is not empty", || {
                if again.action == Action::NoOp { Vec::new() } else { differences(&self.state, &again.planned) }
            });
        }
        if first.action == Action::Replace {
            (plan.action, plan.replace) = (first.action, first.replace);
        }
        Ok(plan)
    }

    /// `terraform destroy`.
    ///
    /// # Errors
    ///
    /// What the provider reports. The state is then what Terraform would store.
    pub async fn destroy(&mut self) -> Result<Plan, Report> {
        let mut plan = self.plan_of(&Dynamic::Null).await?;
        self.change(&Dynamic::Null, Dynamic::Null, plan.private.clone(), &mut plan.report).await?;
        Ok(plan)
    }

    /// `terraform refresh`: reads it. A resource that is gone has no state afterwards.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    pub async fn refresh(&mut self) -> Result<Report, Report> {
        let request = ReadRequest {
            type_name: Self::NAME.into(),
            state: self.state.clone(),
            private: self.private.clone(),
            identity: self.identity.clone(),
            caller: Caller::default(),
        };
        let read = self.engine.read_resource(request).await;
        if read.report.has_errors() {
            return Err(read.report);
        }
        self.check_stored(&read.state);
        self.check_identity(&read.state, &read.identity);
        (self.state, self.private, self.identity) = (read.state, read.private, read.identity);
        Ok(read.report)
    }

    /// `terraform import`.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    pub async fn import(&mut self, id: &str) -> Result<Report, Report> {
        self.import_by(ImportBy::Id(id.to_owned())).await
    }

    /// `terraform import` by identity.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    pub async fn import_by_identity(&mut self, identity: &R::Identity) -> Result<Report, Report> {
        self.import_by(ImportBy::Identity(identity.encode())).await
    }

    async fn import_by(&mut self, by: ImportBy) -> Result<Report, Report> {
        let request = ImportRequest { type_name: Self::NAME.into(), by, caller: Caller::default() };
        let imported = self.engine.import_resource(request).await;
        if imported.report.has_errors() {
            return Err(imported.report);
        }
        self.check_stored(&imported.state);
        self.check_identity(&imported.state, &imported.identity);
        (self.state, self.private, self.identity) = (imported.state, imported.private, imported.identity);
        let mut report = imported.report;
        report.extend(self.refresh().await?);
        assert!(!self.state.is_null(), "Cannot import non-existent remote object");
        Ok(report)
    }

    /// Takes a state that version `version` of the schema stored, as Terraform does when it reads its state file.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    pub fn upgrade(&mut self, version: i64, state: Dynamic) -> Result<(), Report> {
        let upgraded = self.engine.upgrade_resource(UpgradeRequest { type_name: Self::NAME.into(), version, state });
        if upgraded.report.has_errors() {
            return Err(upgraded.report);
        }
        self.check_stored(&upgraded.state);
        self.state = upgraded.state;
        Ok(())
    }

    async fn plan_of(&self, config: &Dynamic) -> Result<Plan, Report> {
        if self.tainted && !config.is_null() {
            let response = self.ask(&Dynamic::Null, config, Vec::new()).await?;
            return Ok(plan(Action::Replace, response));
        }
        let response = self.ask(&self.state, config, self.private.clone()).await?;
        let action = match (&self.state, &response.planned) {
            (_, Dynamic::Null) => Action::Delete,
            (Dynamic::Null, _) => Action::Create,
            _ if !response.replace.is_empty() => Action::Replace,
            (state, planned) if state == planned => Action::NoOp,
            _ => Action::Update,
        };
        if action != Action::Replace {
            return Ok(plan(action, response));
        }
        let mut again = self.ask(&Dynamic::Null, config, response.private).await?;
        again.replace = response.replace;
        again.report = response.report;
        Ok(plan(action, again))
    }

    async fn ask(&self, prior: &Dynamic, config: &Dynamic, private: Vec<u8>) -> Result<PlanResponse, Report> {
        let proposed =
            if config.is_null() { Dynamic::Null } else { proposal::proposed(&self.schema().attributes, prior, config) };
        let request = PlanRequest {
            type_name: Self::NAME.into(),
            prior: prior.clone(),
            proposed,
            config: config.clone(),
            prior_private: private,
            earlier_private: Vec::new(),
            prior_identity: if prior.is_null() { Dynamic::Null } else { self.identity.clone() },
            caller: Caller::default(),
        };
        let response = self.engine.plan_resource(request).await;
        if response.report.has_errors() {
            return Err(response.report);
        }
        check::<R>("Provider produced invalid plan", || {
            if config.is_null() {
                assert!(response.planned.is_null(), "a destroy was planned as something else");
                return Vec::new();
            }
            consistency::check_plan(self.schema(), prior, config, &response.planned)
        });
        Ok(response)
    }

    async fn change(
        &mut self,
        config: &Dynamic,
        planned: Dynamic,
        private: Vec<u8>,
        report: &mut Report,
    ) -> Result<(), Report> {
        let creating = self.state.is_null();
        let request = ApplyRequest {
            type_name: Self::NAME.into(),
            prior: self.state.clone(),
            planned: planned.clone(),
            config: config.clone(),
            private,
            identity: if planned.is_null() || creating { Dynamic::Null } else { self.identity.clone() },
            caller: Caller::default(),
        };
        let applied = self.engine.apply_resource(request).await;
        self.check_stored(&applied.state);
        let failed = applied.report.has_errors();
        if !failed {
            assert_eq!(planned.is_null(), applied.state.is_null(), "null is for what was deleted, exactly");
            check::<R>("Provider produced inconsistent result after apply", || {
                if planned.is_null() {
                    return Vec::new();
                }
                consistency::check_applied(self.schema(), &planned, &applied.state)
            });
        }
        self.tainted = failed && creating && !applied.state.is_null();
        if !(failed && applied.state.is_null()) {
            self.identity = if applied.state.is_null() { Dynamic::Null } else { applied.identity };
            // With the object goes all that is stored about it.
            self.private = if applied.state.is_null() { Vec::new() } else { applied.private };
            self.state = applied.state;
        }
        report.extend(applied.report);
        if failed { Err(report.clone()) } else { Ok(()) }
    }

    /// What is stored is wholly known and has no write-only value.
    fn check_stored(&self, state: &Dynamic) {
        assert!(state.is_wholly_known(), "Provider returned invalid result object: {} has unknown values", Self::NAME);
        let stored = without_write_only(&self.schema().attributes, state);
        assert!(*state == stored, "Provider produced invalid object: {} has a write-only value", Self::NAME);
    }

    /// What is stored has its identity with it.
    fn check_identity(&self, state: &Dynamic, identity: &Dynamic) {
        let wanted = self.schema().identity.as_ref().map_or(Dynamic::Null, |schema| schema.of(state));
        assert!(
            state.is_null() || *identity == wanted,
            "Provider returned an invalid identity: {} is {wanted:?}, not {identity:?}",
            Self::NAME
        );
    }

    /// Its identity; `None` when there is none.
    pub fn identity(&self) -> Option<R::Identity> {
        if self.identity.is_null() {
            return None;
        }
        R::Identity::decode(&self.identity, &Path::root(), &mut Report::new())
    }

    fn schema(&self) -> &Schema {
        &self.engine.schema().resources[Self::NAME]
    }
}

impl<R> fmt::Debug for Instance<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("tainted", &self.tainted).finish_non_exhaustive()
    }
}

fn plan(action: Action, response: PlanResponse) -> Plan {
    let PlanResponse { planned, replace, private, report, .. } = response;
    Plan { action, replace, planned, report, private }
}

/// Panics with what Terraform would say.
fn check<R: Resource>(sentence: &str, breaches: impl FnOnce() -> Vec<Breach>) {
    let name = <R as ResourceModel>::NAME;
    let breaches: Vec<String> =
        breaches().into_iter().map(|(path, breach)| format!("  {name}.{path} {breach}")).collect();
    assert!(breaches.is_empty(), "{sentence}:\n{}", breaches.join("\n"));
}

/// A configuration as the wire would hand it over.
fn shaped<C: Codec>(schema: &Schema, config: &C) -> Dynamic {
    let mut report = Report::new();
    let shaped = crate::engine::tree::shaped(&schema.value_type(), config.encode(), &Path::root(), &mut report);
    assert!(!report.has_errors(), "a configuration does not fit its own schema: {report:?}");
    with_empty_blocks(&schema.attributes, &shaped)
}

fn differences(state: &Dynamic, planned: &Dynamic) -> Vec<Breach> {
    let Dynamic::Object(attributes) = planned else { return vec![(Path::root(), "would be planned anew".into())] };
    let differing = attributes.iter().filter(|(name, planned)| state.attribute(name) != *planned);
    differing.map(|(name, _)| (Path::root().attribute(name), "would change".into())).collect()
}
