//! `clb-simulator backend`: a TCP server that answers with its name and the peer address it saw.
//!
//! For trying a listener and for tests. It answers each line it gets, and once at the end of input if there was no
//! line end. It is not a service of the simulated cloud, and it listens on loopback only.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::private_network;

/// Connections served at a time; further ones wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 10_000;
const READ_SIZE: usize = 16 * 1024;
/// How long to wait after a failed accept. While descriptors are lacking each further one fails at once.
const PAUSE: Duration = Duration::from_millis(50);

/// The arguments of `clb-simulator backend`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen; port 0 takes a free one. Loopback only, but below `exec`: for an instance at 10.0.1.5 use
    /// 127.10.1.5, and below `exec` 10.0.1.5
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The name to answer with; the address by default
    #[arg(long)]
    name: Option<String>,
    /// Print the ready line as JSON
    #[arg(long)]
    json: bool,
}

/// Runs until the process is ended.
pub async fn run(arguments: Arguments) -> ExitCode {
    if !arguments.listen.ip().is_loopback() && !private_network::is_closed() {
        eprintln!("error: --listen {}: only loopback addresses are allowed (127.0.0.0/8 or ::1)", arguments.listen);
        return ExitCode::FAILURE;
    }
    let backend = match Backend::start(arguments.listen, arguments.name.as_deref()).await {
        Ok(backend) => backend,
        Err(error) => {
            eprintln!("error: cannot listen on TCP {}: {error}", arguments.listen);
            return ExitCode::FAILURE;
        }
    };
    let (name, address) = (backend.name(), backend.address());
    if arguments.json {
        println!("{}", serde_json::json!({ "name": name, "listening": address.to_string() }));
    } else {
        println!("backend {name} listening on {address}");
    }
    backend.serve().await;
    ExitCode::SUCCESS
}

/// A running backend. It stops when it is dropped.
#[derive(Debug)]
pub struct Backend {
    name: Arc<str>,
    address: SocketAddr,
    answered: Arc<AtomicU64>,
    serving: JoinHandle<()>,
}

impl Backend {
    /// Listens on `address` (port 0 takes a free one) and answers as `name`, or as its address.
    pub async fn start(address: SocketAddr, name: Option<&str>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let name: Arc<str> = name.map_or_else(|| address.to_string(), str::to_owned).into();
        let answered = Arc::new(AtomicU64::new(0));
        let serving = tokio::spawn(accept(listener, Arc::clone(&name), Arc::clone(&answered)));
        Ok(Self { name, address, answered, serving })
    }

    /// What it calls itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it really listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections that have been answered. A health probe asks nothing and is not among them.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Runs until the process is ended.
    async fn serve(mut self) {
        // It has no end of its own.
        let _ = (&mut self.serving).await;
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn accept(listener: TcpListener, name: Arc<str>, answered: Arc<AtomicU64>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // The connections end with the listener.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let Ok((stream, peer)) = accepted else {
            sleep(PAUSE).await;
            continue;
        };
        let (name, answered) = (Arc::clone(&name), Arc::clone(&answered));
        connections.spawn(async move {
            // A peer that goes away is its own affair.
            let _ = answer(stream, peer, &name, &answered).await;
            drop(place);
        });
    }
}

/// Answers `NAME ADDRESS:PORT` for each line, and once at the end if the last line has no end or there was none.
async fn answer(mut stream: TcpStream, peer: SocketAddr, name: &str, answered: &AtomicU64) -> io::Result<()> {
    let reply = format!("{name} {peer}\n");
    let mut input = vec![0; READ_SIZE];
    let mut first = true;
    let mut open_line = true;
    loop {
        let read = stream.read(&mut input).await?;
        let bytes = input.get(..read).unwrap_or_default();
        let mut lines = bytes.split(|&byte| byte == b'\n').count() - 1;
        if read == 0 {
            lines += usize::from(open_line);
        } else {
            open_line = bytes.last() != Some(&b'\n');
        }
        if lines > 0 {
            if std::mem::take(&mut first) {
                answered.fetch_add(1, Ordering::Relaxed);
            }
            stream.write_all(reply.repeat(lines).as_bytes()).await?;
        }
        if read == 0 {
            return stream.shutdown().await;
        }
    }
}
