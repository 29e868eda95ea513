//! A unix socket in a folder that only this user can enter, removed with it.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::fs::{self, DirBuilder};
use std::hash::{BuildHasher as _, Hasher as _};
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
    /// Binds a socket in a new folder below `parent`. The error is a whole sentence, with what to do.
    pub(super) fn bind(parent: &Path) -> Result<(UnixListener, Self), String> {
        let shown = parent.to_string_lossy();
        let refused = |reason: &dyn fmt::Display, remedy: &str| {
            format!("cannot make a unix socket in {shown}: {reason}; set TMPDIR to {remedy}")
        };
        if parent.to_str().is_none_or(|parent| parent.contains(['|', '\n', '\r'])) {
            return Err(refused(&"its path cannot be written in a handshake", "a folder with a plain name"));
        }
        // The name only has to be new: what keeps others out is the mode, set when the folder is made.
        let chance = RandomState::new().build_hasher().finish();
        let folder = parent.join(format!("tfplugin-{}-{:08x}", process::id(), chance >> 32));
        DirBuilder::new()
            .mode(0o700)
            .create(&folder)
            .map_err(|error| refused(&error, "a folder that exists and that you may write to"))?;
        let place = Self { path: folder.join("socket"), folder };
        // What is left to fail is the length of the path: a system allows about 100 bytes.
        let listener = UnixListener::bind(&place.path).map_err(|error| refused(&error, "a shorter path"))?;
        Ok((listener, place))
    }

    /// The socket's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the folder now, for an exit that drops nothing.
    pub(super) fn remove(&self) {
        // Nothing is lost when it fails: there is a dead socket, and nothing else is ever in the folder.
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_dir(&self.folder);
    }
}

impl Drop for SocketPlace {
    fn drop(&mut self) {
        self.remove();
    }
}
