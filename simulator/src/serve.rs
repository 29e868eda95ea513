//! `clb-simulator serve`: arguments, the ready line, and the signals that stop it.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clb_model::quota::Quota;
use ipnet::Ipv4Net;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::config::door::Signatures;
use crate::control::Weather;
use crate::data_plane::Settings;
use crate::data_plane::address_plan::{AddressPlan, PlanError};
use crate::pace::PaceError;
use crate::rate_limit::RateLimits;
use crate::seed::{Seed, SeedError};
use crate::simulator::{Simulator, StartError};

/// The arguments of `clb-simulator serve`.
#[derive(Clone, Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of a command line")]
pub struct Arguments {
    /// Address of the cloud API; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:9000")]
    api: SocketAddr,
    /// Address of the admin door; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:9001")]
    admin: SocketAddr,
    /// Let the doors be reachable from other machines. The key pairs are public knowledge and the admin door asks for
    /// none: only in a network of your own
    #[arg(long)]
    allow_non_loopback: bool,
    /// File to write with the addresses of both doors and a key pair, as JSON, when both are ready
    #[arg(long, value_name = "FILE")]
    endpoints_file: Option<PathBuf>,
    /// File to write with what clients read from their environment, NAME=VALUE in each line, when both doors are ready: for a
    /// shell, `$GITHUB_ENV` and the like
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// What is checked of signatures
    #[arg(long, value_name = "MODE", value_enum, default_value_t)]
    signatures: Signatures,
    /// Domain that a client is given as its own and signs without sending it; repeat for several
    /// [default: sim@ before the address of the cloud API]
    #[arg(long, value_name = "NAME@ADDR:PORT")]
    domain: Vec<String>,
    /// Serve the cloud API over HTTPS, with a certificate that is made at the start
    #[arg(long, requires = "https_ca_file")]
    https: bool,
    /// File to write with the certificate of the CA that vouches for --https, as PEM
    #[arg(long, value_name = "FILE", requires = "https")]
    https_ca_file: Option<PathBuf>,
    /// Network that load balancers get their addresses from, part of 127.0.0.0/8 [default: 127.80.0.0/16; with exec any
    /// network can be given, and the default is 203.0.113.0/24]
    #[arg(long, value_name = "NETWORK")]
    vip_pool: Option<Ipv4Net>,
    /// Where a network of the cloud is on this machine; repeat for several [default: 10.0.0.0/16=127.10.0.0/16; with exec
    /// every address is what it is]
    #[arg(long, value_name = "CLOUD=LOCAL")]
    address_plan: Vec<String>,
    /// Leave backends that refuse three connections in a row out for ten seconds, as the platform does on TCP_SSL listeners
    #[arg(long)]
    passive_health_check: bool,
    /// Take early data (0-RTT) of clients that resume a session, on listeners that ask for no client certificate. Backends
    /// see nothing of a client before its handshake is complete
    #[arg(long)]
    early_data: bool,
    /// What is there from the start; `clb-simulator seed` prints the built-in one, a file to start from
    #[arg(long, value_name = "FILE")]
    seed_file: Option<PathBuf>,
    /// Seed of ids: the same seed gives the same ids [default: another one each time]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// How long tasks take, such as `10s` or `3polls`, or of one action `CreateLoadBalancer=10s`; repeat for several
    #[arg(long, value_name = "[ACTION=]PACE")]
    pace: Vec<String>,
    /// Calls per second that an account may make of one action; the platform's default is 20 [default: no limit]
    #[arg(long, value_name = "NUMBER")]
    rate_limit: Option<u32>,
    /// How much an account may have, such as `listeners=3`; repeat for several. `ctl quota list` names them
    #[arg(long, value_name = "NAME=LIMIT")]
    quota: Vec<String>,
    /// File to keep the state in: what was answered is in it, also after a crash, and the simulator goes on from there.
    /// It holds private keys, and only this user may read it [default: in memory only]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Folder to keep snapshots in (`ctl snapshot save NAME`) [default: in memory only]
    #[arg(long, value_name = "FOLDER")]
    snapshots: Option<PathBuf>,
    /// File to append the TLS secrets of QUIC connections to, with which recorded packets can be read (NSS format; at most
    /// 64 MiB). It breaks the secrecy of every connection, and only this user may read it [default: nowhere]
    #[arg(long, value_name = "FILE")]
    tls_key_log: Option<PathBuf>,
    /// Folder to write a qlog file in for each QUIC connection: what was sent, received and lost, and when (at most 1,000
    /// files of 16 MiB). It slows connections down [default: nowhere]
    #[arg(long, value_name = "FOLDER")]
    qlog: Option<PathBuf>,
}

/// Runs until SIGINT or SIGTERM.
pub async fn run(arguments: Arguments) -> ExitCode {
    // Before the doors open: a signal that comes early must stop the simulator as one that comes late.
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return failure(&"the system does not let this program handle signals");
    };
    let simulator = match start(arguments, Config::default()).await {
        Ok(simulator) => simulator,
        Err(error) => return failure(&error),
    };
    let endpoints = simulator.endpoints();
    // Whoever started this may have closed its end: the simulator serves all the same.
    let _ = writeln!(
        std::io::stdout(),
        "clb-simulator ready: cloud API {}, admin {}, key pair {} {}",
        endpoints.api,
        endpoints.admin,
        endpoints.secret_id,
        endpoints.secret_key.expose()
    );
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    simulator.stop().await;
    ExitCode::SUCCESS
}

/// Starts what the arguments say; `usual` is what they leave open.
pub(crate) async fn start(arguments: Arguments, usual: Config) -> Result<Simulator, NotServing> {
    Ok(Simulator::start(config(arguments, usual)?).await?)
}

/// Why there is no simulator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotServing {
    #[error(transparent)]
    Arguments(#[from] ArgumentsError),
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Arguments that are no set-up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArgumentsError {
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Seed(#[from] SeedError),
    #[error(transparent)]
    Pace(#[from] PaceError),
    #[error("`{0}` is no quota: write a name and a number such as `listeners=3`; names are {names}", names = Quota::ALL.map(Quota::name).join(", "))]
    Quota(String),
}

/// How fast, how often and how much.
fn weather(arguments: &Arguments) -> Result<Weather, ArgumentsError> {
    let mut weather = Weather { rates: RateLimits::new(arguments.rate_limit), ..Weather::default() };
    for text in &arguments.pace {
        weather.paces.set_from_text(text)?;
    }
    for text in &arguments.quota {
        let wrong = || ArgumentsError::Quota(text.clone());
        let (name, limit) = text.split_once('=').ok_or_else(wrong)?;
        let quota = Quota::by_name(name.trim()).ok_or_else(wrong)?;
        weather.quotas.set(quota, limit.trim().parse().map_err(|_| wrong())?);
    }
    Ok(weather)
}

fn config(arguments: Arguments, usual: Config) -> Result<Config, ArgumentsError> {
    let mut entries =
        arguments.address_plan.iter().map(|text| AddressPlan::entry(text)).collect::<Result<Vec<_>, _>>()?;
    let address_plan = if entries.is_empty() {
        usual.address_plan.clone()
    } else {
        // What is on this machine already is where it is.
        entries.push(AddressPlan::entry("127.0.0.0/8=127.0.0.0/8")?);
        usual.address_plan.clone().with_entries(entries)?
    };
    let weather = weather(&arguments)?;
    let config = Config {
        weather,
        api: arguments.api,
        admin: arguments.admin,
        allow_non_loopback: arguments.allow_non_loopback,
        endpoints_file: arguments.endpoints_file,
        env_file: arguments.env_file,
        state: arguments.state,
        snapshots: arguments.snapshots,
        tls_key_log: arguments.tls_key_log,
        qlog: arguments.qlog,
        signatures: arguments.signatures,
        domains: arguments.domain,
        https_ca_file: arguments.https_ca_file,
        vip_pool: arguments.vip_pool.unwrap_or(usual.vip_pool),
        address_plan,
        data_plane: Settings { passive_health_check: arguments.passive_health_check, early_data: arguments.early_data },
        seed: arguments.seed,
        ..usual
    };
    Ok(match arguments.seed_file {
        Some(path) => config.with_seed(Seed::read(&path)?),
        None => config,
    })
}

fn failure(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("error: {error}.");
    ExitCode::FAILURE
}
