//! Claims about size: what Terraform may send, the provider takes.

use super::generated::tfplugin6 as wire;
use super::generated::tfplugin6::provider_client::ProviderClient;
use super::process::Plugin;
use super::sandbox::Sandbox;

/// Far above gRPC's usual 4 MiB, and below the 256 MiB that Terraform allows.
const LARGE: usize = 60 << 20;

#[tokio::test]
async fn a_value_of_60_mib_passes_both_ways() {
    let plugin = Plugin::start();
    let mut client = ProviderClient::new(plugin.connect().await)
        .max_decoding_message_size(2 * LARGE)
        .max_encoding_message_size(2 * LARGE);
    let state = format!("{{\"id\":\"note-a\",\"title\":\"a\",\"text\":\"{}\"}}", "x".repeat(LARGE));
    let request = wire::upgrade_resource_state::Request {
        type_name: "notes_note".into(),
        version: 0,
        raw_state: Some(wire::RawState { json: state.into_bytes(), flatmap: std::collections::HashMap::new() }),
    };
    let answer = client.upgrade_resource_state(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    assert!(answer.upgraded_state.unwrap().msgpack.len() > LARGE);
}

#[test]
fn a_text_of_8_mib_is_applied_and_settles() {
    let sandbox = note_of(8 << 20);
    sandbox.apply().succeeds();
    assert!(sandbox.is_settled());
}

#[test]
fn a_text_of_60_mib_passes_through_terraform() {
    let sandbox = note_of(LARGE);
    sandbox.apply().succeeds();
    assert_eq!(sandbox.text("note-a").len(), LARGE);
}

/// A note whose text has this many bytes.
fn note_of(bytes: usize) -> Sandbox {
    let sandbox = Sandbox::new("resource \"notes_note\" \"a\" {\n  title = \"a\"\n  text = file(\"long.txt\")\n}");
    std::fs::write(sandbox.path("long.txt"), "0123456789abcdef".repeat(bytes / 16)).unwrap();
    sandbox
}
