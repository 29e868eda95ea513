//! `ctl worlds` and `ctl reset`.

use std::path::PathBuf;

use super::{Door, Trouble, print};
use crate::generated::clbsim::{ListWorldsRequest, ResetRequest};
use crate::seed::Seed;

/// The arguments of `ctl reset`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Reset {
    /// Only this world
    #[arg(long, value_name = "NAME", default_value_t, hide_default_value = true)]
    world: String,
    /// Put it back to another seed than that of the start, until the next reset
    #[arg(long, value_name = "FILE")]
    seed_file: Option<PathBuf>,
}

pub(super) async fn list(door: &mut Door) -> Result<(), Trouble> {
    print(&door.list_worlds(ListWorldsRequest {}).await?.into_inner())
}

/// The seed is read and checked here, so that what is wrong with it is named by its place in the file.
pub(super) async fn reset(door: &mut Door, arguments: Reset) -> Result<(), Trouble> {
    let seed_toml = match arguments.seed_file {
        Some(path) => Seed::read(&path).and_then(|seed| seed.to_toml()).map_err(|it| Trouble::Said(it.to_string()))?,
        None => String::new(),
    };
    print(&door.reset(ResetRequest { world: arguments.world, seed_toml }).await?.into_inner())
}
