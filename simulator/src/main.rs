//! `clb-simulator`: one file per subcommand, this one only chooses.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use clb_simulator::rule_book::command as rules;
use clb_simulator::{backend, client, ctl, seed, serve};
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

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(arguments).await,
        Command::Ctl(arguments) => ctl::run(arguments).await,
        Command::Client(arguments) => client::command::run(arguments).await,
        Command::Backend(arguments) => backend::run(arguments).await,
        Command::Seed(arguments) => seed::command::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
    }
}
