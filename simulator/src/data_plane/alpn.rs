//! Any application protocol: a layer-4 forwarder has none of its own, so the client's first offer is chosen, and a
//! client that offers none is accepted too.
//!
//! rustls chooses from a fixed list of the server's. So the ClientHello is read here first, and the TLS session is
//! started with the one protocol that will be chosen:
//!
//! ```text
//! CRYPTO bytes ──► collected until the ClientHello is whole ──► first ALPN offer ──► rustls session, fed the same bytes
//! ```
//!
//! The session is `tls_session.rs`. The bytes come from strangers: nothing here indexes, unwraps or grows without a bound.

use std::sync::Arc;

use quinn::crypto::rustls::QuicServerConfig;
use quinn::crypto::{self, Keys, Session, UnsupportedVersion};
use quinn::{ConnectionId, Side};
use quinn_proto::transport_parameters::TransportParameters;
use rustls::CipherSuite;
use rustls::quic::{Suite, Version};
use rustls::server::Acceptor;

use super::tls_session::{self, TlsSession};

/// The largest ClientHello that is read: one TLS record. Beyond it the client gets CRYPTO_BUFFER_EXCEEDED.
const MAX_CLIENT_HELLO: usize = 16_384;
/// Message type and 24-bit length in front of a TLS handshake message.
const MESSAGE_HEADER: usize = 4;
const CLIENT_HELLO: u8 = 1;

/// The TLS side of a listener, for whatever protocol the client speaks.
pub struct AnyAlpn {
    tls: Arc<rustls::ServerConfig>,
    quic: QuicServerConfig,
    /// What Initial packets are protected with.
    initial: Suite,
}

impl AnyAlpn {
    /// Wraps a configuration whose own list of protocols is ignored. Refused if it cannot do QUIC at all.
    pub fn new(mut tls: rustls::ServerConfig) -> Result<Self, String> {
        tls.alpn_protocols.clear();
        let tls = Arc::new(tls);
        let suites = &tls.crypto_provider().cipher_suites;
        let initial = suites.iter().find(|suite| suite.suite() == CipherSuite::TLS13_AES_128_GCM_SHA256);
        let initial =
            initial.and_then(|suite| suite.tls13()?.quic_suite()).ok_or("no cipher suite of QUIC's is there")?;
        let quic = QuicServerConfig::try_from(Arc::clone(&tls)).map_err(|error| error.to_string())?;
        Ok(Self { tls, quic, initial })
    }

    /// The configuration for one connection that speaks `protocol`. A copy shares certificate, verifier and session
    /// storage with all others of this listener.
    pub(super) fn speaking(&self, protocol: Option<Vec<u8>>) -> Arc<rustls::ServerConfig> {
        let Some(protocol) = protocol else { return Arc::clone(&self.tls) };
        let mut tls = rustls::ServerConfig::clone(&self.tls);
        tls.alpn_protocols = vec![protocol];
        Arc::new(tls)
    }

    /// What the Initial packets of a connection are protected with.
    pub(super) fn first_keys(&self, dst_cid: &ConnectionId, side: Side) -> Keys {
        let side = if side.is_client() { rustls::Side::Client } else { rustls::Side::Server };
        tls_session::keys(self.initial.keys(dst_cid, side, Version::V1))
    }
}

impl crypto::ServerConfig for AnyAlpn {
    fn initial_keys(&self, version: u32, dst_cid: &ConnectionId) -> Result<Keys, UnsupportedVersion> {
        self.quic.initial_keys(version, dst_cid)
    }

    fn retry_tag(&self, version: u32, orig_dst_cid: &ConnectionId, packet: &[u8]) -> [u8; 16] {
        self.quic.retry_tag(version, orig_dst_cid, packet)
    }

    /// `version` can only be 1: the endpoint speaks no other (see `transport.rs`).
    fn start_session(self: Arc<Self>, _version: u32, params: &TransportParameters) -> Box<dyn Session> {
        Box::new(TlsSession::new(self, params))
    }
}

/// What the first bytes of the handshake are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message<'a> {
    /// A whole ClientHello, header included, and nothing after it.
    ClientHello(&'a [u8]),
    /// Not all of it has come.
    Partial,
    /// More than is read.
    TooBig,
    /// Not a ClientHello; rustls knows which alert that deserves.
    Other,
}

impl Message<'_> {
    pub(super) fn of(bytes: &[u8]) -> Message<'_> {
        match *bytes {
            [kind, ..] if kind != CLIENT_HELLO => Message::Other,
            [_, a, b, c, ..] => {
                let whole = MESSAGE_HEADER + (usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c));
                if whole > MAX_CLIENT_HELLO {
                    Message::TooBig
                } else if bytes.len() < whole {
                    Message::Partial
                } else {
                    bytes.get(..whole).map_or(Message::Other, Message::ClientHello)
                }
            }
            _ => Message::Partial,
        }
    }
}

/// The ClientHello that these bytes begin with, if they do and it is whole.
#[cfg(any(test, fuzzing))]
pub fn whole_client_hello(bytes: &[u8]) -> Option<&[u8]> {
    match Message::of(bytes) {
        Message::ClientHello(hello) => Some(hello),
        _ => None,
    }
}

/// The first protocol a ClientHello offers; `None` if it offers none or cannot be read (rustls will say why).
pub(super) fn first_offer(hello: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(hello.len()).ok()?.to_be_bytes();
    let mut record = Vec::with_capacity(5 + hello.len());
    record.extend_from_slice(&[0x16, 0x03, 0x01]);
    record.extend_from_slice(&length);
    record.extend_from_slice(hello);

    let mut acceptor = Acceptor::default();
    let mut rest = record.as_slice();
    while !rest.is_empty() {
        if acceptor.read_tls(&mut rest).ok()? == 0 {
            return None;
        }
    }
    let accepted = acceptor.accept().ok()??;
    accepted.client_hello().alpn()?.next().map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ClientHello with the extensions a parser needs, and these protocols offered.
    fn client_hello(offers: &[&[u8]]) -> Vec<u8> {
        let names: Vec<u8> =
            offers.iter().flat_map(|name| [&[u8::try_from(name.len()).expect("short")], *name].concat()).collect();
        let mut extensions = vec![0, 13, 0, 4, 0, 2, 4, 3];
        if !offers.is_empty() {
            extensions.extend([0, 16]);
            extensions.extend(u16::try_from(names.len() + 2).expect("short").to_be_bytes());
            extensions.extend(u16::try_from(names.len()).expect("short").to_be_bytes());
            extensions.extend(names);
        }
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 2, 0x13, 0x01, 1, 0]);
        body.extend(u16::try_from(extensions.len()).expect("short").to_be_bytes());
        body.extend(extensions);
        let length = u32::try_from(body.len()).expect("short").to_be_bytes();
        [&[CLIENT_HELLO], &length[1..], &body].concat()
    }

    #[test]
    fn the_first_offer_is_found() {
        assert_eq!(first_offer(&client_hello(&[b"game/1", b"h3"])).as_deref(), Some(b"game/1".as_slice()));
        assert_eq!(first_offer(&client_hello(&[])), None);
    }

    #[test]
    fn a_client_hello_is_whole_only_with_its_last_byte() {
        let hello = client_hello(&[b"h3"]);
        for cut in 0..hello.len() {
            assert_eq!(Message::of(&hello[..cut]), Message::Partial, "{cut} bytes");
        }
        assert_eq!(Message::of(&hello), Message::ClientHello(&hello));
    }

    #[test]
    fn a_length_beyond_one_record_is_too_big_at_once() {
        assert_eq!(Message::of(&[CLIENT_HELLO, 0, 0x40, 0]), Message::TooBig);
        assert_eq!(Message::of(&[CLIENT_HELLO, 0, 0x3f, 0xfc]), Message::Partial);
        assert_eq!(Message::of(&[CLIENT_HELLO, 0xff, 0xff, 0xff]), Message::TooBig);
        assert_eq!(Message::of(&[2, 0, 0, 0]), Message::Other);
    }

    #[test]
    fn broken_client_hellos_offer_nothing_and_do_no_harm() {
        let hello = client_hello(&[b"game/1", b"h3"]);
        for place in 0..hello.len() {
            for value in [0x00, 0x01, 0x7f, 0xff] {
                let mut broken = hello.clone();
                broken[place] = value;
                if let Message::ClientHello(whole) = Message::of(&broken) {
                    let _ = first_offer(whole);
                }
                let _ = first_offer(&broken[..place]);
            }
        }
    }
}
