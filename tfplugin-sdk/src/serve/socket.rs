//! A unix socket in a folder that only this user can enter, removed with it.

use std::collections::hash_map::RandomState;
use std::fs::{self, DirBuilder};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process;

use tokio::net::UnixListener;

/// The place of a socket; dropping it removes the folder.
#[derive(Debug)]
pub(super) struct SocketPlace {
    folder: PathBuf,
    path: PathBuf,
}

impl SocketPlace {
    /// Binds a socket in a new folder below `parent`.
    pub(super) fn bind(parent: &Path) -> io::Result<(UnixListener, Self)> {
        // The name only has to be new: what keeps others out is the mode, set when the folder is made.
        let chance = RandomState::new().build_hasher().finish();
        let folder = parent.join(format!("tfplugin-{}-{:08x}", process::id(), chance >> 32));
        DirBuilder::new().mode(0o700).create(&folder)?;
        let place = Self { path: folder.join("socket"), folder };
        let listener = UnixListener::bind(&place.path)?;
        Ok((listener, place))
    }

    /// The socket's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the folder now, for an exit that drops nothing.
    pub(super) fn remove(&self) {
        // Nothing is lost when it fails: the folder is empty but for a dead socket.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Drop for SocketPlace {
    fn drop(&mut self) {
        self.remove();
    }
}
