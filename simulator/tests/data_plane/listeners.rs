//! Ports that open and close, and what backends learn of the client.

use std::net::{SocketAddr, UdpSocket};

use clb_model::forwarding::ConnectionLimits;
use clb_simulator::backend::Backend as Server;
use clb_simulator::client::{Client, Job, Options};
use clb_simulator::data_plane::close_code;
use proxy_header::{ParseConfig, ProxiedAddress, ProxyHeader};
use quinn::{ConnectionError, TransportErrorCode};
use tokio::io::AsyncReadExt;

use crate::sandbox::{Joined, Sandbox, backend, free_address, id, is_free, soon, tcp_server};

async fn server() -> Server {
    Server::start("127.0.0.1:0".parse().unwrap(), Some("blue")).await.unwrap()
}

fn one(connections: usize) -> Job {
    Job { payload: b"hello\n".to_vec(), connections, streams: 1, concurrency: 1 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_listener_closes_its_port_and_its_connections() {
    let Joined { mut sandbox, connection, mut backend, send: _send, recv: _recv } = Joined::new().await;
    let address = sandbox.address();
    assert!(!is_free(address), "the port is open");
    sandbox.table.listeners.clear();
    sandbox.apply().await;
    assert!(is_free(address), "applied means closed");
    let ended = soon(connection.closed()).await;
    assert!(
        matches!(&ended, ConnectionError::ApplicationClosed(close) if close.error_code == close_code::LISTENER_CLOSED),
        "{ended}"
    );
    let mut rest = Vec::new();
    assert!(soon(backend.read_to_end(&mut rest)).await.is_err(), "the backend sees a reset, not an end");
    assert!(sandbox.journal.list()[0].closed.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_port_of_a_deleted_listener_can_be_another_listeners_in_the_same_table() {
    let blue = server().await;
    let mut sandbox = Sandbox::with(vec![backend(blue.address())]).await;
    let address = sandbox.address();
    let live = sandbox.connect().await;
    let forwarding = sandbox.table.listeners.remove(&id()).unwrap();
    sandbox.table.listeners.insert("lbl-another1".into(), forwarding);
    sandbox.apply().await;
    soon(live.closed()).await;
    let client = Client::new(Options::insecure(address)).unwrap();
    assert_eq!(soon(client.run(&one(1))).await[0].error, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_moves_closes_the_old_port() {
    let blue = server().await;
    let mut sandbox = Sandbox::with(vec![backend(blue.address())]).await;
    let old = sandbox.address();
    sandbox.listener().address = free_address();
    sandbox.apply().await;
    assert!(is_free(old));
    assert_eq!(soon(sandbox.client().run(&one(1))).await[0].error, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_port_is_reported_and_tried_again_with_the_next_table() {
    let blue = server().await;
    let mut sandbox = Sandbox::start().await;
    let taken = sandbox.forwarding(vec![backend(blue.address())]);
    let other = sandbox.forwarding(vec![backend(blue.address())]);
    let squatter = UdpSocket::bind(taken.address).unwrap();
    sandbox.table.listeners.insert(id(), taken.into());
    sandbox.table.listeners.insert("lbl-another1".into(), other.clone().into());
    let failed = sandbox.apply_with_failures().await;
    assert_eq!(failed.len(), 1);
    let reason = &failed[&id()];
    assert!(reason.contains(&sandbox.address().to_string()) && reason.contains("another program"), "{reason}");
    let client = Client::new(Options::insecure(other.address)).unwrap();
    assert_eq!(soon(client.run(&one(1))).await[0].error, None, "the other listener is not concerned");

    drop(squatter);
    sandbox.apply().await;
    assert_eq!(soon(sandbox.client().run(&one(1))).await[0].error, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_listeners_share_one_port_number_on_their_own_addresses() {
    let blue = server().await;
    let mut sandbox = Sandbox::start().await;
    let first = sandbox.forwarding(vec![backend(blue.address())]);
    let mut second = sandbox.forwarding(vec![backend(blue.address())]);
    second.address.set_port(first.address.port());
    assert!(is_free(second.address), "an address of its own");
    sandbox.table.listeners.insert(id(), first.clone().into());
    sandbox.table.listeners.insert("lbl-another1".into(), second.clone().into());
    sandbox.apply().await;
    for address in [first.address, second.address] {
        let client = Client::new(Options::insecure(address)).unwrap();
        assert_eq!(soon(client.run(&one(2))).await[1].error, None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_closes_every_port_and_says_so_to_clients() {
    let Joined { sandbox, connection, .. } = Joined::new().await;
    let address = sandbox.address();
    sandbox.stop().await;
    assert!(is_free(address));
    let ended = soon(connection.closed()).await;
    assert!(matches!(ended, ConnectionError::ApplicationClosed(close) if close.error_code == close_code::STOPPED));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_of_a_closed_port_is_told_at_once() {
    let options = Options::insecure(free_address());
    let exchange = soon(Client::new(options.clone()).unwrap().exchange(1, b"", 1)).await;
    assert_eq!(exchange.error, Some(format!("nothing listens at UDP {}", options.target)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backends_see_the_clients_address_as_the_tcp_source() {
    let blue = server().await;
    let sandbox = Sandbox::with(vec![backend(blue.address())]).await;
    for source in ["127.0.0.7", "127.200.3.4"] {
        let options = Options { source: Some(source.parse().unwrap()), ..sandbox.options() };
        let exchange = &soon(Client::new(options).unwrap().run(&one(1))).await[0];
        assert_eq!(exchange.error, None);
        assert!(exchange.replies[0].starts_with(&format!("blue {source}:")), "{:?}", exchange.replies);
        assert_eq!(exchange.client_address.unwrap().ip().to_string(), source);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_snat_backends_see_the_load_balancers_address() {
    let blue = server().await;
    let mut sandbox = Sandbox::with(vec![backend(blue.address())]).await;
    sandbox.listener().snat = true;
    sandbox.apply().await;
    let options = Options { source: Some("127.0.0.7".parse().unwrap()), ..sandbox.options() };
    let exchange = &soon(Client::new(options).unwrap().run(&one(1))).await[0];
    assert_eq!(exchange.error, None);
    let expected = format!("blue {}:", sandbox.address().ip());
    assert!(exchange.replies[0].starts_with(&expected), "{:?}", exchange.replies);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_moves_is_seen_at_its_new_address_once_that_is_validated() {
    let blue = server().await;
    let sandbox = Sandbox::with(vec![backend(blue.address())]).await;
    let target = sandbox.address();
    let endpoint = quinn::Endpoint::client("127.0.0.7:0".parse().unwrap()).unwrap();
    let connecting = endpoint.connect_with(sandbox.quinn_config(), target, crate::certificates::SERVER_NAME).unwrap();
    let connection = soon(connecting).await.unwrap();
    let seen = async || {
        let (mut send, mut recv) = connection.open_bi().await.unwrap();
        send.write_all(b"hello\n").await.unwrap();
        send.finish().unwrap();
        String::from_utf8(soon(recv.read_to_end(100)).await.unwrap()).unwrap()
    };
    assert!(seen().await.starts_with("blue 127.0.0.7:"));
    let moved = UdpSocket::bind("127.0.0.8:0").unwrap();
    let new = moved.local_addr().unwrap();
    endpoint.rebind(moved).unwrap();
    assert!(seen().await.starts_with("blue 127.0.0.7:"), "not validated for long enough yet");
    let records = sandbox.journal_shows(|records| records[0].opening.client == new).await;
    let addresses: Vec<SocketAddr> = records[0].moves.iter().map(|(_, client)| *client).collect();
    assert_eq!(addresses, [new], "and the journal has when");
    assert!(seen().await.starts_with("blue 127.0.0.8:"));
    assert_eq!(sandbox.journal.totals().opened, 1, "still the same connection");
}

/// What a backend of a listener at `address` is told of a client, as another implementation reads it, and what it gets of
/// what the client sends.
async fn told(address: Option<SocketAddr>, payload: &[u8]) -> (Sandbox, ProxiedAddress, Vec<u8>) {
    let (server, backend_address) = tcp_server().await;
    let mut sandbox = Sandbox::with(vec![backend(backend_address)]).await;
    let listener = sandbox.listener();
    listener.address = address.unwrap_or(listener.address);
    listener.proxy_protocol = true;
    sandbox.apply().await;
    let connection = sandbox.connect().await;
    let (mut send, _recv) = connection.open_bi().await.unwrap();
    send.write_all(payload).await.unwrap();
    send.finish().unwrap();
    let (mut stream, _) = soon(server.accept()).await.unwrap();
    let mut got = Vec::new();
    soon(stream.read_to_end(&mut got)).await.unwrap();
    let config = ParseConfig { allow_v1: false, ..ParseConfig::default() };
    let (header, length) = ProxyHeader::parse(&got, config).unwrap();
    let told = header.proxied_address().unwrap().clone();
    (sandbox, told, got.split_off(length))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_proxy_protocol_backends_get_the_header_first() {
    // What looks like a header is the client's business.
    let sent = b"\r\n\r\n\0\r\nQUIT\n hello";
    let (sandbox, told_of, got) = told(None, sent).await;
    let client = sandbox.journal.list()[0].opening.client;
    assert_eq!(told_of, ProxiedAddress::stream(client, sandbox.address()));
    assert_eq!(got, sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_proxy_protocol_a_backend_of_ipv4_is_told_of_a_client_of_ipv6() {
    let Ok(free) = UdpSocket::bind("[::1]:0") else { return eprintln!("this machine has no IPv6") };
    let address = free.local_addr().unwrap();
    drop(free);
    let (sandbox, told_of, got) = told(Some(address), b"hello").await;
    let client = sandbox.journal.list()[0].opening.client;
    assert!(client.is_ipv6());
    assert_eq!((told_of, got.as_slice()), (ProxiedAddress::stream(client, address), b"hello".as_slice()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_beyond_the_limit_is_refused() {
    let blue = server().await;
    let mut sandbox = Sandbox::with(vec![backend(blue.address())]).await;
    sandbox.listener().limits = ConnectionLimits { concurrent: Some(1), new_per_second: None };
    sandbox.apply().await;
    let first = sandbox.connect().await;
    let exchange = &soon(sandbox.client().run(&one(1))).await[0];
    let error = exchange.error.as_deref().unwrap();
    assert!(error.contains("a limit of the listener is reached"), "{error}");
    assert_eq!(u64::from(TransportErrorCode::CONNECTION_REFUSED), 2);
    assert_eq!(sandbox.journal.totals().refused, 1);
    first.close(close_code::STOPPED, b"");
    sandbox.journal_shows(|records| records.first().is_some_and(|record| record.closed.is_some())).await;
    sandbox.listener().limits = ConnectionLimits::default();
    sandbox.apply().await;
    assert_eq!(soon(sandbox.client().run(&one(3))).await[2].error, None);
}
