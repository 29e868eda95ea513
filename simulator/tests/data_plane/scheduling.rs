//! Which backend a connection goes to, seen from the backends.

use std::collections::BTreeMap;

use clb_model::forwarding::Scheduler;
use clb_simulator::backend::Backend as Server;
use clb_simulator::client::{Client, Exchange, Job};
use clb_simulator::data_plane::close_code;
use quinn::{Connection, ConnectionError, ReadError, ReadToEndError};

use crate::sandbox::{Refusing, Sandbox, backend, soon};

async fn server(name: &str) -> Server {
    Server::start("127.0.0.1:0".parse().unwrap(), Some(name)).await.unwrap()
}

async fn exchanges(client: &Client, connections: usize) -> Vec<Exchange> {
    soon(client.run(&Job { payload: b"hello\n".to_vec(), connections, streams: 1, concurrency: 8 })).await
}

/// Connections by the name that answered them.
async fn shares(sandbox: &Sandbox, connections: usize) -> BTreeMap<String, usize> {
    let mut shares = BTreeMap::new();
    for exchange in exchanges(&sandbox.client(), connections).await {
        assert_eq!(exchange.error, None);
        let name = exchange.replies[0].split(' ').next().unwrap_or_default().to_owned();
        *shares.entry(name).or_default() += 1;
    }
    shares
}

fn expected(shares: &[(&str, usize)]) -> BTreeMap<String, usize> {
    shares.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// Who answers one more stream of this connection.
async fn who_answers(connection: &Connection) -> Result<String, ReadToEndError> {
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    send.write_all(b"hello\n").await.unwrap();
    send.finish().unwrap();
    let reply = String::from_utf8(soon(recv.read_to_end(100)).await?).unwrap();
    Ok(reply.split(' ').next().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shares_follow_the_weights_exactly_and_change_in_place() {
    let (blue, green) = (server("blue").await, server("green").await);
    let mut sandbox = Sandbox::with(vec![backend(blue.address()), backend(green.address())]).await;
    sandbox.listener().backends[0].weight = 3;
    sandbox.listener().backends[1].weight = 1;
    sandbox.apply().await;
    let live = sandbox.connect().await;
    assert_eq!(who_answers(&live).await.as_deref(), Ok("blue"));
    assert_eq!(shares(&sandbox, 39).await, expected(&[("blue", 29), ("green", 10)]), "with the live one: 30 and 10");

    sandbox.listener().backends[0].weight = 1;
    sandbox.apply().await;
    assert_eq!(shares(&sandbox, 40).await, expected(&[("blue", 20), ("green", 20)]));
    sandbox.listener().backends[0].weight = 0;
    sandbox.apply().await;
    assert_eq!(shares(&sandbox, 5).await, expected(&[("green", 5)]));
    assert_eq!(who_answers(&live).await.as_deref(), Ok("blue"), "a live connection stays where it is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_streams_of_a_connection_go_to_one_backend() {
    let (blue, green) = (server("blue").await, server("green").await);
    let sandbox = Sandbox::with(vec![backend(blue.address()), backend(green.address())]).await;
    let connections = [sandbox.connect().await, sandbox.connect().await];
    let mut names = Vec::new();
    for connection in &connections {
        let name = who_answers(connection).await.unwrap();
        for _ in 0..4 {
            assert_eq!(who_answers(connection).await.as_ref(), Ok(&name));
        }
        names.push(name);
    }
    names.sort();
    assert_eq!(names, ["blue", "green"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fewest_connections_win_and_counts_return_to_zero() {
    let (blue, green) = (server("blue").await, server("green").await);
    let mut sandbox = Sandbox::with(vec![backend(blue.address()), backend(green.address())]).await;
    sandbox.listener().scheduler = Scheduler::LeastConnections;
    sandbox.apply().await;
    let mut held = Vec::new();
    for _ in 0..4 {
        let connection = sandbox.connect().await;
        held.push((who_answers(&connection).await.unwrap(), connection));
    }
    assert_eq!(held.iter().filter(|(name, _)| name == "blue").count(), 2);
    // All of blue's end; so the next two go to blue.
    let ended = held.iter().filter(|(name, _)| name == "blue").count();
    for (_, connection) in held.extract_if(.., |(name, _)| name == "blue") {
        connection.close(close_code::STOPPED, b"");
    }
    sandbox.journal_shows(|records| records.iter().filter(|record| record.closed.is_some()).count() == ended).await;
    for _ in 0..2 {
        let connection = sandbox.connect().await;
        assert_eq!(who_answers(&connection).await.as_deref(), Ok("blue"));
        held.push(("blue".to_owned(), connection));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_verdict_of_the_table_is_followed() {
    let (blue, green) = (server("blue").await, server("green").await);
    let mut sandbox = Sandbox::with(vec![backend(blue.address()), backend(green.address())]).await;
    sandbox.listener().backends[0].eligible = false;
    sandbox.apply().await;
    assert_eq!(shares(&sandbox, 6).await, expected(&[("green", 6)]));
    // All dead means all alive: then the table has all of them eligible, and they get traffic again.
    sandbox.listener().backends[0].eligible = true;
    sandbox.apply().await;
    assert_eq!(shares(&sandbox, 6).await, expected(&[("blue", 3), ("green", 3)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_backend_the_connection_is_closed_with_a_reason() {
    let mut sandbox = Sandbox::with(vec![]).await;
    let ended = soon(sandbox.connect().await.closed()).await;
    assert!(matches!(ended, ConnectionError::ApplicationClosed(close) if close.error_code == close_code::NO_BACKEND));
    let dead = Refusing::new();
    sandbox.listener().backends = vec![backend(dead.address)];
    sandbox.listener().backends[0].eligible = false;
    sandbox.apply().await;
    let exchange = &exchanges(&sandbox.client(), 1).await[0];
    let error = exchange.error.as_deref().unwrap();
    assert!(error.contains("no backend takes new connections"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_refuses_is_replaced_by_another_one() {
    let green = server("green").await;
    let refusing = Refusing::new();
    let sandbox = Sandbox::with(vec![backend(refusing.address), backend(green.address())]).await;
    assert_eq!(shares(&sandbox, 10).await, expected(&[("green", 10)]));
    let records = sandbox.journal.list();
    assert!(records.iter().all(|record| record.backend == Some(backend(green.address()).address)));
    let noted = records.iter().filter(|record| record.notes.iter().any(|note| note.contains("refused"))).count();
    assert_eq!(noted, 5, "half of them were scheduled to the one that refuses");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn if_every_backend_refuses_the_stream_is_reset() {
    let refusing = [Refusing::new(), Refusing::new()];
    let sandbox = Sandbox::with(refusing.iter().map(|it| backend(it.address)).collect()).await;
    let connection = sandbox.connect().await;
    let reset = ReadToEndError::Read(ReadError::Reset(close_code::BACKEND_UNREACHABLE));
    assert_eq!(who_answers(&connection).await, Err(reset));
    assert_eq!(connection.close_reason(), None, "the connection lives on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_outside_the_address_plan_is_not_dialled_and_the_journal_says_why() {
    let sandbox = Sandbox::with(vec![backend("192.0.2.1:80".parse().unwrap())]).await;
    let connection = sandbox.connect().await;
    let reset = ReadToEndError::Read(ReadError::Reset(close_code::BACKEND_UNREACHABLE));
    assert_eq!(who_answers(&connection).await, Err(reset));
    let notes = &sandbox.journal.list()[0].notes;
    assert!(notes[0].contains("the address plan has no loopback address for it"), "{notes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_was_unbound_gets_no_new_streams() {
    let (blue, green) = (server("blue").await, server("green").await);
    let mut sandbox = Sandbox::with(vec![backend(blue.address())]).await;
    let connection = sandbox.connect().await;
    assert_eq!(who_answers(&connection).await.as_deref(), Ok("blue"));
    sandbox.listener().backends = vec![backend(green.address())];
    sandbox.apply().await;
    assert_eq!(who_answers(&connection).await.as_deref(), Ok("green"));
    sandbox.listener().backends = vec![];
    sandbox.apply().await;
    let reset = ReadToEndError::Read(ReadError::Reset(close_code::NO_BACKEND));
    assert_eq!(who_answers(&connection).await, Err(reset));
}
