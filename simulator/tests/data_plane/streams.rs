//! One stream and its backend connection, seen from both ends.
//!
//! What happens on one side, and the tests that show what the other side sees of it (here, unless another file is named):
//!
//! | event | test |
//! |---|---|
//! | the client opens a stream | `streams_are_connections_of_their_own`, `a_client_may_open_some_streams_at_first_and_the_others_once_it_has_used_one`, `what_was_sent_before_there_was_a_backend_arrives_whole` |
//! | a dial fails | `what_was_sent_before_there_was_a_backend_arrives_whole`, `a_backend_that_does_not_answer_is_replaced_by_another_one`; `scheduling.rs`: `a_backend_that_refuses_is_replaced_by_another_one`, `if_every_backend_refuses_the_stream_is_reset` |
//! | the client's FIN | `a_client_that_ends_its_half_still_gets_the_answer`; `limits.rs`: `an_answer_to_a_client_that_has_ended_its_half_may_take_hours` |
//! | the backend's FIN | `a_backend_that_ends_its_half_still_gets_the_rest`, `an_answer_that_was_complete_before_the_backend_closed_arrives_whole` |
//! | the backend's RST | `a_backend_reset_arrives_as_a_reset_and_never_as_a_clean_end`, `a_backend_that_resets_while_it_is_written_to_resets_the_stream`, `a_backend_that_resets_after_its_answer_stops_the_client_and_the_answer_stays_whole` |
//! | RESET_STREAM from the client | `a_client_reset_reaches_the_backend_as_a_reset`, `a_client_reset_does_not_wait_behind_bytes_the_backend_does_not_read` |
//! | STOP_SENDING from the client | `a_client_that_wants_no_more_stops_the_backend`, `a_client_that_has_ended_and_wants_nothing_frees_a_silent_backend`, `what_a_client_sent_is_delivered_although_it_wants_no_answer` |
//! | the connection ends | `a_lost_connection_resets_its_backend_connections`; `limits.rs`: `a_client_that_says_nothing_for_thirty_seconds_is_gone_and_its_backend_is_told` |
//! | one side is slow | `a_client_that_does_not_read_slows_the_backend_and_gets_everything_later`, `a_backend_that_does_not_read_slows_the_client`, `streams_whose_backends_do_not_read_do_not_hold_up_the_others`, `small_steps_on_either_side_lose_nothing`; `memory.rs` |
//! | one-way streams, datagrams, streams of the server's | `what_tcp_does_not_have_is_not_offered` |

use std::io::ErrorKind;
use std::time::Duration;

use clb_simulator::backend::Backend as Server;
use clb_simulator::data_plane::close_code;
use clb_simulator::data_plane::counters::StreamEnd;
use clb_simulator::data_plane::transport::{FIRST_STREAMS, MAX_STREAMS};
use quinn::{Connection, ReadError, ReadToEndError, RecvStream, SendStream, VarInt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::TcpStream;

use crate::sandbox::{Joined, Refusing, Sandbox, backend, pattern, soon, tcp_server};

/// More than the data plane and both kernels keep of one stream.
const MUCH: usize = 64 << 20;
/// A write that has not gone on for so long is taken to be blocked.
const BLOCKED: Duration = Duration::from_millis(400);

async fn read_exactly(stream: &mut TcpStream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    soon(stream.read_exact(&mut bytes)).await.unwrap();
    bytes
}

/// Reads until the connection breaks; fails on a clean end.
async fn read_until_broken(stream: &mut TcpStream) -> ErrorKind {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match soon(stream.read(&mut buffer)).await {
            Ok(0) => panic!("a clean end"),
            Ok(_) => {}
            Err(error) => return error.kind(),
        }
    }
}

fn reset_now(stream: TcpStream) {
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_transfers_are_byte_exact_both_ways_at_once() {
    let Joined { mut send, mut recv, mut backend, sandbox, .. } = Joined::new().await;
    let (up, down) = (pattern(9 << 20), pattern(7 << 20));
    assert_eq!(read_exactly(&mut backend, 5).await, b"hello");
    let (mut from_client, mut to_client) = backend.split();
    let (sent, received, answered, answer) = (up.clone(), up.len(), down.clone(), down.len());
    let client = async {
        let sending = async {
            send.write_all(&sent).await.unwrap();
            send.finish().unwrap();
        };
        tokio::join!(sending, recv.read_to_end(answer + 1)).1.unwrap()
    };
    let server = async {
        let mut got = Vec::with_capacity(received);
        let answering = async {
            to_client.write_all(&answered).await.unwrap();
            to_client.shutdown().await.unwrap();
        };
        tokio::join!(answering, from_client.read_to_end(&mut got)).1.unwrap();
        got
    };
    let (answer, got) = soon(async { tokio::join!(client, server) }).await;
    assert!(answer == down, "{} bytes of {} came to the client, or others", answer.len(), down.len());
    assert!(got == up, "{} bytes of {} came to the backend, or others", got.len(), up.len());
    let record = &sandbox.journal.list()[0];
    assert_eq!((record.bytes_from_client, record.bytes_to_client), ((9 << 20) + 5, 7 << 20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_ends_its_half_still_gets_the_answer() {
    let Joined { mut send, mut recv, mut backend, sandbox: _sandbox, .. } = Joined::new().await;
    send.finish().unwrap();
    let mut request = Vec::new();
    soon(backend.read_to_end(&mut request)).await.unwrap();
    assert_eq!(request, b"hello");
    backend.write_all(b"first, ").await.unwrap();
    let mut first = [0; 7];
    soon(recv.read_exact(&mut first)).await.unwrap();
    backend.write_all(b"then the rest").await.unwrap();
    drop(backend);
    assert_eq!(soon(recv.read_to_end(100)).await.unwrap(), b"then the rest");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_ends_its_half_still_gets_the_rest() {
    let Joined { mut send, mut recv, mut backend, sandbox: _sandbox, .. } = Joined::new().await;
    backend.write_all(b"all I have to say").await.unwrap();
    backend.shutdown().await.unwrap();
    assert_eq!(soon(recv.read_to_end(100)).await.unwrap(), b"all I have to say");
    send.write_all(b" and more").await.unwrap();
    assert_eq!(read_exactly(&mut backend, 14).await, b"hello and more");
    send.write_all(b" to the end").await.unwrap();
    send.finish().unwrap();
    let mut rest = Vec::new();
    soon(backend.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(rest, b" to the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_reset_arrives_as_a_reset_and_never_as_a_clean_end() {
    let Joined { mut send, mut recv, mut backend, sandbox: _sandbox, .. } = Joined::new().await;
    read_exactly(&mut backend, 5).await;
    backend.write_all(b"half an ans").await.unwrap();
    let mut half = [0; 11];
    soon(recv.read_exact(&mut half)).await.unwrap();
    reset_now(backend);
    let end = soon(recv.read_to_end(100)).await;
    assert_eq!(end, Err(ReadToEndError::Read(ReadError::Reset(close_code::BACKEND_RESET))));
    assert_eq!(soon(send.stopped()).await, Ok(Some(close_code::BACKEND_RESET)));
    assert!(send.write_all(b"more").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_resets_while_it_is_written_to_resets_the_stream() {
    let Joined { mut send, mut recv, backend, sandbox: _sandbox, .. } = Joined::new().await;
    let writing = tokio::spawn(async move { while send.write_all(&[7; 4096]).await.is_ok() {} });
    // It closes with bytes unread, which is a reset on the wire.
    soon(backend.peek(&mut [0])).await.unwrap();
    drop(backend);
    let end = soon(recv.read_to_end(100)).await;
    assert_eq!(end, Err(ReadToEndError::Read(ReadError::Reset(close_code::BACKEND_RESET))));
    soon(writing).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_was_complete_before_the_backend_closed_arrives_whole() {
    let Joined { mut send, mut recv, mut backend, sandbox: _sandbox, .. } = Joined::new().await;
    read_exactly(&mut backend, 5).await;
    // Small enough to be with the data plane's kernel, end included, when this returns.
    let answer = pattern(2_000);
    soon(backend.write_all(&answer)).await.unwrap();
    drop(backend);
    // The client goes on sending to a backend that is gone: it is told so, and the answer is not harmed.
    let writing = tokio::spawn(async move {
        while send.write_all(&[7; 1024]).await.is_ok() {
            tokio::task::yield_now().await;
        }
        send.stopped().await
    });
    assert!(soon(recv.read_to_end(1 << 20)).await.unwrap() == answer);
    assert_eq!(soon(writing).await.unwrap(), Ok(Some(close_code::BACKEND_CLOSED)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_resets_after_its_answer_stops_the_client_and_the_answer_stays_whole() {
    let Joined { mut send, mut recv, mut backend, sandbox: _sandbox, connection: _connection } = Joined::new().await;
    read_exactly(&mut backend, 5).await;
    backend.write_all(b"all I have to say").await.unwrap();
    backend.shutdown().await.unwrap();
    assert_eq!(soon(recv.read_to_end(100)).await.unwrap(), b"all I have to say");
    reset_now(backend);
    // The client says nothing more, and is told all the same.
    assert_eq!(soon(send.stopped()).await, Ok(Some(close_code::BACKEND_CLOSED)));
    assert!(send.write_all(b"more").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_reset_reaches_the_backend_as_a_reset() {
    let Joined { mut send, mut recv, mut backend, sandbox: _sandbox, .. } = Joined::new().await;
    read_exactly(&mut backend, 5).await;
    send.reset(VarInt::from_u32(77)).unwrap();
    assert_eq!(read_until_broken(&mut backend).await, ErrorKind::ConnectionReset);
    let end = soon(recv.read_to_end(100)).await;
    assert_eq!(end, Err(ReadToEndError::Read(ReadError::Reset(close_code::CLIENT_RESET))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_reset_does_not_wait_behind_bytes_the_backend_does_not_read() {
    let Joined { mut send, mut backend, sandbox: _sandbox, connection: _connection, .. } = Joined::new().await;
    let chunk = vec![7; 1 << 20];
    while tokio::time::timeout(BLOCKED, send.write_all(&chunk)).await.is_ok() {}
    send.reset(VarInt::from_u32(77)).unwrap();
    // It still reads nothing; it learns of the reset by writing.
    let writing = async { while backend.write_all(&[0; 1024]).await.is_ok() {} };
    soon(writing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_has_ended_and_wants_nothing_frees_a_silent_backend() {
    let Joined { mut send, mut recv, mut backend, sandbox: _sandbox, connection: _connection } = Joined::new().await;
    read_exactly(&mut backend, 5).await;
    send.finish().unwrap();
    assert_eq!(soon(backend.read(&mut [0])).await.unwrap(), 0, "the client's end comes first");
    recv.stop(VarInt::from_u32(9)).unwrap();
    let reset = soon(backend.ready(Interest::ERROR)).await.unwrap();
    assert!(reset.is_error());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_wants_no_more_stops_the_backend() {
    let Joined { mut send, mut recv, mut backend, sandbox: _sandbox, connection: _connection } = Joined::new().await;
    read_exactly(&mut backend, 5).await;
    backend.write_all(b"the first of very many bytes").await.unwrap();
    soon(recv.read_exact(&mut [0; 9])).await.unwrap();
    recv.stop(VarInt::from_u32(9)).unwrap();
    let written = write_until_blocked(&mut backend).await;
    assert!(written < MUCH, "the backend was read although nobody wants its answer");
    // The other direction is not concerned.
    send.write_all(b"still here").await.unwrap();
    assert_eq!(read_exactly(&mut backend, 10).await, b"still here");
    // Once that is done too, there is nothing left to wait for.
    send.finish().unwrap();
    let broken = soon(backend.write_all(&vec![0; MUCH])).await.expect_err("the connection is reset");
    assert!(matches!(broken.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{broken}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_client_sent_is_delivered_although_it_wants_no_answer() {
    let Joined { mut send, mut recv, mut backend, sandbox: _sandbox, connection: _connection } = Joined::new().await;
    recv.stop(VarInt::from_u32(9)).unwrap();
    let sent = pattern(1 << 20);
    send.write_all(&sent).await.unwrap();
    send.finish().unwrap();
    assert_eq!(soon(send.stopped()).await, Ok(None), "all of it is with the load balancer");
    // Only now does the backend begin to read.
    assert_eq!(read_exactly(&mut backend, 5).await, b"hello");
    let mut got = Vec::with_capacity(sent.len());
    let end = soon(backend.read_to_end(&mut got)).await;
    assert!(got == sent, "{} bytes of {} came to the backend, or others ({end:?})", got.len(), sent.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_whose_backends_do_not_read_do_not_hold_up_the_others() {
    let (server, address) = tcp_server().await;
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    let connection = sandbox.connect().await;
    let chunk = vec![7; 64 * 1024];
    let mut blocked = Vec::new();
    for _ in 0..6 {
        let (mut send, recv) = connection.open_bi().await.unwrap();
        while tokio::time::timeout(BLOCKED, send.write(&chunk)).await.is_ok() {}
        blocked.push((send, recv, soon(server.accept()).await.unwrap()));
    }
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    soon(send.write_all(b"hello")).await.unwrap();
    let (mut backend, _) = soon(server.accept()).await.unwrap();
    assert_eq!(read_exactly(&mut backend, 5).await, b"hello");
    backend.write_all(b"still served").await.unwrap();
    drop(backend);
    assert_eq!(soon(recv.read_to_end(100)).await.unwrap(), b"still served");
}

/// Writes until nothing more is taken, at most [`MUCH`] bytes. Returns how many were taken.
async fn write_until_blocked(stream: &mut TcpStream) -> usize {
    let chunk = pattern(64 * 1024);
    let mut written = 0;
    while written < MUCH {
        match tokio::time::timeout(BLOCKED, stream.write(&chunk[written % chunk.len()..])).await {
            Ok(count) => written += count.unwrap(),
            Err(_) => break,
        }
    }
    written
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_slows_the_backend_and_gets_everything_later() {
    let Joined { mut recv, mut backend, sandbox, connection: _connection, .. } = Joined::new().await;
    let written = write_until_blocked(&mut backend).await;
    assert!(written < MUCH, "the backend was read without a bound");
    assert!(sandbox.journal.list()[0].bytes_to_client < 16 << 20, "more is held than the send window");
    backend.shutdown().await.unwrap();
    let answer = soon(recv.read_to_end(MUCH)).await.unwrap();
    let chunk = pattern(64 * 1024);
    assert_eq!(answer.len(), written);
    assert!(answer.iter().enumerate().all(|(place, byte)| *byte == chunk[place % chunk.len()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_does_not_read_slows_the_client() {
    let Joined { mut send, backend: _backend, sandbox, connection: _connection, .. } = Joined::new().await;
    let chunk = vec![7; 64 * 1024];
    let mut written = 0;
    while written < MUCH {
        match tokio::time::timeout(BLOCKED, send.write(&chunk)).await {
            Ok(count) => written += count.unwrap(),
            Err(_) => break,
        }
    }
    assert!(written < MUCH, "the client was read without a bound");
    assert!(sandbox.journal.list()[0].bytes_from_client < 32 << 20, "more than the kernel's buffers hold");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_resets_its_backend_connections() {
    let Joined { connection, mut backend, sandbox, send: _send, recv: _recv } = Joined::new().await;
    read_exactly(&mut backend, 5).await;
    connection.close(VarInt::from_u32(0), b"");
    assert_eq!(read_until_broken(&mut backend).await, ErrorKind::ConnectionReset);
    let records = sandbox.journal_shows(|records| records.iter().all(|record| record.closed.is_some())).await;
    assert_eq!(records[0].closed.as_ref().unwrap().ending.reason, "closed by the client");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_are_connections_of_their_own() {
    let (server, address) = tcp_server().await;
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    let connection = sandbox.connect().await;
    let mut backends = Vec::new();
    let mut streams = Vec::new();
    for number in 0..5_u8 {
        let (mut send, recv) = connection.open_bi().await.unwrap();
        send.write_all(&[number]).await.unwrap();
        backends.push(soon(server.accept()).await.unwrap().0);
        streams.push((send, recv));
    }
    // One is broken off; the others do not notice.
    reset_now(backends.remove(0));
    let (_, mut broken) = streams.remove(0);
    assert!(soon(broken.read_to_end(10)).await.is_err());
    for ((_, recv), backend) in streams.iter_mut().zip(&mut backends) {
        let number = read_exactly(backend, 1).await;
        backend.write_all(&number).await.unwrap();
        backend.shutdown().await.unwrap();
        assert_eq!(soon(recv.read_to_end(10)).await.unwrap(), number);
    }
    assert_eq!(sandbox.journal.list()[0].streams, 5);
}

/// A stream, if the client may open another one right now.
async fn stream_at_once(connection: &Connection) -> Option<(SendStream, RecvStream)> {
    tokio::select! {
        biased;
        opened = connection.open_bi() => Some(opened.unwrap()),
        () = std::future::ready(()) => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_may_open_some_streams_at_first_and_the_others_once_it_has_used_one() {
    let (_server, address) = tcp_server().await;
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    let connection = sandbox.connect().await;
    let mut streams = Vec::new();
    while let Some(stream) = stream_at_once(&connection).await {
        streams.push(stream);
    }
    assert_eq!(streams.len(), FIRST_STREAMS as usize);
    streams[0].0.write_all(b"hello").await.unwrap();
    while streams.len() < MAX_STREAMS as usize {
        streams.push(soon(connection.open_bi()).await.unwrap());
    }
    assert!(stream_at_once(&connection).await.is_none(), "more than {MAX_STREAMS} streams");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_tcp_does_not_have_is_not_offered() {
    let Joined { connection, sandbox: _sandbox, .. } = Joined::new().await;
    assert_eq!(connection.max_datagram_size(), None, "no datagrams");
    tokio::select! {
        biased;
        _ = connection.open_uni() => panic!("no streams of one direction"),
        () = std::future::ready(()) => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_before_there_was_a_backend_arrives_whole() {
    let (server, address) = tcp_server().await;
    let refusing = [Refusing::new(), Refusing::new()];
    let mut backends: Vec<_> = refusing.iter().map(|it| backend(it.address)).collect();
    backends.push(backend(address));
    let sandbox = Sandbox::with(backends).await;
    let connection = sandbox.connect().await;
    let (mut send, _recv) = connection.open_bi().await.unwrap();
    let request = pattern(200_000);
    send.write_all(&request).await.unwrap();
    send.finish().unwrap();
    let (mut stream, _) = soon(server.accept()).await.unwrap();
    let mut got = Vec::new();
    soon(stream.read_to_end(&mut got)).await.unwrap();
    assert!(got == request, "{} bytes of {} came to the third backend, or others", got.len(), request.len());
    assert_eq!(sandbox.journal.list()[0].notes.len(), 2, "two refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_does_not_answer_is_replaced_by_another_one() {
    // Its queue is full, so that the kernel drops what asks for one more connection.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let full = socket.local_addr().unwrap().as_socket().unwrap();
    let _waiting = soon(TcpStream::connect(full)).await.unwrap();
    let green = Server::start("127.0.0.1:0".parse().unwrap(), Some("green")).await.unwrap();
    let sandbox = Sandbox::with(vec![backend(full), backend(green.address())]).await;
    let exchange = soon(sandbox.client().exchange(1, b"hello\n", 1)).await;
    assert_eq!(exchange.error, None);
    assert!(exchange.replies[0].starts_with("green "), "{:?}", exchange.replies);
    let notes = &sandbox.journal.list()[0].notes;
    assert!(notes[0].contains("no answer within 3s"), "{notes:?}");
}

/// Reads in small steps, with a rest for the others after each.
async fn read_slowly(mut stream: impl tokio::io::AsyncRead + Unpin) -> Vec<u8> {
    let mut got = Vec::new();
    let mut buffer = [0; 100];
    loop {
        match stream.read(&mut buffer).await.unwrap() {
            0 => return got,
            length => got.extend_from_slice(&buffer[..length]),
        }
        tokio::task::yield_now().await;
    }
}

async fn write_slowly(mut stream: impl tokio::io::AsyncWrite + Unpin, bytes: &[u8]) {
    for step in bytes.chunks(37) {
        stream.write_all(step).await.unwrap();
        tokio::task::yield_now().await;
    }
    stream.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_steps_on_either_side_lose_nothing() {
    let Joined { mut send, recv, mut backend, sandbox: _sandbox, connection: _connection } = Joined::new().await;
    let (up, down) = (pattern(100_000), pattern(90_000));
    read_exactly(&mut backend, 5).await;
    let (from_client, to_client) = backend.split();
    let all = async {
        tokio::join!(
            write_slowly(&mut send, &up),
            write_slowly(to_client, &down),
            read_slowly(from_client),
            read_slowly(recv)
        )
    };
    let ((), (), at_backend, at_client) = soon(all).await;
    assert!(at_backend == up, "{} bytes of {} came to the backend, or others", at_backend.len(), up.len());
    assert!(at_client == down, "{} bytes of {} came to the client, or others", at_client.len(), down.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_streams_of_one_connection_hundreds_at_a_time_leave_nothing_behind() {
    const AT_A_TIME: usize = 300;
    const IN_TURN: usize = 8;
    let blue = Server::start("127.0.0.1:0".parse().unwrap(), Some("blue")).await.unwrap();
    let sandbox = Sandbox::with(vec![backend(blue.address())]).await;
    let client = sandbox.client();
    let connection = soon(client.connect()).await.unwrap();
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..AT_A_TIME {
        let connection = connection.clone();
        workers.spawn(async move {
            for _ in 0..IN_TURN {
                // More at a time than the client may have open: the rest wait.
                let (mut send, mut recv) = connection.open_bi().await.unwrap();
                send.write_all(b"hello\n").await.unwrap();
                send.finish().unwrap();
                let reply = recv.read_to_end(100).await.unwrap();
                assert!(reply.starts_with(b"blue "));
            }
        });
    }
    soon(workers.join_all()).await;
    let streams = (AT_A_TIME * IN_TURN) as u64;
    let counters = sandbox.counters();
    // The client has its answers before the load balancer knows that they were acknowledged.
    soon(async {
        while counters.streams_open() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    assert_eq!(counters.streams_opened.get(), streams);
    assert_eq!(counters.streams_ended.of(StreamEnd::Whole), streams);
    connection.close(close_code::STOPPED, b"");
    sandbox.journal_shows(|records| records[0].closed.is_some()).await;
    assert_eq!(counters.connections_open(), 0);
    let blue = counters.backend(backend(blue.address()).address);
    // The lease goes with the connection, a moment after its end is written down.
    soon(async {
        while blue.connections_ended.get() < blue.connections_given.get() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    assert_eq!((blue.connections_given.get(), blue.dials_connected.get()), (1, streams));
}
