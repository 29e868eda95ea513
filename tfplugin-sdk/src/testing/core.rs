//! The miniature core itself: one provider, started and configured.

use std::marker::PhantomData;
use std::pin::pin;
use std::time::Duration;

use super::secrets::Secrets;
use super::verdict::refusal;
use super::{Instance, shaped};
use crate::engine::{Caller, Engine};
use crate::schema::Schema;
use crate::{Dynamic, Provider, ProviderConfig, Report, Resource};

/// Terraform's core, as far as one provider meets it. Cheap to clone; clones share the provider.
#[derive(Clone, Debug)]
pub struct Core {
    pub(super) engine: Engine,
    /// As whom the core asks.
    pub(super) caller: Caller,
    /// Those of the provider's configuration.
    pub(super) secrets: Secrets,
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
        let config = shaped(&engine.schema().provider, config);
        let secrets = Secrets::of(&engine.schema().provider.attributes, &config);
        let core = Self { engine, caller: Caller::default(), secrets };
        let schema = &core.engine.schema().provider;
        let report = core.engine.validate_provider(config.clone());
        let report = core.without_secrets("provider", schema, &config, report);
        if report.has_errors() {
            return Err(report);
        }
        let report = core.engine.configure(config.clone()).await;
        let report = core.without_secrets("provider", schema, &config, report);
        if report.has_errors() { Err(report) } else { Ok(core) }
    }

    /// What was found about `name`, if it gives away no secret of this configuration nor of the provider's.
    pub(super) fn without_secrets(&self, name: &str, schema: &Schema, config: &Dynamic, report: Report) -> Report {
        let secrets = self.secrets.clone().and(Secrets::of(&schema.attributes, config));
        let shown = secrets.shown_in(&report);
        assert!(shown.is_empty(), "{}", refusal("A diagnostic shows a secret", name, shown));
        report
    }

    /// The same core in a module with this `provider_meta` block.
    ///
    /// # Panics
    ///
    /// When the provider declares none.
    #[must_use]
    pub fn with_meta<M: ProviderConfig>(mut self, block: &M::Config) -> Self {
        let schema = self.engine.schema().provider_meta.as_ref().expect("the provider declares it with Provider::meta");
        self.caller.meta = shaped(schema, block);
        self
    }

    /// The same core, where the user allows that things are put off (`terraform plan -allow-deferral`): what needs a
    /// configuration of the provider that is not known yet is planned for later, and so is what an author puts off.
    ///
    /// ```
    /// # use tfplugin_sdk::{Provider, ProviderConfig, Report, Resource, testing::Core};
    /// # async fn test<Note: Resource, Settings: ProviderConfig>(
    /// #     provider: Provider<()>, unknown_settings: Settings::Config, config: Note::Config,
    /// # ) -> Result<(), Report> {
    /// let core = Core::start::<_, Settings>(provider, &unknown_settings).await?.allowing_deferral();
    /// assert!(core.resource::<Note>().plan(&config).await?.deferred.is_some());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn allowing_deferral(mut self) -> Self {
        self.caller.may_defer = true;
        self
    }

    /// A resource that does not exist yet.
    pub fn resource<R: Resource>(&self) -> Instance<R> {
        Instance {
            core: self.clone(),
            state: Dynamic::Null,
            private: Vec::new(),
            identity: Dynamic::Null,
            tainted: false,
            secrets: Secrets::default(),
            of: PhantomData,
        }
    }

    /// The user interrupts Terraform (presses Ctrl-C).
    pub fn interrupt(&self) {
        self.engine.stop();
    }

    /// The user interrupts Terraform after this time, in the middle of `work`. In a test with
    /// `#[tokio::test(start_paused = true)]` nothing really waits.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tfplugin_sdk::{Resource, testing::{Core, Fuse}};
    /// # struct Board { fuse: Fuse }
    /// # impl Board { fn ids(&self) -> Vec<String> { Vec::new() } }
    /// # async fn test<Note: Resource>(core: Core, board: Board, config: Note::Config) {
    /// let mut note = core.resource::<Note>();
    /// core.interrupt_after(Duration::from_secs(30), note.apply(&config)).await.unwrap_err();
    /// core.faults::<Note>(&board.fuse, || board.ids()).recover(note, &config).await;
    /// # }
    /// ```
    pub async fn interrupt_after<T>(&self, after: Duration, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        tokio::select! {
            biased;
            result = &mut work => return result,
            () = tokio::time::sleep(after) => self.interrupt(),
        }
        work.await
    }
}
