//! Early data (0-RTT): off unless it is asked for, and when it is on no backend notices anything of a client before that
//! has completed its handshake, which nobody can who replays what another has sent.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clb_model::forwarding::ClientCertificate;
use clb_simulator::data_plane::Settings;
use quinn::{Connection, SendStream, ZeroRttAccepted};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::certificates::Authority;
use crate::raw_client::{RawClient, certified};
use crate::sandbox::{Sandbox, backend, soon, tcp_server};

const ON: Settings = Settings { early_data: true, passive_health_check: false };

async fn sandbox(settings: Settings) -> (Sandbox, TcpListener) {
    let (server, address) = tcp_server().await;
    (Sandbox::with_settings(vec![backend(address)], settings).await, server)
}

/// A client of the listener that holds a session of it.
async fn returning(target: SocketAddr) -> RawClient {
    let client = RawClient::early(None);
    client.connect(target).await.0.close(0_u8.into(), b"");
    client
}

/// Sends text on a stream before there is a handshake. Nothing is waited for, so it leaves with the first packets.
async fn send_early(client: &RawClient, target: SocketAddr) -> (Connection, SendStream, ZeroRttAccepted) {
    let Ok((connection, accepted)) = client.connecting(target).into_0rtt() else {
        panic!("the session allows no early data")
    };
    let send = send(&connection, b"early").await;
    (connection, send, accepted)
}

async fn send(connection: &Connection, text: &[u8]) -> SendStream {
    let (mut send, _) = connection.open_bi().await.unwrap();
    send.write_all(text).await.unwrap();
    send.finish().unwrap();
    send
}

/// What comes on the next connection of the backend.
async fn next(server: &TcpListener) -> String {
    let (mut connection, _) = soon(server.accept()).await.unwrap();
    let mut text = String::new();
    soon(connection.read_to_string(&mut text)).await.unwrap();
    text
}

#[tokio::test]
async fn it_is_off_by_default_and_on_when_asked_for() {
    let (sandbox, _server) = sandbox(Settings::default()).await;
    let client = returning(sandbox.address()).await;
    assert!(client.connecting(sandbox.address()).into_0rtt().is_err(), "sessions allow none");

    let (sandbox, server) = self::sandbox(ON).await;
    let client = returning(sandbox.address()).await;
    let (_connection, _send, accepted) = send_early(&client, sandbox.address()).await;
    assert!(soon(accepted).await, "and it is accepted");
    assert_eq!(next(&server).await, "early");
}

#[tokio::test]
async fn clients_that_are_asked_for_a_certificate_have_none() {
    let (mut sandbox, _server) = sandbox(ON).await;
    let clients = Authority::new();
    for demand in [ClientCertificate::Optional, ClientCertificate::Required] {
        sandbox.listener().tls = sandbox.authority.mutual_server(&clients, demand);
        sandbox.apply().await;
        let client = RawClient::early(Some(certified(&clients.client())));
        client.connect(sandbox.address()).await;
        assert!(client.connecting(sandbox.address()).into_0rtt().is_err(), "{demand:?}");
    }
}

#[tokio::test]
async fn a_backend_sees_nothing_of_it_before_the_handshake_is_complete() {
    let (sandbox, server) = sandbox(ON).await;
    let client = returning(sandbox.address()).await;
    let relay = Relay::start(sandbox.address()).await;
    let (_connection, _send, accepted) = send_early(&client, relay.address).await;
    // The listener has read it, and what completes the handshake is on its way and does not arrive.
    assert!(soon(accepted).await);
    let other = RawClient::new().connect(sandbox.address()).await.0;
    let _sending = send(&other, b"later").await;
    assert_eq!(next(&server).await, "later");
    relay.let_go();
    assert_eq!(next(&server).await, "early");
}

#[tokio::test]
async fn what_is_replayed_comes_to_nothing() {
    let (sandbox, server) = sandbox(ON).await;
    let client = returning(sandbox.address()).await;
    let relay = Relay::start(sandbox.address()).await;
    relay.let_go();
    let (connection, _send, accepted) = send_early(&client, relay.address).await;
    assert!(soon(accepted).await);
    assert_eq!(next(&server).await, "early");

    // As long as the connection is known, its first packets are taken for lost ones that come late.
    connection.close(0_u8.into(), b"");
    let thief = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let answered = async {
        loop {
            for datagram in relay.first_flight() {
                thief.send_to(&datagram, sandbox.address()).await.unwrap();
            }
            if timeout(Duration::from_millis(50), thief.recv(&mut [0; 2000])).await.is_ok() {
                break;
            }
        }
    };
    soon(answered).await;
    let other = RawClient::new().connect(sandbox.address()).await.0;
    let _sending = send(&other, b"later").await;
    assert_eq!(next(&server).await, "later", "nothing was dialled for the thief");
}

/// Between a client and the listener. Once the listener has answered, it keeps what comes from the client until it is told
/// to let go.
struct Relay {
    address: SocketAddr,
    let_go: watch::Sender<bool>,
    first_flight: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Relay {
    async fn start(target: SocketAddr) -> Self {
        let (inside, outside) =
            (UdpSocket::bind("127.0.0.1:0").await.unwrap(), UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let address = inside.local_addr().unwrap();
        outside.connect(target).await.unwrap();
        let (let_go, free) = watch::channel(false);
        let first_flight = Arc::default();
        tokio::spawn(relay(inside, outside, free, Arc::clone(&first_flight)));
        Self { address, let_go, first_flight }
    }

    fn let_go(&self) {
        self.let_go.send_replace(true);
    }

    /// What the client had sent when the listener answered.
    fn first_flight(&self) -> Vec<Vec<u8>> {
        self.first_flight.lock().unwrap().clone()
    }
}

/// Until the [`Relay`] is gone.
async fn relay(
    inside: UdpSocket,
    outside: UdpSocket,
    mut free: watch::Receiver<bool>,
    first_flight: Arc<Mutex<Vec<Vec<u8>>>>,
) {
    let (mut up, mut down) = ([0; 2000], [0; 2000]);
    let (mut client, mut kept) = (None, Vec::<Vec<u8>>::new());
    let mut answered = false;
    loop {
        tokio::select! {
            biased;
            changed = free.changed() => {
                if changed.is_err() {
                    return;
                }
                for datagram in std::mem::take(&mut kept) {
                    outside.send(&datagram).await.unwrap();
                }
            }
            received = inside.recv_from(&mut up) => {
                let (length, from) = received.unwrap();
                client = Some(from);
                let datagram = up[..length].to_vec();
                if answered && !*free.borrow() {
                    kept.push(datagram);
                    continue;
                }
                outside.send(&datagram).await.unwrap();
                if !answered {
                    first_flight.lock().unwrap().push(datagram);
                }
            }
            received = outside.recv(&mut down) => {
                let Ok(length) = received else { return };
                answered = true;
                inside.send_to(&down[..length], client.expect("it has been asked")).await.unwrap();
            }
        }
    }
}
