//! Actions: validate, plan and invoke. Nothing of them is stored.

use std::marker::PhantomData;

use super::declaration::input_of;
use super::handler::{AtHand, BoxFuture, check_typed, decoded};
use super::panics::caught_async;
use super::validate::validated;
use super::{Caller, ConnectionState, Engine};
use crate::schema::Schema;
use crate::{Action, Deferral, Dynamic, Progress, Report, Result};

/// An action.
pub(crate) trait ActionHandler: Send + Sync {
    /// Reports what does not fit the Rust types, and what the author's rules say.
    fn validate(&self, config: &Dynamic, report: &mut Report);

    /// Runs the author's look at what is going to be done.
    fn plan<'a>(&'a self, at_hand: AtHand<'a>, config: &'a Dynamic) -> BoxFuture<'a, Report>;

    /// Does it.
    fn invoke<'a>(&'a self, at_hand: AtHand<'a>, input: &'a Dynamic, progress: &'a Progress) -> BoxFuture<'a, Report>;
}

/// The action `A`.
pub(crate) struct TypedAction<A>(PhantomData<fn() -> A>);

impl<A> Default for TypedAction<A> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<A: Action> ActionHandler for TypedAction<A> {
    fn validate(&self, config: &Dynamic, report: &mut Report) {
        check_typed(&format!("validating a {}", A::NAME), config, report, A::validate);
    }

    fn plan<'a>(&'a self, at_hand: AtHand<'a>, config: &'a Dynamic) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            let config: A::Config = match decoded(config) {
                Ok(config) => config,
                Err(report) => return report,
            };
            let mut operation = at_hand.operation();
            let planned = caught_async(&format!("planning a {}", A::NAME), A::plan(&mut operation, config)).await;
            concluded(planned, operation.into_warnings())
        })
    }

    fn invoke<'a>(&'a self, at_hand: AtHand<'a>, input: &'a Dynamic, progress: &'a Progress) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            let input: A::Input = match decoded(input) {
                Ok(input) => input,
                Err(report) => return report,
            };
            let mut operation = at_hand.operation();
            let work = A::invoke(&mut operation, input, progress);
            let done = caught_async(&format!("invoking a {}", A::NAME), work).await;
            concluded(done, operation.into_warnings())
        })
    }
}

fn concluded(outcome: Result<()>, mut report: Report) -> Report {
    if let Err(error) = outcome {
        report.extend(error.into());
    }
    report
}

impl Engine {
    /// Checks the configuration of an action.
    #[allow(clippy::needless_pass_by_value, reason = "like every operation, it takes what it is about")]
    pub fn validate_action(&self, type_name: &str, config: Dynamic) -> Report {
        match self.action(type_name) {
            Ok((schema, handler)) => validated(schema, &config, |report| handler.validate(&config, report)),
            Err(report) => report,
        }
    }

    /// Lets the author look at an action that is going to be invoked. While the provider's own configuration is not known
    /// nobody looks, and a caller that takes this for an answer is told to come back.
    ///
    /// # Errors
    ///
    /// What the author says.
    pub async fn plan_action(
        &self,
        type_name: &str,
        config: Dynamic,
        caller: Caller,
    ) -> Result<(Option<Deferral>, Report), Report> {
        let (_, handler) = self.action(type_name)?;
        let connection = match self.connection() {
            ConnectionState::Deferred => return Ok((self.waits_for_configuration(&caller), Report::new())),
            other => other.connected()?,
        };
        let report = handler.plan(self.at_hand(&connection, None, &caller), &config).await;
        if report.has_errors() { Err(report) } else { Ok((None, report)) }
    }

    /// Invokes an action; it tells `progress` how far it has come.
    pub async fn invoke_action(&self, type_name: &str, config: Dynamic, progress: Progress) -> Report {
        let found = self.action(type_name).and_then(|(schema, handler)| {
            let connection = self.connection().connected()?;
            Ok((input_of(schema, &config)?, handler, connection))
        });
        match found {
            Ok((input, handler, connection)) => {
                let at_hand = self.at_hand(&connection, None, &Caller::default());
                handler.invoke(at_hand, &input, &progress).await
            }
            Err(report) => report,
        }
    }

    fn action(&self, type_name: &str) -> Result<(&Schema, &dyn ActionHandler), Report> {
        self.declared(type_name, "action", &self.0.schema.actions, &self.0.handlers.actions)
    }
}
