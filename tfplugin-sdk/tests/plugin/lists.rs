//! Claims about list resources on the wire, where Terraform 1.14 looks: the schema, the stream of objects and its end.

use super::generated::tfplugin6 as wire;
use super::generated::tfplugin6::provider_client::ProviderClient;
use super::process::Plugin;

fn json(text: &str) -> wire::DynamicValue {
    wire::DynamicValue { msgpack: Vec::new(), json: text.as_bytes().to_vec() }
}

async fn all(
    client: &mut ProviderClient<tonic::transport::Channel>,
    config: &str,
    include_resource_object: bool,
    limit: i64,
) -> Vec<wire::list_resource::Event> {
    let config = Some(json(config));
    let request =
        wire::list_resource::Request { type_name: "folder_file".into(), config, include_resource_object, limit };
    let mut stream = client.list_resource(request).await.unwrap().into_inner();
    let mut events = Vec::new();
    while let Some(event) = stream.message().await.unwrap() {
        events.push(event);
    }
    events
}

#[tokio::test]
async fn a_search_streams_what_it_finds_with_identities_and_states() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.txt", "b.md", "c.txt"] {
        std::fs::write(folder.path().join(name), name).unwrap();
    }
    let plugin = Plugin::of("folder");
    let mut client = ProviderClient::new(plugin.connect().await);
    let schema = client.get_provider_schema(wire::get_provider_schema::Request {}).await.unwrap().into_inner();
    assert!(schema.list_resource_schemas.contains_key("folder_file"));
    let metadata = client.get_metadata(wire::get_metadata::Request {}).await.unwrap().into_inner();
    assert_eq!(metadata.list_resources[0].type_name, "folder_file");

    let refused = all(&mut client, "{}", false, 100).await;
    assert_eq!(refused[0].diagnostic[0].summary, "The provider is not configured");
    let config = Some(json(&format!("{{\"path\":\"{}\"}}", folder.path().display())));
    let request = wire::configure_provider::Request { config, ..Default::default() };
    assert_eq!(client.configure_provider(request).await.unwrap().into_inner().diagnostics, []);

    let found = all(&mut client, "{\"suffix\":\".txt\"}", false, 100).await;
    assert_eq!(found.iter().map(|event| event.display_name.as_str()).collect::<Vec<_>>(), ["a.txt", "c.txt"]);
    let identity = found[1].identity.as_ref().unwrap().identity_data.as_ref().unwrap();
    assert_eq!(identity.msgpack, b"\x81\xa4name\xa5c.txt");
    assert!(found.iter().all(|event| event.resource_object.is_none() && event.diagnostic.is_empty()));

    let found = all(&mut client, "{\"suffix\":null}", true, 2).await;
    assert_eq!(found.len(), 2, "no more than wanted");
    let state = &found[1].resource_object.as_ref().unwrap().msgpack;
    assert!(state.windows(13).any(|part| part == b"\xa7content\xa4b.md"), "{state:?}");

    let request = wire::validate_list_resource_config::Request {
        type_name: "folder_file".into(),
        config: Some(json("{\"suffix\":\"\"}")),
        ..Default::default()
    };
    let refused = client.validate_list_resource_config(request).await.unwrap().into_inner();
    assert!(refused.diagnostics[0].summary.contains("suffix"), "{refused:?}");
}
