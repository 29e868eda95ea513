//! What slow and hostile clients can hold of the door: not more than they are allowed, and never the door.
//!
//! Each test sets the limit it is about, so none waits for the real ones.

use std::time::Duration;

use clb_cloud_api::clb;
use clb_simulator::Config;
use clb_simulator::config::door::Limits;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::raw::{EVEN, connect, raw, rest};
use crate::sandbox::Sandbox;

const SOON: Duration = Duration::from_millis(200);
/// Longer than any test: a limit that this one is not about.
const NEVER: Duration = Duration::from_hours(1);

async fn with(limits: Limits) -> Sandbox {
    Sandbox::start_with(Config { limits, ..Config::default() }).await
}

fn patient() -> Limits {
    Limits { head_within: NEVER, body_within: NEVER, ..Limits::default() }
}

async fn is_served(sandbox: &Sandbox) {
    sandbox.call(&clb::DescribeLoadBalancers::default()).await;
}

async fn sent(sandbox: &Sandbox, bytes: &[u8]) -> TcpStream {
    let mut stream = connect(sandbox).await;
    stream.write_all(bytes).await.expect("written");
    stream
}

const HEAD: &[u8] = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n";

#[tokio::test]
async fn a_head_that_does_not_end_in_time_ends_the_connection() {
    let sandbox = with(Limits { head_within: SOON, ..patient() }).await;
    for beginning in [&b""[..], b"POST", b"POST / HTTP/1.1\r\nHost: x\r\n", b"\r\n\r\n\r\n"] {
        let mut stream = sent(&sandbox, beginning).await;
        let answer = rest(&mut stream).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    is_served(&sandbox).await;
}

#[tokio::test]
async fn a_head_byte_by_byte_does_not_hold_a_connection_for_longer() {
    let sandbox = with(Limits { head_within: SOON, ..patient() }).await;
    let mut stream = sent(&sandbox, b"POST / HTTP/1.1\r\n").await;
    // Every byte comes long before the limit; only the whole is late.
    while stream.write_all(b"X-Slow: y\r\n").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    is_served(&sandbox).await;
}

#[tokio::test]
async fn a_body_that_does_not_end_in_time_is_answered_with_that() {
    let sandbox = with(Limits { body_within: SOON, ..patient() }).await;
    let mut stream = sent(&sandbox, HEAD).await;
    let answer = rest(&mut stream).await;
    assert!(answer.contains("InvalidRequest") && answer.contains("did not arrive within 200ms"), "{answer}");
}

#[tokio::test]
async fn a_head_has_a_bound_in_fields_and_in_bytes() {
    let sandbox = with(patient()).await;
    let fields = format!("POST / HTTP/1.1\r\n{}\r\n", "X-Field: y\r\n".repeat(65));
    let bytes = format!("POST / HTTP/1.1\r\nX-Field: {}\r\n\r\n", "y".repeat(70_000));
    let target = format!("GET /?a={} HTTP/1.1\r\n\r\n", "y".repeat(70_000));
    for head in [fields, bytes, target] {
        let mut stream = connect(&sandbox).await;
        // The door may close before it has read what it refuses.
        let _ = stream.write_all(head.as_bytes()).await;
        let answer = rest(&mut stream).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    let mut endless = sent(&sandbox, b"POST / HTTP/1.1\r\n").await;
    while endless.write_all(b"X-Endless: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n").await.is_ok() {}
    is_served(&sandbox).await;
}

#[tokio::test]
async fn a_body_has_a_bound_whether_its_length_is_announced_or_not() {
    let sandbox = with(Limits { body: 100_000, ..patient() }).await;
    let announced = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100001\r\n\r\n";
    let chunked = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (head, piece) in [(announced, "y".repeat(1000)), (chunked, format!("3e8\r\n{}\r\n", "y".repeat(1000)))] {
        let (mut reader, mut writer) = sent(&sandbox, head.as_bytes()).await.into_split();
        let endless = tokio::spawn(async move { while writer.write_all(piece.as_bytes()).await.is_ok() {} });
        let mut answer = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut reader, &mut answer).await;
        endless.await.expect("no panic");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.contains("InvalidRequest") && answer.contains("more than 100000 bytes"), "{answer}");
    }
    is_served(&sandbox).await;
}

#[tokio::test]
async fn large_bodies_that_never_come_hold_up_no_ordinary_call() {
    let sandbox = with(patient()).await;
    let mut slow = Vec::new();
    for _ in 0..40 {
        slow.push(sent(&sandbox, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n{").await);
    }
    is_served(&sandbox).await;
}

#[tokio::test]
async fn connections_that_only_wait_give_their_place_to_others() {
    let sandbox = with(Limits { connections: 4, ..patient() }).await;
    let mut idle = Vec::new();
    for beginning in [&b""[..], b"POST / HTTP/1.1\r\n", HEAD, b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"]
    {
        idle.push(sent(&sandbox, beginning).await);
    }
    // A place each; and the client keeps one connection, so the first four are given up one after the other.
    for _ in 0..4 {
        assert!(raw(&sandbox, &EVEN.bytes()).await.contains("LoadBalancerSet"));
    }
    is_served(&sandbox).await;
    assert_eq!(rest(&mut idle[0]).await, "", "the first to wait is the first to go");
}

#[tokio::test]
async fn a_client_that_takes_no_answers_is_given_up() {
    let sandbox = with(Limits { head_within: SOON, ..patient() }).await;
    let mut stream = connect(&sandbox).await;
    // Sooner or later both directions are full; then only the door can end it.
    let request = EVEN.bytes_with("");
    while stream.write_all(&request).await.is_ok() {}
    is_served(&sandbox).await;
}

#[tokio::test]
async fn requests_ahead_of_their_answers_are_answered_in_order() {
    let sandbox = with(patient()).await;
    let mut requests = EVEN.bytes_with("").repeat(50);
    requests.extend(EVEN.bytes());
    let answer = raw(&sandbox, &requests).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 51);
    assert_eq!(answer.matches("LoadBalancerSet").count(), 51);
}

#[tokio::test]
async fn a_client_that_closes_its_side_is_let_go() {
    let sandbox = with(patient()).await;
    for beginning in [&b""[..], b"POST / HT", HEAD, &EVEN.bytes_with("")] {
        let mut stream = sent(&sandbox, beginning).await;
        stream.shutdown().await.expect("shut down");
        rest(&mut stream).await;
    }
    is_served(&sandbox).await;
}

#[tokio::test]
async fn what_is_no_http_is_answered_or_closed() {
    let sandbox = with(patient()).await;
    let nonsense: [&[u8]; 7] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\0\0\0\0",
    ];
    for bytes in nonsense {
        let mut stream = sent(&sandbox, bytes).await;
        stream.shutdown().await.expect("shut down");
        let answer = rest(&mut stream).await;
        assert!(!answer.contains("LoadBalancerSet"), "{answer}");
    }
    is_served(&sandbox).await;
}

#[tokio::test]
async fn clients_that_hold_the_door_do_not_hold_up_its_end() {
    let sandbox = with(Limits { ending_within: SOON, ..patient() }).await;
    let mut held = Vec::new();
    for beginning in [&b""[..], b"POST / HTTP/1.1\r\n", HEAD] {
        held.push(sent(&sandbox, beginning).await);
    }
    is_served(&sandbox).await;
    sandbox.simulator.stop().await;
    for stream in &mut held {
        rest(stream).await;
    }
}
