//! Which backend a connection goes to, seen from the backends.

use std::collections::BTreeMap;

use clb_model::forwarding::{Backend, Scheduler};
use clb_simulator::backend::Backend as Server;
use clb_simulator::client::{Client, Exchange, Job};
use clb_simulator::data_plane::close_code;
use clb_simulator::data_plane::journal::ConnectionRecord;
use quinn::{Connection, ConnectionError, ReadError, ReadToEndError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::sandbox::{Joined, Refusing, Sandbox, backend, soon};

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

/// Opens a connection and says who serves it.
async fn held(sandbox: &Sandbox) -> (String, Connection) {
    let connection = sandbox.connect().await;
    (who_answers(&connection).await.unwrap(), connection)
}

fn count(held: &[(String, Connection)], wanted: &str) -> usize {
    held.iter().filter(|(name, _)| name == wanted).count()
}

/// Closes these connections, and waits until the listener knows.
async fn end(sandbox: &Sandbox, ended: impl IntoIterator<Item = (String, Connection)>) {
    let closed = |records: &[ConnectionRecord]| records.iter().filter(|record| record.closed.is_some()).count();
    let mut awaited = closed(&sandbox.journal.list());
    for (_, connection) in ended {
        connection.close(close_code::STOPPED, b"");
        awaited += 1;
    }
    sandbox.journal_shows(|records| closed(records) == awaited).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whole_cycles_are_exact_with_a_hundred_backends() {
    let mut servers = Vec::new();
    for number in 0..100 {
        servers.push(server(&format!("backend-{number}")).await);
    }
    let weight = |number: usize| [1, 2, 0, 1][number % 4];
    let mut backends: Vec<_> = servers.iter().map(|server| backend(server.address())).collect();
    for (number, backend) in backends.iter_mut().enumerate() {
        backend.weight = weight(number);
    }
    let sandbox = Sandbox::with(backends).await;
    let due: BTreeMap<String, usize> = (0..100)
        .filter(|number| weight(*number) > 0)
        .map(|number| (format!("backend-{number}"), usize::from(weight(number))))
        .collect();
    for _ in 0..2 {
        assert_eq!(shares(&sandbox, 100).await, due);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_in_the_middle_of_a_cycle_counts_at_once_and_the_next_cycle_is_exact() {
    let (blue, green) = (server("blue").await, server("green").await);
    let mut sandbox = Sandbox::with(vec![backend(blue.address()), backend(green.address())]).await;
    sandbox.listener().backends[0].weight = 7;
    sandbox.listener().backends[1].weight = 1;
    sandbox.apply().await;
    assert_eq!(shares(&sandbox, 3).await, expected(&[("blue", 3)]), "the first three of eight");
    sandbox.listener().backends[0].weight = 1;
    sandbox.listener().backends[1].weight = 5;
    sandbox.apply().await;
    assert_eq!(shares(&sandbox, 6).await, expected(&[("blue", 1), ("green", 5)]));
    assert_eq!(shares(&sandbox, 6).await, expected(&[("blue", 1), ("green", 5)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn least_connections_are_those_for_the_weight_and_ties_go_by_turns() {
    let (blue, green) = (server("blue").await, server("green").await);
    let mut sandbox = Sandbox::with(vec![backend(blue.address()), backend(green.address())]).await;
    sandbox.listener().scheduler = Scheduler::LeastConnections;
    sandbox.listener().backends[0].weight = 2;
    sandbox.listener().backends[1].weight = 1;
    sandbox.apply().await;
    // While all are idle they are tied, and each connection ends before the next begins.
    let mut idle = Vec::new();
    for _ in 0..6 {
        let one = held(&sandbox).await;
        idle.push(one.0.clone());
        end(&sandbox, [one]).await;
    }
    assert_eq!(idle, ["blue", "green", "blue", "blue", "green", "blue"]);

    let mut open = Vec::new();
    for _ in 0..9 {
        open.push(held(&sandbox).await);
    }
    assert_eq!((count(&open, "blue"), count(&open, "green")), (6, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_weight_resets_no_count_of_connections() {
    let (blue, green) = (server("blue").await, server("green").await);
    let mut sandbox = Sandbox::with(vec![backend(blue.address()), backend(green.address())]).await;
    sandbox.listener().scheduler = Scheduler::LeastConnections;
    sandbox.apply().await;
    let mut open = Vec::new();
    for _ in 0..6 {
        open.push(held(&sandbox).await);
    }
    assert_eq!((count(&open, "blue"), count(&open, "green")), (3, 3));
    // Three for a weight of 10 are more than three for 20: green has room for three more.
    sandbox.listener().backends[1].weight = 20;
    sandbox.apply().await;
    for _ in 0..3 {
        let (name, connection) = held(&sandbox).await;
        assert_eq!(name, "green");
        open.push((name, connection));
    }
    // Weight 0 takes nothing new and keeps what it has: when it takes connections again, those still count.
    sandbox.listener().backends[1].weight = 0;
    sandbox.apply().await;
    for _ in 0..4 {
        let (name, connection) = held(&sandbox).await;
        assert_eq!(name, "blue");
        open.push((name, connection));
    }
    for (name, connection) in &open {
        assert_eq!(who_answers(connection).await.as_ref(), Ok(name), "it stays where it is");
    }
    sandbox.listener().backends[1].weight = 10;
    sandbox.apply().await;
    assert_eq!((count(&open, "blue"), count(&open, "green")), (7, 6));
    assert_eq!(held(&sandbox).await.0, "green");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_scheduler_can_be_changed_in_place() {
    let (blue, green) = (server("blue").await, server("green").await);
    let mut sandbox = Sandbox::with(vec![backend(blue.address()), backend(green.address())]).await;
    sandbox.listener().backends[1].weight = 0;
    sandbox.apply().await;
    let open = [held(&sandbox).await, held(&sandbox).await];
    assert_eq!(count(&open, "blue"), 2);
    // The turn would be blue's; the fewest connections are green's, and what was open before counts.
    sandbox.listener().backends[1].weight = 10;
    sandbox.listener().scheduler = Scheduler::LeastConnections;
    sandbox.apply().await;
    let more = [held(&sandbox).await, held(&sandbox).await];
    assert_eq!(count(&more, "green"), 2);
    sandbox.listener().scheduler = Scheduler::WeightedRoundRobin;
    sandbox.apply().await;
    assert_eq!(shares(&sandbox, 4).await, expected(&[("blue", 2), ("green", 2)]));
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
    let (mut send, _recv) = connection.open_bi().await.unwrap();
    send.write_all(b"hello").await.unwrap();
    assert_eq!(soon(send.stopped()).await, Ok(Some(close_code::BACKEND_UNREACHABLE)), "in both directions");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_stream_goes_on_when_its_backend_gets_weight_0_or_fails_its_checks_or_is_unbound() {
    let Joined { mut sandbox, mut send, mut recv, mut backend, connection } = Joined::new().await;
    let green = server("green").await;
    soon(backend.read_exact(&mut [0; 5])).await.unwrap();
    let changes: [fn(&mut Vec<Backend>); 3] =
        [|all| all[0].weight = 0, |all| all[0].eligible = false, |all| *all = all.split_off(1)];
    sandbox.listener().backends.push(crate::sandbox::backend(green.address()));
    for change in changes {
        change(&mut sandbox.listener().backends);
        sandbox.apply().await;
        send.write_all(b"ping").await.unwrap();
        let mut bytes = [0; 4];
        soon(backend.read_exact(&mut bytes)).await.unwrap();
        assert_eq!(&bytes, b"ping");
        backend.write_all(b"pong").await.unwrap();
        soon(recv.read_exact(&mut bytes)).await.unwrap();
        assert_eq!(&bytes, b"pong");
    }
    assert_eq!(who_answers(&connection).await.as_deref(), Ok("green"), "a new one goes to a backend that is bound");
    send.finish().unwrap();
    backend.shutdown().await.unwrap();
    assert_eq!(soon(recv.read_to_end(10)).await, Ok(Vec::new()), "and the old one ends cleanly");
}
