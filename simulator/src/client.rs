//! A small QUIC client: connects, sends the same bytes on each stream, and collects what comes back.
//!
//! For trying a listener, for scripts and for tests; `clb-simulator client` is its command ([`command`]). It is built
//! on the same QUIC library as the data plane, so it proves nothing about other clients, and it is no load generator.

pub mod command;
mod trust;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use quinn::{Connection, ConnectionError, Endpoint, ReadError, ReadToEndError, TransportConfig, WriteError};
use serde::Serialize;
use tokio::net::UdpSocket;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::data_plane::close_code;
pub use trust::{Identity, Trust};

/// Longest answer that is collected from one stream, in bytes.
const MAX_REPLY: usize = 64 << 20;
/// After this long without a handshake the target is asked whether anything listens there at all.
const DOUBT: Duration = Duration::from_millis(200);
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// How long the last packets may take.
const FAREWELL: Duration = Duration::from_millis(300);

/// Where to connect, and as whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// The listener.
    pub target: SocketAddr,
    /// The application protocols to offer, in this order; none if empty.
    pub alpn: Vec<String>,
    /// The address to come from; the system's choice if `None`.
    pub source: Option<IpAddr>,
    /// The name to ask for, and to verify; the target's address if `None`.
    pub server_name: Option<String>,
    /// Whom to believe.
    pub trust: Trust,
    /// The certificate to show, for mutual TLS.
    pub identity: Option<Identity>,
    /// How long one connection may take from its first packet to its last.
    pub timeout: Duration,
}

impl Options {
    /// Connects to `target`, believing anyone, within ten seconds.
    pub fn insecure(target: SocketAddr) -> Self {
        Self {
            target,
            alpn: Vec::new(),
            source: None,
            server_name: None,
            trust: Trust::Anyone,
            identity: None,
            timeout: Duration::from_secs(10),
        }
    }
}

/// What to do on a number of connections.
#[derive(Clone, Debug)]
pub struct Job {
    /// What is sent on each stream before its end.
    pub payload: Vec<u8>,
    /// Connections to make, each with its own handshake.
    pub connections: usize,
    /// Streams of each connection, one after the other.
    pub streams: usize,
    /// Connections at a time.
    pub concurrency: usize,
}

/// What came of one connection.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Exchange {
    /// Counts up from 1.
    pub connection: usize,
    /// The address this client came from.
    pub client_address: Option<SocketAddr>,
    /// From the first packet to the completed handshake, in milliseconds.
    pub handshake_ms: Option<f64>,
    /// What came back as text, one for each stream that was answered in full.
    pub replies: Vec<String>,
    /// The same to the byte.
    #[serde(skip)]
    pub bytes: Vec<Vec<u8>>,
    /// Bytes sent on streams.
    pub bytes_sent: usize,
    /// Bytes received on streams.
    pub bytes_received: usize,
    /// What went wrong.
    pub error: Option<String>,
}

/// A QUIC client with a socket of its own, from which all its connections come.
#[derive(Clone, Debug)]
pub struct Client {
    endpoint: Endpoint,
    options: Arc<Options>,
    server_name: String,
}

/// Why there is no client, no connection, or no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The certificates given cannot be used.
    #[error("{0}")]
    Trust(String),
    /// An application protocol whose name is empty or too long.
    #[error("the name of an application protocol must have 1 to 255 bytes, and one has {length}")]
    Protocol {
        /// Bytes it has.
        length: usize,
    },
    /// The source address cannot be used here.
    #[error("cannot send from {address}: {error}")]
    Source {
        /// The address.
        address: IpAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The name cannot be asked for.
    #[error("cannot connect: {0}")]
    Refused(quinn::ConnectError),
    /// Nothing has the target's port open.
    #[error("nothing listens at UDP {0}")]
    NothingListens(SocketAddr),
    /// No end within the time given.
    #[error("no answer from {target} within {limit:?}")]
    TimedOut {
        /// The target.
        target: SocketAddr,
        /// The time.
        limit: Duration,
    },
    /// The connection ended.
    #[error("{}", Ended(.0))]
    Connection(#[from] ConnectionError),
    /// The server reset a stream instead of ending it.
    #[error("the stream was reset with code {code}{}", meaning(*.code))]
    Reset {
        /// The application error code.
        code: quinn::VarInt,
    },
    /// The answer is longer than is collected.
    #[error("the answer is longer than {MAX_REPLY} bytes")]
    TooLong,
}

impl Client {
    /// Binds the socket. Must be called within a tokio runtime.
    pub fn new(options: Options) -> Result<Self, ClientError> {
        let mut config = trust::client_config(&options)?;
        let mut transport = TransportConfig::default();
        transport.keep_alive_interval(Some(KEEP_ALIVE));
        config.transport_config(Arc::new(transport));
        let address = options.source.unwrap_or_else(|| usual_source(options.target));
        let mut endpoint =
            Endpoint::client(SocketAddr::new(address, 0)).map_err(|error| ClientError::Source { address, error })?;
        endpoint.set_default_client_config(config);
        let server_name = options.server_name.clone().unwrap_or_else(|| options.target.ip().to_string());
        Ok(Self { endpoint, options: Arc::new(options), server_name })
    }

    /// Completes one handshake. With mutual TLS the server judges the client's certificate after that.
    pub async fn connect(&self) -> Result<Connection, ClientError> {
        let target = self.options.target;
        let connecting = self.endpoint.connect(target, &self.server_name).map_err(ClientError::Refused)?;
        let handshake = timeout(self.options.timeout, connecting);
        tokio::select! {
            done = handshake => match done {
                Ok(connection) => Ok(connection?),
                Err(_) => Err(ClientError::TimedOut { target, limit: self.options.timeout }),
            },
            () = self.nothing_listens() => Err(ClientError::NothingListens(target)),
        }
    }

    /// Does the whole job. Results come in the order of the connections' numbers.
    pub async fn run(&self, job: &Job) -> Vec<Exchange> {
        let places = Arc::new(Semaphore::new(job.concurrency.max(1)));
        let payload: Arc<[u8]> = job.payload.as_slice().into();
        let mut running = JoinSet::new();
        let mut results = Vec::with_capacity(job.connections);
        for number in 1..=job.connections {
            // Never closed, so it always comes.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            let (client, payload, streams) = (self.clone(), Arc::clone(&payload), job.streams);
            running.spawn(async move {
                let exchange = client.exchange(number, &payload, streams).await;
                drop(place);
                exchange
            });
            while let Some(Ok(exchange)) = running.try_join_next() {
                results.push(exchange);
            }
        }
        results.extend(running.join_all().await);
        results.sort_by_key(|exchange| exchange.connection);
        results
    }

    /// Makes one connection, sends `payload` on each of its streams and collects the answers.
    pub async fn exchange(&self, number: usize, payload: &[u8], streams: usize) -> Exchange {
        let mut exchange = Exchange { connection: number, ..Exchange::default() };
        let talk = self.talk(payload, streams, &mut exchange);
        let result = match timeout(self.options.timeout, talk).await {
            Ok(result) => result,
            Err(_) => Err(ClientError::TimedOut { target: self.options.target, limit: self.options.timeout }),
        };
        exchange.error = result.err().map(|error| error.to_string());
        exchange
    }

    /// Goes on from another address, as after a change of network: connections that are open go with it. The old socket
    /// is closed.
    pub fn rebind(&self, source: IpAddr) -> Result<(), ClientError> {
        let moved = std::net::UdpSocket::bind((source, 0)).and_then(|socket| self.endpoint.rebind(socket));
        moved.map_err(|error| ClientError::Source { address: source, error })
    }

    /// Tells the server of closed connections, for a moment at most.
    pub async fn close(&self) {
        self.endpoint.close(close_code::STOPPED, b"");
        let _ = timeout(FAREWELL, self.endpoint.wait_idle()).await;
    }

    async fn talk(&self, payload: &[u8], streams: usize, exchange: &mut Exchange) -> Result<(), ClientError> {
        let begun = Instant::now();
        let connection = self.connect().await?;
        exchange.handshake_ms = Some(begun.elapsed().as_secs_f64() * 1000.0);
        exchange.client_address = self.endpoint.local_addr().ok();
        for _ in 0..streams {
            let (mut send, mut recv) = connection.open_bi().await?;
            // A server may answer before it has read everything; what it says then is in the answer, or in its reset.
            let sending = async {
                let outcome = send.write_all(payload).await;
                let _ = send.finish();
                outcome
            };
            let (outcome, reply) = tokio::join!(sending, recv.read_to_end(MAX_REPLY));
            let reply = reply?;
            match outcome {
                Ok(()) => exchange.bytes_sent += payload.len(),
                Err(WriteError::Stopped(_)) => {}
                Err(error) => return Err(error.into()),
            }
            exchange.bytes_received += reply.len();
            exchange.replies.push(String::from_utf8_lossy(&reply).into_owned());
            exchange.bytes.push(reply);
        }
        connection.close(close_code::STOPPED, b"");
        Ok(())
    }

    /// Ends only if the target's machine says that nothing has the port open. One byte that is no QUIC packet is sent
    /// from a connected socket, because only such a socket is told of the refusal.
    async fn nothing_listens(&self) {
        sleep(DOUBT).await;
        let refused = async {
            let from = SocketAddr::new(self.endpoint.local_addr()?.ip(), 0);
            let socket = UdpSocket::bind(from).await?;
            socket.connect(self.options.target).await?;
            socket.send(&[0]).await?;
            socket.recv(&mut [0]).await
        };
        match refused.await {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
            _ => std::future::pending().await,
        }
    }
}

/// The address this machine sends from to `target`, as its routes say; any if they say nothing.
fn usual_source(target: SocketAddr) -> IpAddr {
    let any = match target {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    // Connecting a UDP socket sends nothing; it only asks the routes.
    let ask = || {
        let socket = std::net::UdpSocket::bind((any, 0))?;
        socket.connect(target)?;
        socket.local_addr()
    };
    ask().map_or(any, |address| address.ip())
}

impl From<ReadToEndError> for ClientError {
    fn from(error: ReadToEndError) -> Self {
        match error {
            ReadToEndError::Read(ReadError::Reset(code)) => Self::Reset { code },
            ReadToEndError::Read(ReadError::ConnectionLost(error)) => Self::Connection(error),
            ReadToEndError::Read(_) => Self::Connection(ConnectionError::LocallyClosed),
            ReadToEndError::TooLong => Self::TooLong,
        }
    }
}

impl From<WriteError> for ClientError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Stopped(code) => Self::Reset { code },
            WriteError::ConnectionLost(error) => Self::Connection(error),
            _ => Self::Connection(ConnectionError::LocallyClosed),
        }
    }
}

/// The end of a connection in words that say what to do.
struct Ended<'a>(&'a ConnectionError);

impl fmt::Display for Ended<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ConnectionError::ApplicationClosed(close) => {
                let code = close.error_code;
                write!(f, "the server closed the connection with code {code}{}", meaning(code))
            }
            ConnectionError::ConnectionClosed(close) => {
                write!(f, "the server closed the connection: {}", transport_meaning(close.error_code.into()))?;
                if close.reason.is_empty() {
                    return Ok(());
                }
                write!(f, " ({})", String::from_utf8_lossy(&close.reason))
            }
            ConnectionError::TransportError(error) if (0x100..0x200).contains(&u64::from(error.code)) => {
                write!(
                    f,
                    "the handshake failed: {} (--ca must hold the CA of the listener's certificate, --server-name a name in it; \
                 --insecure believes anyone)",
                    error.reason
                )
            }
            ConnectionError::TimedOut => f.write_str("the server was not heard of for too long"),
            other => other.fmt(f),
        }
    }
}

fn meaning(code: quinn::VarInt) -> String {
    close_code::explain(code).map_or_else(String::new, |text| format!(" ({text})"))
}

/// The transport error codes a client of a listener meets (RFC 9000 §20.1; 0x100 + TLS alert).
fn transport_meaning(code: u64) -> String {
    let text = match code {
        0x02 => "connection refused: a limit of the listener is reached",
        0x0d => "the ClientHello is larger than 16 KiB",
        0x12a => "the client certificate is not valid",
        0x12b => "the client certificate is not meant for clients",
        0x12d => "the client certificate is expired or not yet valid",
        0x130 => "the client certificate is not from the listener's client CA",
        0x133 => "the client certificate's signature is wrong",
        0x174 => "the listener asks for a client certificate: give --cert and --key",
        _ => return format!("transport error 0x{code:x}"),
    };
    text.to_owned()
}
