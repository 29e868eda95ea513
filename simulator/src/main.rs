//! `clb-simulator`: one file per subcommand, this one only chooses.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use clb_simulator::rule_book::command as rules;
use clb_simulator::{backend, client, ctl, exec, seed, serve};
use tracing_subscriber::EnvFilter;

/// Tencent Cloud CLB on one machine: the cloud's API and a real QUIC data plane
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the simulator: the cloud API, the admin door and the data plane
    Serve(serve::Arguments),
    /// Run the simulator and a command in a private network, in which every address is local: load balancers on real
    /// addresses and port 443, IPv6, no root. Linux only
    Exec(exec::Arguments),
    /// Ask the admin door of a running simulator; prints JSON
    Ctl(ctl::Arguments),
    /// Connect to a QUIC listener, send lines, print what comes back
    Client(client::command::Arguments),
    /// Run a TCP server that answers with its name and the peer address it saw
    Backend(backend::Arguments),
    /// Print the built-in seed, a file to start from; or check one
    Seed(seed::command::Arguments),
    /// Print the platform's rules: sentence, code, how sure, source
    Rules(rules::Arguments),
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Arguments::parse().command {
        Command::Serve(arguments) => in_runtime(serve::run(arguments)),
        // It makes its runtime itself: first it enters a private network, while this process has one thread.
        Command::Exec(arguments) => exec::run(arguments),
        Command::Ctl(arguments) => in_runtime(ctl::run(arguments)),
        Command::Client(arguments) => in_runtime(client::command::run(arguments)),
        Command::Backend(arguments) => in_runtime(backend::run(arguments)),
        Command::Seed(arguments) => seed::command::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
    }
}

#[tokio::main]
async fn in_runtime(work: impl Future<Output = ExitCode>) -> ExitCode {
    work.await
}
