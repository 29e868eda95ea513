//! The journal and the counts: what can be read of connections, and of attempts that came to nothing.

use clb_model::forwarding::{ClientCertificate, ConnectionLimits};
use clb_simulator::backend::Backend as Server;
use clb_simulator::client::{Client, Options};
use clb_simulator::data_plane::close_code;
use clb_simulator::data_plane::counters::{HandshakeFailure, Refused, StreamEnd};
use clb_simulator::data_plane::journal::{AttemptKind, EndedBy, FailedAttempt};
use quinn::VarInt;
use tokio::io::AsyncWriteExt;

use crate::certificates::Authority;
use crate::sandbox::{Joined, Refusing, Sandbox, backend, id, soon};

async fn sandbox() -> (Sandbox, Server) {
    let blue = Server::start("127.0.0.1:0".parse().unwrap(), Some("blue")).await.unwrap();
    (Sandbox::with(vec![backend(blue.address())]).await, blue)
}

/// Waits for the attempt with that number, counted from 0.
async fn attempt(sandbox: &Sandbox, number: usize) -> FailedAttempt {
    sandbox.journal_shows(|_| sandbox.journal.failed_attempts().len() > number).await;
    sandbox.journal.failed_attempts().swap_remove(number)
}

async fn fails(options: Options) {
    assert!(soon(Client::new(options).unwrap().connect()).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handshake_that_fails_is_remembered_with_its_alert_and_who_sent_it() {
    let (mut sandbox, _blue) = sandbox().await;
    let clients = Authority::new();
    sandbox.listener().tls = sandbox.authority.mutual_server(&clients, ClientCertificate::Required);
    sandbox.apply().await;

    let stranger = Options { trust: Authority::new().trust(), ..sandbox.options() };
    fails(stranger).await;
    let received = attempt(&sandbox, 0).await;
    assert_eq!(received.kind, AttemptKind::Handshake(HandshakeFailure::AlertReceived));
    assert_eq!((received.ending.by, received.ending.code), (EndedBy::Client, Some(0x100 + 48)));
    assert!(received.ending.reason.contains("TLS alert 48 (UnknownCA) received"), "{received:?}");
    assert_eq!((received.listener_id, received.client.ip()), (id(), "127.0.0.1".parse().unwrap()));

    // The client believes that it is connected until it hears of the alert.
    let nameless = sandbox.client();
    let connection = soon(nameless.connect()).await;
    let sent = attempt(&sandbox, 1).await;
    drop(connection);
    assert_eq!(sent.kind, AttemptKind::Handshake(HandshakeFailure::AlertSent));
    assert_eq!((sent.ending.by, sent.ending.code), (EndedBy::Protocol, Some(0x100 + 116)));
    assert!(sent.ending.reason.contains("TLS alert 116 (CertificateRequired) sent"), "{sent:?}");
    assert_eq!((sandbox.journal.totals().failed_handshakes, sandbox.journal.totals().opened), (2, 0));
    let counts: Vec<u64> = sandbox.counters().failed_handshakes.each().map(|(_, count)| count).collect();
    assert_eq!(counts, [1, 1, 0, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_names_whom_its_clients_certificate_names() {
    let (mut sandbox, _blue) = sandbox().await;
    let clients = Authority::new();
    sandbox.listener().tls = sandbox.authority.mutual_server(&clients, ClientCertificate::Optional);
    sandbox.apply().await;
    let options = Options { identity: Some(clients.client()), ..sandbox.options() };
    let _known = soon(Client::new(options).unwrap().connect()).await.unwrap();
    let _unknown = sandbox.connect().await;
    let records = sandbox.journal_shows(|records| records.len() == 2).await;
    let subjects: Vec<_> = records.iter().map(|record| record.opening.certificate_subject.as_deref()).collect();
    assert_eq!(subjects, [Some("CN=rcgen self signed cert"), None]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_attempt_is_remembered_with_the_limit_it_ran_into() {
    let (mut sandbox, _blue) = sandbox().await;
    sandbox.listener().limits = ConnectionLimits { concurrent: Some(1), new_per_second: None };
    sandbox.apply().await;
    let _first = sandbox.connect().await;
    fails(sandbox.options()).await;
    let refused = attempt(&sandbox, 0).await;
    assert_eq!(refused.kind, AttemptKind::Refused(Refused::MaxConn));
    assert_eq!((refused.ending.by, refused.ending.code), (EndedBy::LoadBalancer, Some(2)));
    assert!(refused.ending.reason.contains("MaxConn"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_has_who_ended_it_and_the_code() {
    let (mut sandbox, _blue) = sandbox().await;
    sandbox.connect().await.close(VarInt::from_u32(42), b"enough");
    let _stays = sandbox.connect().await;
    sandbox.journal_shows(|records| records.len() == 2 && records[0].closed.is_some()).await;
    sandbox.table.listeners.clear();
    sandbox.apply().await;
    let records = sandbox.journal_shows(|records| records.iter().all(|record| record.closed.is_some())).await;
    let endings: Vec<_> = records.into_iter().map(|record| record.closed.unwrap().ending).collect();
    assert_eq!((endings[0].by, endings[0].code), (EndedBy::Client, Some(42)));
    assert_eq!(endings[0].reason, "closed by the client: enough");
    assert_eq!((endings[1].by, endings[1].code), (EndedBy::LoadBalancer, Some(close_code::LISTENER_CLOSED.into())));
    assert!(endings[1].reason.contains("deleted"), "{endings:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_was_left_is_remembered() {
    let blue = Server::start("127.0.0.1:0".parse().unwrap(), Some("blue")).await.unwrap();
    let refusing = Refusing::new();
    let sandbox = Sandbox::with(vec![backend(refusing.address), backend(blue.address())]).await;
    let connection = sandbox.connect().await;
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    send.write_all(b"hello\n").await.unwrap();
    send.finish().unwrap();
    soon(recv.read_to_end(100)).await.unwrap();
    let records = sandbox.journal.list();
    assert_eq!(records[0].backend, Some(backend(blue.address()).address));
    let earlier: Vec<_> = records[0].earlier_backends.iter().map(|(_, backend)| *backend).collect();
    assert_eq!(earlier, [backend(refusing.address).address]);
    let counts = sandbox.counters();
    let [left, came] = [refusing.address, blue.address()].map(|address| counts.backend(backend(address).address));
    assert_eq!((left.dials_failed.get(), left.dials_connected.get()), (1, 0));
    assert_eq!((left.connections_given.get(), left.connections_ended.get()), (1, 1));
    assert_eq!((came.dials_failed.get(), came.dials_connected.get()), (0, 1));
    assert_eq!((came.connections_given.get(), came.connections_ended.get()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_counted_of_a_listener_is_what_happened() {
    let mut joined = Joined::new().await;
    joined.backend.write_all(b"answer").await.unwrap();
    let mut answer = [0; 6];
    soon(joined.recv.read_exact(&mut answer)).await.unwrap();
    let counters = joined.sandbox.counters();
    assert_eq!((counters.streams_open(), counters.connections_open()), (1, 1));
    joined.send.reset(VarInt::from_u32(9)).unwrap();
    // The reset stream has ended when its answer has been reset, too.
    assert!(soon(joined.recv.read(&mut answer)).await.is_err());
    joined.connection.close(VarInt::from_u32(0), b"");
    joined.sandbox.journal_shows(|records| records[0].closed.is_some()).await;

    assert_eq!((counters.bytes_from_client.get(), counters.bytes_to_client.get()), (5, 6));
    assert_eq!((counters.connections_opened.get(), counters.connections_open()), (1, 0));
    assert_eq!((counters.streams_opened.get(), counters.streams_open()), (1, 0));
    assert_eq!(counters.streams_ended.of(StreamEnd::ClientReset), 1);
    assert_eq!(counters.dials.classes().sum::<u64>(), 1);
}
