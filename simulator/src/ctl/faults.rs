//! `ctl faults`.

use super::standing_faults::{self, Occasions};
use super::{Door, Trouble, print};
use crate::generated::clbsim::{ClearFaultsRequest, Fault, ListFaultsRequest, RemoveFaultRequest};

/// What `ctl faults` can do.
pub(super) type Command = standing_faults::Command<Added>;

/// A fault to add.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Added {
    /// For calls of this service, such as `clb` [default: all]
    #[arg(long, value_name = "NAME", default_value_t, hide_default_value = true, help_heading = "Which calls")]
    service: String,
    /// For calls of this action; `Create*` is every action that begins so [default: all]
    #[arg(long, value_name = "NAME", default_value_t, hide_default_value = true, help_heading = "Which calls")]
    action: String,
    /// For calls that have this id somewhere among their arguments
    #[arg(long, value_name = "ID", default_value_t, hide_default_value = true, help_heading = "Which calls")]
    resource: String,
    /// For calls of this account
    #[arg(long, value_name = "NAME", default_value_t, hide_default_value = true, help_heading = "Which calls")]
    world: String,

    #[command(flatten)]
    occasions: Occasions,
    /// Strike the Nth of them alone
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u64).range(1..),
        conflicts_with_all = ["after", "count"],
        help_heading = "Which of those"
    )]
    nth: Option<u64>,

    /// Hold it back for so many seconds first, at most 60
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t,
        hide_default_value = true,
        help_heading = "What becomes of them"
    )]
    delay: f64,
    /// Answer with this error, such as `InternalError`; nothing is changed
    #[arg(
        long,
        value_name = "CODE",
        default_value_t,
        hide_default_value = true,
        help_heading = "What becomes of them"
    )]
    code: String,
    /// The message of that error
    #[arg(
        long,
        value_name = "TEXT",
        default_value_t,
        hide_default_value = true,
        help_heading = "What becomes of them"
    )]
    message: String,
    /// Answer with this status of HTTP: with the error, or without JSON as a gateway does
    #[arg(long, value_name = "STATUS", help_heading = "What becomes of them")]
    http_status: Option<u32>,
    /// Close the connection without an answer, `before` or `after` the call has had its effect
    #[arg(
        long,
        value_name = "WHEN",
        default_value_t,
        hide_default_value = true,
        help_heading = "What becomes of them"
    )]
    lose_answer: String,
    /// Accept it, and let its task end with this failure
    #[arg(
        long,
        value_name = "TEXT",
        default_value_t,
        hide_default_value = true,
        help_heading = "What becomes of them"
    )]
    fail_task: String,
}

pub(super) async fn ask(door: &mut Door, command: Command) -> Result<(), Trouble> {
    match command {
        Command::Add(added) => print(&door.add_fault(fault(*added)).await?.into_inner()),
        Command::List => print(&door.list_faults(ListFaultsRequest {}).await?.into_inner()),
        Command::Remove { id } => print(&door.remove_fault(RemoveFaultRequest { id }).await?.into_inner()),
        Command::Clear => print(&door.clear_faults(ClearFaultsRequest {}).await?.into_inner()),
    }
}

fn fault(added: Added) -> Fault {
    Fault {
        service: added.service,
        action: added.action,
        resource: added.resource,
        world: added.world,
        after: added.nth.map_or(added.occasions.after, |nth| nth - 1),
        count: added.nth.map_or(added.occasions.count, |_| Some(1)),
        probability: added.occasions.probability,
        seed: added.occasions.seed,
        delay_seconds: added.delay,
        code: added.code,
        message: added.message,
        http_status: added.http_status,
        lose_answer: added.lose_answer,
        fail_task: added.fail_task,
        ..Fault::default()
    }
}
