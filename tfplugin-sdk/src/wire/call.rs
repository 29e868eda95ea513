//! What all calls that reach the engine have in common: a request is decoded, asked and answered.
//!
//! Not here: the calls themselves, one kind of thing a file beside this one; the RPCs that only describe the provider,
//! and what surrounds every call (`service`).

use std::collections::BTreeMap;
use std::future::Future;

use crate::engine::{Caller, Engine};
use crate::generated::tfplugin6 as wire;
use crate::schema::Schema;
use crate::wire::decode;
use crate::{Deferral, Diagnostic, Dynamic, Report, Type};

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

    /// The diagnostics of an answer.
    fn diagnostics(&self) -> &[wire::Diagnostic];
}

/// Who asks. A client that says nothing of itself is of the time before there was anything to say.
pub(super) fn caller(client: Option<&wire::ClientCapabilities>) -> Caller {
    let client = client.copied().unwrap_or_default();
    let (may_defer, knows_write_only) = (client.deferral_allowed, client.write_only_attributes_allowed);
    Caller { may_defer, knows_write_only, meta: Dynamic::Null }
}

/// The `provider_meta` block of the module that asks; null for a provider that declares none.
pub(super) fn meta(engine: &Engine, block: Option<&wire::DynamicValue>, problems: &mut Report) -> Dynamic {
    let declared = engine.schema().provider_meta.as_ref();
    declared.map_or(Dynamic::Null, |schema| decode::value(block, &schema.value_type(), problems))
}

/// That an answer is put off, and why.
pub(super) fn deferred(deferral: Option<Deferral>) -> Option<wire::Deferred> {
    use wire::deferred::Reason;
    let reason = match deferral? {
        Deferral::ConfigUnknown => Reason::ResourceConfigUnknown,
        Deferral::ProviderConfigUnknown => Reason::ProviderConfigUnknown,
        Deferral::PrerequisiteAbsent => Reason::AbsentPrereq,
    };
    Some(wire::Deferred { reason: reason.into() })
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

            fn diagnostics(&self) -> &[crate::generated::tfplugin6::Diagnostic] {
                &self.diagnostics
            }
        }
    )*};
}
pub(super) use failed;
