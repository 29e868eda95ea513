//! Faults of datagrams: what clients and backends notice of them, which is time and nothing else as long as QUIC can
//! make up for it.

use std::time::{Duration, Instant};

use clb_simulator::data_plane::counters::DatagramDrop;
use clb_simulator::faults::datagrams::DatagramDraft;
use quinn::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::sandbox::{Sandbox, backend, pattern, soon, tcp_server};

fn draft() -> DatagramDraft {
    DatagramDraft::default()
}

fn add(sandbox: &Sandbox, draft: &DatagramDraft) {
    let fault = draft.check().unwrap();
    sandbox.faults.datagrams.add(fault, tokio::time::Instant::now()).unwrap();
}

/// What the oldest fault was for, and what it has struck.
fn counts(sandbox: &Sandbox) -> (u64, u64) {
    let tally = &sandbox.faults.datagrams.list()[0].tally;
    (tally.matched, tally.hits)
}

/// So many bytes to the backend and a few more back, on one stream; every one arrives.
async fn transfer(connection: &Connection, server: &TcpListener, size: usize) {
    let (request, answer) = (pattern(size), pattern(size + 7));
    let asking = async {
        let (mut send, mut recv) = connection.open_bi().await.unwrap();
        let sending = async {
            send.write_all(&request).await.unwrap();
            send.finish().unwrap();
        };
        tokio::join!(sending, async { recv.read_to_end(size * 2).await.unwrap() }).1
    };
    let serving = async {
        let (mut stream, _) = server.accept().await.unwrap();
        let mut got = Vec::with_capacity(size);
        stream.read_to_end(&mut got).await.unwrap();
        stream.write_all(&answer).await.unwrap();
        stream.shutdown().await.unwrap();
        got
    };
    let (received, got) = soon(async { tokio::join!(asking, serving) }).await;
    assert!(got == request, "{} bytes of {size} came to the backend, or others", got.len());
    assert!(received == answer, "{} bytes of {} came to the client, or others", received.len(), answer.len());
}

/// A transfer under these faults, from the handshake on.
async fn transfer_under(faults: &[DatagramDraft]) -> Sandbox {
    const SIZE: u32 = 200_000;
    let (server, address) = tcp_server().await;
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    for fault in faults {
        add(&sandbox, fault);
    }
    transfer(&sandbox.connect().await, &server, SIZE as usize).await;
    let (matched, hits) = counts(&sandbox);
    assert!(matched > u64::from(SIZE / 1500), "each datagram of a batch has its own dice: {matched}");
    assert!(hits > 0 && hits < matched, "{hits} of {matched}");
    sandbox
}

#[tokio::test]
async fn a_transfer_is_whole_when_datagrams_are_lost() {
    let direction = |direction: &str| DatagramDraft {
        lose: true,
        direction: direction.into(),
        probability: Some(0.05),
        seed: Some(5),
        ..draft()
    };
    transfer_under(&[direction("from_clients")]).await;
    transfer_under(&[direction("to_clients")]).await;
}

#[tokio::test]
async fn a_transfer_is_whole_when_datagrams_arrive_twice() {
    transfer_under(&[DatagramDraft { duplicate: 1, probability: Some(0.2), ..draft() }]).await;
}

#[tokio::test]
async fn a_transfer_is_whole_when_datagrams_pass_each_other() {
    transfer_under(&[DatagramDraft { reorder: 5, probability: Some(0.05), ..draft() }]).await;
}

#[tokio::test]
async fn a_transfer_is_whole_when_everything_goes_wrong_at_once() {
    let sandbox = transfer_under(&[
        DatagramDraft { lose: true, probability: Some(0.03), seed: Some(1), ..draft() },
        DatagramDraft { duplicate: 2, probability: Some(0.05), seed: Some(2), ..draft() },
        DatagramDraft { reorder: 3, probability: Some(0.05), seed: Some(3), ..draft() },
        DatagramDraft { delay: 0.002, jitter: 0.005, ..draft() },
        DatagramDraft { rebind: true, probability: Some(0.01), seed: Some(4), ..draft() },
    ])
    .await;
    assert!(sandbox.faults.datagrams.list().iter().all(|fault| fault.tally.hits > 0), "each has struck");
    assert_eq!(sandbox.faults.datagrams.overflowed(), 0);
}

#[tokio::test]
async fn what_is_held_back_arrives_later() {
    const DELAY: Duration = Duration::from_millis(150);
    let (server, address) = tcp_server().await;
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    let connection = sandbox.connect().await;
    add(&sandbox, &DatagramDraft { delay: DELAY.as_secs_f64(), direction: "from_clients".into(), ..draft() });
    let (mut send, _recv) = connection.open_bi().await.unwrap();
    let start = Instant::now();
    send.write_all(b"hello").await.unwrap();
    let (mut stream, _) = soon(server.accept()).await.unwrap();
    assert!(start.elapsed() >= DELAY, "{:?}", start.elapsed());
    let mut got = [0; 5];
    soon(stream.read_exact(&mut got)).await.unwrap();
    assert_eq!(&got, b"hello");
}

#[tokio::test]
async fn a_connection_outlives_a_blackout_that_is_shorter_than_its_idle_timeout() {
    let (server, address) = tcp_server().await;
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    let connection = sandbox.connect().await;
    transfer(&connection, &server, 10_000).await;
    add(&sandbox, &DatagramDraft { lose: true, lasting: Some(0.5), ..draft() });
    transfer(&connection, &server, 10_000).await;
    let struck = counts(&sandbox).1;
    assert!(struck > 0, "it was dark");
    assert_eq!(sandbox.counters().datagrams_dropped.of(DatagramDrop::Fault), struck);
    assert_eq!(sandbox.journal.totals().opened, 1);
}

#[tokio::test]
async fn nobody_connects_in_a_blackout_and_others_are_not_in_it() {
    let (server, address) = tcp_server().await;
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    add(&sandbox, &DatagramDraft { lose: true, listener: "lbl-99999999".into(), ..draft() });
    add(&sandbox, &DatagramDraft { lose: true, client: "127.0.0.99".into(), ..draft() });
    transfer(&sandbox.connect().await, &server, 1000).await;
    assert!(sandbox.faults.datagrams.list().iter().all(|fault| fault.tally.matched == 0));

    let all = DatagramDraft { lose: true, listener: crate::sandbox::id().as_str().into(), ..draft() };
    add(&sandbox, &all);
    let client = sandbox.client();
    let connecting = tokio::time::timeout(Duration::from_millis(300), client.connect());
    assert!(connecting.await.is_err(), "there is no way to be answered");
    assert!(sandbox.faults.datagrams.list()[2].tally.hits > 0);
}

#[tokio::test]
async fn packets_become_smaller_than_the_network_lets_through() {
    let limit = DatagramDraft { lose: true, longer_than: Some(1300), ..draft() };
    let (server, address) = tcp_server().await;
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    // One that has found that larger ones pass, before they no longer do, and one that never could.
    let early = sandbox.connect().await;
    transfer(&early, &server, 200_000).await;
    add(&sandbox, &limit);
    let late = sandbox.connect().await;
    transfer(&late, &server, 200_000).await;
    transfer(&early, &server, 200_000).await;
    assert!(counts(&sandbox).1 > 0, "larger ones were tried");
    assert!(late.stats().path.current_mtu <= 1300, "{}", late.stats().path.current_mtu);
}

#[tokio::test]
async fn a_client_whose_port_changes_keeps_its_connection_and_its_backend() {
    let (server, address) = tcp_server().await;
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    let connection = sandbox.connect().await;
    let before = sandbox.journal_shows(|records| !records.is_empty()).await[0].opening.client;
    add(&sandbox, &DatagramDraft { rebind: true, after: 20, count: Some(3), ..draft() });
    transfer(&connection, &server, 1 << 20).await;
    assert_eq!(counts(&sandbox).1, 3);
    // The journal waits until the path is validated. The transfer was one TCP connection: nobody asks for another.
    let records = sandbox.journal_shows(|records| !records[0].moves.is_empty()).await;
    let after = records[0].opening.client;
    assert_eq!(after.ip(), before.ip());
    assert_ne!(after.port(), before.port());
    assert_eq!((records.len(), records[0].streams), (1, 1));
    // It stays there without the fault, and the connection is as good as ever.
    sandbox.faults.datagrams.clear();
    transfer(&connection, &server, 1000).await;
    assert_eq!(sandbox.journal.list()[0].opening.client, after);
}
