//! The passive check, where it is switched on: backends that refuse are left out for a while.

use std::time::Duration;

use clb_simulator::backend::Backend as Server;
use clb_simulator::data_plane::Settings;
use tokio::net::TcpListener;

use crate::sandbox::{Refusing, Sandbox, backend, tcp_server};

const ON: Settings = Settings { passive_health_check: true, early_data: false };

/// Who was tried in vain by the next connections.
async fn dials_in_vain(sandbox: &Sandbox, connections: usize) -> usize {
    let before = sandbox.journal.list().len();
    for _ in 0..connections {
        assert_eq!(sandbox.client().exchange(1, b"hello\n", 1).await.error, None);
    }
    sandbox.journal.list()[before..].iter().filter(|record| !record.notes.is_empty()).count()
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_refuses_three_times_is_left_out_for_ten_seconds() {
    let green = Server::start("127.0.0.1:0".parse().unwrap(), Some("green")).await.unwrap();
    let refusing = Refusing::new();
    let sandbox = Sandbox::with_settings(vec![backend(refusing.address), backend(green.address())], ON).await;
    assert_eq!(dials_in_vain(&sandbox, 20).await, 3, "of ten that were its turn");
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert_eq!(dials_in_vain(&sandbox, 20).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_it_each_turn_is_tried() {
    let green = Server::start("127.0.0.1:0".parse().unwrap(), Some("green")).await.unwrap();
    let refusing = Refusing::new();
    let sandbox = Sandbox::with(vec![backend(refusing.address), backend(green.address())]).await;
    assert_eq!(dials_in_vain(&sandbox, 20).await, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn if_all_are_blocked_all_are_tried() {
    let (server, address) = tcp_server().await;
    drop(server);
    let refusing = Refusing::new();
    let sandbox = Sandbox::with_settings(vec![backend(refusing.address), backend(address)], ON).await;
    for _ in 0..6 {
        assert!(sandbox.client().exchange(1, b"hello\n", 1).await.error.is_some());
    }
    // One of them is back long before ten seconds are over, and is found.
    let _back = Server::start(address, Some("green")).await.unwrap();
    assert_eq!(sandbox.client().exchange(1, b"hello\n", 1).await.error, None);
    assert_eq!(dials_in_vain(&sandbox, 10).await, 0, "it is not blocked any more, and the other one is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_streams_of_a_connection_leave_a_backend_that_is_blocked() {
    let green = Server::start("127.0.0.1:0".parse().unwrap(), Some("green")).await.unwrap();
    let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = first.local_addr().unwrap();
    let sandbox = Sandbox::with_settings(vec![backend(address), backend(green.address())], ON).await;
    // Two connections are served by the first one, which then goes away.
    let mut pinned = Vec::new();
    for _ in 0..4 {
        pinned.push(sandbox.connect().await);
    }
    drop(first);
    let dials = || sandbox.counters().backend(backend(address).address).dials_failed.get();
    for _ in 0..3 {
        assert_eq!(sandbox.client().exchange(1, b"hello\n", 1).await.error, None);
        assert_eq!(sandbox.client().exchange(1, b"hello\n", 1).await.error, None);
    }
    assert_eq!(dials(), 3, "it is blocked now");
    for connection in &pinned {
        let (mut send, mut recv) = connection.open_bi().await.unwrap();
        send.write_all(b"hello\n").await.unwrap();
        send.finish().unwrap();
        let reply = recv.read_to_end(100).await.unwrap();
        assert!(reply.starts_with(b"green "));
    }
    assert_eq!(dials(), 3, "it was not tried again");
}
