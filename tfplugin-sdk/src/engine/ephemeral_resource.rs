//! Ephemeral resources: validate, open, renew and close. Nothing of them is stored or logged.

use std::marker::PhantomData;

use super::declaration::{Answered, check_answer, input_of};
use super::handler::{AtHand, BoxFuture, check_typed, decoded};
use super::panics::caught_async;
use super::validate::validated;
use super::{Answer, Caller, Engine};
use crate::schema::Schema;
use crate::tf_type::Codec as _;
use crate::{Dynamic, EphemeralResource, Renewed, Report};

/// An ephemeral resource.
pub(crate) trait EphemeralHandler: Send + Sync {
    /// Reports what does not fit the Rust types, and what the author's rules say.
    fn validate(&self, config: &Dynamic, report: &mut Report);

    /// Opens it.
    fn open<'a>(&'a self, at_hand: AtHand<'a>, input: &'a Dynamic) -> BoxFuture<'a, (Answered, Renewed)>;

    /// Renews it.
    fn renew<'a>(&'a self, at_hand: AtHand<'a>, private: Vec<u8>) -> BoxFuture<'a, Result<(Renewed, Report), Report>>;

    /// Closes it.
    fn close<'a>(&'a self, at_hand: AtHand<'a>, private: Vec<u8>) -> BoxFuture<'a, Report>;
}

/// The ephemeral resource `E`.
pub(crate) struct TypedEphemeral<E>(PhantomData<fn() -> E>);

impl<E> Default for TypedEphemeral<E> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<E: EphemeralResource> EphemeralHandler for TypedEphemeral<E> {
    fn validate(&self, config: &Dynamic, report: &mut Report) {
        check_typed(&format!("validating a {}", E::NAME), config, report, E::validate);
    }

    fn open<'a>(&'a self, at_hand: AtHand<'a>, input: &'a Dynamic) -> BoxFuture<'a, (Answered, Renewed)> {
        Box::pin(async move {
            let typed: E::Input = match decoded(input) {
                Ok(typed) => typed,
                Err(report) => return (Answered::failed(report), Renewed::default()),
            };
            let rewritten = typed.encode();
            let mut operation = at_hand.operation();
            let opened = caught_async(&format!("opening a {}", E::NAME), E::open(&mut operation, typed)).await;
            let (value, renewal) = match opened {
                Ok(opened) => (Ok(opened.value.encode()), opened.renewal),
                Err(error) => (Err(error), Renewed::default()),
            };
            (Answered::of(value, &rewritten, input, operation.into_warnings()), renewal)
        })
    }

    fn renew<'a>(&'a self, at_hand: AtHand<'a>, private: Vec<u8>) -> BoxFuture<'a, Result<(Renewed, Report), Report>> {
        Box::pin(async move {
            let mut operation = at_hand.operation();
            let renewed = caught_async(&format!("renewing a {}", E::NAME), E::renew(&mut operation, private)).await;
            let mut report = operation.into_warnings();
            renewed.map(|renewed| (renewed, report.clone())).map_err(|error| {
                report.extend(error.into());
                report
            })
        })
    }

    fn close<'a>(&'a self, at_hand: AtHand<'a>, private: Vec<u8>) -> BoxFuture<'a, Report> {
        Box::pin(async move {
            let mut operation = at_hand.operation();
            let closed = caught_async(&format!("closing a {}", E::NAME), E::close(&mut operation, private)).await;
            let mut report = operation.into_warnings();
            if let Err(error) = closed {
                report.extend(error.into());
            }
            report
        })
    }
}

impl Engine {
    /// Checks the configuration of an ephemeral resource.
    #[allow(clippy::needless_pass_by_value, reason = "like every operation, it takes what it is about")]
    pub fn validate_ephemeral_resource(&self, type_name: &str, config: Dynamic) -> Report {
        match self.ephemeral_resource(type_name) {
            Ok((schema, handler)) => validated(schema, &config, |report| handler.validate(&config, report)),
            Err(report) => report,
        }
    }

    /// Opens an ephemeral resource: its value, and what goes with it.
    ///
    /// # Errors
    ///
    /// What the author or the rules say. When the value breaks the rules, what was opened is closed again: core does
    /// not close what it was not given.
    pub async fn open_ephemeral_resource(
        &self,
        type_name: &str,
        config: Dynamic,
        caller: Caller,
    ) -> Result<(Answer, Renewed), Report> {
        let (schema, handler) = self.ephemeral_resource(type_name)?;
        if let deferred @ Some(_) = self.waits_for_configuration(&caller) {
            return Ok((Answer::put_off(deferred, Report::new()), Renewed::default()));
        }
        let connection = self.connection().connected()?;
        let input = input_of(schema, &config)?;
        let (answered, renewal) = handler.open(self.at_hand(&connection, None, &caller), &input).await;
        let opened = answered.is_answer();
        match check_answer(schema, &config, answered, &caller) {
            Ok(answer) => Ok((answer, renewal)),
            Err(mut report) => {
                if opened {
                    let at_hand = self.at_hand(&connection, None, &caller);
                    report.extend(handler.close(at_hand, renewal.private).await);
                }
                Err(report)
            }
        }
    }

    /// Renews an ephemeral resource.
    ///
    /// # Errors
    ///
    /// What the author says.
    pub async fn renew_ephemeral_resource(
        &self,
        type_name: &str,
        private: Vec<u8>,
    ) -> Result<(Renewed, Report), Report> {
        let (_, handler) = self.ephemeral_resource(type_name)?;
        let connection = self.connection().connected()?;
        handler.renew(self.at_hand(&connection, None, &Caller::default()), private).await
    }

    /// Closes an ephemeral resource.
    pub async fn close_ephemeral_resource(&self, type_name: &str, private: Vec<u8>) -> Report {
        let found = self.ephemeral_resource(type_name).and_then(|(_, handler)| {
            let connection = self.connection().connected()?;
            Ok((handler, connection))
        });
        match found {
            Ok((handler, connection)) => {
                handler.close(self.at_hand(&connection, None, &Caller::default()), private).await
            }
            Err(report) => report,
        }
    }

    fn ephemeral_resource(&self, type_name: &str) -> Result<(&Schema, &dyn EphemeralHandler), Report> {
        let (schemas, handlers) = (&self.0.schema.ephemeral_resources, &self.0.handlers.ephemeral_resources);
        self.declared(type_name, "ephemeral resource", schemas, handlers)
    }
}
