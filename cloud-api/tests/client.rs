//! The client as a server sees it: what it sends, what it repeats, how it waits for a task.
//!
//! The server is a scripted HTTP server on a loopback port; it is strict about the signature.
#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clb_cloud_api::envelope::{encode_error, encode_reply};
use clb_cloud_api::sign::{Authorization, Message};
use clb_cloud_api::{CallError, Client, ClientConfig, Retry, Secret, TaskError, TransportFault, Wait, clb, sts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SECRET_KEY: &str = "SECRETKEYEXAMPLE000000";

/// A request as it arrived: header names in lower case.
#[derive(Clone)]
struct Seen {
    peer: SocketAddr,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }
}

/// Answers requests from a script, in order, and records them.
struct Server {
    endpoint: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    async fn start(script: Vec<(u16, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (script, record) = (Arc::new(Mutex::new(VecDeque::from(script))), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&record)));
            }
        });
        Self { endpoint, seen }
    }

    fn client(&self) -> Client {
        let retry = Retry { first_pause: Duration::from_millis(1), ..Retry::default() };
        let config = ClientConfig::new("ap-guangzhou", "AKIDEXAMPLE0000000000", SECRET_KEY);
        let token = Some(Secret::new("the-token"));
        Client::new(ClientConfig { endpoint: Some(self.endpoint.clone()), retry, token, ..config }).unwrap()
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

type Script = Arc<Mutex<VecDeque<(u16, Vec<u8>)>>>;

async fn serve(mut stream: TcpStream, script: Script, record: Arc<Mutex<Vec<Seen>>>) {
    while let Some(seen) = read_request(&mut stream).await {
        record.lock().unwrap().push(seen);
        let Some((status, body)) = script.lock().unwrap().pop_front() else { return };
        let head =
            format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body).await.unwrap();
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let headers: Vec<(String, String)> = head
        .lines()
        .filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned())))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or("0", |(_, value)| value);
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.ok()?;
    Some(Seen { peer: stream.peer_addr().ok()?, headers, body })
}

fn accepted(request_id: &str) -> (u16, Vec<u8>) {
    (200, encode_reply(&clb_cloud_api::Accepted {}, request_id))
}

fn refused(code: &str) -> (u16, Vec<u8>) {
    (200, encode_error(code, "no", "r-refused"))
}

fn task(status: i64) -> (u16, Vec<u8>) {
    let message = (status == 1).then(|| "out of luck".to_owned());
    (200, encode_reply(&clb::DescribeTaskStatusReply { status, load_balancer_ids: None, message }, "r-poll"))
}

fn delete() -> clb::DeleteListener {
    clb::DeleteListener { load_balancer_id: "lb-1".to_owned(), listener_id: "lbl-1".to_owned() }
}

#[tokio::test]
async fn a_call_carries_the_headers_and_a_signature_that_verifies() {
    let server = Server::start(vec![accepted("r-1")]).await;
    let answered = server.client().call(&delete()).await.unwrap();
    assert_eq!(answered.request_id, "r-1");

    let seen = server.seen().remove(0);
    assert_eq!(seen.header("x-tc-action"), "DeleteListener");
    assert_eq!(seen.header("x-tc-version"), "2018-03-17");
    assert_eq!(seen.header("x-tc-region"), "ap-guangzhou");
    assert_eq!(seen.header("x-tc-language"), "en-US");
    assert_eq!(seen.header("x-tc-token"), "the-token");
    assert_eq!(seen.header("content-type"), "application/json");
    assert!(seen.header("x-tc-requestclient").starts_with("clb-cloud-api"));

    let authorization: Authorization = seen.header("authorization").parse().unwrap();
    assert_eq!(authorization.service, "clb");
    let headers: Vec<(&str, &str)> = seen.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let message = Message { method: "POST", query: "", headers: &headers, body: &seen.body };
    let now: i64 = seen.header("x-tc-timestamp").parse().unwrap();
    assert_eq!(authorization.verify(&message, &Secret::new(SECRET_KEY), now), Ok(()));
}

#[tokio::test]
async fn a_rate_limited_write_is_repeated() {
    let server = Server::start(vec![refused("RequestLimitExceeded"), accepted("r-2")]).await;
    assert_eq!(server.client().call(&delete()).await.unwrap().request_id, "r-2");
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_write_of_unknown_outcome_is_not_repeated() {
    let server = Server::start(vec![refused("InternalError"), accepted("r-2")]).await;
    let error = server.client().call(&delete()).await.unwrap_err();
    let refusal = error.api().unwrap();
    assert_eq!((refusal.code.as_str(), refusal.request_id.as_str()), ("InternalError", "r-refused"));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_read_is_repeated_after_an_internal_error() {
    let server = Server::start(vec![refused("InternalError"), (503, b"busy".to_vec()), task(0)]).await;
    server.client().call(&clb::DescribeTaskStatus::default()).await.unwrap();
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn another_http_status_is_not_taken_for_the_api() {
    let server = Server::start(vec![(404, b"nothing here".to_vec())]).await;
    let error = server.client().call(&delete()).await.unwrap_err();
    assert!(matches!(&error, CallError::Status { status: 404, excerpt, .. } if excerpt == "nothing here"), "{error}");
}

#[tokio::test]
async fn an_unreadable_answer_says_what_is_wrong_with_it() {
    let server = Server::start(vec![(200, b"<html>".to_vec())]).await;
    let error = server.client().call(&delete()).await.unwrap_err();
    assert!(matches!(&error, CallError::Decode { detail, .. } if detail.contains("not JSON")), "{error}");
}

#[tokio::test]
async fn a_port_nobody_listens_on_is_a_connect_fault() {
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", unused.local_addr().unwrap());
    drop(unused);
    let server = Server { endpoint, seen: Arc::default() };
    let error = server.client().call(&delete()).await.unwrap_err();
    assert!(matches!(error, CallError::Transport { fault: TransportFault::Connect, .. }), "{error}");
    assert_eq!(error.to_string().matches("http://").count(), 1, "the address is said once: {error}");
}

/// The proxy variables are the process's own, so the call is made by another process: this test, started again.
#[tokio::test]
async fn a_simulator_on_this_machine_is_reached_past_a_proxy() {
    const ENDPOINT: &str = "CLB_TEST_ENDPOINT_BEHIND_A_PROXY";
    if let Ok(endpoint) = std::env::var(ENDPOINT) {
        Server { endpoint, seen: Arc::default() }.client().call(&delete()).await.unwrap();
        return;
    }
    let server = Server::start(vec![accepted("r-1")]).await;
    let proxy = Server::start(Vec::new()).await;
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again
        .args(["--exact", "a_simulator_on_this_machine_is_reached_past_a_proxy"])
        .env(ENDPOINT, &server.endpoint)
        .envs(["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"].map(|name| (name, &proxy.endpoint)))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    let again = tokio::task::spawn_blocking(move || again.output()).await.unwrap().unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
    assert_eq!((server.seen().len(), proxy.seen().len()), (1, 0));
}

#[tokio::test]
async fn calls_one_after_another_share_a_connection() {
    let server = Server::start(vec![accepted("r-1"), accepted("r-2")]).await;
    let client = server.client();
    client.call(&delete()).await.unwrap();
    client.call(&delete()).await.unwrap();
    let peers: Vec<_> = server.seen().iter().map(|seen| seen.peer).collect();
    assert_eq!(peers[0], peers[1]);
}

#[tokio::test]
async fn a_task_is_asked_until_it_is_done() {
    let server = Server::start(vec![task(2), task(2), task(0)]).await;
    let patient = Wait { timeout: Duration::MAX, ..Wait::default() };
    server.client().wait_for("t-1", patient).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|request| request.body == br#"{"TaskId":"t-1"}"#));
}

#[tokio::test]
async fn a_failed_task_tells_the_platforms_reason() {
    let server = Server::start(vec![task(1)]).await;
    let error = server.client().wait_for("t-1", Wait::default()).await.unwrap_err();
    assert_eq!(error, TaskError::Failed { task_id: "t-1".to_owned(), message: "out of luck".to_owned() });
}

#[tokio::test]
async fn waiting_ends_at_the_timeout() {
    let server = Server::start((0..64).map(|_| task(2)).collect()).await;
    let wait = Wait { timeout: Duration::from_millis(50), ..Wait::default() };
    let error = server.client().wait_for("t-1", wait).await.unwrap_err();
    assert_eq!(error, TaskError::TimedOut { task_id: "t-1".to_owned(), after: wait.timeout });
}

fn keys_until(expired_time: i64) -> (u16, Vec<u8>) {
    let credentials = sts::Credentials {
        token: Secret::new("of-the-role"),
        tmp_secret_id: "AKIDTMP".to_owned(),
        tmp_secret_key: Secret::new("TMPKEY"),
    };
    (200, encode_reply(&sts::AssumeRoleReply { credentials, expired_time, expiration: String::new() }, "r-role"))
}

fn client_with_a_role(server: &Server) -> Client {
    let role = sts::AssumeRole {
        role_arn: "qcs::cam::uin/1:roleName/deployer".to_owned(),
        role_session_name: "terraform".to_owned(),
        ..sts::AssumeRole::default()
    };
    let config = ClientConfig::new("ap-guangzhou", "AKIDEXAMPLE0000000000", SECRET_KEY);
    Client::new(ClientConfig { endpoint: Some(server.endpoint.clone()), role: Some(role), ..config }).unwrap()
}

#[tokio::test]
async fn a_role_is_taken_on_once_and_its_keys_sign_until_they_are_about_to_end() {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let server = Server::start(vec![keys_until(now + 7200), accepted("r-1"), accepted("r-2")]).await;
    let client = client_with_a_role(&server);
    client.call(&delete()).await.unwrap();
    client.call(&delete()).await.unwrap();
    let seen = server.seen();
    let actions: Vec<&str> = seen.iter().map(|seen| seen.header("x-tc-action")).collect();
    assert_eq!(actions, ["AssumeRole", "DeleteListener", "DeleteListener"]);
    assert!(seen[0].header("authorization").contains("Credential=AKIDEXAMPLE0000000000/"));
    assert!(seen[0].header("authorization").contains("/sts/tc3_request"));
    assert!(seen[1].header("authorization").contains("Credential=AKIDTMP/"));
    assert_eq!(seen[1].header("x-tc-token"), "of-the-role");

    let server =
        Server::start(vec![keys_until(now + 60), accepted("r-1"), keys_until(now + 7200), accepted("r-2")]).await;
    let client = client_with_a_role(&server);
    client.call(&delete()).await.unwrap();
    client.call(&delete()).await.unwrap();
    let renewed = server.seen().iter().filter(|seen| seen.header("x-tc-action") == "AssumeRole").count();
    assert_eq!(renewed, 2, "keys that end in a minute are renewed");
}

#[tokio::test]
async fn a_role_that_is_refused_says_so_for_every_call() {
    let server = Server::start(vec![refused("UnauthorizedOperation"), refused("UnauthorizedOperation")]).await;
    let client = client_with_a_role(&server);
    for _ in 0..2 {
        let error = client.call(&delete()).await.unwrap_err();
        assert!(error.to_string().contains("AssumeRole"), "{error}");
    }
}
