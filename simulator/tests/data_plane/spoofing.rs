//! Datagrams of a client that come from a stranger's address: somebody on the way copies them, or lets them pass under
//! another sender. Whatever QUIC makes of it, backends are shown no address that nobody has answered from.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clb_simulator::client::{Client, Options};
use quinn::{Connection, SendStream};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval};

use crate::sandbox::{Sandbox, backend, soon, tcp_server};

/// Where the client is, as the listener sees it.
const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 9));
/// An address that never answers.
const STRANGER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 66));

/// The way between a client and a listener. What the listener sends goes to the client, and what it sends to the stranger
/// goes nowhere.
struct Way {
    address: SocketAddr,
    /// Whether the client's datagrams come from the stranger.
    spoofed: Arc<AtomicBool>,
    /// What the listener sent to the stranger.
    stranger: Arc<UdpSocket>,
    running: JoinHandle<()>,
}

impl Way {
    async fn to(target: SocketAddr) -> Self {
        let inside = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = inside.local_addr().unwrap();
        let outside = UdpSocket::bind((CLIENT, 0)).await.unwrap();
        let stranger = Arc::new(UdpSocket::bind((STRANGER, 0)).await.unwrap());
        let spoofed = Arc::new(AtomicBool::new(false));
        let running = tokio::spawn(relay(target, inside, outside, Arc::clone(&stranger), Arc::clone(&spoofed)));
        Self { address, spoofed, stranger, running }
    }

    fn spoof(&self, on: bool) {
        self.spoofed.store(on, Ordering::SeqCst);
    }

    /// Waits until the listener takes the stranger's address for the client's.
    async fn is_believed(&self) {
        soon(self.stranger.recv(&mut [0; 2048])).await.unwrap();
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn relay(
    target: SocketAddr,
    inside: UdpSocket,
    outside: UdpSocket,
    stranger: Arc<UdpSocket>,
    spoofed: Arc<AtomicBool>,
) {
    let mut client = None;
    let (mut up, mut down) = (vec![0; 2048], vec![0; 2048]);
    // A datagram that cannot be passed on is lost, which QUIC is made for.
    loop {
        tokio::select! {
            biased;
            Ok((length, from)) = inside.recv_from(&mut up) => {
                client = Some(from);
                let sender = if spoofed.load(Ordering::SeqCst) { &stranger } else { &outside };
                let _ = sender.send_to(&up[..length], target).await;
            }
            Ok((length, _)) = outside.recv_from(&mut down) => {
                if let Some(client) = client {
                    let _ = inside.send_to(&down[..length], client).await;
                }
            }
            else => return,
        }
    }
}

/// A connection over a [`Way`], with a stream whose backend connection is open.
struct Watched {
    sandbox: Sandbox,
    way: Way,
    connection: Connection,
    server: TcpListener,
    first: SendStream,
    first_backend: TcpStream,
}

impl Watched {
    async fn new() -> Self {
        let (server, address) = tcp_server().await;
        let sandbox = Sandbox::with(vec![backend(address)]).await;
        let way = Way::to(sandbox.address()).await;
        let client = Client::new(Options { target: way.address, ..sandbox.options() }).unwrap();
        let connection = soon(client.connect()).await.unwrap();
        let (mut first, _) = connection.open_bi().await.unwrap();
        first.write_all(b"hello").await.unwrap();
        let (first_backend, peer) = soon(server.accept()).await.unwrap();
        assert_eq!(peer.ip(), CLIENT);
        let mut it = Self { sandbox, way, connection, server, first, first_backend };
        it.first_has(b"hello").await;
        it
    }

    async fn first_has(&mut self, wanted: &[u8]) {
        let mut got = vec![0; wanted.len()];
        soon(self.first_backend.read_exact(&mut got)).await.unwrap();
        assert_eq!(got, wanted);
    }

    /// Opens a stream and says whom its backend sees.
    async fn whom_a_new_stream_shows(&self) -> IpAddr {
        let (mut send, _recv) = self.connection.open_bi().await.unwrap();
        send.write_all(b"new").await.unwrap();
        let (mut stream, peer) = soon(self.server.accept()).await.unwrap();
        soon(stream.read_exact(&mut [0; 3])).await.unwrap();
        peer.ip()
    }

    /// The first stream still has its one backend connection, and the journal knows of no other address.
    async fn nothing_has_moved(mut self) {
        self.first.write_all(b"again").await.unwrap();
        self.first_has(b"again").await;
        let records = self.sandbox.journal.list();
        assert_eq!((records.len(), records[0].opening.client.ip()), (1, CLIENT));
        assert!(records[0].moves.is_empty() && records[0].notes.is_empty(), "{:?}", records[0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn datagrams_from_a_strangers_address_show_that_address_to_no_backend() {
    let watched = Watched::new().await;
    watched.way.spoof(true);
    // The datagram that opens a stream is the first of them.
    assert_eq!(watched.whom_a_new_stream_shows().await, CLIENT);
    watched.way.is_believed().await;
    assert_eq!(watched.whom_a_new_stream_shows().await, CLIENT);
    watched.way.spoof(false);
    assert_eq!(watched.whom_a_new_stream_shows().await, CLIENT);
    watched.nothing_has_moved().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_who_passes_everything_on_under_its_address_for_long_is_shown_to_no_backend() {
    /// Longer than an address has to stay that is validated without a word of quinn's; and quinn itself gives it up once
    /// meanwhile, for a moment.
    const LONG: Duration = Duration::from_millis(4_300);
    let mut watched = Watched::new().await;
    watched.way.spoof(true);
    assert_eq!(watched.whom_a_new_stream_shows().await, CLIENT);
    let (begun, mut often) = (Instant::now(), interval(Duration::from_millis(20)));
    let mut sent = 0;
    while begun.elapsed() < LONG {
        often.tick().await;
        watched.first.write_all(b"x").await.unwrap();
        sent += 1;
    }
    watched.way.is_believed().await;
    assert_eq!(watched.whom_a_new_stream_shows().await, CLIENT);
    watched.way.spoof(false);
    watched.first_has(&vec![b'x'; sent]).await;
    watched.nothing_has_moved().await;
}
