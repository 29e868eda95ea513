//! List resources: validate, and search as a stream of objects that ends with what is left to say.

use tokio::sync::mpsc;
use tonic::Status;
use tracing::Instrument as _;

use super::call::{Call, declared, failed, none};
use super::identity::{identity_data, identity_type};
use super::resource::resource_type;
use super::{decode, encode, service};
use crate::engine::{Engine, ListRequest, Listed};
use crate::generated::tfplugin6 as wire;
use crate::{Dynamic, Report, Type};

/// Objects that wait to be encoded; a search that finds more waits until some were.
const LISTED: usize = 16;

impl Call for wire::validate_list_resource_config::Request {
    const RPC: &'static str = "ValidateListResourceConfig";
    type Answer = wire::validate_list_resource_config::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let config = config(&engine, &self.type_name, self.config.as_ref())?;
        Ok(Self::Answer { diagnostics: encode::diagnostics(engine.validate_list_resource(&self.type_name, config)) })
    }
}

pub(super) type Events = mpsc::Sender<Result<wire::list_resource::Event, Status>>;

/// Searches. It ends early when nobody listens any more.
pub(super) async fn list(engine: Engine, request: wire::list_resource::Request, events: Events) {
    let search = search(&engine, request);
    let (sender, mut found) = mpsc::channel(LISTED);
    let type_name = search.as_ref().map(|search| search.type_name.clone()).unwrap_or_default();
    let searching = {
        let engine = engine.clone();
        async move {
            match search {
                Ok(search) => engine.list_resource(search, sender).await,
                Err(report) => report,
            }
        }
    };
    let searching = tokio::spawn(searching.in_current_span());
    while let Some(listed) = found.recv().await {
        if events.send(Ok(event(&engine, &type_name, listed))).await.is_err() {
            break;
        }
    }
    // Without a receiver the search knows that nobody listens.
    drop(found);
    let report = searching.await.unwrap_or_else(|failure| service::interrupted("ListResource", failure));
    if !report.is_empty() {
        let diagnostic = encode::diagnostics(report);
        let _ = events.send(Ok(wire::list_resource::Event { diagnostic, ..Default::default() })).await;
    }
}

fn search(engine: &Engine, request: wire::list_resource::Request) -> Result<ListRequest, Report> {
    let config = config(engine, &request.type_name, request.config.as_ref())?;
    // Terraform always says how many it wants; without a number there is no limit.
    let limit = u64::try_from(request.limit).ok().filter(|limit| *limit > 0).unwrap_or(u64::MAX);
    Ok(ListRequest { type_name: request.type_name, config, limit, wants_states: request.include_resource_object })
}

fn event(engine: &Engine, type_name: &str, listed: Listed) -> wire::list_resource::Event {
    let mut report = listed.report;
    let state_type = resource_type(engine, type_name).unwrap_or(Type::Dynamic);
    let resource_object = listed.state.map(|state| encode::value(&state, &state_type, &mut report));
    wire::list_resource::Event {
        identity: identity_data(&listed.identity, identity_type(engine, type_name).as_ref()),
        display_name: listed.name,
        resource_object,
        diagnostic: encode::diagnostics(report),
    }
}

fn config(engine: &Engine, type_name: &str, config: Option<&wire::DynamicValue>) -> Result<Dynamic, Report> {
    let of = declared(engine, &engine.schema().list_resources, type_name, "list resource")?;
    let mut problems = Report::new();
    let config = decode::value(config, &of, &mut problems);
    none(problems)?;
    Ok(config)
}

failed!(validate_list_resource_config);
