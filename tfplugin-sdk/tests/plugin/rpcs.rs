//! Claims about the list of RPCs: each is served, or answers UNIMPLEMENTED because that is intended.

use tonic::Code;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;

use super::generated::tfplugin6::stop_provider;
use super::process::Plugin;

/// All RPCs of the service, as the generated server names them.
fn all() -> Vec<&'static str> {
    let generated = include_str!("../../src/generated/tfplugin6.rs");
    let mut paths: Vec<&str> = generated
        .split('"')
        .filter(|text| text.starts_with("/tfplugin6.Provider/") && !text.contains(char::is_whitespace))
        .collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// Not served: state stores, which this SDK leaves out.
const UNIMPLEMENTED: &[&str] = &[
    "ConfigureStateStore",
    "DeleteState",
    "GetStates",
    "LockState",
    "ReadStateBytes",
    "UnlockState",
    "ValidateStateStoreConfig",
    "WriteStateBytes",
];

/// The status of a call with an empty request; any response is read as one that has nothing.
async fn status(channel: &Channel, path: &'static str) -> Code {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let codec = ProstCodec::<stop_provider::Request, ()>::default();
    let request = tonic::Request::new(stop_provider::Request {});
    match client.server_streaming(request, PathAndQuery::from_static(path), codec).await {
        Ok(answer) => answer.into_inner().message().await.map_or_else(|status| status.code(), |_| Code::Ok),
        Err(status) => status.code(),
    }
}

#[tokio::test]
async fn every_rpc_is_served_or_unimplemented_exactly_where_intended() {
    let plugin = Plugin::start();
    let channel = plugin.connect().await;
    let paths = all();
    assert_eq!(paths.len(), 36, "{paths:?}");
    let mut refused = Vec::new();
    for path in paths {
        let name = path.rsplit('/').next().unwrap();
        match status(&channel, path).await {
            Code::Ok => {}
            Code::Unimplemented => refused.push(name),
            other => panic!("{name}: {other:?}: problems are diagnostics, not a status"),
        }
    }
    assert_eq!(refused, UNIMPLEMENTED);
}
