//! `ctl connections`.

use super::{Door, Trouble, print, print_line};
use crate::generated::clbsim::ListConnectionsRequest;

/// The arguments of `ctl connections`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only connections of this listener
    #[arg(long, value_name = "ID", default_value_t)]
    listener: String,
    /// Only so many, the newest
    #[arg(long, value_name = "COUNT")]
    newest: Option<u32>,
    /// Go on as connections open, move, end or fail, a line of JSON for each
    #[arg(long)]
    follow: bool,
}

pub(super) async fn list(door: &mut Door, arguments: Arguments) -> Result<(), Trouble> {
    let Arguments { listener, newest, follow } = arguments;
    let request = ListConnectionsRequest { listener_id: listener, newest };
    if follow {
        let mut events = door.follow_connections(request).await?.into_inner();
        while let Some(event) = events.message().await? {
            print_line(&event)?;
        }
        return Ok(());
    }
    print(&door.list_connections(request).await?.into_inner())
}
