//! `ctl connections`.

use super::{Door, Trouble, print};
use crate::generated::clbsim::ListConnectionsRequest;

/// The arguments of `ctl connections`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only connections of this listener
    #[arg(long, value_name = "ID", default_value_t)]
    listener: String,
}

pub(super) async fn list(door: &mut Door, arguments: Arguments) -> Result<(), Trouble> {
    let request = ListConnectionsRequest { listener_id: arguments.listener };
    print(&door.list_connections(request).await?.into_inner())
}
