//! What QUIC is told at each listener: which versions, how many streams, and how much may be held for whom.
//!
//! Every number of the transport stands here and nowhere else, and so does what they come to ([`HELD_PER_CONNECTION`]).
//! The platform's values are not documented; all are our choice. Not here: whom a listener admits (see
//! `admission.rs`), and the certificates.

use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::ServerConfig as Crypto;
use quinn::{EndpointConfig, ServerConfig, TransportConfig, VarInt};

/// QUIC version 1 is the only one spoken.
const QUIC_V1: u32 = 1;
/// Streams a client may have open at a time; also the bound on backend connections of one client connection. A client
/// that wants more waits for one to end.
pub const MAX_STREAMS: u32 = 100;
/// As many of them a client may open before it has been heard of any: quinn has a place for each in two tables, and 14 are
/// the most that fit into tables of 16 places. The others follow with the first stream, one round trip later for a client
/// that wants them at once; a connection that opens none is 5 KB smaller.
pub const FIRST_STREAMS: u32 = 14;
/// Bytes of one stream that may wait for its backend.
const STREAM_WINDOW: u32 = 256 << 10;
/// Bytes of all streams of a connection: room for each, so that backends which do not read hold up their own streams
/// and no others.
const CONNECTION_WINDOW: u32 = STREAM_WINDOW * MAX_STREAMS;
/// Bytes of a connection that may wait for the client's acknowledgement. More only lies about on one machine: with 8 MiB a
/// download costs a twelfth more processor time (BENCHMARKS.md).
const SEND_WINDOW: u64 = 1 << 20;
/// The most payload that is held for one connection, in bytes: 26 MiB, if a client sends on every stream what no backend
/// reads and acknowledges nothing of what they say. What quinn and the kernel keep beside it is of that order.
pub const HELD_PER_CONNECTION: u64 = CONNECTION_WINDOW as u64 + SEND_WINDOW;
/// A connection that hears nothing for so long is gone.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// First packets that wait to be looked at; more are dropped, and come again if they are a client's.
const MAX_INCOMING: usize = 1024;
/// Bytes that one client may send before it is looked at: its ClientHello and, where that is on, early data.
const INCOMING_BUFFER: u64 = 64 << 10;
/// The same of all clients of a listener.
const INCOMING_BUFFERS: u64 = 16 << 20;

/// What is said below any connection; `seed` is what its chances are drawn from, in place of the machine's.
pub fn endpoint_config(seed: Option<[u8; 32]>) -> EndpointConfig {
    let mut config = EndpointConfig::default();
    config.supported_versions(vec![QUIC_V1]).rng_seed(seed);
    config
}

/// What new connections are told.
pub fn server_config(crypto: Arc<dyn Crypto>) -> ServerConfig {
    let mut config = ServerConfig::with_crypto(crypto);
    config
        .transport_config(Arc::new(parameters()))
        .max_incoming(MAX_INCOMING)
        .incoming_buffer_size(INCOMING_BUFFER)
        .incoming_buffer_size_total(INCOMING_BUFFERS);
    config
}

/// What one connection is told. What is not TCP's is not offered: no streams of one direction, none opened by the server,
/// no datagrams.
pub fn parameters() -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(FIRST_STREAMS.into())
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None)
        .stream_receive_window(STREAM_WINDOW.into())
        .receive_window(CONNECTION_WINDOW.into())
        .send_window(SEND_WINDOW)
        .max_idle_timeout(IDLE_TIMEOUT.try_into().ok());
    transport
}
