//! A load generator: sends requests that are ready as bytes on connections that are kept, and takes the time of each answer.
//!
//! Threads that block, one per connection; it reads no more of HTTP than where an answer ends.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_mins(1);

/// What came of some load.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Answers per second on the clock, of all connections.
    pub per_second: f64,
    /// How many answers there were.
    pub calls: usize,
    /// Times of single calls in microseconds, sorted.
    pub latencies: Vec<f64>,
}

impl Load {
    /// The time that so large a part of the calls did not exceed, in microseconds; zero of none.
    pub fn percentile(&self, part: f64) -> f64 {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a rank"
        )]
        let rank = ((self.latencies.len().saturating_sub(1)) as f64 * part).round() as usize;
        self.latencies.get(rank).copied().unwrap_or_default()
    }
}

/// One connection, kept as long as the server keeps it.
pub struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    received: Vec<u8>,
}

impl Connection {
    /// To a server; nothing is sent yet.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, received: Vec::new() }
    }

    /// Sends a request and gives the body of the answer.
    pub fn ask(&mut self, request: &[u8]) -> Result<&[u8], String> {
        let failed = |error: std::io::Error| format!("{}: {error}", self.address);
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.address).map_err(failed)?,
        };
        stream.write_all(request).map_err(failed)?;
        self.received.clear();
        let mut chunk = [0; 16 * 1024];
        let (head, length, is_kept) = loop {
            if let Some(found) = ending(&self.received) {
                break found;
            }
            match stream.read(&mut chunk).map_err(failed)? {
                0 => return Err(format!("{}: the connection ended within the head of an answer", self.address)),
                count => self.received.extend_from_slice(&chunk[..count]),
            }
        };
        while self.received.len() < head + length {
            match stream.read(&mut chunk).map_err(failed)? {
                0 => return Err(format!("{}: the connection ended within an answer", self.address)),
                count => self.received.extend_from_slice(&chunk[..count]),
            }
        }
        if is_kept {
            self.stream = Some(stream);
        }
        if !self.received.starts_with(b"HTTP/1.1 200") && !self.received.starts_with(b"HTTP/1.0 200") {
            return Err(format!("{}: {}", self.address, String::from_utf8_lossy(&self.received)));
        }
        Ok(&self.received[head..head + length])
    }
}

fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    Ok(stream)
}

/// Where the head of an answer ends, how long its body is, and whether the connection is kept; when the head is there.
fn ending(received: &[u8]) -> Option<(usize, usize, bool)> {
    // Searched as text: the standard library is optimised in every build, a loop of ours is not.
    let said = String::from_utf8_lossy(received);
    let (text, _) = said.split_once("\r\n\r\n")?;
    let (head, text) = (text.len() + 4, text.to_ascii_lowercase());
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let length = field("content-length:").and_then(|length| length.parse().ok()).unwrap_or(0);
    Some((head, length, field("connection:") != Some("close") && text.starts_with("http/1.1")))
}

/// Puts load on a server for a time. There is one connection for each list of requests, and it sends its own in turn;
/// `is_good` looks at every answer, because a refusal is cheaper than what was asked for.
pub fn run(
    address: SocketAddr,
    requests: &[Vec<Vec<u8>>],
    time: Duration,
    is_good: fn(&[u8]) -> bool,
) -> Result<Load, String> {
    let started = Instant::now();
    let parts = thread::scope(|scope| {
        let ask = |own: &Vec<Vec<u8>>| send(address, own, started + time, is_good);
        let threads: Vec<_> = requests.iter().map(|own| scope.spawn(move || ask(own))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a thread of the load generator panicked".to_owned())))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let seconds = started.elapsed().as_secs_f64();
    let mut latencies = parts.concat();
    latencies.sort_by(f64::total_cmp);
    #[allow(clippy::cast_precision_loss, reason = "far fewer calls than 2^52")]
    Ok(Load { per_second: latencies.len() as f64 / seconds, calls: latencies.len(), latencies })
}

fn send(
    address: SocketAddr,
    requests: &[Vec<u8>],
    until: Instant,
    is_good: fn(&[u8]) -> bool,
) -> Result<Vec<f64>, String> {
    let mut connection = Connection::new(address);
    let mut latencies = Vec::new();
    for request in requests.iter().cycle() {
        let started = Instant::now();
        if started >= until {
            break;
        }
        let answer = connection.ask(request)?;
        if !is_good(answer) {
            return Err(format!("{address} refused: {}", String::from_utf8_lossy(answer)));
        }
        latencies.push(started.elapsed().as_secs_f64() * 1e6);
    }
    Ok(latencies)
}
