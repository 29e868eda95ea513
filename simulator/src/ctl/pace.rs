//! `ctl pace`.

use super::{Door, Trouble, print};
use crate::generated::clbsim::{SetPaceRequest, ShowPacesRequest};

/// What `ctl pace` can do.
#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show how long tasks take
    Show,
    /// Set how long they take
    Set {
        /// `now`, a time such as `500ms` or `10s`, or `3polls`: until they have been asked about so many times
        pace: String,
        /// Of this action, such as CreateLoadBalancer [default: of all that have no pace of their own]
        #[arg(long, value_name = "NAME", default_value_t, hide_default_value = true)]
        action: String,
    },
}

pub(super) async fn ask(door: &mut Door, command: Command) -> Result<(), Trouble> {
    match command {
        Command::Show => print(&door.show_paces(ShowPacesRequest {}).await?.into_inner()),
        Command::Set { pace, action } => print(&door.set_pace(SetPaceRequest { action, pace }).await?.into_inner()),
    }
}
