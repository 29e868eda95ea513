//! Actions: validate, plan, and invoke as a stream of messages that ends with the diagnostics.

use tokio::sync::mpsc;
use tonic::Status;
use tracing::Instrument as _;

use super::call::{Call, caller, declared, deferred, failed, none};
use crate::engine::Engine;
use crate::generated::tfplugin6 as wire;
use crate::wire::{decode, encode, service};
use crate::{Dynamic, Progress, Report, Type};

impl Call for wire::validate_action_config::Request {
    const RPC: &'static str = "ValidateActionConfig";
    type Answer = wire::validate_action_config::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let config = config(&engine, &self.type_name, self.config.as_ref())?;
        Ok(Self::Answer { diagnostics: encode::diagnostics(engine.validate_action(&self.type_name, config)) })
    }
}

impl Call for wire::plan_action::Request {
    const RPC: &'static str = "PlanAction";
    type Answer = wire::plan_action::Response;

    fn type_name(&self) -> &str {
        &self.action_type
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let config = config(&engine, &self.action_type, self.config.as_ref())?;
        let caller = caller(self.client_capabilities.as_ref());
        let (deferral, report) = engine.plan_action(&self.action_type, config, caller).await?;
        Ok(Self::Answer { diagnostics: encode::diagnostics(report), deferred: deferred(deferral) })
    }
}

pub(super) type Events = mpsc::Sender<Result<wire::invoke_action::Event, Status>>;

/// Invokes an action. It is a task of its own: when the caller goes away, the action still runs to its end.
pub(super) async fn invoke(engine: Engine, request: wire::invoke_action::Request, events: Events) {
    use wire::invoke_action::event::{Completed, Progress as Message, Type as Kind};
    let (progress, mut messages) = Progress::new();
    let work = async move {
        match config(&engine, &request.action_type, request.config.as_ref()) {
            Ok(config) => engine.invoke_action(&request.action_type, config, progress).await,
            Err(report) => report,
        }
    };
    let work = tokio::spawn(work.in_current_span());
    let event = |kind| Ok(wire::invoke_action::Event { r#type: Some(kind) });
    while let Some(message) = messages.recv().await {
        // Nobody listens any more: the messages are taken all the same, so that the action does not wait.
        let _ = events.send(event(Kind::Progress(Message { message }))).await;
    }
    let report = work.await.unwrap_or_else(|failure| service::interrupted("InvokeAction", failure));
    let _ = events.send(event(Kind::Completed(Completed { diagnostics: encode::diagnostics(report) }))).await;
}

fn config(engine: &Engine, type_name: &str, config: Option<&wire::DynamicValue>) -> Result<Dynamic, Report> {
    let of: Type = declared(engine, &engine.schema().actions, type_name, "action")?;
    let mut problems = Report::new();
    let config = decode::value(config, &of, &mut problems);
    none(problems)?;
    Ok(config)
}

failed!(validate_action_config, plan_action);
