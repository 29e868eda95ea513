//! The other side of `cargo xtask bench data-plane`: a load generator, a backend, and what the data plane is compared
//! with (a bare quinn server, a plain TCP proxy). Not part of the simulator, which none of this uses.
//!
//! All of them speak one language, on a QUIC stream or a TCP connection alike: a request is eight bytes that say how long
//! the answer shall be, then anything, then the end; then comes the answer, and its end. So one backend is a source, a
//! sink and an echo, and with bare quinn there is none. Every part has one thread.

use std::error::Error;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::Parser;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, Connection, Endpoint, EndpointConfig, ServerConfig, TokioRuntime, TransportConfig, VarInt};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use serde_json::json;
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// quinn's settings for bulk, of the client and the bare server: windows that never wait, buffers that lose nothing.
const STREAM_WINDOW: u32 = 8 << 20;
const SEND_WINDOW: u64 = 16 << 20;
const SOCKET_BUFFER: usize = 4 << 20;
const IDLE_TIMEOUT: Duration = Duration::from_mins(2);
/// What is written and read at a time.
const BLOCK: usize = 64 * 1024;
static ZEROS: [u8; BLOCK] = [0; BLOCK];
/// What a small request is answered with.
const SMALL_ANSWER: u64 = 100;
/// What clients offer; none of the servers looks at it.
const ALPN: &[u8] = b"bench";

#[derive(Parser)]
enum Part {
    /// Answers requests on TCP connections, at so many addresses from this one on; all have one port.
    Backend { address: Ipv4Addr, addresses: u32 },
    /// Answers requests on QUIC streams by itself.
    Quinn { address: SocketAddr, certificate: PathBuf, key: PathBuf },
    /// Passes TCP connections on.
    Proxy { address: SocketAddr, backend: SocketAddr },
    /// Puts load on a server; prints what came of it as JSON.
    Load {
        /// Whom to ask: `quic://ADDR:PORT` or `tcp://ADDR:PORT`.
        target: String,
        #[command(subcommand)]
        job: Job,
    },
}

#[derive(clap::Subcommand)]
enum Job {
    /// One stream, so many bytes from the server.
    Download { bytes: u64 },
    /// One stream, so many bytes to the server.
    Upload { bytes: u64 },
    /// New connections, as many at a time, for some seconds.
    Connections { at_a_time: usize, seconds: f64 },
    /// Small requests, as many at a time, for some seconds.
    Requests { at_a_time: usize, seconds: f64 },
    /// Connections that say nothing, but for a ping every so many seconds unless that is 0; ends with its standard input,
    /// and fails if one has ended before.
    Idle { connections: usize, ping: u64 },
}

fn main() -> Outcome<()> {
    let part = Part::parse();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        match part {
            Part::Backend { address, addresses } => backend(address, addresses).await,
            Part::Quinn { address, certificate, key } => bare_quinn(address, &certificate, &key).await,
            Part::Proxy { address, backend } => proxy(address, backend).await,
            Part::Load { target, job } => load(&Target::of(&target)?, job).await,
        }
    })
}

async fn backend(first: Ipv4Addr, addresses: u32) -> Outcome<()> {
    let mut port = 0;
    let mut listening = JoinSet::new();
    for number in 0..addresses {
        let address = Ipv4Addr::from(u32::from(first) + number);
        let listener = TcpListener::bind((address, port)).await?;
        port = listener.local_addr()?.port();
        listening.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer_tcp(stream));
            }
        });
    }
    ready((first, port).into());
    while listening.join_next().await.is_some() {}
    Ok(())
}

/// Says where this part is, when it can be asked.
fn ready(address: SocketAddr) {
    println!("{address}");
}

async fn answer_tcp(mut stream: TcpStream) -> Outcome<()> {
    stream.set_nodelay(true)?;
    let mut head = [0; 8];
    stream.read_exact(&mut head).await?;
    let mut block = vec![0; BLOCK];
    let mut length = if head.starts_with(b"GET /") {
        let length = http_request(&mut stream, &head).await?;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        stream.write_all(answer.as_bytes()).await?;
        length
    } else {
        while stream.read(&mut block).await? > 0 {}
        u64::from_be_bytes(head)
    };
    while length > 0 {
        let part = usize::try_from(length).unwrap_or(BLOCK).min(BLOCK);
        stream.write_all(&block[..part]).await?;
        length -= part as u64;
    }
    stream.shutdown().await?;
    Ok(())
}

/// The rest of `GET /LENGTH HTTP/1.1`, for proxies that speak HTTP to their backends.
async fn http_request(stream: &mut TcpStream, begin: &[u8]) -> Outcome<u64> {
    let mut request = begin.to_vec();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
        if request.len() > BLOCK {
            return Err("an endless request".into());
        }
    }
    let text = String::from_utf8(request)?;
    let path = text.split(' ').nth(1).unwrap_or_default();
    Ok(path.trim_start_matches('/').parse()?)
}

async fn bare_quinn(address: SocketAddr, certificate: &Path, key: &Path) -> Outcome<()> {
    let chain = vec![CertificateDer::from_pem_file(certificate)?];
    let mut tls = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let mut config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
    config.transport_config(Arc::new(transport()?));
    let endpoint = Endpoint::new(EndpointConfig::default(), Some(config), socket(address)?, Arc::new(TokioRuntime))?;
    ready(endpoint.local_addr()?);
    while let Some(incoming) = endpoint.accept().await {
        tokio::spawn(async move {
            let connection = incoming.await?;
            while let Ok((send, recv)) = connection.accept_bi().await {
                tokio::spawn(answer_quic(send, recv));
            }
            Outcome::Ok(())
        });
    }
    Ok(())
}

async fn answer_quic(mut send: quinn::SendStream, mut recv: quinn::RecvStream) -> Outcome<()> {
    let mut head = [0; 8];
    recv.read_exact(&mut head).await?;
    let mut length = u64::from_be_bytes(head);
    let mut chunks: [Bytes; 32] = std::array::from_fn(|_| Bytes::new());
    while recv.read_chunks(&mut chunks).await?.is_some() {}
    let block = Bytes::from_static(&ZEROS);
    while length > 0 {
        let part = usize::try_from(length).unwrap_or(BLOCK).min(BLOCK);
        send.write_chunk(block.slice(..part)).await?;
        length -= part as u64;
    }
    send.finish()?;
    Ok(())
}

async fn proxy(address: SocketAddr, backend: SocketAddr) -> Outcome<()> {
    let listener = TcpListener::bind(address).await?;
    ready(listener.local_addr()?);
    loop {
        let (mut client, _) = listener.accept().await?;
        tokio::spawn(async move {
            client.set_nodelay(true)?;
            let mut backend = TcpStream::connect(backend).await?;
            backend.set_nodelay(true)?;
            copy_bidirectional(&mut client, &mut backend).await?;
            Outcome::Ok(())
        });
    }
}

/// Whom the load is put on.
enum Target {
    Quic(SocketAddr, Endpoint),
    Tcp(SocketAddr),
}

impl Target {
    fn of(text: &str) -> Outcome<Self> {
        match text.split_once("://") {
            Some(("quic", address)) => Ok(Self::Quic(address.parse()?, client()?)),
            Some(("tcp", address)) => Ok(Self::Tcp(address.parse()?)),
            _ => Err("a target is quic://ADDR:PORT or tcp://ADDR:PORT".into()),
        }
    }

    async fn connect(&self) -> Outcome<Session> {
        Ok(match self {
            Self::Quic(address, endpoint) => Session::Quic(endpoint.connect(*address, "localhost")?.await?),
            Self::Tcp(address) => Session::Tcp(*address),
        })
    }
}

/// Where requests go: a QUIC connection, or a TCP connection for each.
#[derive(Clone)]
enum Session {
    Quic(Connection),
    Tcp(SocketAddr),
}

impl Session {
    /// Sends a request of so many bytes more than its head, and reads the answer.
    async fn ask(&self, answer: u64, mut more: u64) -> Outcome<()> {
        let mut received = 0;
        match self {
            Self::Quic(connection) => {
                let (mut send, mut recv) = connection.open_bi().await?;
                send.write_all(&answer.to_be_bytes()).await?;
                let block = Bytes::from_static(&ZEROS);
                while more > 0 {
                    let part = usize::try_from(more).unwrap_or(BLOCK).min(BLOCK);
                    send.write_chunk(block.slice(..part)).await?;
                    more -= part as u64;
                }
                send.finish()?;
                let mut chunks: [Bytes; 32] = std::array::from_fn(|_| Bytes::new());
                while let Some(count) = recv.read_chunks(&mut chunks).await? {
                    received += chunks[..count].iter().map(|chunk| chunk.len() as u64).sum::<u64>();
                }
            }
            Self::Tcp(address) => {
                let mut stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                stream.write_u64(answer).await?;
                let mut block = vec![0; if more > 0 || answer > 1024 { BLOCK } else { 1024 }];
                while more > 0 {
                    let part = usize::try_from(more).unwrap_or(BLOCK).min(BLOCK);
                    stream.write_all(&block[..part]).await?;
                    more -= part as u64;
                }
                stream.shutdown().await?;
                loop {
                    let read = stream.read(&mut block).await?;
                    if read == 0 {
                        break;
                    }
                    received += read as u64;
                }
            }
        }
        if received == answer { Ok(()) } else { Err(format!("{received} bytes in place of {answer}").into()) }
    }
}

async fn load(target: &Target, job: Job) -> Outcome<()> {
    match job {
        Job::Download { bytes } => bulk(target, bytes, 0).await,
        Job::Upload { bytes } => bulk(target, 1, bytes).await,
        Job::Connections { at_a_time, seconds } => connections(target, at_a_time, seconds).await,
        Job::Requests { at_a_time, seconds } => requests(target, at_a_time, seconds).await,
        Job::Idle { connections, ping } => idle(target, connections, Duration::from_secs(ping)).await,
    }
}

/// Bulk, and how much of it was sent again.
async fn bulk(target: &Target, answer: u64, more: u64) -> Outcome<()> {
    let session = target.connect().await?;
    let started = Instant::now();
    session.ask(answer, more).await?;
    let seconds = started.elapsed().as_secs_f64();
    let path = match &session {
        Session::Quic(connection) => Some(connection.stats().path),
        Session::Tcp(_) => None,
    };
    println!(
        "{}",
        json!({ "bytes": answer.max(more), "seconds": seconds, "lost": path.map(|path| path.lost_packets),
            "mtu": path.map(|path| path.current_mtu) })
    );
    Ok(())
}

/// New connections, each closed as soon as it is there.
async fn connections(target: &Target, at_a_time: usize, seconds: f64) -> Outcome<()> {
    let started = Instant::now();
    let until = started + Duration::from_secs_f64(seconds);
    let mut running = JoinSet::new();
    let Target::Quic(address, endpoint) = target else { return Err("connections are counted of QUIC only".into()) };
    for _ in 0..at_a_time {
        let (endpoint, address) = (endpoint.clone(), *address);
        running.spawn(async move {
            let mut count = 0_u64;
            while Instant::now() < until {
                let connection = endpoint.connect(address, "localhost")?.await?;
                connection.close(VarInt::from_u32(0), b"");
                count += 1;
            }
            Outcome::Ok(count)
        });
    }
    let mut count = 0;
    while let Some(part) = running.join_next().await {
        count += part??;
    }
    println!("{}", json!({ "count": count, "seconds": started.elapsed().as_secs_f64() }));
    Ok(())
}

/// Small requests, and how long each took.
async fn requests(target: &Target, at_a_time: usize, seconds: f64) -> Outcome<()> {
    let session = target.connect().await?;
    // The first one meets what is not warm yet.
    session.ask(SMALL_ANSWER, 0).await?;
    let started = Instant::now();
    let until = started + Duration::from_secs_f64(seconds);
    let mut running = JoinSet::new();
    for _ in 0..at_a_time {
        let session = session.clone();
        running.spawn(async move {
            let mut times = Vec::new();
            loop {
                let began = Instant::now();
                if began >= until {
                    return Outcome::Ok(times);
                }
                session.ask(SMALL_ANSWER, 0).await?;
                times.push(began.elapsed().as_secs_f64() * 1e6);
            }
        });
    }
    let mut times = Vec::new();
    while let Some(part) = running.join_next().await {
        times.extend(part??);
    }
    let seconds = started.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let at = |hundredth: usize| times.get(times.len() * hundredth / 100).copied().unwrap_or_default();
    println!("{}", json!({ "count": times.len(), "seconds": seconds, "p50_us": at(50), "p99_us": at(99) }));
    Ok(())
}

async fn idle(target: &Target, count: usize, ping: Duration) -> Outcome<()> {
    let mut transport = transport()?;
    transport.keep_alive_interval((!ping.is_zero()).then_some(ping));
    let mut config = client_config()?;
    config.transport_config(Arc::new(transport));
    let mut kept = Vec::with_capacity(count);
    while kept.len() < count {
        let several = (count - kept.len()).min(16);
        let mut connecting = JoinSet::new();
        let Target::Quic(address, endpoint) = target else { return Err("only QUIC connections are kept".into()) };
        for _ in 0..several {
            connecting.spawn(endpoint.connect_with(config.clone(), *address, "localhost")?.into_future());
        }
        while let Some(connection) = connecting.join_next().await {
            kept.push(connection??);
        }
    }
    println!("{}", json!({ "count": count }));
    // Blocks a thread of its own: the connections go on meanwhile.
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    let alive = kept.iter().filter(|connection| connection.close_reason().is_none()).count();
    if alive == count { Ok(()) } else { Err(format!("{alive} of {count} connections are left").into()) }
}

fn client() -> Outcome<Endpoint> {
    let socket = socket((Ipv4Addr::LOCALHOST, 0).into())?;
    let mut endpoint = Endpoint::new(EndpointConfig::default(), None, socket, Arc::new(TokioRuntime))?;
    endpoint.set_default_client_config(client_config()?);
    Ok(endpoint)
}

fn client_config() -> Outcome<ClientConfig> {
    let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone))
        .with_no_client_auth();
    tls.alpn_protocols = vec![ALPN.to_vec()];
    tls.resumption = rustls::client::Resumption::disabled();
    let mut config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls)?));
    config.transport_config(Arc::new(transport()?));
    Ok(config)
}

fn transport() -> Outcome<TransportConfig> {
    let mut transport = TransportConfig::default();
    transport
        .stream_receive_window(STREAM_WINDOW.into())
        .send_window(SEND_WINDOW)
        .max_idle_timeout(Some(IDLE_TIMEOUT.try_into()?));
    Ok(transport)
}

fn socket(address: SocketAddr) -> Outcome<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
    socket.set_recv_buffer_size(SOCKET_BUFFER)?;
    socket.set_send_buffer_size(SOCKET_BUFFER)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// Believes every certificate: what a load generator spends on checking is not the server's.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::RSA_PSS_SHA256]
    }
}
