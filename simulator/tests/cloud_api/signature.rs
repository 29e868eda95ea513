//! Who may call: signatures that are not accepted, each with its code.

use std::time::{Duration, SystemTime};

use clb_cloud_api::clb;
use clb_cloud_api::client::{Client, ClientConfig};
use clb_cloud_api::sign::{Message, Signer, sign};
use clb_simulator::config::{DEMO_SECRET_ID, DEMO_SECRET_KEY};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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
async fn a_session_token_is_refused_because_there_are_none() {
    let sandbox = Sandbox::start().await;
    let mut config = ClientConfig::new(REGION, DEMO_SECRET_ID, DEMO_SECRET_KEY);
    config.endpoint = Some(format!("http://{}", sandbox.simulator.api_address()));
    config.token = Some("token".into());
    let client = Client::new(config).expect("a usable endpoint");
    assert_eq!(refused_to(&client, &question()).await.0, "AuthFailure.TokenFailure");
}

/// Sends bytes, gives what comes back.
async fn raw(sandbox: &Sandbox, request: &str) -> String {
    let mut stream = TcpStream::connect(sandbox.simulator.api_address()).await.expect("the door is open");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer in UTF-8");
    answer
}

#[tokio::test]
async fn errors_come_with_status_200_and_exactly_the_content_type_that_clients_look_for() {
    let sandbox = Sandbox::start().await;
    let head = "POST / HTTP/1.1\r\nHost: clb.tencentcloudapi.com\r\nConnection: close\r\nContent-Length: 2\r\n";
    let unsigned = raw(&sandbox, &format!("{head}Content-Type: application/json\r\n\r\n{{}}")).await;
    assert!(unsigned.starts_with("HTTP/1.1 200 OK\r\n"), "{unsigned}");
    assert!(unsigned.contains("\r\ncontent-type: application/json\r\n"), "{unsigned}");
    assert!(unsigned.contains("AuthFailure.InvalidAuthorization"), "{unsigned}");
    let malformed = raw(&sandbox, &format!("{head}Authorization: Basic dXNlcg==\r\n\r\n{{}}")).await;
    assert!(malformed.contains("AuthFailure.InvalidAuthorization"), "{malformed}");
}

#[tokio::test]
async fn a_request_in_absolute_form_is_taken_like_any_other() {
    let sandbox = Sandbox::start().await;
    let request = "POST http://clb.tencentcloudapi.com/ HTTP/1.1\r\nHost: clb.tencentcloudapi.com\r\n\
                   Connection: close\r\nContent-Length: 2\r\n\r\n{}";
    let answer = raw(&sandbox, request).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("InvalidAuthorization"), "{answer}");
}

#[tokio::test]
async fn what_is_no_post_is_refused_clearly() {
    let sandbox = Sandbox::start().await;
    let request = "GET /?Action=DescribeLoadBalancers HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = raw(&sandbox, request).await;
    assert!(answer.contains("InvalidRequest") && answer.contains("only POST is served"), "{answer}");
}

#[tokio::test]
async fn large_bodies_that_never_come_hold_up_no_ordinary_call() {
    let sandbox = Sandbox::start().await;
    let mut slow = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(sandbox.simulator.api_address()).await.expect("the door is open");
        stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n{").await.expect("written");
        slow.push(stream);
    }
    sandbox.call(&question()).await;
}

#[tokio::test]
async fn a_tunnel_is_refused() {
    let sandbox = Sandbox::start().await;
    let request = "CONNECT clb.tencentcloudapi.com:443 HTTP/1.1\r\nHost: x:443\r\nConnection: close\r\n\r\n";
    let answer = raw(&sandbox, request).await;
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
}

#[tokio::test]
async fn a_body_over_ten_megabytes_is_refused() {
    let sandbox = Sandbox::start().await;
    let size = 10 * 1024 * 1024 + 1;
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n");
    let mut stream = TcpStream::connect(sandbox.simulator.api_address()).await.expect("the door is open");
    let (mut reader, mut writer) = stream.split();
    let sending = async {
        writer.write_all(head.as_bytes()).await?;
        // The door may close before it has read what it refuses.
        writer.write_all(&vec![b' '; size]).await
    };
    let reading = async {
        let mut answer = Vec::new();
        let _ = reader.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    };
    let (_, answer) = tokio::join!(sending, reading);
    assert!(answer.contains("InvalidRequest") && answer.contains("10 MB"), "{answer}");
}

/// A signed request that no client of ours would make.
struct Odd<'a> {
    service: &'a str,
    version: &'a str,
    host: &'a str,
    content_type: &'a str,
}

const EVEN: Odd<'_> =
    Odd { service: "clb", version: "2018-03-17", host: "clb.tencentcloudapi.com", content_type: "application/json" };

async fn odd(sandbox: &Sandbox, odd: Odd<'_>) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    let headers = [("content-type", odd.content_type), ("host", odd.host)];
    let message = Message { method: "POST", query: "", headers: &headers, body: b"{}" };
    let secret_key = DEMO_SECRET_KEY.into();
    let signer = Signer { secret_id: DEMO_SECRET_ID, secret_key: &secret_key, service: odd.service };
    let signature = sign(&message, &signer, i64::try_from(now).expect("small")).expect("signed");
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\nAuthorization: {signature}\r\nX-TC-Timestamp: {now}\r\n\
         X-TC-Version: {}\r\nX-TC-Action: DescribeLoadBalancers\r\nX-TC-Region: {REGION}\r\nContent-Length: 2\r\n\
         Connection: close\r\n\r\n{{}}",
        odd.host, odd.content_type, odd.version
    );
    raw(sandbox, &request).await
}

#[tokio::test]
async fn services_and_versions_exist() {
    let sandbox = Sandbox::start().await;
    assert!(odd(&sandbox, EVEN).await.contains("LoadBalancerSet"));
    assert!(odd(&sandbox, Odd { service: "coffee", ..EVEN }).await.contains("NoSuchProduct"));
    assert!(odd(&sandbox, Odd { version: "2017-03-12", ..EVEN }).await.contains("NoSuchVersion"));
}

#[tokio::test]
async fn the_host_is_verified_as_it_was_signed_and_not_understood() {
    let sandbox = Sandbox::start().await;
    for host in ["http://127.0.0.1:9000", "127.0.0.1:9000", "clb.sim@127.0.0.1:9000"] {
        let answer = odd(&sandbox, Odd { host, ..EVEN }).await;
        assert!(answer.contains("LoadBalancerSet"), "{host}: {answer}");
    }
}

#[tokio::test]
async fn only_json_is_served() {
    let sandbox = Sandbox::start().await;
    let charset = Odd { content_type: "application/json; charset=utf-8", ..EVEN };
    assert!(odd(&sandbox, charset).await.contains("LoadBalancerSet"));
    let form = Odd { content_type: "application/x-www-form-urlencoded", ..EVEN };
    assert!(odd(&sandbox, form).await.contains("InvalidRequest"));
}
