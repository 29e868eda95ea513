//! `clb-simulator ctl`: the admin door from a shell. Prints JSON.

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, UNIX_EPOCH};

use prost_types::Timestamp;
use serde_json::{Value, json};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

use crate::generated::clbsim::admin_client::AdminClient;
use crate::generated::clbsim::{
    Call, Connection, HealthRequest, ListCallsRequest, ListConnectionsRequest, ResetRequest, UnknownAction,
};

/// How long the door may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// The most bytes of an answer: a full journal is large.
const LONGEST_ANSWER: usize = 64 * 1024 * 1024;

/// The arguments of `clb-simulator ctl`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Address of the admin door
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:9001", global = true)]
    admin: SocketAddr,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// Say that the simulator serves, and how it stands
    Health,
    /// Put every account back to its seed
    Reset,
    /// List QUIC connections that are remembered, or calls of the cloud API
    Journal {
        /// Only connections of this listener
        #[arg(long, value_name = "ID", conflicts_with = "calls")]
        listener: Option<String>,
        /// Calls of the cloud API in place of connections
        #[arg(long)]
        calls: bool,
    },
}

/// Asks, and prints the answer.
pub async fn run(arguments: Arguments) -> ExitCode {
    let answered = match connect(arguments.admin).await {
        Ok(client) => ask(client, arguments.command).await.map_err(|status| match status.code() {
            // The other side speaks no gRPC.
            Code::Unknown => format!("{}; is this the address of the cloud API?", status.message()),
            _ => status.message().to_owned(),
        }),
        Err(error) => Err(error),
    };
    match answered {
        // A reader that has seen enough and gone (`| head`) is no reason to panic.
        Ok(answer) => match writeln!(std::io::stdout(), "{answer:#}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(reason) => {
            eprintln!("error: the admin door {}: {reason}", arguments.admin);
            ExitCode::FAILURE
        }
    }
}

async fn connect(address: SocketAddr) -> Result<AdminClient<Channel>, String> {
    let endpoint = Endpoint::try_from(format!("http://{address}")).map_err(|error| error.to_string())?;
    let channel = endpoint
        .connect_timeout(Duration::from_secs(5))
        .timeout(ANSWER_WITHIN)
        .connect()
        .await
        .map_err(|_| "nobody answers; start `clb-simulator serve` with --admin at this address".to_owned())?;
    Ok(AdminClient::new(channel).max_decoding_message_size(LONGEST_ANSWER))
}

async fn ask(mut client: AdminClient<Channel>, command: Command) -> Result<Value, Status> {
    match command {
        Command::Health => {
            let reply = client.health(HealthRequest {}).await?.into_inner();
            Ok(json!({
                "version": reply.version,
                "generation": reply.generation,
                "applied_generation": reply.applied_generation,
                "listeners": reply.listeners,
            }))
        }
        Command::Reset => {
            let reply = client.reset(ResetRequest {}).await?.into_inner();
            Ok(json!({ "generation": reply.generation }))
        }
        Command::Journal { calls: true, .. } => {
            let reply = client.list_calls(ListCallsRequest {}).await?.into_inner();
            let unknown = |it: &UnknownAction| json!({"service": it.service, "action": it.action, "count": it.count});
            Ok(json!({
                "total": reply.total,
                "calls": reply.calls.iter().map(call).collect::<Vec<_>>(),
                "unknown_actions": reply.unknown_actions.iter().map(unknown).collect::<Vec<_>>(),
            }))
        }
        Command::Journal { listener, .. } => {
            let request = ListConnectionsRequest { listener_id: listener.unwrap_or_default() };
            let reply = client.list_connections(request).await?.into_inner();
            let totals = reply.totals.unwrap_or_default();
            Ok(json!({
                "totals": {
                    "opened": totals.opened,
                    "closed": totals.closed,
                    "failed_handshakes": totals.failed_handshakes,
                    "refused": totals.refused,
                    "forgotten": totals.forgotten,
                },
                "connections": reply.connections.iter().map(connection).collect::<Vec<_>>(),
            }))
        }
    }
}

fn connection(it: &Connection) -> Value {
    json!({
        "number": it.number,
        "load_balancer_id": it.load_balancer_id,
        "listener_id": it.listener_id,
        "client": it.client,
        "alpn": it.alpn.as_deref().map(|alpn| String::from_utf8_lossy(alpn).into_owned()),
        "server_name": it.server_name,
        "backend": it.backend,
        "opened": it.opened.as_ref().map(seconds),
        "closed": it.closed.as_ref().map(seconds),
        "close_reason": it.close_reason,
        "streams": it.streams,
        "bytes_from_client": it.bytes_from_client,
        "bytes_to_client": it.bytes_to_client,
        "notes": it.notes,
    })
}

fn call(it: &Call) -> Value {
    json!({
        "number": it.number,
        "at": it.at.as_ref().map(seconds),
        "request_id": it.request_id,
        "account": it.account,
        "service": it.service,
        "action": it.action,
        "region": it.region,
        "error_code": it.error_code,
    })
}

/// Unix time in seconds.
fn seconds(at: &Timestamp) -> f64 {
    std::time::SystemTime::try_from(*at)
        .ok()
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
        .map_or(0.0, |since| since.as_secs_f64())
}
