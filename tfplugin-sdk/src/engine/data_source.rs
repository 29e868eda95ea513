//! Data sources: validate and read. What was found is checked against the configuration before core refuses it.

use std::marker::PhantomData;

use super::declaration::{Answered, check_answer, input_of};
use super::handler::{AtHand, BoxFuture, check_typed, decoded};
use super::panics::caught_async;
use super::validate::validated;
use super::{Answer, Caller, Engine};
use crate::schema::Schema;
use crate::tf_type::Codec as _;
use crate::{DataSource, Dynamic, Report};

/// A data source.
pub(crate) trait DataSourceHandler: Send + Sync {
    /// Reports what does not fit the Rust types, and what the author's rules say.
    fn validate(&self, config: &Dynamic, report: &mut Report);

    /// Reads it.
    fn read<'a>(&'a self, at_hand: AtHand<'a>, input: &'a Dynamic) -> BoxFuture<'a, Answered>;
}

/// The data source `D`.
pub(crate) struct TypedDataSource<D>(PhantomData<fn() -> D>);

impl<D> Default for TypedDataSource<D> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<D: DataSource> DataSourceHandler for TypedDataSource<D> {
    fn validate(&self, config: &Dynamic, report: &mut Report) {
        check_typed(&format!("validating a {}", D::NAME), config, report, D::validate);
    }

    fn read<'a>(&'a self, at_hand: AtHand<'a>, input: &'a Dynamic) -> BoxFuture<'a, Answered> {
        Box::pin(async move {
            let typed: D::Input = match decoded(input) {
                Ok(typed) => typed,
                Err(report) => return Answered::failed(report),
            };
            let rewritten = typed.encode();
            let mut operation = at_hand.operation();
            let found = caught_async(&format!("reading a {}", D::NAME), D::read(&mut operation, typed)).await;
            Answered::of(found.map(|found| found.encode()), &rewritten, input, operation.into_warnings())
        })
    }
}

impl Engine {
    /// Checks the configuration of a data source.
    #[allow(clippy::needless_pass_by_value, reason = "like every operation, it takes what it is about")]
    pub fn validate_data_source(&self, type_name: &str, config: Dynamic) -> Report {
        match self.data_source(type_name) {
            Ok((schema, handler)) => validated(schema, &config, |report| handler.validate(&config, report)),
            Err(report) => report,
        }
    }

    /// Reads a data source.
    ///
    /// # Errors
    ///
    /// What the author or the rules say; with warnings, if any.
    pub async fn read_data_source(&self, type_name: &str, config: Dynamic, caller: Caller) -> Result<Answer, Report> {
        let (schema, handler) = self.data_source(type_name)?;
        if let deferred @ Some(_) = self.waits_for_configuration(&caller) {
            return Ok(Answer::put_off(deferred, Report::new()));
        }
        let connection = self.connection().connected()?;
        let input = input_of(schema, &config)?;
        let limit = schema.timeouts.as_ref().and_then(|timeouts| timeouts.limit("read", &input));
        let answered = handler.read(self.at_hand(&connection, limit, &caller), &input).await;
        check_answer(schema, &config, answered, &caller)
    }

    fn data_source(&self, type_name: &str) -> Result<(&Schema, &dyn DataSourceHandler), Report> {
        self.declared(type_name, "data source", &self.0.schema.data_sources, &self.0.handlers.data_sources)
    }
}
