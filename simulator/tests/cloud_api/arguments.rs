//! Dispatch and arguments: what is unknown, missing or of the wrong type is refused with its code and named.

use clb_cloud_api::action::{Accepted, Action, Service};
use clb_cloud_api::clb;
use clb_cloud_api::client::{Client, ClientConfig};
use clb_simulator::config::{DEMO_SECRET_ID, DEMO_SECRET_KEY};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::sandbox::{Sandbox, refused_to};

/// Any arguments for an action of the load balancer service.
macro_rules! raw_action {
    ($name:ident, $action:literal) => {
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        struct $name(Value);

        impl Action for $name {
            const SERVICE: Service = Service::Clb;
            const NAME: &'static str = $action;
            type Reply = Accepted;
        }
    };
}

raw_action!(CreateListener, "CreateListener");
raw_action!(ModifyListener, "ModifyListener");
raw_action!(RegisterTargets, "RegisterTargets");
raw_action!(AutoRewrite, "AutoRewrite");
raw_action!(CreateRule, "CreateRule");
raw_action!(DeleteRule, "DeleteRule");
raw_action!(ModifyDomain, "ModifyDomain");
raw_action!(ModifyDomainAttributes, "ModifyDomainAttributes");
raw_action!(ModifyRule, "ModifyRule");
raw_action!(NoSuchAction, "MakeCoffee");
raw_action!(NotServed, "CreateTargetGroup");
raw_action!(CreateLoadBalancer, "CreateLoadBalancer");

#[tokio::test]
async fn unknown_arguments_are_refused_at_every_depth() {
    let sandbox = Sandbox::start().await;
    let base = json!({"LoadBalancerId": "lb-12345678", "Ports": [443], "Protocol": "QUIC"});
    for (extra, path) in [
        (json!({"Portz": 1}), "Portz"),
        (json!({"HealthCheck": {"Timeout": 2}}), "HealthCheck.Timeout"),
        (json!({"Certificate": {"CertID": "x"}}), "Certificate.CertID"),
    ] {
        let mut arguments = base.clone();
        arguments.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        let (code, message) = sandbox.refused(&CreateListener(arguments)).await;
        assert_eq!(code, "UnknownParameter");
        assert!(message.contains(&format!("`{path}`")), "{message}");
    }
    let (code, _) = sandbox
        .refused(&ModifyListener(json!({"LoadBalancerId": "lb-12345678", "ListenerId": "lbl-12345678", "Port": 1})))
        .await;
    assert_eq!(code, "UnknownParameter", "the port of a listener cannot change");
}

#[tokio::test]
async fn missing_arguments_are_refused_and_named() {
    let sandbox = Sandbox::start().await;
    let (code, message) = sandbox.refused(&CreateListener(json!({"Ports": [443], "Protocol": "QUIC"}))).await;
    assert_eq!(code, "MissingParameter");
    assert!(message.contains("`LoadBalancerId`"), "{message}");
    let targets = json!([{"InstanceId": "ins-12345678"}]);
    let request = RegisterTargets(json!({"LoadBalancerId": "lb-1", "ListenerId": "lbl-1", "Targets": targets}));
    let (code, message) = sandbox.refused(&request).await;
    assert_eq!(code, "MissingParameter");
    assert!(message.contains("`Targets.0.Port`"), "{message}");
    assert_eq!(sandbox.code(&CreateLoadBalancer(json!({}))).await, "MissingParameter");
}

#[tokio::test]
async fn wrong_types_are_refused_and_named() {
    let sandbox = Sandbox::start().await;
    for (ports, path) in [(json!(["443"]), "Ports.0"), (json!(443), "Ports"), (json!([1.5]), "Ports.0")] {
        let request = CreateListener(json!({"LoadBalancerId": "lb-12345678", "Ports": ports, "Protocol": "QUIC"}));
        let (code, message) = sandbox.refused(&request).await;
        assert_eq!(code, "InvalidParameter");
        assert!(message.contains(&format!("`{path}`")), "{message}");
    }
    let (code, message) = sandbox.refused(&CreateListener(json!([1]))).await;
    assert_eq!(code, "InvalidRequest");
    assert!(message.contains("JSON object"), "{message}");
}

#[tokio::test]
async fn unknown_actions_are_refused_and_those_that_exist_are_said_to() {
    let sandbox = Sandbox::start().await;
    let (code, message) = sandbox.refused(&NoSuchAction(json!({}))).await;
    assert_eq!(code, "InvalidAction");
    assert!(message.contains("MakeCoffee"), "{message}");
    assert_eq!(sandbox.code(&NotServed(json!({}))).await, "UnsupportedOperation");
}

#[tokio::test]
async fn arguments_that_are_not_simulated_are_refused_and_not_ignored() {
    let sandbox = Sandbox::start().await;
    let (code, message) =
        sandbox.refused(&CreateLoadBalancer(json!({"LoadBalancerType": "OPEN", "DynamicVip": true}))).await;
    assert_eq!(code, "UnsupportedOperation");
    assert!(message.contains("DynamicVip"), "{message}");
}

#[tokio::test]
async fn a_region_is_needed_and_must_exist() {
    let sandbox = Sandbox::start().await;
    let in_region = |region: &str| {
        let mut config = ClientConfig::new(region, DEMO_SECRET_ID, DEMO_SECRET_KEY);
        config.endpoint = Some(format!("http://{}", sandbox.simulator.api_address()));
        Client::new(config).expect("a usable endpoint")
    };
    let question = clb::DescribeLoadBalancers::default();
    assert_eq!(refused_to(&in_region("ap-nowhere"), &question).await.0, "InvalidParameter.RegionNotFound");
    assert_eq!(refused_to(&in_region(""), &question).await.0, "MissingParameter");
    in_region("ap-shanghai").call(&question).await.expect("a region that exists");
}

#[tokio::test]
async fn actions_for_layer_7_are_refused_on_a_listener_of_layer_4() {
    let sandbox = Sandbox::start().await;
    let (lb, id) = sandbox.listener().await;
    let arguments = json!({"LoadBalancerId": lb, "ListenerId": id, "Rules": [{"Domain": "a", "Url": "/"}]});
    for refused in [
        sandbox.refused(&AutoRewrite(arguments.clone())).await,
        sandbox.refused(&CreateRule(arguments.clone())).await,
        sandbox.refused(&DeleteRule(arguments.clone())).await,
        sandbox.refused(&ModifyDomain(arguments.clone())).await,
        sandbox.refused(&ModifyDomainAttributes(arguments.clone())).await,
        sandbox.refused(&ModifyRule(arguments.clone())).await,
    ] {
        let text = "This interface only support HTTP/HTTPS listener.";
        assert_eq!((refused.0.as_str(), refused.1.as_str()), ("InvalidParameterValue", text));
    }
    let nowhere = json!({"LoadBalancerId": lb, "ListenerId": "lbl-99999999", "Rules": []});
    assert_eq!(sandbox.code(&CreateRule(nowhere)).await, "InvalidParameter");
    assert_eq!(sandbox.code(&CreateRule(json!({"LoadBalancerId": lb}))).await, "MissingParameter");
}
