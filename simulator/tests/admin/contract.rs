//! The contract as other programs see it: reflection, and gRPC's own health service.

use tokio_stream::StreamExt;
use tonic::transport::Channel;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::sandbox::Sandbox;

async fn channel(sandbox: &Sandbox) -> Channel {
    let url = format!("http://{}", sandbox.simulator.admin_address());
    Channel::from_shared(url).expect("a URL").connect().await.expect("the door is open")
}

#[tokio::test]
async fn reflection_tells_the_services_and_their_messages() {
    let sandbox = Sandbox::start().await;
    let ask = |what| ServerReflectionRequest { host: String::new(), message_request: Some(what) };
    let questions = tokio_stream::iter([
        ask(MessageRequest::ListServices(String::new())),
        ask(MessageRequest::FileContainingSymbol("clbsim.v1.Admin".to_owned())),
    ]);
    let mut client = ServerReflectionClient::new(channel(&sandbox).await);
    let mut answers = client.server_reflection_info(questions).await.expect("served").into_inner();
    let mut next = async || answers.next().await.expect("an answer").expect("no error").message_response;
    let Some(MessageResponse::ListServicesResponse(services)) = next().await else { panic!("a list of services") };
    let names: Vec<&str> = services.service.iter().map(|it| it.name.as_str()).collect();
    for name in ["clbsim.v1.Admin", "grpc.health.v1.Health"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let Some(MessageResponse::FileDescriptorResponse(file)) = next().await else { panic!("a file") };
    let text = String::from_utf8_lossy(&file.file_descriptor_proto[0]).into_owned();
    assert!(text.contains("WaitUntilApplied"), "{text}");
}

#[tokio::test]
async fn grpcs_own_health_service_says_that_the_door_serves() {
    let sandbox = Sandbox::start().await;
    let mut client = HealthClient::new(channel(&sandbox).await);
    for service in ["", "clbsim.v1.Admin"] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let status = client.check(request).await.expect("known").into_inner().status();
        assert_eq!(status, ServingStatus::Serving, "{service:?}");
    }
}
