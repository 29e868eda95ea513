//! Where snapshots are kept under a name: in a folder, or in memory when there is none. Not here: what is in them.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::store::Snapshot;

/// How many snapshots may be kept in memory.
const MOST: usize = 100;
/// The longest name, in bytes.
const LONGEST_NAME: usize = 64;
/// The most bytes of a snapshot in a folder.
const LARGEST: u64 = 64 << 20;

/// Snapshots by name.
#[derive(Debug)]
pub struct Snapshots {
    folder: Option<PathBuf>,
    in_memory: Mutex<BTreeMap<String, (Snapshot, SystemTime)>>,
}

/// What a list of snapshots shows of one.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// When it was saved, by the machine's clock.
    pub saved: SystemTime,
    /// Whose worlds it has, or why it cannot be loaded.
    pub holds: Result<Snapshot, String>,
}

/// Why a snapshot cannot be kept or had.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The name is none.
    #[error("{0:?} is no name of a snapshot: 1 to {LONGEST_NAME} letters, digits, `-`, `_` and `.`, not first a `.`")]
    Name(String),
    /// There is none.
    #[error("there is no snapshot {0}")]
    NoSuch(String),
    /// There are too many.
    #[error("{MOST} snapshots are in memory, which is the most: delete one, or start with --snapshots FOLDER")]
    TooMany,
    /// The folder does not do it.
    #[error("the snapshot {} cannot be used: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What is there is no snapshot.
    #[error("the snapshot {name}: {reason}")]
    Unreadable {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
}

impl Snapshots {
    /// Snapshots in that folder, or in memory.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, in_memory: Mutex::default() }
    }

    /// Keeps a snapshot, in place of one with the name. Blocks.
    pub fn save(&self, name: &str, snapshot: Snapshot) -> Result<(), KeepError> {
        check_name(name)?;
        let Some(folder) = &self.folder else {
            let mut all = self.lock();
            if all.len() >= MOST && !all.contains_key(name) {
                return Err(KeepError::TooMany);
            }
            all.insert(name.to_owned(), (snapshot, SystemTime::now()));
            return Ok(());
        };
        let path = file(folder, name);
        let failed = |source| KeepError::File { path: path.clone(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        // Whoever reads the file sees the whole of it.
        let beside = path.with_extension(format!("json.{}.new", std::process::id()));
        let _ = std::fs::remove_file(&beside);
        let mode = if snapshot.has_private_keys() { 0o600 } else { 0o644 };
        let written = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside);
        written
            .and_then(|mut file| file.write_all(snapshot.text().as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::rename(&beside, &path))
            .map_err(|error| {
                let _ = std::fs::remove_file(&beside);
                failed(error)
            })
    }

    /// The snapshot of that name. Blocks.
    pub fn get(&self, name: &str) -> Result<Snapshot, KeepError> {
        check_name(name)?;
        match &self.folder {
            None => self.lock().get(name).map(|(it, _)| it.clone()).ok_or_else(|| KeepError::NoSuch(name.to_owned())),
            Some(folder) => read(&file(folder, name), name),
        }
    }

    /// Removes the snapshot of that name. Blocks.
    pub fn delete(&self, name: &str) -> Result<(), KeepError> {
        check_name(name)?;
        let Some(folder) = &self.folder else {
            return self.lock().remove(name).map(drop).ok_or_else(|| KeepError::NoSuch(name.to_owned()));
        };
        let path = file(folder, name);
        std::fs::remove_file(&path).map_err(|source| missing(source, &path, name))
    }

    /// Every snapshot, by name. Blocks.
    pub fn list(&self) -> Result<Vec<Listed>, KeepError> {
        let Some(folder) = &self.folder else {
            let view = |(name, (it, saved)): (&String, &(Snapshot, SystemTime))| Listed {
                name: name.clone(),
                saved: *saved,
                holds: Ok(it.clone()),
            };
            return Ok(self.lock().iter().map(view).collect());
        };
        let failed = |source| KeepError::File { path: folder.clone(), source };
        let mut listed = Vec::new();
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            // It is made with the first snapshot.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(listed),
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".json").map(str::to_owned));
            let Some(name) = name.filter(|name| check_name(name).is_ok()) else { continue };
            let saved = std::fs::metadata(&path).and_then(|about| about.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            let holds = read(&path, &name).map_err(|error| error.to_string());
            listed.push(Listed { name, saved, holds });
        }
        listed.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(listed)
    }

    /// What is in memory is only ever replaced as a whole, so a lock that a panic has poisoned is still good.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, (Snapshot, SystemTime)>> {
        self.in_memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.json"))
}

fn read(path: &Path, name: &str) -> Result<Snapshot, KeepError> {
    let too_large = || io::Error::other(format!("it has more than {LARGEST} bytes"));
    let text = std::fs::metadata(path)
        .and_then(|about| if about.len() > LARGEST { Err(too_large()) } else { std::fs::read_to_string(path) })
        .map_err(|source| missing(source, path, name))?;
    Snapshot::parse(&text).map_err(|error| KeepError::Unreadable { name: name.to_owned(), reason: error.to_string() })
}

fn missing(source: io::Error, path: &Path, name: &str) -> KeepError {
    match source.kind() {
        io::ErrorKind::NotFound => KeepError::NoSuch(name.to_owned()),
        _ => KeepError::File { path: path.to_owned(), source },
    }
}

fn check_name(name: &str) -> Result<(), KeepError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(plain) && !name.starts_with('.') {
        return Ok(());
    }
    Err(KeepError::Name(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{KeepError, Snapshots};
    use crate::store::Snapshot;

    #[test]
    fn snapshots_are_kept_under_names_in_memory_and_in_a_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let snapshot = Snapshot::of(std::iter::empty(), crate::store::PrivateKeys::Left).expect("a snapshot");
        for snapshots in [Snapshots::new(None), Snapshots::new(Some(folder.path().join("made-on-use")))] {
            assert!(snapshots.list().expect("a list").is_empty());
            snapshots.save("one.1", snapshot.clone()).expect("saved");
            snapshots.save("one.1", snapshot.clone()).expect("saved again");
            assert_eq!(snapshots.get("one.1").expect("there"), snapshot);
            assert_eq!(snapshots.list().expect("a list").len(), 1);
            for refused in ["", "../x", ".x", "a/b", "ä", &"a".repeat(65)] {
                assert!(matches!(snapshots.save(refused, snapshot.clone()), Err(KeepError::Name(_))), "{refused}");
            }
            snapshots.delete("one.1").expect("deleted");
            assert!(matches!(snapshots.get("one.1"), Err(KeepError::NoSuch(_))));
            assert!(matches!(snapshots.delete("one.1"), Err(KeepError::NoSuch(_))));
        }
    }
}
