//! The thing the provider manages: a folder on disk. Plain Rust; Terraform is not named here.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A folder whose files are managed.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

/// A file as it is on disk.
#[derive(Debug, PartialEq, Eq)]
pub struct OnDisk {
    /// What it says.
    pub text: String,
    /// Its permission bits.
    pub mode: u32,
}

impl Folder {
    /// Opens it; makes it when there is none.
    pub fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        Ok(Self { root: root.canonicalize()? })
    }

    /// Where the file `name` is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Whether another program works in it: it keeps a file `.busy` there.
    pub fn is_busy(&self) -> bool {
        self.path(".busy").exists()
    }

    /// Names of all files, sorted. What starts with a dot is the folder's own.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_file() && !name.starts_with('.') {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// The file, or `None` when there is none.
    pub fn read(&self, name: &str) -> io::Result<Option<OnDisk>> {
        let path = self.path(name);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let mode = fs::metadata(&path)?.permissions().mode() & 0o7777;
        Ok(Some(OnDisk { text, mode }))
    }

    /// Creates a file; an error when there is one already.
    pub fn create(&self, name: &str) -> io::Result<()> {
        fs::File::create_new(self.path(name)).map(drop)
    }

    /// Writes a file with these permission bits.
    pub fn write(&self, name: &str, text: &str, mode: u32) -> io::Result<()> {
        let path = self.path(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, Permissions::from_mode(mode))
    }

    /// Removes a file. One that is gone already counts as removed.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
