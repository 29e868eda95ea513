//! The RPCs of `tfplugin6.Provider`: each decodes its request, asks the engine, and encodes the answer.
//!
//! Problems are diagnostics, never a gRPC status (core shows fixed texts for those); the exception is UNIMPLEMENTED,
//! the generated answer of every RPC that is not here and the way to tell core that a feature is not supported.

use std::any::Any;
use std::future::Future;
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::task::JoinError;
use tonic::{Request, Response, Status};
use tracing::Instrument as _;

use super::{decode, encode};
use crate::engine::{ApplyRequest, Engine, ImportRequest, PlanRequest, ReadRequest, UpgradeRequest};
use crate::generated::tfplugin6 as wire;
use crate::generated::tfplugin6::provider_server::Provider;
use crate::{Diagnostic, Report, Type};

type Answer<T> = Result<Response<T>, Status>;

/// The service of one provider process.
pub(crate) struct Service {
    engine: Engine,
    schema: OnceLock<wire::get_provider_schema::Response>,
    calls: AtomicU64,
}

impl Service {
    /// Serves `engine`. The schema is encoded when it is first asked for, which core avoids where it can.
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, schema: OnceLock::new(), calls: AtomicU64::new(0) }
    }

    /// Runs one call to its end, in a span of its own.
    ///
    /// The work is a task: when the caller goes away in the middle of a create, it still ends in an orderly way, and
    /// a panic stays in it.
    async fn answer<T: Failed>(
        &self,
        rpc: &'static str,
        type_name: &str,
        work: impl Future<Output = Result<T, Report>> + Send + 'static,
    ) -> Answer<T> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let span = tracing::info_span!(
            "rpc",
            tf_provider_addr = self.engine.address(),
            tf_rpc = rpc,
            tf_resource_type = type_name,
            tf_req_id = format!("{:x}-{number}", process::id()),
        );
        let started = Instant::now();
        let answer = match tokio::spawn(work.instrument(span.clone())).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(report)) => T::failed(report),
            Err(failure) => T::failed(interrupted(rpc, failure)),
        };
        let tf_req_duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        span.in_scope(|| tracing::debug!(tf_req_duration_ms, "call answered"));
        Ok(Response::new(answer))
    }

    fn schema(&self) -> &wire::get_provider_schema::Response {
        self.schema.get_or_init(|| {
            let schema = self.engine.schema();
            let resources = schema.resources.iter();
            wire::get_provider_schema::Response {
                provider: Some(encode::schema(&schema.provider)),
                resource_schemas: resources.map(|(name, of)| (name.clone(), encode::schema(of))).collect(),
                server_capabilities: Some(CAPABILITIES),
                ..Default::default()
            }
        })
    }
}

/// Every RPC works in a process that was never asked for its schema, and destroys are planned.
const CAPABILITIES: wire::ServerCapabilities = wire::ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: false,
    generate_resource_config: false,
};

#[tonic::async_trait]
impl Provider for Service {
    async fn get_metadata(&self, _: Request<wire::get_metadata::Request>) -> Answer<wire::get_metadata::Response> {
        let names = self.engine.schema().resources.keys();
        Ok(Response::new(wire::get_metadata::Response {
            server_capabilities: Some(CAPABILITIES),
            resources: names.map(|name| wire::get_metadata::ResourceMetadata { type_name: name.clone() }).collect(),
            ..Default::default()
        }))
    }

    async fn get_provider_schema(
        &self,
        _: Request<wire::get_provider_schema::Request>,
    ) -> Answer<wire::get_provider_schema::Response> {
        Ok(Response::new(self.schema().clone()))
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<wire::get_resource_identity_schemas::Request>,
    ) -> Answer<wire::get_resource_identity_schemas::Response> {
        Ok(Response::new(wire::get_resource_identity_schemas::Response::default()))
    }

    async fn get_functions(&self, _: Request<wire::get_functions::Request>) -> Answer<wire::get_functions::Response> {
        Ok(Response::new(wire::get_functions::Response::default()))
    }

    async fn validate_provider_config(
        &self,
        request: Request<wire::validate_provider_config::Request>,
    ) -> Answer<wire::validate_provider_config::Response> {
        let work = validate_provider(self.engine.clone(), request.into_inner());
        self.answer("ValidateProviderConfig", "", work).await
    }

    async fn configure_provider(
        &self,
        request: Request<wire::configure_provider::Request>,
    ) -> Answer<wire::configure_provider::Response> {
        self.answer("ConfigureProvider", "", configure(self.engine.clone(), request.into_inner())).await
    }

    async fn validate_resource_config(
        &self,
        request: Request<wire::validate_resource_config::Request>,
    ) -> Answer<wire::validate_resource_config::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.answer("ValidateResourceConfig", &type_name, validate_resource(self.engine.clone(), request)).await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<wire::upgrade_resource_state::Request>,
    ) -> Answer<wire::upgrade_resource_state::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.answer("UpgradeResourceState", &type_name, upgrade(self.engine.clone(), request)).await
    }

    async fn read_resource(
        &self,
        request: Request<wire::read_resource::Request>,
    ) -> Answer<wire::read_resource::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.answer("ReadResource", &type_name, read(self.engine.clone(), request)).await
    }

    async fn plan_resource_change(
        &self,
        request: Request<wire::plan_resource_change::Request>,
    ) -> Answer<wire::plan_resource_change::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.answer("PlanResourceChange", &type_name, plan(self.engine.clone(), request)).await
    }

    async fn apply_resource_change(
        &self,
        request: Request<wire::apply_resource_change::Request>,
    ) -> Answer<wire::apply_resource_change::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.answer("ApplyResourceChange", &type_name, apply(self.engine.clone(), request)).await
    }

    async fn import_resource_state(
        &self,
        request: Request<wire::import_resource_state::Request>,
    ) -> Answer<wire::import_resource_state::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.answer("ImportResourceState", &type_name, import(self.engine.clone(), request)).await
    }

    async fn stop_provider(&self, _: Request<wire::stop_provider::Request>) -> Answer<wire::stop_provider::Response> {
        tracing::info!("Terraform was interrupted: calls under way are asked to end early");
        self.engine.stop();
        Ok(Response::new(wire::stop_provider::Response::default()))
    }
}

async fn validate_provider(
    engine: Engine,
    request: wire::validate_provider_config::Request,
) -> Result<wire::validate_provider_config::Response, Report> {
    let mut problems = Report::new();
    let config = decode::value(request.config.as_ref(), &engine.schema().provider.value_type(), &mut problems);
    none(problems)?;
    let diagnostics = encode::diagnostics(engine.validate_provider(config));
    Ok(wire::validate_provider_config::Response { diagnostics })
}

async fn configure(
    engine: Engine,
    request: wire::configure_provider::Request,
) -> Result<wire::configure_provider::Response, Report> {
    tracing::debug!(terraform_version = request.terraform_version, "configuring the provider");
    let mut problems = Report::new();
    let config = decode::value(request.config.as_ref(), &engine.schema().provider.value_type(), &mut problems);
    none(problems)?;
    let diagnostics = encode::diagnostics(engine.configure(config).await);
    Ok(wire::configure_provider::Response { diagnostics })
}

async fn validate_resource(
    engine: Engine,
    request: wire::validate_resource_config::Request,
) -> Result<wire::validate_resource_config::Response, Report> {
    let of = resource_type(&engine, &request.type_name)?;
    let mut problems = Report::new();
    let config = decode::value(request.config.as_ref(), &of, &mut problems);
    none(problems)?;
    let diagnostics = encode::diagnostics(engine.validate_resource(&request.type_name, config));
    Ok(wire::validate_resource_config::Response { diagnostics })
}

async fn upgrade(
    engine: Engine,
    request: wire::upgrade_resource_state::Request,
) -> Result<wire::upgrade_resource_state::Response, Report> {
    let of = resource_type(&engine, &request.type_name)?;
    let prior = engine.prior_type(&request.type_name, request.version);
    let mut problems = Report::new();
    let state = decode::stored(request.raw_state.as_ref(), prior.as_ref(), &mut problems);
    none(problems)?;
    let upgraded =
        engine.upgrade_resource(UpgradeRequest { type_name: request.type_name, version: request.version, state });
    let mut report = upgraded.report;
    let upgraded_state = encode::value(&upgraded.state, &of, &mut report);
    Ok(wire::upgrade_resource_state::Response { upgraded_state, diagnostics: encode::diagnostics(report) })
}

async fn read(engine: Engine, request: wire::read_resource::Request) -> Result<wire::read_resource::Response, Report> {
    let of = resource_type(&engine, &request.type_name)?;
    let mut problems = Report::new();
    let state = decode::value(request.current_state.as_ref(), &of, &mut problems);
    none(problems)?;
    let found =
        engine.read_resource(ReadRequest { type_name: request.type_name, state, private: request.private }).await;
    let mut report = found.report;
    let new_state = encode::value(&found.state, &of, &mut report);
    Ok(wire::read_resource::Response {
        new_state,
        private: found.private,
        diagnostics: encode::diagnostics(report),
        // Core stores whatever identity comes back; with no identity schema there is none.
        new_identity: request.current_identity,
        ..Default::default()
    })
}

async fn plan(
    engine: Engine,
    request: wire::plan_resource_change::Request,
) -> Result<wire::plan_resource_change::Response, Report> {
    let of = resource_type(&engine, &request.type_name)?;
    let mut problems = Report::new();
    let question = PlanRequest {
        prior: decode::value(request.prior_state.as_ref(), &of, &mut problems),
        proposed: decode::value(request.proposed_new_state.as_ref(), &of, &mut problems),
        config: decode::value(request.config.as_ref(), &of, &mut problems),
        type_name: request.type_name,
        prior_private: request.prior_private,
    };
    none(problems)?;
    let plan = engine.plan_resource(question).await;
    let mut report = plan.report;
    let planned_state = encode::value(&plan.planned, &of, &mut report);
    Ok(wire::plan_resource_change::Response {
        planned_state,
        requires_replace: plan.replace.iter().map(encode::path).collect(),
        planned_private: plan.private,
        diagnostics: encode::diagnostics(report),
        ..Default::default()
    })
}

async fn apply(
    engine: Engine,
    request: wire::apply_resource_change::Request,
) -> Result<wire::apply_resource_change::Response, Report> {
    let of = resource_type(&engine, &request.type_name)?;
    let mut problems = Report::new();
    let order = ApplyRequest {
        prior: decode::value(request.prior_state.as_ref(), &of, &mut problems),
        planned: decode::value(request.planned_state.as_ref(), &of, &mut problems),
        config: decode::value(request.config.as_ref(), &of, &mut problems),
        type_name: request.type_name,
        private: request.planned_private,
    };
    none(problems)?;
    let done = engine.apply_resource(order).await;
    let mut report = done.report;
    let new_state = encode::value(&done.state, &of, &mut report);
    Ok(wire::apply_resource_change::Response {
        new_state,
        private: done.private,
        diagnostics: encode::diagnostics(report),
        ..Default::default()
    })
}

async fn import(
    engine: Engine,
    request: wire::import_resource_state::Request,
) -> Result<wire::import_resource_state::Response, Report> {
    let of = resource_type(&engine, &request.type_name)?;
    let type_name = request.type_name.clone();
    let imported = engine.import_resource(ImportRequest { type_name: request.type_name, id: request.id }).await;
    let mut report = imported.report;
    let state = encode::value(&imported.state, &of, &mut report);
    // Core takes the object for what was found, so there is none beside an error.
    let imported_resources = if report.has_errors() {
        Vec::new()
    } else {
        let private = imported.private;
        vec![wire::import_resource_state::ImportedResource { type_name, state, private, identity: None }]
    };
    let diagnostics = encode::diagnostics(report);
    Ok(wire::import_resource_state::Response { imported_resources, diagnostics, deferred: None })
}

fn resource_type(engine: &Engine, type_name: &str) -> Result<Type, Report> {
    let schema = engine.schema().resources.get(type_name);
    schema.map(crate::schema::Schema::value_type).ok_or_else(|| {
        only(Diagnostic::error(
            "Unknown resource type",
            format!("The provider {} has no resource type {type_name:?}.", engine.address()),
        ))
    })
}

fn none(problems: Report) -> Result<(), Report> {
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn only(diagnostic: Diagnostic) -> Report {
    let mut report = Report::new();
    report.push(diagnostic);
    report
}

/// Why the task of a call has no result: it panicked outside the parts that the engine guards.
fn interrupted(rpc: &str, failure: JoinError) -> Report {
    let reason =
        failure.try_into_panic().map_or_else(|_| "it was cancelled".to_owned(), |panic| message(panic.as_ref()));
    only(Diagnostic::error("The provider panicked", format!("This is a bug in the provider, met in {rpc}: {reason}")))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

/// An answer that can carry nothing but diagnostics.
trait Failed: Sized + Send + 'static {
    fn failed(report: Report) -> Self;
}

macro_rules! failed {
    ($($rpc:ident),*) => {$(
        impl Failed for wire::$rpc::Response {
            fn failed(report: Report) -> Self {
                #[allow(clippy::needless_update, reason = "some answers hold nothing but diagnostics")]
                Self { diagnostics: encode::diagnostics(report), ..Self::default() }
            }
        }
    )*};
}
failed!(
    validate_provider_config,
    configure_provider,
    validate_resource_config,
    upgrade_resource_state,
    read_resource,
    plan_resource_change,
    apply_resource_change,
    import_resource_state
);
