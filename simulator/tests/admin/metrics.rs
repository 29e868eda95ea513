//! `GET /metrics`: the page for Prometheus, over HTTP/1.1 at the admin door's port.

use std::net::SocketAddr;
use std::time::Duration;

use clb_cloud_api::clb;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::connections::Forwarding;
use crate::ctl::ctl;
use crate::sandbox::Sandbox;

/// The whole answer to one request over HTTP/1.1.
async fn ask(address: SocketAddr, request: &str) -> String {
    let exchange = async {
        let mut door = TcpStream::connect(address).await?;
        door.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        door.read_to_string(&mut answer).await.map(|_| answer)
    };
    tokio::time::timeout(Duration::from_secs(20), exchange).await.expect("in time").expect("an answer")
}

async fn page(sandbox: &Sandbox) -> String {
    let answer =
        ask(sandbox.simulator.admin_address(), "GET /metrics HTTP/1.1\r\nHost: simulator\r\nConnection: close\r\n\r\n")
            .await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(head.to_lowercase().contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
    body.to_owned()
}

/// The value of a series; `None` if it is not there.
fn value(page: &str, series: &str) -> Option<f64> {
    let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
    Some(line.parse().expect("a number"))
}

#[tokio::test]
async fn counts_are_those_of_the_traffic_and_go_with_the_listener() {
    let forwarding = Forwarding::start().await;
    let sandbox = &forwarding.sandbox;
    for _ in 0..3 {
        assert!(forwarding.say("hello", &["--insecure"]).await);
    }
    let stranger = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data_plane/fixtures/rsa_certificate.pem");
    assert!(!forwarding.say("hello", &["--ca", stranger]).await);

    let own = format!("load_balancer=\"{}\",listener=\"{}\"", forwarding.load_balancer_id, forwarding.listener_id);
    let backend = format!("{own},backend=\"{}\"", forwarding.cloud_address);
    // The end of the last connection may come a moment after its client's.
    let mut shown = page(sandbox).await;
    while value(&shown, &format!("clb_simulator_connections_open{{{own}}}")) != Some(0.0) {
        shown = page(sandbox).await;
    }
    for (series, expected) in [
        (format!("clb_simulator_connections_opened_total{{{own}}}"), 3.0),
        (format!("clb_simulator_connections_closed_total{{{own}}}"), 3.0),
        (format!("clb_simulator_handshakes_failed_total{{{own},reason=\"tls_alert_received\"}}"), 1.0),
        (format!("clb_simulator_handshakes_failed_total{{{own},reason=\"timed_out\"}}"), 0.0),
        (format!("clb_simulator_connections_refused_total{{{own},reason=\"max_conn\"}}"), 0.0),
        (format!("clb_simulator_streams_opened_total{{{own}}}"), 3.0),
        (format!("clb_simulator_from_client_bytes_total{{{own}}}"), 18.0),
        (format!("clb_simulator_dial_duration_seconds_count{{{own}}}"), 3.0),
        (format!("clb_simulator_dials_total{{{backend},result=\"connected\"}}"), 3.0),
        (format!("clb_simulator_backend_connections_total{{{backend}}}"), 3.0),
        (format!("clb_simulator_backend_connections_open{{{backend}}}"), 0.0),
        (format!("clb_simulator_backend_eligible{{{backend}}}"), 1.0),
        (format!("clb_simulator_backend_weight{{{backend}}}"), 10.0),
        (format!("clb_simulator_backend_health{{{backend},state=\"close\"}}"), 1.0),
        ("clb_simulator_listeners".to_owned(), 1.0),
        ("clb_simulator_tasks_running".to_owned(), 0.0),
    ] {
        assert_eq!(value(&shown, &series), Some(expected), "{series}\n{shown}");
    }
    // A client that has its answer may close the connection before it acknowledges the end of it.
    let ended = ["whole", "connection_lost"]
        .map(|end| value(&shown, &format!("clb_simulator_streams_ended_total{{{own},end=\"{end}\"}}")));
    assert_eq!(Some(ended.into_iter().flatten().sum()), Some(3.0), "{shown}");
    assert!(value(&shown, &format!("clb_simulator_datagrams_received_total{{{own}}}")) > Some(10.0), "{shown}");
    assert!(value(&shown, &format!("clb_simulator_datagrams_sent_total{{{own}}}")) > Some(10.0), "{shown}");
    assert!(value(&shown, "process_start_time_seconds") > Some(1.7e9), "{shown}");
    if cfg!(target_os = "linux") {
        assert!(value(&shown, "process_resident_memory_bytes") > Some(1e6), "{shown}");
    }

    sandbox
        .done(&clb::DeleteListener {
            load_balancer_id: forwarding.load_balancer_id.clone(),
            listener_id: forwarding.listener_id.clone(),
        })
        .await;
    let shown = page(sandbox).await;
    assert!(!shown.contains(&forwarding.listener_id), "{shown}");
    assert!(shown.contains("# TYPE clb_simulator_connections_opened_total counter\n"), "the name stays: {shown}");
}

#[tokio::test]
async fn calls_are_counted_by_their_answers_and_a_reset_sets_no_count_back() {
    let sandbox = Sandbox::start().await;
    sandbox.load_balancer().await;
    sandbox.code(&clb::DeleteListener { load_balancer_id: "lb-99999999".into(), listener_id: "x".into() }).await;
    ctl(&sandbox, &["reset"]).await;
    let shown = page(&sandbox).await;
    let calls = |action: &str, code: &str| {
        let series = format!("clb_simulator_api_calls_total{{service=\"clb\",action=\"{action}\",code=\"{code}\"}}");
        value(&shown, &series)
    };
    assert_eq!(calls("CreateLoadBalancer", "ok"), Some(1.0), "{shown}");
    assert_eq!(calls("DeleteListener", "InvalidParameter"), Some(1.0), "{shown}");
    assert_eq!(value(&shown, "clb_simulator_load_balancers"), Some(4.0), "those of the seed: {shown}");
}

#[tokio::test]
async fn over_http_1_nothing_can_be_done_but_reading_the_page() {
    let sandbox = Sandbox::start().await;
    sandbox.load_balancer().await;
    let worlds = ctl(&sandbox, &["worlds"]).await;
    for request in [
        // What a page in a browser can make it send without asking: a call of gRPC with an empty message.
        "POST /clbsim.v1.Admin/Reset HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\
         Connection: close\r\n\r\n\0\0\0\0\0",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ] {
        let answer = ask(sandbox.simulator.admin_address(), request).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    }
    let answer = ask(
        sandbox.simulator.admin_address(),
        "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    assert_eq!(ctl(&sandbox, &["worlds"]).await, worlds, "nothing was reset");
}
