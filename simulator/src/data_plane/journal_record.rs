//! What the journal shows: connections and failed attempts as they stand when they are listed. Plain data.

use std::net::SocketAddr;
use std::time::SystemTime;

use clb_model::forwarding::BackendAddress;
use clb_model::id::{ListenerId, LoadBalancerId};

use super::counters::{HandshakeFailure, Refused};
use super::ending::Ending;

/// Counts since the journal began. They are not bounded by its capacity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Connections whose handshake was completed.
    pub opened: u64,
    /// Those of them that have ended.
    pub closed: u64,
    /// Connections that ended before their handshake was completed.
    pub failed_handshakes: u64,
    /// Connections refused because a bound was reached.
    pub refused: u64,
    /// Records of connections that were forgotten to keep to the capacity.
    pub forgotten: u64,
}

/// What is known when a connection opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The load balancer of the listener.
    pub load_balancer_id: LoadBalancerId,
    /// The listener that accepted.
    pub listener_id: ListenerId,
    /// The client's address.
    pub client: SocketAddr,
    /// The application protocol that was chosen (the client's first offer), if it offered any.
    pub alpn: Option<Box<[u8]>>,
    /// The server name the client asked for.
    pub server_name: Option<Box<str>>,
    /// Whom the certificate names that the client showed (mutual TLS).
    pub certificate_subject: Option<Box<str>>,
}

/// One connection as it stands when it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionRecord {
    /// Counts up from 1 in the order of opening.
    pub number: u64,
    /// What was known at the beginning. `client` follows the client to a new address once that is validated.
    pub opening: Opening,
    /// The addresses the client has moved to, each once it was validated; the first eight.
    pub moves: Vec<(SystemTime, SocketAddr)>,
    /// The backend it is served by; `None` if there was none to choose.
    pub backend: Option<BackendAddress>,
    /// The backends that served it before, each until when; the first eight.
    pub earlier_backends: Vec<(SystemTime, BackendAddress)>,
    /// When its handshake was completed.
    pub opened: SystemTime,
    /// When and why it ended; `None` while it lives.
    pub closed: Option<Closed>,
    /// Streams the client opened.
    pub streams: u64,
    /// Those of them that are open.
    pub streams_open: u64,
    /// Those of them that the client or the backend broke off.
    pub streams_reset: u64,
    /// Bytes written to backends.
    pub bytes_from_client: u64,
    /// Bytes handed to QUIC for the client.
    pub bytes_to_client: u64,
    /// What went another way than usual, in order; at most eight.
    pub notes: Vec<String>,
}

/// The end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// When.
    pub at: SystemTime,
    /// Who ended it, and why.
    pub ending: Ending,
}

/// What became of an attempt that is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptKind {
    /// Its handshake failed.
    Handshake(HandshakeFailure),
    /// It was refused before that.
    Refused(Refused),
}

/// An attempt of a client that did not become a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedAttempt {
    /// When it had failed.
    pub at: SystemTime,
    /// The load balancer of the listener.
    pub load_balancer_id: LoadBalancerId,
    /// The listener.
    pub listener_id: ListenerId,
    /// Where it came from; for an attempt that was refused that address need not be true.
    pub client: SocketAddr,
    /// What became of it.
    pub kind: AttemptKind,
    /// Who ended it, and why.
    pub ending: Ending,
}

/// Something that has changed in the journal, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A connection has opened, moved to a new client address or another backend, or ended.
    Connection(Box<ConnectionRecord>),
    /// An attempt has failed.
    FailedAttempt(FailedAttempt),
}
