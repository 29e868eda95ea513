//! The TLS side of one connection: rustls behind quinn's trait, with less kept than quinn's own implementation keeps.
//!
//! ```text
//! Hello ──ClientHello is whole──► Handshake ──completed, tickets handed over──► Established
//! its bytes                       a rustls session                              secrets of the next keys, what was agreed
//! ```
//!
//! The rustls session is made when the ClientHello can be read, so that it can be made for the protocol of the client's choice
//! (see `alpn.rs`), and goes when there is nothing left for it to do: an idle connection keeps some 300 bytes here in place of
//! 4 KB (BENCHMARKS.md).
//!
//! The bytes come from strangers, and some of these calls run under the endpoint's lock: nothing here indexes, unwraps or grows
//! without a bound.

use std::any::Any;
use std::io::Cursor;
use std::mem;
use std::sync::Arc;

use quinn::crypto::rustls::HandshakeData;
use quinn::crypto::{ExportKeyingMaterialError, HeaderKey, KeyPair, Keys, PacketKey, Session};
use quinn::{ConnectionId, Side, TransportErrorCode};
use quinn_proto::TransportError;
use quinn_proto::transport_parameters::TransportParameters;
use rustls::AlertDescription;
use rustls::pki_types::CertificateDer;
use rustls::quic::{KeyChange, Secrets, ServerConnection, Version};

use super::alpn::{self, AnyAlpn, Message};

/// One connection's TLS. Made by [`AnyAlpn`].
pub struct TlsSession {
    listener: Arc<AnyAlpn>,
    phase: Phase,
}

enum Phase {
    /// The ClientHello has not come, or not all of it.
    Hello(Hello),
    Handshake(Box<Handshake>),
    Established(Box<Established>),
}

struct Hello {
    /// What has come of it.
    collected: Vec<u8>,
    /// The listener's transport parameters, as they go over the wire.
    parameters: Vec<u8>,
}

struct Handshake {
    tls: ServerConnection,
    /// Whether quinn knows that there is something to ask [`Session::handshake_data`] for.
    has_data: bool,
    /// There as soon as the keys of 1-RTT packets are.
    next: Option<Secrets>,
}

/// What is left of a completed handshake.
struct Established {
    next: Secrets,
    protocol: Option<Vec<u8>>,
    server_name: Option<String>,
    client_certificates: Option<Vec<CertificateDer<'static>>>,
}

impl TlsSession {
    /// A session of a listener that has heard nothing yet and will tell its client these parameters.
    pub fn new(listener: Arc<AnyAlpn>, parameters: &TransportParameters) -> Self {
        let mut written = Vec::new();
        parameters.write(&mut written);
        let phase = Phase::Hello(Hello { collected: Vec::new(), parameters: written });
        Self { listener, phase }
    }

    fn handshake(&self) -> Option<&Handshake> {
        match &self.phase {
            Phase::Handshake(handshake) => Some(handshake),
            Phase::Hello(_) | Phase::Established(_) => None,
        }
    }
}

impl Hello {
    /// Goes on to the handshake if the ClientHello is whole, or if it is none: rustls knows which alert that deserves.
    fn read(&mut self, listener: &AnyAlpn, bytes: &[u8]) -> Result<Option<Box<Handshake>>, TransportError> {
        self.collected.extend_from_slice(bytes);
        let protocol = match Message::of(&self.collected) {
            Message::TooBig => return Err(TransportErrorCode::CRYPTO_BUFFER_EXCEEDED.into()),
            Message::Partial => return Ok(None),
            Message::Other => None,
            Message::ClientHello(hello) => alpn::first_offer(hello),
        };
        let tls = ServerConnection::new(listener.speaking(protocol), Version::V1, mem::take(&mut self.parameters));
        let tls = tls.map_err(|error| TransportError {
            code: TransportErrorCode::INTERNAL_ERROR,
            frame: None,
            reason: error.to_string(),
        })?;
        Ok(Some(Box::new(Handshake { tls, has_data: false, next: None })))
    }
}

impl Handshake {
    fn read(&mut self, bytes: &[u8]) -> Result<bool, TransportError> {
        self.tls.read_hs(bytes).map_err(|error| match self.tls.alert() {
            Some(alert) => refusal(alert, error.to_string()),
            None => TransportError {
                code: TransportErrorCode::PROTOCOL_VIOLATION,
                frame: None,
                reason: format!("TLS: {error}"),
            },
        })?;
        // rustls does not say when the ClientHello is read; a client that offers no protocol and no name shows it last.
        let is_read =
            self.tls.alpn_protocol().is_some() || self.tls.server_name().is_some() || !self.tls.is_handshaking();
        Ok(is_read && !mem::replace(&mut self.has_data, is_read))
    }

    fn write(&mut self, into: &mut Vec<u8>) -> Option<Keys> {
        let keys = match self.tls.write_hs(into)? {
            KeyChange::Handshake { keys } => keys,
            KeyChange::OneRtt { keys, next } => {
                self.next = Some(next);
                keys
            }
        };
        Some(self::keys(keys))
    }

    fn protocol(&self) -> Option<Vec<u8>> {
        self.tls.alpn_protocol().map(<[u8]>::to_vec)
    }

    fn server_name(&self) -> Option<String> {
        self.tls.server_name().map(str::to_owned)
    }

    fn client_certificates(&self) -> Option<Vec<CertificateDer<'static>>> {
        let shown = self.tls.peer_certificates()?;
        Some(shown.iter().map(|certificate| certificate.clone().into_owned()).collect())
    }

    /// What is to be kept of it; `None` while it has something to do.
    fn completed(&mut self) -> Option<Box<Established>> {
        if self.tls.is_handshaking() {
            return None;
        }
        let next = self.next.take()?;
        let (protocol, server_name) = (self.protocol(), self.server_name());
        let client_certificates = self.client_certificates();
        Some(Box::new(Established { next, protocol, server_name, client_certificates }))
    }
}

impl Session for TlsSession {
    fn read_handshake(&mut self, bytes: &[u8]) -> Result<bool, TransportError> {
        match &mut self.phase {
            Phase::Hello(hello) => {
                let Some(mut handshake) = hello.read(&self.listener, bytes)? else { return Ok(false) };
                let hello = mem::take(&mut hello.collected);
                let read = handshake.read(&hello);
                self.phase = Phase::Handshake(handshake);
                read
            }
            Phase::Handshake(handshake) => handshake.read(bytes),
            // A client has nothing to say in TLS once it is done: QUIC changes keys without it (RFC 9001, 6), and nobody asked
            // it for a certificate afterwards.
            Phase::Established(_) => {
                Err(refusal(AlertDescription::UnexpectedMessage, "TLS message after the handshake".to_owned()))
            }
        }
    }

    fn write_handshake(&mut self, into: &mut Vec<u8>) -> Option<Keys> {
        let Phase::Handshake(handshake) = &mut self.phase else { return None };
        let before = into.len();
        let keys = handshake.write(into);
        if keys.is_none()
            && into.len() == before
            && let Some(established) = handshake.completed()
        {
            self.phase = Phase::Established(established);
        }
        keys
    }

    fn next_1rtt_keys(&mut self) -> Option<KeyPair<Box<dyn PacketKey>>> {
        let next = match &mut self.phase {
            Phase::Hello(_) => return None,
            Phase::Handshake(handshake) => handshake.next.as_mut()?,
            Phase::Established(established) => &mut established.next,
        };
        let keys = next.next_packet_keys();
        Some(KeyPair { local: Box::new(keys.local), remote: Box::new(keys.remote) })
    }

    fn is_handshaking(&self) -> bool {
        match &self.phase {
            Phase::Hello(_) => true,
            Phase::Handshake(handshake) => handshake.tls.is_handshaking(),
            Phase::Established(_) => false,
        }
    }

    fn handshake_data(&self) -> Option<Box<dyn Any>> {
        let (protocol, server_name) = match &self.phase {
            Phase::Hello(_) => return None,
            Phase::Handshake(handshake) if !handshake.has_data => return None,
            Phase::Handshake(handshake) => (handshake.protocol(), handshake.server_name()),
            Phase::Established(established) => (established.protocol.clone(), established.server_name.clone()),
        };
        Some(Box::new(HandshakeData { protocol, server_name }))
    }

    fn peer_identity(&self) -> Option<Box<dyn Any>> {
        let shown = match &self.phase {
            Phase::Hello(_) => None,
            Phase::Handshake(handshake) => handshake.client_certificates(),
            Phase::Established(established) => established.client_certificates.clone(),
        };
        shown.map(|certificates| Box::new(certificates) as Box<dyn Any>)
    }

    fn transport_parameters(&self) -> Result<Option<TransportParameters>, TransportError> {
        // Asked for when the ClientHello is read, and never again.
        let Some(bytes) = self.handshake().and_then(|handshake| handshake.tls.quic_transport_parameters()) else {
            return Ok(None);
        };
        Ok(Some(TransportParameters::read(Side::Server, &mut Cursor::new(bytes))?))
    }

    fn early_crypto(&self) -> Option<(Box<dyn HeaderKey>, Box<dyn PacketKey>)> {
        let keys = self.handshake()?.tls.zero_rtt_keys()?;
        Some((Box::new(keys.header), Box::new(keys.packet)))
    }

    fn early_data_accepted(&self) -> Option<bool> {
        // A client's question.
        None
    }

    fn initial_keys(&self, dst_cid: &ConnectionId, side: Side) -> Keys {
        self.listener.first_keys(dst_cid, side)
    }

    fn is_valid_retry(&self, _: &ConnectionId, _: &[u8], _: &[u8]) -> bool {
        // A client's question: nobody sends a Retry to a server.
        false
    }

    fn export_keying_material(&self, _: &mut [u8], _: &[u8], _: &[u8]) -> Result<(), ExportKeyingMaterialError> {
        // Nothing here exports any, and what it is made of goes with the handshake.
        Err(ExportKeyingMaterialError)
    }
}

/// rustls's keys as quinn has them.
pub(super) fn keys(keys: rustls::quic::Keys) -> Keys {
    Keys {
        header: KeyPair { local: Box::new(keys.local.header), remote: Box::new(keys.remote.header) },
        packet: KeyPair { local: Box::new(keys.local.packet), remote: Box::new(keys.remote.packet) },
    }
}

fn refusal(alert: AlertDescription, reason: String) -> TransportError {
    TransportError { code: TransportErrorCode::crypto(alert.into()), frame: None, reason }
}
