//! `ctl backend-faults`.

use super::standing_faults::{self, Occasions};
use super::{Door, Trouble, print};
use crate::generated::clbsim::{
    BackendFault, ClearBackendFaultsRequest, ListBackendFaultsRequest, RemoveBackendFaultRequest,
};

/// What `ctl backend-faults` can do.
pub(super) type Command = standing_faults::Command<Added>;

/// A fault to add.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Added {
    /// For backends of this listener [default: all]
    #[arg(long, value_name = "ID", default_value_t, hide_default_value = true, help_heading = "Which connections")]
    listener: String,
    /// For this backend as the cloud knows it, IP or IP:PORT [default: all]
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value_t,
        hide_default_value = true,
        help_heading = "Which connections"
    )]
    backend: String,
    /// For `dials` (one for each stream of a client), `probes` or `both` [default: both with --refuse and --no-answer, else dials]
    #[arg(long, value_name = "WHAT", default_value_t, hide_default_value = true, help_heading = "Which connections")]
    strikes: String,

    #[command(flatten)]
    occasions: Occasions,
    /// Strike for so many seconds from now on [default: until it is removed]
    #[arg(long = "for", value_name = "SECONDS", help_heading = "Which of those")]
    for_seconds: Option<f64>,

    /// Refuse it
    #[arg(long, help_heading = "What becomes of them")]
    refuse: bool,
    /// Do not answer it
    #[arg(long, help_heading = "What becomes of them")]
    no_answer: bool,
    /// Reset it after so many bytes of the answer; 0 for at once
    #[arg(long, value_name = "BYTES", help_heading = "What becomes of them")]
    reset_after_bytes: Option<u64>,
    /// Reset it after so many seconds
    #[arg(long, value_name = "SECONDS", help_heading = "What becomes of them")]
    reset_after: Option<f64>,
    /// End the answer after so many bytes, cleanly; 0 for at once
    #[arg(long, value_name = "BYTES", help_heading = "What becomes of them")]
    end_after_bytes: Option<u64>,
    /// Never end the answer
    #[arg(long, help_heading = "What becomes of them")]
    never_end: bool,
    /// Let the backend take so many bytes per second at most
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t,
        hide_default_value = true,
        help_heading = "What becomes of them"
    )]
    request_rate: u64,
    /// Hold each piece back for so many seconds before the backend takes it, at most 60
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t,
        hide_default_value = true,
        help_heading = "What becomes of them"
    )]
    request_delay: f64,
    /// Let the backend say so many bytes per second at most
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t,
        hide_default_value = true,
        help_heading = "What becomes of them"
    )]
    answer_rate: u64,
    /// Hold each piece of the answer back for so many seconds, at most 60
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t,
        hide_default_value = true,
        help_heading = "What becomes of them"
    )]
    answer_delay: f64,
}

pub(super) async fn ask(door: &mut Door, command: Command) -> Result<(), Trouble> {
    match command {
        Command::Add(added) => print(&door.add_backend_fault(fault(*added)).await?.into_inner()),
        Command::List => print(&door.list_backend_faults(ListBackendFaultsRequest {}).await?.into_inner()),
        Command::Remove { id } => {
            print(&door.remove_backend_fault(RemoveBackendFaultRequest { id }).await?.into_inner())
        }
        Command::Clear => print(&door.clear_backend_faults(ClearBackendFaultsRequest {}).await?.into_inner()),
    }
}

fn fault(added: Added) -> BackendFault {
    BackendFault {
        listener_id: added.listener,
        backend: added.backend,
        strikes: added.strikes,
        after: added.occasions.after,
        count: added.occasions.count,
        probability: added.occasions.probability,
        seed: added.occasions.seed,
        for_seconds: added.for_seconds,
        refuse: added.refuse,
        no_answer: added.no_answer,
        reset_after_bytes: added.reset_after_bytes,
        reset_after_seconds: added.reset_after,
        end_after_bytes: added.end_after_bytes,
        never_end: added.never_end,
        request_bytes_per_second: added.request_rate,
        request_delay_seconds: added.request_delay,
        answer_bytes_per_second: added.answer_rate,
        answer_delay_seconds: added.answer_delay,
        ..BackendFault::default()
    }
}
