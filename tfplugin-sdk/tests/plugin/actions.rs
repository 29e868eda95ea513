//! Claims about actions on the wire, where Terraform 1.14 looks: the schema, the stream of progress and its end.

use std::path::PathBuf;
use std::sync::Arc;

use tfplugin_sdk::{Action, Operation, Progress, Provider, ProviderConfig, Reattach, Result, Value};
use tokio::sync::Notify;
use tonic::transport::{Channel, Endpoint};

use super::generated::tfplugin6 as wire;
use super::generated::tfplugin6::invoke_action::event::Type as Event;
use super::generated::tfplugin6::provider_client::ProviderClient;
use super::process::PATIENCE;

/// What the test and the action tell each other.
#[derive(Default)]
struct Bell {
    go_on: Notify,
    ended: Notify,
}

/// The provider block.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
struct Tower {
    /// Its name.
    name: Option<String>,
}

/// Rings a bell.
#[derive(Clone, Debug, PartialEq, Action)]
#[tf(name = "tower_ring")]
struct Ring {
    /// How often.
    times: u32,
}

impl Action for Ring {
    type Api = Arc<Bell>;

    async fn invoke(operation: &mut Operation<'_, Arc<Bell>>, input: RingInput, progress: &Progress) -> Result<()> {
        progress.report("first").await;
        operation.api().go_on.notified().await;
        for time in 1..=input.times {
            progress.report(format!("dong {time}")).await;
        }
        operation.api().ended.notify_one();
        operation.warn(tfplugin_sdk::path!(times), "Loud", "");
        Ok(())
    }
}

async fn tower(bell: &Arc<Bell>) -> (Reattach, ProviderClient<Channel>) {
    let bell = bell.clone();
    let provider = Provider::new::<Tower, _>("example/tower", move |config: TowerConfig| {
        let connected = (!matches!(config.name, Value::Unknown(_))).then(|| bell.clone());
        async move { Ok(connected) }
    });
    let served = tfplugin_sdk::reattach(provider.action::<Ring>()).await;
    let value: serde_json::Value = serde_json::from_str(&served.env_value()).unwrap();
    let socket = PathBuf::from(value["example/tower"]["Addr"]["String"].as_str().unwrap());
    let endpoint = Endpoint::from_shared(format!("unix://{}", socket.display())).unwrap();
    (served, ProviderClient::new(endpoint.connect().await.unwrap()))
}

fn json(text: &str) -> wire::DynamicValue {
    wire::DynamicValue { msgpack: Vec::new(), json: text.as_bytes().to_vec() }
}

/// A provider block with an unknown name: `{"name": unknown}`.
fn unknown_name() -> wire::DynamicValue {
    wire::DynamicValue { msgpack: b"\x81\xa4name\xd4\x00\x00".to_vec(), json: Vec::new() }
}

async fn configure(client: &mut ProviderClient<Channel>, config: wire::DynamicValue) {
    let request = wire::configure_provider::Request { config: Some(config), ..Default::default() };
    assert_eq!(client.configure_provider(request).await.unwrap().into_inner().diagnostics, []);
}

fn ring(times: u32) -> wire::invoke_action::Request {
    let config = Some(json(&format!("{{\"times\":{times}}}")));
    wire::invoke_action::Request { action_type: "tower_ring".into(), config, client_capabilities: None }
}

#[tokio::test]
async fn an_action_streams_its_progress_and_ends_with_its_diagnostics() {
    let bell = Arc::<Bell>::default();
    let (_served, mut client) = tower(&bell).await;
    configure(&mut client, json("{\"name\":null}")).await;
    let schema = client.get_provider_schema(wire::get_provider_schema::Request {}).await.unwrap().into_inner();
    assert!(schema.action_schemas["tower_ring"].schema.is_some());
    let metadata = client.get_metadata(wire::get_metadata::Request {}).await.unwrap().into_inner();
    assert_eq!(metadata.actions[0].type_name, "tower_ring");

    let mut events = client.invoke_action(ring(40)).await.unwrap().into_inner();
    let mut said = Vec::new();
    let completed = loop {
        match events.message().await.unwrap().unwrap().r#type.unwrap() {
            Event::Progress(progress) => said.push(progress.message),
            Event::Completed(completed) => break completed,
        }
        // The first message came while the action was under way: it only goes on now.
        bell.go_on.notify_one();
    };
    assert_eq!((said.len(), said[0].as_str(), said[40].as_str()), (41, "first", "dong 40"));
    assert_eq!(completed.diagnostics[0].summary, "Loud");
    assert!(events.message().await.unwrap().is_none(), "nothing comes after the end");
}

#[tokio::test]
async fn an_action_runs_to_its_end_when_the_caller_goes_away() {
    let bell = Arc::<Bell>::default();
    let (_served, mut client) = tower(&bell).await;
    configure(&mut client, json("{\"name\":null}")).await;
    let mut events = client.invoke_action(ring(1000)).await.unwrap().into_inner();
    assert!(events.message().await.unwrap().is_some());
    drop((events, client));
    bell.go_on.notify_one();
    tokio::time::timeout(PATIENCE, bell.ended.notified()).await.unwrap();
}

#[tokio::test]
async fn an_action_waits_for_the_configuration_only_where_terraform_can() {
    let (_served, mut client) = tower(&Arc::default()).await;
    configure(&mut client, unknown_name()).await;
    for deferral_allowed in [true, false] {
        let request = wire::plan_action::Request {
            action_type: "tower_ring".into(),
            config: Some(json("{\"times\":1}")),
            client_capabilities: Some(wire::ClientCapabilities { deferral_allowed, ..Default::default() }),
        };
        let answer = client.plan_action(request).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
        let reason = i32::from(wire::deferred::Reason::ProviderConfigUnknown);
        assert_eq!(answer.deferred.map(|deferred| deferred.reason), deferral_allowed.then_some(reason));
    }
    let mut events = client.invoke_action(ring(1)).await.unwrap().into_inner();
    let Some(Event::Completed(end)) = events.message().await.unwrap().unwrap().r#type else { panic!("it did it") };
    assert_eq!(end.diagnostics[0].summary, "The provider's configuration is not known yet");
}

#[tokio::test]
async fn what_is_wrong_with_an_action_is_said_in_the_answer() {
    let (_served, mut client) = tower(&Arc::default()).await;
    let validate = |type_name: &str, config: &str| wire::validate_action_config::Request {
        type_name: type_name.into(),
        config: Some(json(config)),
    };
    let found = client.validate_action_config(validate("tower_ring", "{\"times\":-1}")).await.unwrap().into_inner();
    assert!(found.diagnostics[0].summary.contains("times"), "{found:?}");
    let found = client.validate_action_config(validate("tower_fall", "{}")).await.unwrap().into_inner();
    assert_eq!(found.diagnostics[0].summary, "Unknown action type");
    let unknown = wire::invoke_action::Request { action_type: "tower_fall".into(), ..ring(1) };
    let mut events = client.invoke_action(unknown).await.unwrap().into_inner();
    let Some(Event::Completed(end)) = events.message().await.unwrap().unwrap().r#type else { panic!("it did it") };
    assert_eq!(end.diagnostics[0].summary, "Unknown action type");
}
