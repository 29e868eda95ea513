//! Claims about answers that are put off while the provider's configuration is not known.

use super::generated::tfplugin6 as wire;
use super::generated::tfplugin6::provider_client::ProviderClient;
use super::process::Plugin;

fn json(text: &str) -> wire::DynamicValue {
    wire::DynamicValue { msgpack: Vec::new(), json: text.as_bytes().to_vec() }
}

#[tokio::test]
async fn without_a_configuration_reading_and_importing_are_put_off_where_terraform_can() {
    let plugin = Plugin::start();
    let mut client = ProviderClient::new(plugin.connect().await);
    let config =
        Some(wire::DynamicValue { msgpack: b"\x82\xa6folder\xd4\x00\x00\xa8password\xc0".to_vec(), json: Vec::new() });
    let request = wire::configure_provider::Request { config, ..Default::default() };
    assert_eq!(client.configure_provider(request).await.unwrap().into_inner().diagnostics, []);
    for deferral_allowed in [true, false] {
        let capabilities = Some(wire::ClientCapabilities { deferral_allowed, ..Default::default() });
        let reason = wire::deferred::Reason::ProviderConfigUnknown.into();
        let expected = deferral_allowed.then_some(wire::Deferred { reason });

        let request = wire::read_resource::Request {
            type_name: "notes_note".into(),
            current_state: Some(json("{\"id\":\"note-a\",\"title\":\"a\"}")),
            private: b"kept".to_vec(),
            client_capabilities: capabilities,
            ..Default::default()
        };
        let read = client.read_resource(request).await.unwrap().into_inner();
        assert_eq!((&read.deferred, &read.private[..]), (&expected, &b"kept"[..]));
        assert_eq!(read.diagnostics.is_empty(), deferral_allowed, "without it a warning says so");
        let state = read.new_state.unwrap().msgpack;
        assert!(state.windows(6).any(|part| part == b"note-a"), "what is stored stays");

        let request = wire::import_resource_state::Request {
            type_name: "notes_note".into(),
            id: "note-a".into(),
            client_capabilities: capabilities,
            ..Default::default()
        };
        let imported = client.import_resource_state(request).await.unwrap().into_inner();
        assert_eq!(imported.deferred, expected);
        assert_eq!(
            (imported.imported_resources.len(), imported.diagnostics.len()),
            if deferral_allowed { (1, 0) } else { (0, 1) }
        );
        if let Some(found) = imported.imported_resources.first() {
            assert_eq!(found.state.as_ref().unwrap().msgpack, b"\xd4\x00\x00", "nothing of it is known");
        }
    }
}
