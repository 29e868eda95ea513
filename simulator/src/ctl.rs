//! `clb-simulator ctl`: the admin door from a shell. Prints JSON; a failure is one line on stderr.
//!
//! A file per noun, each with its subcommand and its questions; this one connects and prints. What a reply looks like as
//! JSON stands in `proto/clbsim/v1/admin.proto`.

mod backend_faults;
mod calls;
mod clock;
mod connections;
mod datagram_faults;
mod faults;
mod forwarding_table;
mod health;
mod pace;
mod quota;
mod rate_limit;
mod snapshots;
mod standing_faults;
mod worlds;

use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

use crate::generated::clbsim::admin_client::AdminClient;

/// How long the door may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How long it may take to connect.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// The most bytes of an answer: a full journal is large.
const LONGEST_ANSWER: usize = 64 * 1024 * 1024;

/// The arguments of `clb-simulator ctl`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The admin door: ADDR:PORT, its URL, or the endpoints file of a running simulator
    #[arg(
        long,
        value_name = "ADDR:PORT|FILE",
        default_value = "127.0.0.1:9001",
        env = "CLB_SIMULATOR_ADMIN",
        global = true
    )]
    admin: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// Say that the simulator serves, and how it stands
    Health,
    /// Wait until the simulator serves and its data plane has followed
    Wait(health::Wait),
    /// List the worlds: what each account has, in numbers
    Worlds,
    /// Put every world back to its seed, or one
    Reset(worlds::Reset),
    /// List the QUIC connections that are remembered
    Connections(connections::Arguments),
    /// List the calls of the cloud API that are remembered, or follow them
    Calls(calls::Arguments),
    /// List what was asked for and is not simulated: actions and arguments
    NotSimulated,
    /// Show the simulator's clock, stop it, or put it forward
    #[command(subcommand)]
    Clock(clock::Command),
    /// Let calls go wrong
    #[command(subcommand)]
    Faults(faults::Command),
    /// Let datagrams between clients and load balancers go wrong
    #[command(subcommand)]
    DatagramFaults(datagram_faults::Command),
    /// Let connections to backends go wrong
    #[command(subcommand)]
    BackendFaults(backend_faults::Command),
    /// Save worlds as JSON, put them back, and see what differs
    #[command(subcommand)]
    Snapshot(snapshots::Command),
    /// How long tasks take
    #[command(subcommand)]
    Pace(pace::Command),
    /// How often an account may call an action
    #[command(subcommand)]
    RateLimit(rate_limit::Command),
    /// How much of everything an account may have
    #[command(subcommand)]
    Quota(quota::Command),
    /// Show the forwarding table: what should be forwarding now
    ForwardingTable,
}

/// The admin door, from outside.
pub type Door = AdminClient<Channel>;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    /// The door refused, or is none.
    #[error("{}", said(.0))]
    Status(Box<Status>),
    /// The answer cannot be printed: the reader has seen enough and gone (`| head`).
    #[error("the answer cannot be written: {0}")]
    Print(#[from] std::io::Error),
    /// Anything else, in a sentence.
    #[error("{0}")]
    Said(String),
}

impl From<Status> for Trouble {
    fn from(status: Status) -> Self {
        Self::Status(Box::new(status))
    }
}

/// What the door says. A peer that speaks no gRPC breaks the connection, sooner or later than we have asked: the status is
/// then not its own.
fn said(status: &Status) -> String {
    match status.code() {
        Code::Unknown => foreign(status),
        _ if is_broken_off(status) => foreign(status),
        Code::Unimplemented => format!("{}; is the simulator older than this program?", status.message()),
        _ => status.message().to_owned(),
    }
}

fn foreign(status: &Status) -> String {
    format!("{}; is this the address of the cloud API?", status.message())
}

/// Whether the status is ours, about a connection that was broken off, and not the peer's.
fn is_broken_off(status: &Status) -> bool {
    status.source().is_some_and(|cause| !causes(cause).any(<dyn Error>::is::<tonic::TimeoutExpired>))
}

/// An error, what caused it, and so on.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

/// Asks, and prints the answer.
pub async fn run(arguments: Arguments) -> ExitCode {
    let answered = match address(&arguments.admin) {
        Ok(address) => ask(address, arguments.command).await,
        Err(trouble) => Err(trouble),
    };
    match answered {
        Ok(()) => ExitCode::SUCCESS,
        Err(Trouble::Print(_)) => ExitCode::FAILURE,
        Err(trouble) => {
            eprintln!("error: the admin door {}: {trouble}", arguments.admin);
            ExitCode::FAILURE
        }
    }
}

async fn ask(address: SocketAddr, command: Command) -> Result<(), Trouble> {
    // This one waits for the door.
    if let Command::Wait(arguments) = command {
        return health::wait(address, arguments).await;
    }
    let door = &mut connect(address).await?;
    match command {
        Command::Health => health::show(door).await,
        Command::Wait(_) => Ok(()),
        Command::Worlds => worlds::list(door).await,
        Command::Reset(arguments) => worlds::reset(door, arguments).await,
        Command::Connections(arguments) => connections::list(door, arguments).await,
        Command::Calls(arguments) => calls::list(door, arguments).await,
        Command::NotSimulated => calls::list_not_simulated(door).await,
        Command::Clock(command) => clock::ask(door, command).await,
        Command::Faults(command) => faults::ask(door, command).await,
        Command::DatagramFaults(command) => datagram_faults::ask(door, command).await,
        Command::BackendFaults(command) => backend_faults::ask(door, command).await,
        Command::Snapshot(command) => snapshots::ask(door, command).await,
        Command::Pace(command) => pace::ask(door, command).await,
        Command::RateLimit(command) => rate_limit::ask(door, command).await,
        Command::Quota(command) => quota::ask(door, command).await,
        Command::ForwardingTable => forwarding_table::show(door).await,
    }
}

/// The address itself, or what stands in the endpoints file of that name.
fn address(admin: &str) -> Result<SocketAddr, Trouble> {
    let bare = |text: &str| text.trim_start_matches("http://").trim_end_matches('/').parse::<SocketAddr>();
    if let Ok(address) = bare(admin) {
        return Ok(address);
    }
    let wrong = |reason: &str| Trouble::Said(format!("not ADDR:PORT, and as an endpoints file {reason}"));
    let text = std::fs::read_to_string(admin).map_err(|error| wrong(&format!("not readable ({error})")))?;
    let endpoints: serde_json::Value = serde_json::from_str(&text).map_err(|_| wrong("not JSON"))?;
    endpoints["admin"].as_str().and_then(|url| bare(url).ok()).ok_or_else(|| wrong("without an address at `admin`"))
}

/// Connects to the admin door at an address, for programs in Rust; what went wrong is said in a sentence.
pub async fn open(address: SocketAddr) -> Result<Door, String> {
    connect(address).await.map_err(|trouble| trouble.to_string())
}

async fn connect(address: SocketAddr) -> Result<Door, Trouble> {
    let endpoint = Endpoint::try_from(format!("http://{address}")).map_err(|error| Trouble::Said(error.to_string()))?;
    let nobody = "nobody answers; start `clb-simulator serve` with --admin at this address";
    let channel = endpoint
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .connect()
        .await
        .map_err(|_| Trouble::Said(nobody.to_owned()))?;
    Ok(AdminClient::new(channel).max_decoding_message_size(LONGEST_ANSWER))
}

/// Prints a part of a reply as one line of JSON.
fn print_line<T: Serialize>(part: &T) -> Result<(), Trouble> {
    let text = serde_json::to_string(part).map_err(|error| Trouble::Said(error.to_string()))?;
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// Prints a reply as JSON.
fn print<T: Serialize>(reply: &T) -> Result<(), Trouble> {
    let text = serde_json::to_string_pretty(reply).map_err(|error| Trouble::Said(error.to_string()))?;
    Ok(writeln!(std::io::stdout(), "{text}")?)
}
