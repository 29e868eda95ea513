//! The RPCs of `tfplugin6.Provider`, and what surrounds every call: a task, a span, a duration.
//!
//! Problems are diagnostics, never a gRPC status (core shows fixed texts for those); the exception is UNIMPLEMENTED,
//! the generated answer of every RPC that is not here and the way to tell core that a feature is not supported.

use std::collections::BTreeMap;
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::task::JoinError;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};
use tracing::Instrument as _;

use super::call::{Call, Failed as _};
use super::{action, encode, list_resource};
use crate::engine::panics;
use crate::generated::tfplugin6 as wire;
use crate::generated::tfplugin6::attribute_path::step::Selector;
use crate::generated::tfplugin6::diagnostic::Severity;
use crate::generated::tfplugin6::provider_server::Provider;
use crate::schema::Schema;
use crate::{Diagnostic, Engine, Report};

type Answer<T> = Result<Response<T>, Status>;

/// Events of a stream that wait to be sent; who makes more waits until some were.
const EVENTS: usize = 16;

/// The service of one provider process.
pub(crate) struct Service {
    engine: Engine,
    schema: OnceLock<wire::get_provider_schema::Response>,
    calls: AtomicU64,
}

/// Every RPC works in a process that was never asked for its schema, and destroys are planned.
const CAPABILITIES: wire::ServerCapabilities = wire::ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: true,
};

impl Service {
    /// Serves `engine`. The schema is encoded when it is first asked for, which core avoids where it can.
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, schema: OnceLock::new(), calls: AtomicU64::new(0) }
    }

    /// Runs one call to its end.
    ///
    /// It is a task of its own: when the caller goes away in the middle of a create, it still ends in an orderly way,
    /// and a panic stays in it.
    async fn answer<C: Call>(&self, request: Request<C>) -> Answer<C::Answer> {
        let request = request.into_inner();
        let span = self.span(C::RPC, request.type_name());
        let started = Instant::now();
        let answer = match tokio::spawn(request.run(self.engine.clone()).instrument(span.clone())).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(report)) => C::Answer::failed(report),
            Err(failure) => C::Answer::failed(interrupted(C::RPC, failure)),
        };
        let tf_req_duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        span.in_scope(|| {
            log(answer.diagnostics());
            tracing::debug!(tf_req_duration_ms, "call answered");
        });
        Ok(Response::new(answer))
    }

    fn span(&self, rpc: &'static str, type_name: &str) -> tracing::Span {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        tracing::info_span!(
            "rpc",
            tf_provider_addr = self.engine.address(),
            tf_rpc = rpc,
            tf_resource_type = Some(type_name).filter(|name| !name.is_empty()),
            tf_req_id = format!("{:x}-{number}", process::id()),
        )
    }

    fn schema(&self) -> &wire::get_provider_schema::Response {
        self.schema.get_or_init(|| {
            let schema = self.engine.schema();
            let encoded = |schemas: &BTreeMap<String, Schema>| {
                schemas.iter().map(|(name, of)| (name.clone(), encode::schema(of))).collect()
            };
            wire::get_provider_schema::Response {
                provider: Some(encode::schema(&schema.provider)),
                provider_meta: schema.provider_meta.as_ref().map(encode::schema),
                resource_schemas: encoded(&schema.resources),
                data_source_schemas: encoded(&schema.data_sources),
                ephemeral_resource_schemas: encoded(&schema.ephemeral_resources),
                functions: encode::functions(&schema.functions),
                action_schemas: schema
                    .actions
                    .iter()
                    .map(|(name, of)| (name.clone(), wire::ActionSchema { schema: Some(encode::schema(of)) }))
                    .collect(),
                list_resource_schemas: encoded(&schema.list_resources),
                server_capabilities: Some(CAPABILITIES),
                ..Default::default()
            }
        })
    }
}

/// What the user is told, for the reader of the log too; without details, which may be long.
fn log(diagnostics: &[wire::Diagnostic]) {
    for found in diagnostics {
        let attribute = found.attribute.as_ref().and_then(|path| match path.steps.first()?.selector.as_ref()? {
            Selector::AttributeName(name) => Some(name.as_str()),
            _ => None,
        });
        if found.severity() == Severity::Error {
            tracing::error!(diagnostic_attribute = attribute, "{}", found.summary);
        } else {
            tracing::warn!(diagnostic_attribute = attribute, "{}", found.summary);
        }
    }
}

/// Why the task of a call has no result: it panicked outside the parts that the engine guards.
pub(super) fn interrupted(rpc: &str, failure: JoinError) -> Report {
    let reason = match failure.try_into_panic() {
        Ok(panic) => panics::message(panic.as_ref()),
        Err(_) => "it was cancelled".to_owned(),
    };
    let mut report = Report::new();
    let detail = format!("This is a bug in the provider, met in {rpc}: {reason}");
    report.push(Diagnostic::error("The provider panicked", detail));
    report
}

#[tonic::async_trait]
impl Provider for Service {
    async fn get_metadata(&self, _: Request<wire::get_metadata::Request>) -> Answer<wire::get_metadata::Response> {
        let schema = self.engine.schema();
        let (resources, data_sources) = (schema.resources.keys(), schema.data_sources.keys());
        Ok(Response::new(wire::get_metadata::Response {
            server_capabilities: Some(CAPABILITIES),
            resources: resources.map(|name| wire::get_metadata::ResourceMetadata { type_name: name.clone() }).collect(),
            data_sources: data_sources
                .map(|name| wire::get_metadata::DataSourceMetadata { type_name: name.clone() })
                .collect(),
            ephemeral_resources: schema
                .ephemeral_resources
                .keys()
                .map(|name| wire::get_metadata::EphemeralMetadata { type_name: name.clone() })
                .collect(),
            actions: schema
                .actions
                .keys()
                .map(|name| wire::get_metadata::ActionMetadata { type_name: name.clone() })
                .collect(),
            list_resources: schema
                .list_resources
                .keys()
                .map(|name| wire::get_metadata::ListResourceMetadata { type_name: name.clone() })
                .collect(),
            functions: schema
                .functions
                .keys()
                .map(|name| wire::get_metadata::FunctionMetadata { name: name.clone() })
                .collect(),
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
        let identity_schemas = encode::identities(&self.engine.schema().resources);
        Ok(Response::new(wire::get_resource_identity_schemas::Response { identity_schemas, ..Default::default() }))
    }

    async fn get_functions(&self, _: Request<wire::get_functions::Request>) -> Answer<wire::get_functions::Response> {
        let functions = encode::functions(&self.engine.schema().functions);
        Ok(Response::new(wire::get_functions::Response { functions, ..Default::default() }))
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<wire::validate_ephemeral_resource_config::Request>,
    ) -> Answer<wire::validate_ephemeral_resource_config::Response> {
        self.answer(request).await
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<wire::open_ephemeral_resource::Request>,
    ) -> Answer<wire::open_ephemeral_resource::Response> {
        self.answer(request).await
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<wire::renew_ephemeral_resource::Request>,
    ) -> Answer<wire::renew_ephemeral_resource::Response> {
        self.answer(request).await
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<wire::close_ephemeral_resource::Request>,
    ) -> Answer<wire::close_ephemeral_resource::Response> {
        self.answer(request).await
    }

    async fn validate_action_config(
        &self,
        request: Request<wire::validate_action_config::Request>,
    ) -> Answer<wire::validate_action_config::Response> {
        self.answer(request).await
    }

    async fn plan_action(&self, request: Request<wire::plan_action::Request>) -> Answer<wire::plan_action::Response> {
        self.answer(request).await
    }

    async fn invoke_action(
        &self,
        request: Request<wire::invoke_action::Request>,
    ) -> Answer<BoxStream<wire::invoke_action::Event>> {
        let request = request.into_inner();
        let span = self.span("InvokeAction", &request.action_type);
        let (events, stream) = mpsc::channel(EVENTS);
        tokio::spawn(action::invoke(self.engine.clone(), request, events).instrument(span));
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<wire::validate_list_resource_config::Request>,
    ) -> Answer<wire::validate_list_resource_config::Response> {
        self.answer(request).await
    }

    async fn list_resource(
        &self,
        request: Request<wire::list_resource::Request>,
    ) -> Answer<BoxStream<wire::list_resource::Event>> {
        let request = request.into_inner();
        let span = self.span("ListResource", &request.type_name);
        let (events, stream) = mpsc::channel(EVENTS);
        tokio::spawn(list_resource::list(self.engine.clone(), request, events).instrument(span));
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }

    async fn call_function(
        &self,
        request: Request<wire::call_function::Request>,
    ) -> Answer<wire::call_function::Response> {
        self.answer(request).await
    }

    async fn validate_provider_config(
        &self,
        request: Request<wire::validate_provider_config::Request>,
    ) -> Answer<wire::validate_provider_config::Response> {
        self.answer(request).await
    }

    async fn configure_provider(
        &self,
        request: Request<wire::configure_provider::Request>,
    ) -> Answer<wire::configure_provider::Response> {
        self.answer(request).await
    }

    async fn validate_resource_config(
        &self,
        request: Request<wire::validate_resource_config::Request>,
    ) -> Answer<wire::validate_resource_config::Response> {
        self.answer(request).await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<wire::validate_data_resource_config::Request>,
    ) -> Answer<wire::validate_data_resource_config::Response> {
        self.answer(request).await
    }

    async fn read_data_source(
        &self,
        request: Request<wire::read_data_source::Request>,
    ) -> Answer<wire::read_data_source::Response> {
        self.answer(request).await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<wire::upgrade_resource_identity::Request>,
    ) -> Answer<wire::upgrade_resource_identity::Response> {
        self.answer(request).await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<wire::upgrade_resource_state::Request>,
    ) -> Answer<wire::upgrade_resource_state::Response> {
        self.answer(request).await
    }

    async fn read_resource(
        &self,
        request: Request<wire::read_resource::Request>,
    ) -> Answer<wire::read_resource::Response> {
        self.answer(request).await
    }

    async fn plan_resource_change(
        &self,
        request: Request<wire::plan_resource_change::Request>,
    ) -> Answer<wire::plan_resource_change::Response> {
        self.answer(request).await
    }

    async fn apply_resource_change(
        &self,
        request: Request<wire::apply_resource_change::Request>,
    ) -> Answer<wire::apply_resource_change::Response> {
        self.answer(request).await
    }

    async fn move_resource_state(
        &self,
        request: Request<wire::move_resource_state::Request>,
    ) -> Answer<wire::move_resource_state::Response> {
        self.answer(request).await
    }

    async fn generate_resource_config(
        &self,
        request: Request<wire::generate_resource_config::Request>,
    ) -> Answer<wire::generate_resource_config::Response> {
        self.answer(request).await
    }

    async fn import_resource_state(
        &self,
        request: Request<wire::import_resource_state::Request>,
    ) -> Answer<wire::import_resource_state::Response> {
        self.answer(request).await
    }

    async fn stop_provider(&self, _: Request<wire::stop_provider::Request>) -> Answer<wire::stop_provider::Response> {
        tracing::info!("Terraform was interrupted: calls under way are asked to end early");
        self.engine.stop();
        Ok(Response::new(wire::stop_provider::Response { error: String::new() }))
    }
}
