//! Clients whose address changes in the middle of a transfer, as behind a NAT that forgets: nothing is lost, and
//! backends notice nothing.

use std::net::SocketAddr;

use clb_simulator::client::{Client, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::sandbox::{Sandbox, backend, pattern, soon, tcp_server};

/// A NAT between one client and one listener. Each time it is told to, it goes on from another port of its own.
struct Nat {
    address: SocketAddr,
    rebind: mpsc::Sender<UdpSocket>,
    running: JoinHandle<()>,
}

impl Nat {
    async fn start(target: SocketAddr) -> Self {
        let inside = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = inside.local_addr().unwrap();
        let outside = Self::outside(target).await;
        let (rebind, rebinds) = mpsc::channel(1);
        Self { address, rebind, running: tokio::spawn(relay(inside, outside, rebinds)) }
    }

    async fn outside(target: SocketAddr) -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.9:0").await.unwrap();
        socket.connect(target).await.unwrap();
        socket
    }

    /// What is still on its way to the old port is lost, as with a real one.
    async fn rebind(&self, target: SocketAddr) {
        self.rebind.send(Self::outside(target).await).await.unwrap();
    }
}

impl Drop for Nat {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn relay(inside: UdpSocket, mut outside: UdpSocket, mut rebinds: mpsc::Receiver<UdpSocket>) {
    let mut client = None;
    let (mut up, mut down) = (vec![0; 2048], vec![0; 2048]);
    // A datagram that cannot be passed on is lost, which QUIC is made for.
    loop {
        tokio::select! {
            Ok((length, from)) = inside.recv_from(&mut up) => {
                client = Some(from);
                let _ = outside.send(&up[..length]).await;
            }
            Ok(length) = outside.recv(&mut down) => {
                if let Some(client) = client {
                    let _ = inside.send_to(&down[..length], client).await;
                }
            }
            Some(socket) = rebinds.recv() => outside = socket,
            else => return,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_through_a_nat_that_rebinds_loses_nothing_and_stays_one_tcp_connection() {
    const SIZE: usize = 4 << 20;
    const REBIND_EVERY: usize = 1 << 20;
    let (server, address) = tcp_server().await;
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    let target = sandbox.address();
    let nat = Nat::start(target).await;
    let client = Client::new(Options { target: nat.address, ..sandbox.options() }).unwrap();
    let connection = soon(client.connect()).await.unwrap();
    let (mut send, mut recv) = connection.open_bi().await.unwrap();

    let (request, answer) = (pattern(SIZE), pattern(SIZE + 7));
    let sending = async {
        send.write_all(&request).await.unwrap();
        send.finish().unwrap();
    };
    let receiving = async { recv.read_to_end(SIZE * 2).await.unwrap() };
    let serving = async {
        let (mut stream, peer) = server.accept().await.unwrap();
        assert_eq!(peer.ip().to_string(), "127.0.0.9", "where the NAT is");
        let mut got = Vec::with_capacity(SIZE);
        let mut rebound = 0;
        // Rebinding while the client sends,
        while stream.read_buf(&mut got).await.unwrap() > 0 {
            if got.len() / REBIND_EVERY > rebound {
                rebound += 1;
                nat.rebind(target).await;
            }
        }
        assert!(rebound >= SIZE / REBIND_EVERY - 1, "{rebound}");
        // and while the backend does.
        for piece in answer.chunks(REBIND_EVERY) {
            stream.write_all(piece).await.unwrap();
            nat.rebind(target).await;
        }
        stream.shutdown().await.unwrap();
        got
    };
    let ((), received, got) = soon(async { tokio::join!(sending, receiving, serving) }).await;
    assert!(got == request, "{} bytes of {SIZE} came to the backend, or others", got.len());
    assert!(received == answer, "{} bytes of {} came to the client, or others", received.len(), answer.len());
    tokio::select! {
        biased;
        _ = server.accept() => panic!("a second TCP connection"),
        () = tokio::task::yield_now() => {}
    }
    let totals = sandbox.journal.totals();
    assert_eq!((totals.opened, totals.failed_handshakes), (1, 0), "one QUIC connection all the time");
}
