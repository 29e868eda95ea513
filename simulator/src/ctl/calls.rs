//! `ctl calls` and `ctl not-simulated`.

use super::{Door, Trouble, print, print_line};
use crate::generated::clbsim::{ListCallsRequest, ListNotSimulatedRequest};

/// The arguments of `ctl calls`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only calls of this service, such as `clb`
    #[arg(long, value_name = "NAME", default_value_t)]
    service: String,
    /// Only calls of this action; `Create*` is every action that begins so
    #[arg(long, value_name = "NAME", default_value_t)]
    action: String,
    /// Only calls of this account
    #[arg(long, value_name = "NAME", default_value_t)]
    world: String,
    /// Only calls that were answered with an error, or not at all
    #[arg(long)]
    failed: bool,
    /// Only calls after the one with this number
    #[arg(long, value_name = "NUMBER", default_value_t)]
    after: u64,
    /// Only so many, the newest
    #[arg(long, value_name = "COUNT")]
    newest: Option<u32>,
    /// Print a line of JSON for each call
    #[arg(long)]
    lines: bool,
    /// Go on with new calls as they are answered, a line of JSON for each
    #[arg(long)]
    follow: bool,
}

pub(super) async fn list(door: &mut Door, arguments: Arguments) -> Result<(), Trouble> {
    let Arguments { service, action, world, failed, after, newest, lines, follow } = arguments;
    let request = ListCallsRequest { service, action, world, failed, after, newest };
    if follow {
        let mut calls = door.follow_calls(request).await?.into_inner();
        while let Some(call) = calls.message().await? {
            print_line(&call)?;
        }
        return Ok(());
    }
    let reply = door.list_calls(request).await?.into_inner();
    if lines { reply.calls.iter().try_for_each(print_line) } else { print(&reply) }
}

pub(super) async fn list_not_simulated(door: &mut Door) -> Result<(), Trouble> {
    print(&door.list_not_simulated(ListNotSimulatedRequest {}).await?.into_inner())
}
