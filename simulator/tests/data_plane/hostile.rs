//! Bytes from strangers: datagrams that are no QUIC, and ClientHellos that were tampered with.

use std::any::Any;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use clb_simulator::backend::Backend as Server;
use quinn::crypto::rustls::QuicClientConfig;
use quinn::crypto::{ClientConfig, ExportKeyingMaterialError, HeaderKey, KeyPair, Keys, PacketKey, Session};
use quinn::{ConnectError, ConnectionId, Endpoint, Side};
use quinn_proto::TransportError;
use quinn_proto::transport_parameters::TransportParameters;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::sandbox::{Sandbox, backend, soon};

/// A repeatable source of bytes (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }
}

async fn sandbox() -> (Sandbox, Server) {
    let blue = Server::start("127.0.0.1:0".parse().unwrap(), Some("blue")).await.unwrap();
    (Sandbox::with(vec![backend(blue.address())]).await, blue)
}

async fn assert_it_still_serves(sandbox: &Sandbox) {
    let exchange = soon(sandbox.client().exchange(1, b"hello\n", 1)).await;
    assert_eq!(exchange.error, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_datagrams_do_no_harm() {
    let (sandbox, _blue) = sandbox().await;
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut random = Random(0x5eed);
    for round in 0..3000 {
        let length = [0, 1, 20, 40, 300, 1200, 1452][random.below(7)];
        let mut datagram: Vec<u8> = (0..length).map(|_| random.byte()).collect();
        if round % 2 == 0 && length >= 20 {
            // As much of an Initial packet as can be had without keys: version 1, ids and token of plausible lengths.
            datagram[..6].copy_from_slice(&[0xc3, 0, 0, 0, 1, 8]);
            datagram[14] = 0;
            datagram[15] = 0;
        }
        socket.send_to(&datagram, sandbox.address()).unwrap();
    }
    assert_it_still_serves(&sandbox).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_client_hellos_are_answered_or_refused_and_do_no_harm() {
    let (sandbox, _blue) = sandbox().await;
    let target = sandbox.address();
    let roots = clb_simulator::tls::roots("CA", &sandbox.authority.certificate_pem).unwrap();
    let mut tls = rustls::ClientConfig::builder_with_provider(clb_simulator::tls::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"game/1".to_vec(), b"h3".to_vec()];
    let quic = Arc::new(QuicClientConfig::try_from(tls).unwrap());
    let endpoint = Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    let mut attempts = JoinSet::new();
    for seed in 1..=200 {
        let config = quinn::ClientConfig::new(Arc::new(Tampering { quic: Arc::clone(&quic), seed }));
        let connecting = endpoint.connect_with(config, target, crate::certificates::SERVER_NAME).unwrap();
        // A ClientHello that lacks its end is waited for; the client need not wait as well.
        attempts.spawn(async move { matches!(timeout(Duration::from_secs(2), connecting).await, Ok(Ok(_))) });
    }
    let completed = soon(attempts.join_all()).await.into_iter().filter(|&ok| ok).count();
    assert!(completed < 200, "tampering was meant to be noticed");
    assert_it_still_serves(&sandbox).await;
}

/// A client configuration whose ClientHello is changed in places that depend on the seed.
struct Tampering {
    quic: Arc<QuicClientConfig>,
    seed: u64,
}

impl ClientConfig for Tampering {
    fn start_session(
        self: Arc<Self>,
        version: u32,
        server_name: &str,
        params: &TransportParameters,
    ) -> Result<Box<dyn Session>, ConnectError> {
        let session = Arc::clone(&self.quic).start_session(version, server_name, params)?;
        Ok(Box::new(Tampered { session, random: Random(self.seed * 0x9e37_79b9), done: false }))
    }
}

struct Tampered {
    session: Box<dyn Session>,
    random: Random,
    done: bool,
}

impl Session for Tampered {
    fn write_handshake(&mut self, buf: &mut Vec<u8>) -> Option<Keys> {
        let keys = self.session.write_handshake(buf);
        if !self.done && !buf.is_empty() {
            self.done = true;
            for _ in 0..=self.random.below(3) {
                let place = self.random.below(buf.len());
                buf[place] = self.random.byte();
            }
            match self.random.below(4) {
                0 => buf.truncate(self.random.below(buf.len())),
                1 => buf.extend(std::iter::repeat_n(7, self.random.below(30_000))),
                _ => {}
            }
        }
        keys
    }

    fn initial_keys(&self, dst_cid: &ConnectionId, side: Side) -> Keys {
        self.session.initial_keys(dst_cid, side)
    }

    fn handshake_data(&self) -> Option<Box<dyn Any>> {
        self.session.handshake_data()
    }

    fn peer_identity(&self) -> Option<Box<dyn Any>> {
        self.session.peer_identity()
    }

    fn early_crypto(&self) -> Option<(Box<dyn HeaderKey>, Box<dyn PacketKey>)> {
        self.session.early_crypto()
    }

    fn early_data_accepted(&self) -> Option<bool> {
        self.session.early_data_accepted()
    }

    fn is_handshaking(&self) -> bool {
        self.session.is_handshaking()
    }

    fn read_handshake(&mut self, buf: &[u8]) -> Result<bool, TransportError> {
        self.session.read_handshake(buf)
    }

    fn transport_parameters(&self) -> Result<Option<TransportParameters>, TransportError> {
        self.session.transport_parameters()
    }

    fn next_1rtt_keys(&mut self) -> Option<KeyPair<Box<dyn PacketKey>>> {
        self.session.next_1rtt_keys()
    }

    fn is_valid_retry(&self, orig_dst_cid: &ConnectionId, header: &[u8], payload: &[u8]) -> bool {
        self.session.is_valid_retry(orig_dst_cid, header, payload)
    }

    fn export_keying_material(
        &self,
        output: &mut [u8],
        label: &[u8],
        context: &[u8],
    ) -> Result<(), ExportKeyingMaterialError> {
        self.session.export_keying_material(output, label, context)
    }
}
