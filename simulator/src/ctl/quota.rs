//! `ctl quota`.

use super::{Door, Trouble, print};
use crate::generated::clbsim::{ListQuotasRequest, SetQuotaRequest};

/// What `ctl quota` can do.
#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the quotas
    List {
        /// Of this account [default: of all]
        #[arg(long, value_name = "NAME", default_value_t, hide_default_value = true)]
        world: String,
    },
    /// Set one
    Set {
        /// Its name, such as `listeners`
        name: String,
        /// How many there may be
        limit: u32,
        /// Of this account [default: of all, those to come too]
        #[arg(long, value_name = "NAME", default_value_t, hide_default_value = true)]
        world: String,
    },
}

pub(super) async fn ask(door: &mut Door, command: Command) -> Result<(), Trouble> {
    match command {
        Command::List { world } => print(&door.list_quotas(ListQuotasRequest { world }).await?.into_inner()),
        Command::Set { name, limit, world } => {
            print(&door.set_quota(SetQuotaRequest { world, name, limit }).await?.into_inner())
        }
    }
}
