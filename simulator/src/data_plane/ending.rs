//! Why a connection or a handshake ended: who ended it, with which code, in words.

use std::borrow::Cow;

use quinn::{ConnectionError, TransportErrorCode, VarInt};

use super::close_code;
use super::counters::{HandshakeFailure, Refused};

/// Longest text taken from a peer, in bytes.
const MAX_REASON: usize = 200;

/// Who ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// The client, on purpose.
    Client,
    /// The load balancer, on purpose.
    LoadBalancer,
    /// The load balancer, because the client broke the rules of QUIC or TLS.
    Protocol,
    /// Nobody: the client was not heard of for too long.
    Silence,
}

/// The end of a connection, or of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Who ended it.
    pub by: EndedBy,
    /// The code that CONNECTION_CLOSE had, if there was one.
    pub code: Option<u64>,
    /// Why, in words.
    pub reason: Cow<'static, str>,
}

impl EndedBy {
    /// The word that is shown for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::LoadBalancer => "load_balancer",
            Self::Protocol => "protocol",
            Self::Silence => "silence",
        }
    }
}

impl Ending {
    /// The load balancer closes the connection with this code.
    pub fn by_load_balancer(code: VarInt, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { by: EndedBy::LoadBalancer, code: Some(code.into_inner()), reason: reason.into() }
    }

    /// The client was not heard of for too long.
    pub fn by_silence(reason: &'static str) -> Self {
        Self { by: EndedBy::Silence, code: None, reason: reason.into() }
    }

    /// The data plane stopped to serve it without saying why: a fault of its own.
    pub fn given_up() -> Self {
        Self { by: EndedBy::LoadBalancer, code: None, reason: "given up by the data plane".into() }
    }

    /// It was refused before its handshake.
    pub fn refused(refused: Refused) -> Self {
        let reason = match refused {
            Refused::Bound => "refused: the listener has as many connections as it takes whatever its limits say",
            Refused::HalfOpen => "not answered: too many handshakes are going on; a client comes again by itself",
            Refused::MaxConn => "refused: the listener's MaxConn is reached",
            Refused::MaxCps => "refused: the listener's MaxCps is reached in this second",
        };
        let refusal = Some(TransportErrorCode::CONNECTION_REFUSED.into());
        let code = if refused == Refused::HalfOpen { None } else { refusal };
        Self { by: EndedBy::LoadBalancer, code, reason: reason.into() }
    }

    /// The end of a connection that was open.
    pub fn of(error: &ConnectionError) -> Self {
        match error {
            ConnectionError::ApplicationClosed(close) => {
                let code = close.error_code;
                let nothing_to_say = code == close_code::STOPPED && close.reason.is_empty();
                let reason = if nothing_to_say {
                    "closed by the client".to_owned()
                } else {
                    format!("closed by the client: {}", said(&close.reason, &code.to_string()))
                };
                Self { by: EndedBy::Client, code: Some(code.into_inner()), reason: reason.into() }
            }
            ConnectionError::ConnectionClosed(close) => {
                let words = in_words(close.error_code, "received");
                let reason = format!("closed by the client: {}", joined(&words, &close.reason));
                Self { by: EndedBy::Client, code: Some(close.error_code.into()), reason: reason.into() }
            }
            ConnectionError::TransportError(error) => {
                let words = in_words(error.code, "sent");
                let reason = joined(&words, error.reason.as_bytes());
                Self { by: EndedBy::Protocol, code: Some(error.code.into()), reason: reason.into() }
            }
            ConnectionError::TimedOut => Self::by_silence("the client was not heard of for too long"),
            ConnectionError::Reset => Self {
                by: EndedBy::Client,
                code: None,
                reason: "the client does not know the connection any more (stateless reset)".into(),
            },
            ConnectionError::LocallyClosed => {
                Self { by: EndedBy::LoadBalancer, code: None, reason: "closed by the load balancer".into() }
            }
            other @ (ConnectionError::VersionMismatch | ConnectionError::CidsExhausted) => {
                Self { by: EndedBy::Protocol, code: None, reason: other.to_string().into() }
            }
        }
    }

    /// The class that a handshake with this end is counted in.
    pub fn of_handshake(error: &ConnectionError) -> HandshakeFailure {
        match error {
            ConnectionError::TransportError(error) if alert(error.code).is_some() => HandshakeFailure::AlertSent,
            ConnectionError::ConnectionClosed(close) if alert(close.error_code).is_some() => {
                HandshakeFailure::AlertReceived
            }
            ConnectionError::ConnectionClosed(_) | ConnectionError::ApplicationClosed(_) => {
                HandshakeFailure::ClosedByClient
            }
            ConnectionError::TimedOut => HandshakeFailure::TimedOut,
            _ => HandshakeFailure::Transport,
        }
    }
}

/// The TLS alert a code stands for (RFC 9001, section 4.8).
fn alert(code: TransportErrorCode) -> Option<u8> {
    let code = u64::from(code).checked_sub(0x100)?;
    u8::try_from(code).ok()
}

fn in_words(code: TransportErrorCode, way: &str) -> String {
    match alert(code) {
        Some(number) => format!("TLS alert {number} ({:?}) {way}", rustls::AlertDescription::from(number)),
        None => format!("{code} ({code:?})"),
    }
}

fn joined(words: &str, reason: &[u8]) -> String {
    if reason.is_empty() { words.to_owned() } else { format!("{words}: {}", said(reason, "")) }
}

/// What a peer says, or `else_` if it says nothing.
fn said<'a>(reason: &'a [u8], else_: &'a str) -> Cow<'a, str> {
    if reason.is_empty() {
        return else_.into();
    }
    String::from_utf8_lossy(reason.get(..MAX_REASON).unwrap_or(reason))
}

#[cfg(test)]
mod tests {
    use quinn::{ApplicationClose, ConnectionClose};
    use quinn_proto::TransportError;

    use super::*;

    fn application(code: u32, reason: &'static [u8]) -> ConnectionError {
        ConnectionError::ApplicationClosed(ApplicationClose { error_code: code.into(), reason: reason.into() })
    }

    #[test]
    fn a_clients_close_has_its_code_and_words() {
        let end = Ending::of(&application(0, b""));
        assert_eq!((end.by, end.code, &*end.reason), (EndedBy::Client, Some(0), "closed by the client"));
        let end = Ending::of(&application(42, b"done here"));
        assert_eq!((end.code, &*end.reason), (Some(42), "closed by the client: done here"));
        let end = Ending::of(&application(42, b""));
        assert_eq!(&*end.reason, "closed by the client: 42");
    }

    #[test]
    fn a_tls_alert_is_named_and_says_who_sent_it() {
        let received = ConnectionError::ConnectionClosed(ConnectionClose {
            error_code: TransportErrorCode::crypto(48),
            frame_type: None,
            reason: b"invalid peer certificate: UnknownIssuer".as_slice().into(),
        });
        let end = Ending::of(&received);
        assert_eq!((end.by, end.code), (EndedBy::Client, Some(0x130)));
        assert_eq!(
            end.reason,
            "closed by the client: TLS alert 48 (UnknownCA) received: invalid peer certificate: UnknownIssuer"
        );
        assert_eq!(Ending::of_handshake(&received), HandshakeFailure::AlertReceived);

        let sent = ConnectionError::TransportError(TransportError {
            code: TransportErrorCode::crypto(116),
            frame: None,
            reason: "peer sent no certificates".to_owned(),
        });
        let end = Ending::of(&sent);
        assert_eq!((end.by, end.code), (EndedBy::Protocol, Some(0x174)));
        assert_eq!(end.reason, "TLS alert 116 (CertificateRequired) sent: peer sent no certificates");
        assert_eq!(Ending::of_handshake(&sent), HandshakeFailure::AlertSent);
    }

    #[test]
    fn what_a_peer_says_is_cut_and_need_not_be_text() {
        let long: &'static [u8] = &[0xff; 1000];
        let end = Ending::of(&application(1, long));
        assert!(end.reason.chars().count() <= MAX_REASON + "closed by the client: ".len());
    }
}
