//! What all calls that reach the engine have in common: a request is decoded, asked and answered.
//!
//! Not here: the calls themselves, one kind of thing a file beside this one; the RPCs that only describe the provider,
//! and what surrounds every call (`service`).

use std::collections::BTreeMap;
use std::future::Future;

use crate::engine::Engine;
use crate::generated::tfplugin6 as wire;
use crate::schema::Schema;
use crate::wire::encode;
use crate::{Diagnostic, Dynamic, Refinements, Report, Type};

/// A request that the engine answers.
pub(super) trait Call: Send + 'static {
    /// Name of the RPC, for the log.
    const RPC: &'static str;

    /// What is answered.
    type Answer: Failed;

    /// The resource type concerned; empty for the provider itself.
    fn type_name(&self) -> &str;

    /// Decodes it, asks the engine and encodes the answer. A report alone means that nothing was done.
    fn run(self, engine: Engine) -> impl Future<Output = Result<Self::Answer, Report>> + Send;
}

/// An answer that can carry nothing but diagnostics.
pub(super) trait Failed: Send + 'static {
    /// That answer.
    fn failed(report: Report) -> Self;
}

/// That the answer is put off until the provider's configuration is known, where the client can take that for an answer.
pub(super) fn put_off(engine: &Engine, client: Option<&wire::ClientCapabilities>) -> Option<wire::Deferred> {
    let may = client.is_some_and(|client| client.deferral_allowed);
    let reason = wire::deferred::Reason::ProviderConfigUnknown.into();
    (may && engine.waits_for_configuration()).then_some(wire::Deferred { reason })
}

/// A value of which nothing is known: what an answer that is put off holds.
pub(super) fn undecided(of: &Type) -> wire::DynamicValue {
    encode::value(&Dynamic::Unknown(Refinements::none()), of, &mut Report::new())
}

pub(super) fn none(problems: Report) -> Result<(), Report> {
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// The type of the values of `type_name`; `kind` says what it is, for the user.
pub(super) fn declared(
    engine: &Engine,
    schemas: &BTreeMap<String, Schema>,
    type_name: &str,
    kind: &str,
) -> Result<Type, Report> {
    schemas.get(type_name).map(Schema::value_type).ok_or_else(|| {
        let mut report = Report::new();
        report.push(Diagnostic::error(
            format!("Unknown {kind} type"),
            format!("The provider {} has no {kind} type {type_name:?}.", engine.address()),
        ));
        report
    })
}

/// Answers that have diagnostics and may have nothing else.
macro_rules! failed {
    ($($rpc:ident),* $(,)?) => {$(
        impl crate::wire::call::Failed for crate::generated::tfplugin6::$rpc::Response {
            fn failed(report: crate::Report) -> Self {
                let mut answer = Self::default();
                answer.diagnostics = crate::wire::encode::diagnostics(report);
                answer
            }
        }
    )*};
}
pub(super) use failed;
