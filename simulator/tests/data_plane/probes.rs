//! Probes, seen from the backend and from the control plane.

use std::net::SocketAddr;
use std::time::Duration;

use clb_model::forwarding::{Observation, Probe, ProbeKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::sandbox::{Refusing, Sandbox, backend, id, soon, tcp_server};

fn probe(kind: ProbeKind) -> Probe {
    Probe { kind, interval: Duration::from_millis(50), timeout: Duration::from_secs(1) }
}

fn http(method: &str, codes: u8) -> ProbeKind {
    ProbeKind::Http {
        version: "HTTP/1.1".to_owned(),
        method: method.to_owned(),
        path: "/health".to_owned(),
        domain: Some("game.example".to_owned()),
        codes,
    }
}

/// The next result for a backend that came after the table.
async fn result(sandbox: &mut Sandbox, address: SocketAddr) -> bool {
    loop {
        if let Some(Observation::Probed { listener_id, address: of, passed, .. }) =
            soon(sandbox.observations.recv()).await
            && of == backend(address).address
        {
            assert_eq!(listener_id, id());
            return passed;
        }
    }
}

/// Answers every request with `answer`; returns the first request.
async fn http_server(listener: TcpListener, answer: &'static str) -> String {
    let (first, mut requests) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 1000];
            let length = stream.read(&mut request).await.unwrap_or(0);
            let _ = first.try_send(String::from_utf8_lossy(&request[..length]).into_owned());
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    soon(requests.recv()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tcp_probes_say_who_answers_and_who_does_not() {
    let (server, alive) = tcp_server().await;
    let refusing = Refusing::new();
    let dead = refusing.address;
    let mut sandbox = Sandbox::with(vec![backend(alive), backend(dead)]).await;
    sandbox.listener().backends[0].weight = 0;
    sandbox.listener().probe = Some(probe(ProbeKind::Tcp));
    sandbox.apply().await;
    for _ in 0..3 {
        assert!(result(&mut sandbox, alive).await, "also with weight 0");
        assert!(!result(&mut sandbox, dead).await);
    }
    let (mut stream, peer) = soon(server.accept()).await.unwrap();
    assert_eq!(peer.ip(), sandbox.address().ip(), "a probe comes from the load balancer's address");
    assert!(soon(stream.read(&mut [0; 10])).await.is_err(), "and ends with a reset");

    drop(server);
    while result(&mut sandbox, alive).await {}
    assert!(sandbox.journal.list().is_empty(), "probes are no connections");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_probes_look_at_the_status_class() {
    let (server, address) = tcp_server().await;
    let mut sandbox = Sandbox::with(vec![backend(address)]).await;
    sandbox.listener().probe = Some(probe(http("HEAD", 2)));
    sandbox.apply().await;
    let request = http_server(server, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
    assert!(request.starts_with("HEAD /health HTTP/1.1\r\nHost: game.example\r\n"), "{request}");
    assert!(request.contains("User-Agent: clb-healthcheck\r\n"), "{request}");
    assert!(!result(&mut sandbox, address).await, "404 is no 2xx");

    sandbox.listener().probe = Some(probe(http("GET", 2 + 8)));
    sandbox.apply().await;
    while !result(&mut sandbox, address).await {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_probe_speaks_its_version_and_without_a_domain_the_host_is_the_backends_address_in_the_cloud() {
    let server = TcpListener::bind("127.10.77.7:0").await.unwrap();
    let port = server.local_addr().unwrap().port();
    let mut sandbox = Sandbox::with(vec![backend(SocketAddr::from(([10, 0, 77, 7], port)))]).await;
    let ProbeKind::Http { method, path, codes, .. } = http("HEAD", 2) else { unreachable!() };
    let version = "HTTP/1.0".to_owned();
    sandbox.listener().probe = Some(probe(ProbeKind::Http { version, method, path, domain: None, codes }));
    sandbox.apply().await;
    let request = http_server(server, "HTTP/1.1 200 OK\r\n\r\n").await;
    assert!(request.starts_with(&format!("HEAD /health HTTP/1.0\r\nHost: 10.0.77.7:{port}\r\n")), "{request}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_says_nothing_fails_its_http_probe_in_time() {
    let (_server, address) = tcp_server().await;
    let mut sandbox = Sandbox::with(vec![backend(address)]).await;
    let timeout = Duration::from_millis(100);
    sandbox.listener().probe = Some(Probe { timeout, ..probe(http("GET", 31)) });
    sandbox.apply().await;
    assert!(!result(&mut sandbox, address).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn probes_end_with_the_binding() {
    let (server, address) = tcp_server().await;
    let mut sandbox = Sandbox::with(vec![backend(address)]).await;
    sandbox.listener().probe = Some(probe(ProbeKind::Tcp));
    sandbox.apply().await;
    assert!(result(&mut sandbox, address).await);
    sandbox.listener().backends.clear();
    sandbox.apply().await;
    // What was under way may still arrive; after that, nothing comes while the backend sees no more connections.
    let mut late = 0;
    while let Ok(Some(_)) = tokio::time::timeout(Duration::from_millis(500), sandbox.observations.recv()).await {
        late += 1;
    }
    assert!(late <= 2, "{late} results of a backend that is no longer bound");
    drop(server);
}
