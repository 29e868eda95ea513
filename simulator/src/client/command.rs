//! `clb-simulator client`: arguments, printing and the exit code. What is done is in [`super`].

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use super::{Client, Exchange, Identity, Job, Options, Trust};

/// Most bytes taken from standard input.
const MAX_INPUT: u64 = 64 << 20;

/// The arguments of `clb-simulator client`.
#[derive(Clone, Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("trust").required(true)))]
pub struct Arguments {
    /// The listener, for example 127.80.0.1:8443
    #[arg(value_name = "ADDR:PORT")]
    target: SocketAddr,
    /// Application protocol to offer; repeat to offer several
    #[arg(long, value_name = "NAME")]
    alpn: Vec<String>,
    /// Address to come from, for example 127.0.0.7
    #[arg(long, value_name = "IP")]
    source: Option<IpAddr>,
    /// Name to ask for and to verify [default: the address]
    #[arg(long, value_name = "NAME")]
    server_name: Option<String>,
    /// PEM file of the CA that the listener's certificate comes from (or of the certificate itself)
    #[arg(long, value_name = "FILE", group = "trust")]
    ca: Option<PathBuf>,
    /// Believe any certificate
    #[arg(long, group = "trust")]
    insecure: bool,
    /// PEM file of the certificate to show, for mutual TLS
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// PEM file of its private key
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Connections to make
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = count)]
    connections: usize,
    /// Streams of each connection, one after the other
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = count)]
    streams: usize,
    /// Connections at a time
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = count)]
    concurrency: usize,
    /// Line to send on each stream [default: standard input]
    #[arg(long, value_name = "TEXT")]
    line: Option<String>,
    /// Seconds one connection may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// Print one JSON object for each connection
    #[arg(long)]
    json: bool,
}

/// A number of things to do: at least one, at most a million.
fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if (1..=1_000_000).contains(&count) => Ok(count),
        _ => Err("must be a number from 1 to 1000000".to_owned()),
    }
}

/// Does what the arguments say. Fails if any connection failed.
pub async fn run(arguments: Arguments) -> ExitCode {
    match exchanges(&arguments).await {
        Ok(exchanges) => {
            // A reader that went away wants no more; the exit code still tells.
            let _ = print(&arguments, &exchanges);
            let failed = exchanges.iter().filter(|exchange| exchange.error.is_some()).count();
            if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn exchanges(arguments: &Arguments) -> Result<Vec<Exchange>, String> {
    let options = Options {
        target: arguments.target,
        alpn: arguments.alpn.clone(),
        source: arguments.source,
        server_name: arguments.server_name.clone(),
        trust: match &arguments.ca {
            Some(file) => Trust::Ca(text_of(file)?),
            None => Trust::Anyone,
        },
        identity: match (&arguments.cert, &arguments.key) {
            (Some(certificate), Some(key)) => {
                Some(Identity { certificate_pem: text_of(certificate)?, private_key_pem: text_of(key)? })
            }
            _ => None,
        },
        timeout: Duration::from_secs(arguments.timeout),
    };
    let payload = match &arguments.line {
        Some(line) => format!("{line}\n").into_bytes(),
        None => standard_input()?,
    };
    let client = Client::new(options).map_err(|error| error.to_string())?;
    let job = Job {
        payload,
        connections: arguments.connections,
        streams: arguments.streams,
        concurrency: arguments.concurrency,
    };
    let exchanges = client.run(&job).await;
    client.close().await;
    Ok(exchanges)
}

fn text_of(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))
}

fn standard_input() -> Result<Vec<u8>, String> {
    let mut input = Vec::new();
    let read = std::io::stdin().take(MAX_INPUT + 1).read_to_end(&mut input);
    read.map_err(|error| format!("cannot read standard input: {error}"))?;
    if input.len() as u64 > MAX_INPUT {
        return Err(format!("standard input is longer than {MAX_INPUT} bytes"));
    }
    Ok(input)
}

/// Answers go to standard output, everything about them to standard error; with `--json` all of it is one object a
/// connection on standard output.
fn print(arguments: &Arguments, exchanges: &[Exchange]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for exchange in exchanges {
        if arguments.json {
            serde_json::to_writer(&mut out, exchange)?;
            writeln!(out)?;
            continue;
        }
        for reply in &exchange.bytes {
            out.write_all(reply)?;
        }
        if let Some(error) = &exchange.error {
            eprintln!("error: connection {}: {error}", exchange.connection);
        }
    }
    out.flush()?;
    if !arguments.json && exchanges.len() > 1 {
        eprintln!("{}", summary(exchanges));
    }
    Ok(())
}

fn summary(exchanges: &[Exchange]) -> String {
    let failed = exchanges.iter().filter(|exchange| exchange.error.is_some()).count();
    let mut handshakes: Vec<f64> = exchanges.iter().filter_map(|exchange| exchange.handshake_ms).collect();
    handshakes.sort_by(f64::total_cmp);
    let times = match (handshakes.get(handshakes.len() / 2), handshakes.last()) {
        (Some(median), Some(longest)) => format!("; handshake {median:.1} ms (median), {longest:.1} ms (longest)"),
        _ => String::new(),
    };
    format!("{} connections, {failed} failed{times}", exchanges.len())
}
