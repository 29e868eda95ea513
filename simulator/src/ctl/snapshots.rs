//! `ctl snapshot`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::{Door, Trouble, print};
use crate::generated::clbsim::{
    DeleteSnapshotRequest, DiffSnapshotsRequest, ListSnapshotsRequest, LoadSnapshotRequest, SaveSnapshotRequest,
};

/// What `ctl snapshot` can do.
#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Save every world under a name, or print it when there is no name
    Save(Saved),
    /// Put the worlds of a snapshot in place of those that are there
    Load(Loaded),
    /// List the snapshots that have names
    List,
    /// Tell where two snapshots differ, or a snapshot and what is there now
    Diff {
        /// The name of the older one
        before: String,
        /// The name of the newer one [default: what is there now]
        #[arg(default_value_t, hide_default_value = true)]
        after: String,
    },
    /// Delete a snapshot
    Delete {
        /// Its name
        name: String,
    },
}

/// What to save.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Saved {
    /// 1 to 64 letters, digits, `-`, `_` and `.`; what had the name is replaced [default: print it]
    #[arg(default_value_t, hide_default_value = true)]
    name: String,
    /// Only the world of this account [default: all]
    #[arg(long, value_name = "ACCOUNT", default_value_t, hide_default_value = true)]
    world: String,
    /// Private keys too: then it can be loaded where its certificates are not
    #[arg(long)]
    with_private_keys: bool,
}

/// What to load.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Loaded {
    /// The name of a snapshot
    #[arg(required_unless_present = "file", default_value_t, hide_default_value = true)]
    name: String,
    /// A file that has a snapshot; `-` reads it from the input
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    file: Option<PathBuf>,
    /// Only the world of this account [default: all that are in it]
    #[arg(long, value_name = "ACCOUNT", default_value_t, hide_default_value = true)]
    world: String,
}

pub(super) async fn ask(door: &mut Door, command: Command) -> Result<(), Trouble> {
    match command {
        Command::Save(saved) => save(door, saved).await,
        Command::Load(loaded) => load(door, loaded).await,
        Command::List => print(&door.list_snapshots(ListSnapshotsRequest {}).await?.into_inner()),
        Command::Diff { before, after } => {
            print(&door.diff_snapshots(DiffSnapshotsRequest { before, after }).await?.into_inner())
        }
        Command::Delete { name } => print(&door.delete_snapshot(DeleteSnapshotRequest { name }).await?.into_inner()),
    }
}

async fn save(door: &mut Door, saved: Saved) -> Result<(), Trouble> {
    let Saved { name, world, with_private_keys } = saved;
    let reply = door.save_snapshot(SaveSnapshotRequest { name, world, with_private_keys }).await?.into_inner();
    // The snapshot itself, as it would be in a file.
    if reply.snapshot_json.is_empty() {
        return print(&reply);
    }
    Ok(std::io::stdout().write_all(reply.snapshot_json.as_bytes())?)
}

async fn load(door: &mut Door, loaded: Loaded) -> Result<(), Trouble> {
    let Loaded { name, file, world } = loaded;
    let snapshot_json = file.map_or_else(|| Ok(String::new()), |file| read(&file))?;
    print(&door.load_snapshot(LoadSnapshotRequest { name, snapshot_json, world }).await?.into_inner())
}

fn read(file: &Path) -> Result<String, Trouble> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(file).map(|whole| text = whole)
    };
    read.map_err(|error| Trouble::Said(format!("{} cannot be read: {error}", file.display())))?;
    Ok(text)
}
