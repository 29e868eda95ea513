//! The folder one test works in: made new, and removed with everything in it.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, io, process};

use super::failure::tell;

/// Set to anything, this variable of the environment keeps the folders of tests, and has it said where they are.
pub const KEEP: &str = "TFPLUGIN_TESTING_KEEP";

/// Whether the user wants to keep folders.
pub(super) fn are_kept() -> bool {
    env::var_os(KEEP).is_some_and(|value| !value.is_empty())
}

/// Files by their names, relative to the folder.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// A folder that only this user can enter.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    laid: Files,
    is_kept: bool,
}

impl Folder {
    /// Makes a new one in the folder for temporary files. `is_kept`: it stays when the test is over.
    pub(super) fn new(is_kept: bool) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let name = format!("tfplugin-test-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let path = env::temp_dir().join(name);
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Self { path, laid: Files::new(), is_kept },
                // Kept by a process that had the same id.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => panic!("{}: {error}; set TMPDIR to a folder that you may write to", path.display()),
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes these the files that were laid: writes them, and removes those laid before that are not among them.
    pub(super) fn lay(&mut self, files: &Files) {
        for name in self.laid.keys().filter(|name| !files.contains_key(*name)) {
            self.remove(name);
        }
        for (name, content) in files.iter().filter(|(name, content)| self.laid.get(*name) != Some(content)) {
            self.write(name, content);
        }
        self.laid.clone_from(files);
    }

    /// The file, or `None` when there is none.
    pub(super) fn read(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.path.join(name)).ok()
    }

    pub(super) fn write(&self, name: &str, content: &[u8]) {
        let path = self.path.join(name);
        let folder = path.parent().unwrap_or(&self.path);
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, content));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    pub(super) fn remove(&self, name: &str) {
        // One that is gone is as good as removed, and what cannot be removed Terraform will speak of.
        let _ = fs::remove_file(self.path.join(name));
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_kept {
            tell(&format!("kept: {}", self.path.display()));
        } else {
            // It is in the folder for temporary files; whoever empties that removes what could not be removed here.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> Files {
        files.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())).collect()
    }

    #[test]
    fn what_is_laid_takes_the_place_of_what_was_laid_and_of_nothing_else() {
        let mut folder = Folder::new(false);
        folder.write("state", b"s");
        folder.lay(&files(&[("main.tf", "1"), ("child/a.tf", "a")]));
        folder.lay(&files(&[("main.tf", "2")]));
        assert_eq!((folder.read("main.tf"), folder.read("child/a.tf")), (Some(b"2".to_vec()), None));
        assert_eq!(folder.read("state"), Some(b"s".to_vec()));
    }

    #[test]
    fn it_is_removed_with_everything_unless_it_is_to_be_kept() {
        for is_kept in [false, true] {
            let folder = Folder::new(is_kept);
            folder.write("a/b", b"");
            let path = folder.path().to_owned();
            drop(folder);
            assert_eq!(path.join("a/b").exists(), is_kept);
            fs::remove_dir_all(path).ok();
        }
    }
}
