//! `clb-simulator exec -- COMMAND`: a simulator and one command in a private network, in which every address is local.
//!
//! The command finds the simulator by its environment; this program lives as long as the command does, hands signals
//! on to it, and ends with its exit code. How the network is made is [`crate::private_network`]'s.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitCode, ExitStatus};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::Config;
use crate::endpoints::{Endpoints, REGION};
use crate::private_network::{PrivateNetwork, PrivateNetworkError};
use crate::serve;

/// Exit codes of our own, as `env` and `docker run` have them: the command was not run, cannot be run, is not there.
const NOT_RUN: u8 = 125;
const CANNOT_BE_RUN: u8 = 126;
const NOT_FOUND: u8 = 127;

/// What would lead the command's clients elsewhere: other credentials, and proxies, which nothing leads to in here.
const TAKEN_OUT: [&str; 7] =
    ["TENCENTCLOUD_SECURITY_TOKEN", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/// The arguments of `clb-simulator exec`.
#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub struct Arguments {
    #[command(flatten)]
    serve: serve::Arguments,
    /// The command, and its arguments
    #[arg(value_name = "COMMAND", required = true, last = true)]
    command: Vec<OsString>,
}

/// Why there is no exit code of the command.
#[derive(Debug, thiserror::Error)]
enum NotDone {
    #[error(transparent)]
    Network(#[from] PrivateNetworkError),
    #[error("the system does not let this program run as it must: {0}")]
    System(io::Error),
    #[error(transparent)]
    Simulator(#[from] serve::NotServing),
    #[error("{} cannot be run: {source}", .command.display())]
    Command { command: OsString, source: io::Error },
}

impl NotDone {
    fn code(&self) -> u8 {
        match self {
            Self::Command { source, .. } if source.kind() == io::ErrorKind::NotFound => NOT_FOUND,
            Self::Command { .. } => CANNOT_BE_RUN,
            _ => NOT_RUN,
        }
    }
}

/// Runs the command and gives its exit code. Must be called before this process has other threads.
pub fn run(arguments: Arguments) -> ExitCode {
    run_alone(arguments).unwrap_or_else(|error| {
        eprintln!("error: {error}.");
        ExitCode::from(error.code())
    })
}

fn run_alone(arguments: Arguments) -> Result<ExitCode, NotDone> {
    let network = PrivateNetwork::enter()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(NotDone::System)?;
    runtime.block_on(run_inside(arguments, network))
}

async fn run_inside(arguments: Arguments, network: PrivateNetwork) -> Result<ExitCode, NotDone> {
    // Before anything runs: what is sent to this program early must reach the command, too.
    let mut signals = Signals::new().map_err(NotDone::System)?;
    let simulator = serve::start(arguments.serve, Config::in_private_network(network)).await?;
    let ended = match start(&arguments.command, simulator.endpoints()) {
        Ok(child) => signals.hand_on_until_end(child).await.map_err(NotDone::System),
        Err(error) => Err(error),
    };
    simulator.stop().await;
    ended.map(code_of)
}

fn start(command: &[OsString], endpoints: &Endpoints) -> Result<Child, NotDone> {
    let (program, arguments) =
        command.split_first().ok_or_else(|| NotDone::System(io::ErrorKind::InvalidInput.into()))?;
    let mut child = Command::new(program);
    child.args(arguments);
    for name in TAKEN_OUT {
        child.env_remove(name);
    }
    if std::env::var_os("TENCENTCLOUD_REGION").is_none() {
        child.env("TENCENTCLOUD_REGION", REGION);
    }
    child.envs(endpoints.environment());
    child.spawn().map_err(|source| NotDone::Command { command: program.clone(), source })
}

/// As a shell says it: 128 and the signal for a command that a signal has ended.
fn code_of(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}

/// The signals that end a program, or that it may have a use for; and the one that says a child has ended.
struct Signals {
    child: Signal,
    terminate: Signal,
    hang_up: Signal,
    user_1: Signal,
    user_2: Signal,
    interrupt: Signal,
    quit: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            child: signal(SignalKind::child())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            user_1: signal(SignalKind::user_defined1())?,
            user_2: signal(SignalKind::user_defined2())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    async fn hand_on_until_end(&mut self, mut child: Child) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            let number = tokio::select! {
                biased;
                _ = self.child.recv() => continue,
                _ = self.interrupt.recv() => libc::SIGINT,
                _ = self.quit.recv() => libc::SIGQUIT,
                _ = self.terminate.recv() => libc::SIGTERM,
                _ = self.hang_up.recv() => libc::SIGHUP,
                _ = self.user_1.recv() => libc::SIGUSR1,
                _ = self.user_2.recv() => libc::SIGUSR2,
            };
            // A terminal has told the command already, and a second interrupt means more than one.
            let from_terminal = matches!(number, libc::SIGINT | libc::SIGQUIT) && is_in_foreground();
            if !from_terminal {
                hand_on(&child, number);
            }
        }
    }
}

/// Whether a terminal sends its signals to this program's process group, and so to the command: fields 5 and 8 of
/// proc_pid_stat(5), after the name in parentheses.
fn is_in_foreground() -> bool {
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else { return false };
    let Some((_, fields)) = stat.rsplit_once(") ") else { return false };
    let fields: Vec<&str> = fields.split(' ').collect();
    fields.get(2).is_some_and(|group| fields.get(5) == Some(group))
}

#[allow(unsafe_code, reason = "the standard library has no call for it")]
fn hand_on(child: &Child, signal: libc::c_int) {
    let Ok(id) = libc::pid_t::try_from(child.id()) else { return };
    // SAFETY: it takes two numbers and touches no memory of this process. The child has not been waited for, so the id
    // is still its own. An error means that it has just ended.
    let _ = unsafe { libc::kill(id, signal) };
}
