//! `ctl clock`.

use super::{Door, Trouble, print};
use crate::generated::clbsim::{AdvanceClockRequest, FreezeClockRequest, ResumeClockRequest, ShowClockRequest};

/// What `ctl clock` can do.
#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Say what time it is, and whether the clock runs
    Show,
    /// Stop it
    Freeze,
    /// Put it forward, whether it runs or not
    Advance {
        /// By so many seconds
        #[arg(allow_negative_numbers = true)]
        seconds: f64,
    },
    /// Let it tell the machine's time again
    Resume,
}

pub(super) async fn ask(door: &mut Door, command: Command) -> Result<(), Trouble> {
    let reading = match command {
        Command::Show => door.show_clock(ShowClockRequest {}).await?,
        Command::Freeze => door.freeze_clock(FreezeClockRequest {}).await?,
        Command::Advance { seconds } => door.advance_clock(AdvanceClockRequest { seconds }).await?,
        Command::Resume => door.resume_clock(ResumeClockRequest {}).await?,
    };
    print(&reading.into_inner())
}
