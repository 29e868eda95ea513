//! How the cloud API's door is set up: what it checks of signatures, the host names it is reached by, and what it allows a
//! client to hold of it. Addresses and key pairs are not here.

use std::time::Duration;

/// What is checked of a call's signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Signatures {
    /// All of it, as the platform does.
    #[default]
    Strict,
    /// The key pair has to be known; signature, time and token are not looked at.
    KnownKeys,
    /// Nothing: a call is the account's of its secret id where that is known, and the first account's otherwise.
    Off,
}

/// What clients may hold of the door, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time. A further one takes the place of the one that has made us wait longest; when none does, it
    /// waits.
    pub connections: usize,
    /// The longest body, in bytes (platform: 10 MB; INTL 608/33031).
    pub body: usize,
    /// The longest form with the old signature, in bytes (platform: 1 MB; same source).
    pub form: usize,
    /// The longest query, in bytes (platform: 32 KB; same source).
    pub query: usize,
    /// Bodies longer than this many bytes, or of a length that is not announced, are large. No ordinary call has one.
    pub large_body: u64,
    /// Large bodies that are read at a time, so that clients cannot make us hold one for every connection.
    pub large_bodies: usize,
    /// Header fields of a request.
    pub headers: usize,
    /// Bytes of them and of the request line.
    pub head: usize,
    /// How long a client may make us wait: for the handshake and the first request, then for it to take an answer and
    /// send the next.
    pub head_within: Duration,
    /// How long a body may take to arrive.
    pub body_within: Duration,
    /// How long calls that are being answered may take when the simulator stops.
    pub ending_within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            body: 10 * 1024 * 1024,
            form: 1024 * 1024,
            query: 32 * 1024,
            large_body: 64 * 1024,
            large_bodies: 16,
            headers: 64,
            head: 64 * 1024,
            head_within: Duration::from_secs(75),
            body_within: Duration::from_secs(30),
            ending_within: Duration::from_secs(5),
        }
    }
}
