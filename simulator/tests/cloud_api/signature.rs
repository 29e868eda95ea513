//! Who may call: signatures that are not accepted, each with its code.

use std::time::{Duration, SystemTime};

use clb_cloud_api::clb;
use clb_cloud_api::client::{Client, ClientConfig};
use clb_simulator::Config;
use clb_simulator::config::door::Signatures;
use clb_simulator::config::{
    DEMO_SECRET_ID, DEMO_SECRET_KEY, TEMPORARY_SECRET_ID, TEMPORARY_SECRET_KEY, TEMPORARY_TOKEN,
};

use crate::raw::{EVEN, Odd, now, raw};
use crate::sandbox::{REGION, Sandbox, client, refused_to};

fn question() -> clb::DescribeLoadBalancers {
    clb::DescribeLoadBalancers::default()
}

#[tokio::test]
async fn an_unknown_key_pair_and_a_wrong_secret_are_told_apart() {
    let sandbox = Sandbox::start().await;
    let api = sandbox.simulator.api_address();
    let (code, message) = refused_to(&client(api, "AKIDnobody", "secret"), &question()).await;
    assert_eq!(code, "AuthFailure.SecretIdNotFound");
    assert!(message.contains("AKIDnobody"), "{message}");
    let (code, message) = refused_to(&client(api, DEMO_SECRET_ID, "wrong"), &question()).await;
    assert_eq!(code, "AuthFailure.SignatureFailure");
    assert_eq!(message, "The provided credentials could not be validated. Please check your signature is correct.");
}

#[tokio::test]
async fn a_timestamp_may_be_five_minutes_off_and_no_more() {
    let sandbox = Sandbox::start().await;
    let with_clock = |clock: fn() -> SystemTime| {
        let mut config = ClientConfig::new(REGION, DEMO_SECRET_ID, DEMO_SECRET_KEY);
        config.endpoint = Some(format!("http://{}", sandbox.simulator.api_address()));
        config.clock = clock;
        Client::new(config).expect("a usable endpoint")
    };
    let late = with_clock(|| SystemTime::now() - Duration::from_secs(310));
    assert_eq!(refused_to(&late, &question()).await.0, "AuthFailure.SignatureExpire");
    let early = with_clock(|| SystemTime::now() + Duration::from_secs(310));
    assert_eq!(refused_to(&early, &question()).await.0, "AuthFailure.SignatureExpire");
    let slightly_late = with_clock(|| SystemTime::now() - Duration::from_secs(280));
    slightly_late.call(&question()).await.expect("within the bound");
}

#[tokio::test]
async fn a_token_of_a_permanent_key_pair_is_refused() {
    let sandbox = Sandbox::start().await;
    let mut config = ClientConfig::new(REGION, DEMO_SECRET_ID, DEMO_SECRET_KEY);
    config.endpoint = Some(format!("http://{}", sandbox.simulator.api_address()));
    config.token = Some("token".into());
    let client = Client::new(config).expect("a usable endpoint");
    assert_eq!(refused_to(&client, &question()).await.0, "AuthFailure.TokenFailure");
}

#[tokio::test]
async fn errors_come_with_status_200_and_exactly_the_content_type_that_clients_look_for() {
    let sandbox = Sandbox::start().await;
    let head = "POST / HTTP/1.1\r\nHost: clb.tencentcloudapi.com\r\nConnection: close\r\nContent-Length: 2\r\n";
    let unsigned = raw(&sandbox, format!("{head}Content-Type: application/json\r\n\r\n{{}}").as_bytes()).await;
    assert!(unsigned.starts_with("HTTP/1.1 200 OK\r\n"), "{unsigned}");
    assert!(unsigned.contains("\r\ncontent-type: application/json\r\n"), "{unsigned}");
    assert!(unsigned.contains("AuthFailure.InvalidAuthorization"), "{unsigned}");
    let malformed = raw(&sandbox, format!("{head}Authorization: Basic dXNlcg==\r\n\r\n{{}}").as_bytes()).await;
    assert!(malformed.contains("AuthFailure.InvalidAuthorization"), "{malformed}");
}

#[tokio::test]
async fn a_body_may_be_left_out_of_the_signature_and_further_headers_taken_into_it() {
    let sandbox = Sandbox::start().await;
    let body = br#"{"LoadBalancerIds": ["lb-classic0"]}"#;
    let unsigned = [("X-TC-Content-SHA256", "UNSIGNED-PAYLOAD")];
    let signed = Odd { more: &unsigned, ..EVEN }.authorization(now());
    let request = Odd { body, more: &[("x-tc-content-sha256", "UNSIGNED-PAYLOAD")], ..EVEN };
    let own = request.authorization(now());
    let text = String::from_utf8(request.bytes()).expect("UTF-8");
    assert!(text.contains(&own));
    assert!(raw(&sandbox, text.replace(&own, &signed).as_bytes()).await.contains("lb-classic0"));
    // The official demo signs the action in lower case (QD 0ce3c585).
    let further = Odd { more: &[("X-Trace", "Some VALUE")], ..EVEN };
    assert!(further.answer(&sandbox).await.contains("LoadBalancerSet"));
    let text = String::from_utf8(further.bytes()).expect("UTF-8").replace("Some VALUE", "Another value");
    assert!(raw(&sandbox, text.as_bytes()).await.contains("AuthFailure.SignatureFailure"));
}

#[tokio::test]
async fn temporary_credentials_need_their_token_and_permanent_ones_have_none() {
    let sandbox = Sandbox::start().await;
    let temporary = Odd { secret_id: TEMPORARY_SECRET_ID, secret_key: TEMPORARY_SECRET_KEY, ..EVEN };
    let with = |token: &str| Odd { more: &[("x-tc-token", token)], ..temporary.clone() }.bytes();
    assert!(raw(&sandbox, &with(TEMPORARY_TOKEN)).await.contains("LoadBalancerSet"));
    assert!(raw(&sandbox, &with("another")).await.contains("AuthFailure.TokenFailure"));
    assert!(temporary.answer(&sandbox).await.contains("AuthFailure.TokenFailure"));
}

#[tokio::test]
async fn a_malformed_authorization_is_told_from_a_wrong_one() {
    let sandbox = Sandbox::start().await;
    let request = String::from_utf8(EVEN.bytes()).expect("UTF-8");
    for (change, to, code) in [
        ("TC3-HMAC-SHA256 ", "TC3-HMAC-MD5 ", "InvalidAuthorization"),
        ("/tc3_request", "", "InvalidAuthorization"),
        ("SignedHeaders=content-type;host", "SignedHeaders=host", "InvalidAuthorization"),
        ("SignedHeaders=content-type;host", "SignedHeaders=content-type;host;x-none", "InvalidAuthorization"),
        ("/clb/", "/vpc/", "SignatureFailure"),
        ("Signature=", "Signature=0", "SignatureFailure"),
        ("X-TC-Timestamp: ", "X-TC-Timestamp: 1", "SignatureExpire"),
        ("X-TC-Timestamp: ", "X-TC-Timestamp: soon", "SignatureExpire"),
        (DEMO_SECRET_ID, "AKIDnobody", "SecretIdNotFound"),
    ] {
        let answer = raw(&sandbox, request.replacen(change, to, 1).as_bytes()).await;
        assert!(answer.contains(&format!("\"AuthFailure.{code}\"")), "{change} -> {to}: {answer}");
    }
}

#[tokio::test]
async fn the_host_is_verified_as_it_was_signed_and_not_understood() {
    let sandbox = Sandbox::start().await;
    for host in ["http://127.0.0.1:9000", "127.0.0.1:9000", "clb.sim@127.0.0.1:9000", "http://LOCALHOST:1"] {
        let answer = Odd { host, sent_host: host, ..EVEN }.answer(&sandbox).await;
        assert!(answer.contains("LoadBalancerSet"), "{host}: {answer}");
    }
}

#[tokio::test]
async fn a_host_that_is_signed_and_not_sent_is_rebuilt_from_the_domains_that_clients_are_given() {
    let config = Config { domains: vec!["me@proxy.test:8080".to_owned()], ..Config::default() };
    let sandbox = Sandbox::start_with(config).await;
    let address = sandbox.simulator.api_address();
    let own = [format!("clb.sim@{address}"), format!("clb.sim@localhost:{}", address.port())];
    for host in own.iter().map(String::as_str).chain(["clb.me@proxy.test:8080"]) {
        let answer = Odd { host, sent_host: "", ..EVEN }.answer(&sandbox).await;
        assert!(answer.contains("LoadBalancerSet"), "{host}: {answer}");
    }
    for host in ["clb.you@proxy.test:8080", "vpc.me@proxy.test:8080", "clb.tencentcloudapi.com"] {
        let answer = Odd { host, sent_host: "", ..EVEN }.answer(&sandbox).await;
        assert!(answer.contains("AuthFailure.SignatureFailure"), "{host}: {answer}");
    }
}

#[tokio::test]
async fn known_keys_need_no_signature_and_strangers_are_refused() {
    let sandbox = Sandbox::start_with(Config { signatures: Signatures::KnownKeys, ..Config::default() }).await;
    let anyhow = Odd { secret_key: "wrong", at: 1_700_000_000, ..EVEN };
    assert!(anyhow.answer(&sandbox).await.contains("LoadBalancerSet"));
    let stranger = Odd { secret_id: "AKIDnobody", ..EVEN };
    assert!(stranger.answer(&sandbox).await.contains("AuthFailure.SecretIdNotFound"));
    let unsigned = b"GET /?Action=DescribeLoadBalancers HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(raw(&sandbox, unsigned).await.contains("AuthFailure.InvalidAuthorization"));
}

#[tokio::test]
async fn without_signatures_anybody_is_the_first_account_and_a_known_key_its_own() {
    let sandbox = Sandbox::start_with(Config { signatures: Signatures::Off, ..Config::default() }).await;
    let created = sandbox.load_balancer().await;
    let stranger = Odd { secret_id: "AKIDnobody", secret_key: "x", ..EVEN };
    assert!(stranger.answer(&sandbox).await.contains(&created));
    let own_world = format!("{DEMO_SECRET_ID}-job");
    let own = Odd { secret_id: &own_world, secret_key: "x", ..EVEN }.answer(&sandbox).await;
    assert!(own.contains("LoadBalancerSet") && !own.contains(&created), "{own}");
    for target in [
        "/?Action=DescribeLoadBalancers&Version=2018-03-17&Region=ap-guangzhou",
        "http://clb.tencentcloudapi.com/?Action=DescribeLoadBalancers&Version=2018-03-17&Region=ap-guangzhou",
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert!(raw(&sandbox, request.as_bytes()).await.contains(&created));
    }
    let request = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nX-TC-Action: \
                   DescribeInstances\r\nX-TC-Version: 2017-03-12\r\nX-TC-Region: ap-guangzhou\r\nContent-Length: \
                   2\r\n\r\n{}";
    assert!(raw(&sandbox, request.as_bytes()).await.contains("InstanceSet"));
}
