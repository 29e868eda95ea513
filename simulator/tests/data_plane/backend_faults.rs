//! Faults of backends: what clients notice of them, what the backends do, and that probes notice them too.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clb_model::forwarding::{Observation, Probe, ProbeKind};
use clb_simulator::data_plane::close_code;
use clb_simulator::faults::backends::BackendDraft;
use quinn::{ReadError, ReadToEndError, RecvStream, SendStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::sandbox::{Sandbox, backend, id, pattern, soon, tcp_server};

fn draft() -> BackendDraft {
    BackendDraft::default()
}

fn add(sandbox: &Sandbox, draft: &BackendDraft) {
    sandbox.faults.backends.add(draft.check().unwrap(), tokio::time::Instant::now()).unwrap();
}

/// A stream on which the client has sent `hello`, under a fault.
async fn stream(sandbox: &Sandbox) -> (SendStream, RecvStream) {
    let connection = sandbox.connect().await;
    let (mut send, recv) = connection.open_bi().await.unwrap();
    send.write_all(b"hello").await.unwrap();
    (send, recv)
}

/// A client's stream and the backend's end of it, under a fault of all backends.
async fn joined(fault: BackendDraft) -> (Sandbox, SendStream, RecvStream, TcpStream) {
    let (server, address) = tcp_server().await;
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    add(&sandbox, &fault);
    let (send, recv) = stream(&sandbox).await;
    let (stream, _) = soon(server.accept()).await.unwrap();
    (sandbox, send, recv, stream)
}

/// The backend that was asked, of two: the one that is not under the fault.
async fn another_is_asked(fault: BackendDraft) -> Sandbox {
    let ((faulty, first), (server, second)) = (tcp_server().await, tcp_server().await);
    let sandbox = Sandbox::with(vec![backend(first), backend(second)]).await;
    add(&sandbox, &BackendDraft { backend: first.to_string(), ..fault });
    // One of two connections is given to the backend that is under the fault, and goes on to the other.
    for _ in 0..2 {
        let (mut send, _recv) = stream(&sandbox).await;
        send.finish().unwrap();
        let (mut stream, _) = soon(server.accept()).await.unwrap();
        let mut got = Vec::new();
        soon(stream.read_to_end(&mut got)).await.unwrap();
        assert_eq!(got, b"hello", "nothing was sent before");
    }
    nobody_comes(&faulty).await;
    let tallies = &sandbox.faults.backends.list()[0].tally;
    assert_eq!((tallies.dials.matched, tallies.dials.hits), (1, 1));
    let records = sandbox.journal.list();
    let notes: Vec<&String> = records.iter().flat_map(|record| &record.notes).collect();
    assert!(notes.len() == 1 && notes[0].contains("fault 1"), "{notes:?}");
    sandbox
}

async fn nobody_comes(listener: &TcpListener) {
    tokio::select! {
        biased;
        _ = listener.accept() => panic!("a connection that was not to be made"),
        () = tokio::task::yield_now() => {}
    }
}

#[tokio::test]
async fn streams_of_a_backend_that_refuses_go_to_another() {
    another_is_asked(BackendDraft { refuse: true, ..draft() }).await;
}

#[tokio::test]
async fn streams_of_a_backend_that_does_not_answer_go_to_another() {
    another_is_asked(BackendDraft { no_answer: true, ..draft() }).await;
}

#[tokio::test]
async fn a_stream_for_which_every_backend_refuses_is_told_so_and_the_next_one_is_served() {
    let (server, address) = tcp_server().await;
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    add(&sandbox, &BackendDraft { refuse: true, count: Some(1), listener: id().as_str().into(), ..draft() });
    let connection = sandbox.connect().await;
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    send.write_all(b"hello").await.unwrap();
    let end = soon(recv.read_to_end(10)).await;
    assert_eq!(end, Err(ReadToEndError::Read(ReadError::Reset(close_code::BACKEND_UNREACHABLE))));
    let (mut send, _recv) = connection.open_bi().await.unwrap();
    send.write_all(b"again").await.unwrap();
    soon(server.accept()).await.unwrap();
}

#[tokio::test]
async fn a_reset_after_some_bytes_is_a_reset_for_both_sides() {
    let fault = BackendDraft { reset_after_bytes: Some(10), ..draft() };
    let (sandbox, mut send, mut recv, mut stream) = joined(fault).await;
    let mut got = [0; 5];
    soon(stream.read_exact(&mut got)).await.unwrap();
    stream.write_all(&pattern(100)).await.unwrap();
    // A reset may overtake what the client has not read yet.
    let end = soon(recv.read_to_end(100)).await;
    assert_eq!(end, Err(ReadToEndError::Read(ReadError::Reset(close_code::BACKEND_RESET))));
    assert_eq!(soon(send.stopped()).await, Ok(Some(close_code::BACKEND_RESET)));
    assert!(soon(stream.read(&mut got)).await.is_err(), "the backend's connection is reset");
    assert!(send.write_all(b"more").await.is_err());
    let record = &sandbox.journal.list()[0];
    assert_eq!(record.bytes_to_client, 10);
    let notes = &record.notes;
    assert!(notes.iter().any(|note| note.contains("fault 1")), "{notes:?}");
}

#[tokio::test]
async fn a_reset_at_once_or_after_a_time_comes_by_itself() {
    let faults = [
        BackendDraft { reset_after_bytes: Some(0), ..draft() },
        BackendDraft { reset_after_seconds: Some(0.1), ..draft() },
    ];
    for fault in faults {
        let (_sandbox, _send, mut recv, mut stream) = joined(fault).await;
        let end = soon(recv.read_to_end(100)).await;
        assert_eq!(end, Err(ReadToEndError::Read(ReadError::Reset(close_code::BACKEND_RESET))));
        assert!(soon(stream.read_to_end(&mut Vec::new())).await.is_err(), "and for the backend");
    }
}

#[tokio::test]
async fn an_answer_that_ends_early_ends_cleanly_and_the_client_may_go_on() {
    let fault = BackendDraft { end_after_bytes: Some(7), ..draft() };
    let (_sandbox, mut send, mut recv, mut stream) = joined(fault).await;
    stream.write_all(&pattern(100)).await.unwrap();
    assert_eq!(soon(recv.read_to_end(100)).await.unwrap(), pattern(7));
    send.write_all(b" and more").await.unwrap();
    send.finish().unwrap();
    let mut got = [0; 14];
    soon(stream.read_exact(&mut got)).await.unwrap();
    assert_eq!(&got, b"hello and more");
}

#[tokio::test]
async fn an_answer_that_never_ends_leaves_the_client_waiting_and_sending() {
    let (_sandbox, mut send, mut recv, mut stream) = joined(BackendDraft { never_end: true, ..draft() }).await;
    stream.write_all(b"answer").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut got = [0; 6];
    soon(recv.read_exact(&mut got)).await.unwrap();
    // What the client sends after the backend's end has come shows that the end was there and was kept back.
    send.write_all(b" still").await.unwrap();
    let mut got = [0; 11];
    soon(stream.read_exact(&mut got)).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(100), recv.read(&mut got)).await.is_err(), "no end");
    send.reset(9_u32.into()).unwrap();
    assert!(soon(stream.read_to_end(&mut Vec::new())).await.is_err(), "the client ends it");
}

#[tokio::test]
async fn a_slow_backend_takes_and_says_everything_in_its_own_time() {
    const SIZE: usize = 60_000;
    let fault = BackendDraft { request_rate: 200_000, answer_rate: 200_000, answer_delay: 0.05, ..draft() };
    let (_sandbox, mut send, mut recv, mut stream) = joined(fault).await;
    let (request, answer) = (pattern(SIZE), pattern(SIZE + 1));
    let start = Instant::now();
    let asking = async {
        send.write_all(&request).await.unwrap();
        send.finish().unwrap();
        recv.read_to_end(SIZE * 2).await.unwrap()
    };
    let serving = async {
        let mut got = Vec::new();
        stream.read_to_end(&mut got).await.unwrap();
        stream.write_all(&answer).await.unwrap();
        stream.shutdown().await.unwrap();
        got
    };
    let (received, got) = soon(async { tokio::join!(asking, serving) }).await;
    assert!(got[5..] == request && received == answer, "{} and {} bytes", got.len(), received.len());
    // The last piece of each way is not waited for.
    let least = Duration::from_secs_f64(2.0 * 50_000.0 / 200_000.0 + 0.05);
    assert!(start.elapsed() >= least, "{:?}", start.elapsed());
}

/// Whether the next probes pass.
async fn probes_pass(sandbox: &mut Sandbox, address: SocketAddr, wanted: bool) {
    loop {
        if let Some(Observation::Probed { address: of, passed, .. }) = soon(sandbox.observations.recv()).await
            && of == backend(address).address
            && passed == wanted
        {
            return;
        }
    }
}

#[tokio::test]
async fn a_backend_that_refuses_or_does_not_answer_fails_its_probes_unless_they_are_spared() {
    let (server, address) = tcp_server().await;
    let mut sandbox = Sandbox::with(vec![backend(address)]).await;
    let interval = Duration::from_millis(50);
    sandbox.listener().probe = Some(Probe { kind: ProbeKind::Tcp, interval, timeout: interval });
    sandbox.apply().await;
    probes_pass(&mut sandbox, address, true).await;
    let (refuse, no_answer) = (BackendDraft { refuse: true, ..draft() }, BackendDraft { no_answer: true, ..draft() });
    for fault in [refuse.clone(), no_answer] {
        add(&sandbox, &fault);
        probes_pass(&mut sandbox, address, false).await;
        let tallies = &sandbox.faults.backends.list()[0].tally;
        assert!(tallies.probes.hits > 0 && tallies.dials.matched == 0);
        sandbox.faults.backends.clear();
        probes_pass(&mut sandbox, address, true).await;
    }
    add(&sandbox, &BackendDraft { strikes: "dials".into(), ..refuse });
    for _ in 0..3 {
        match soon(sandbox.observations.recv()).await {
            Some(Observation::Probed { passed, .. }) => assert!(passed),
            other => panic!("{other:?}"),
        }
    }
    drop(server);
}
