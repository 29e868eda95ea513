//! `ctl faults`.

use super::{Door, Trouble, print};
use crate::generated::clbsim::{ClearFaultsRequest, Fault, ListFaultsRequest, RemoveFaultRequest};

/// What `ctl faults` can do.
#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a fault: which calls it is for, which of those it strikes, what becomes of them
    Add(Box<Added>),
    /// List the faults with what they have struck
    List,
    /// Remove one
    Remove {
        /// Its id
        id: u64,
    },
    /// Remove all
    Clear,
}

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

    /// Let so many of them pass first
    #[arg(long, value_name = "COUNT", default_value_t, hide_default_value = true, help_heading = "Which of those")]
    after: u64,
    /// Then strike so many [default: all]
    #[arg(long, value_name = "COUNT", help_heading = "Which of those")]
    count: Option<u64>,
    /// Strike the Nth of them alone
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u64).range(1..),
        conflicts_with_all = ["after", "count"],
        help_heading = "Which of those"
    )]
    nth: Option<u64>,
    /// Strike each of them with this probability, from 0 to 1
    #[arg(long, value_name = "SHARE", help_heading = "Which of those")]
    probability: Option<f64>,
    /// Seed of the dice: the same seed strikes the same calls [default: 0]
    #[arg(long, value_name = "NUMBER", requires = "probability", help_heading = "Which of those")]
    seed: Option<u64>,

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
        after: added.nth.map_or(added.after, |nth| nth - 1),
        count: added.nth.map_or(added.count, |_| Some(1)),
        probability: added.probability,
        seed: added.seed,
        delay_seconds: added.delay,
        code: added.code,
        message: added.message,
        http_status: added.http_status,
        lose_answer: added.lose_answer,
        fail_task: added.fail_task,
        ..Fault::default()
    }
}
