//! The state file: a redb database with a row per thing, and a few numbers about the whole.
//!
//! What is in it is exactly what one commit or another has left, also after the process was killed or the power was cut.
//! Only the process that has it open may use it. It is its owner's only (mode 0600), since it holds private keys. Not
//! here: what the rows mean, and when they are written.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition};
use serde::{Deserialize, Serialize};

use super::row::{BadRow, Key, Kind};

/// The version of what is in the file. A file of another one is refused.
pub const FORMAT: u64 = 1;
/// What the file says it is.
const NAME: &str = "state of clb-simulator";
/// Memory that redb may use; the rows are read once, at the start.
const CACHE_BYTES: usize = 1 << 20;

/// account, region, kind, id → JSON.
const ROWS: TableDefinition<(&str, &str, &str, &str), &[u8]> = TableDefinition::new("rows");
/// `format` and `numbers` → JSON.
const ABOUT: TableDefinition<&str, &[u8]> = TableDefinition::new("about");

/// Numbers about the whole, as of the newest commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    /// The newest forwarding table.
    pub generation: u64,
    /// Where chance is, so that ids go on without repeating.
    pub chance: u64,
    /// Which address of the pool is tried next.
    pub next_vip: u32,
}

#[derive(Serialize, Deserialize)]
struct Format {
    name: String,
    version: u64,
}

/// An open state file.
pub struct StateFile {
    database: Database,
    path: PathBuf,
}

/// What a state file holds.
pub struct Contents {
    /// Every row.
    pub rows: BTreeMap<Key, Vec<u8>>,
    /// The numbers.
    pub numbers: Numbers,
}

/// Why a state file cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system said no.
    #[error("the state file {} cannot be used: {source}", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another process has it.
    #[error(
        "the state file {} is in use by another process: stop the simulator that has it open, or give another path",
        path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It is something else.
    #[error("{} is no state file of clb-simulator, and stays as it is: give another path", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer program wrote it.
    #[error(
        "the state file {} has format {version}, and this program knows format {FORMAT}: use the newer clb-simulator that \
         wrote it, or give another path",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        version: u64,
    },
    /// It does not hold together.
    #[error(
        "the state file {} is damaged: {about}. Put a copy in its place, or move it away to begin anew from the seed",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        about: String,
    },
}

impl StateFile {
    /// Opens the file and reads it; `None` when it is not there yet, or is empty.
    pub fn open(path: &Path) -> Result<Option<(Self, Contents)>, FileError> {
        match std::fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(FileError::System { path: path.to_owned(), source }),
            Ok(about) if about.is_file() && about.len() == 0 => return Ok(None),
            Ok(_) => {}
        }
        // A file that was damaged from outside is found out here rather than by a panic later.
        let database = Database::builder()
            .set_cache_size(CACHE_BYTES)
            .set_check_integrity_on_open(true)
            .open(path)
            .map_err(|error| not_opened(path, error))?;
        let file = Self { database, path: path.to_owned() };
        let contents = file.read().map_err(|error| file.unreadable(error))?;
        Ok(Some((file, contents)))
    }

    /// Makes the file with these contents. It is there whole or not at all.
    pub fn create(path: &Path, contents: &Contents) -> Result<Self, FileError> {
        let system = |source| FileError::System { path: path.to_owned(), source };
        let mut name = path.file_name().ok_or_else(|| system(io::ErrorKind::InvalidFilename.into()))?.to_owned();
        name.push(".new");
        let beside = path.with_file_name(name);
        // What a start that was interrupted has left behind. Never through a link that somebody else has put there.
        let _ = std::fs::remove_file(&beside);
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).map_err(system)?;
        let made = Self::fill(&beside, contents).and_then(|file| {
            std::fs::rename(&beside, path).map_err(system)?;
            sync_folder(path).map_err(system)?;
            Ok(Self { path: path.to_owned(), ..file })
        });
        made.inspect_err(|_| drop(std::fs::remove_file(&beside)))
    }

    fn fill(path: &Path, contents: &Contents) -> Result<Self, FileError> {
        let builder = Database::builder().set_cache_size(CACHE_BYTES).create(path);
        let file = Self { database: builder.map_err(|error| not_opened(path, error))?, path: path.to_owned() };
        let format = Format { name: NAME.to_owned(), version: FORMAT };
        let rows = contents.rows.iter().map(|(key, json)| (key.clone(), Some(json.clone())));
        file.commit_with(rows, contents.numbers, Some(&format)).map_err(|error| file.unreadable(error))?;
        Ok(file)
    }

    /// Writes and removes rows: when this returns, all of it is on the disk; if it fails, or the process ends, none of it.
    pub fn commit(
        &self,
        rows: impl Iterator<Item = (Key, Option<Vec<u8>>)>,
        numbers: Numbers,
    ) -> Result<(), redb::Error> {
        self.commit_with(rows, numbers, None)
    }

    fn commit_with(
        &self,
        rows: impl Iterator<Item = (Key, Option<Vec<u8>>)>,
        numbers: Numbers,
        format: Option<&Format>,
    ) -> Result<(), redb::Error> {
        let json = |value: serde_json::Result<Vec<u8>>| value.map_err(|error| redb::Error::Io(error.into()));
        let transaction = self.database.begin_write()?;
        {
            let mut table = transaction.open_table(ROWS)?;
            for (Key { account, region, kind, id }, value) in rows {
                let key = (account.as_str(), region.as_str(), kind.word(), id.as_str());
                match value {
                    Some(value) => drop(table.insert(key, value.as_slice())?),
                    None => drop(table.remove(key)?),
                }
            }
            let mut about = transaction.open_table(ABOUT)?;
            about.insert("numbers", json(serde_json::to_vec(&numbers))?.as_slice())?;
            if let Some(format) = format {
                about.insert("format", json(serde_json::to_vec(format))?.as_slice())?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn read(&self) -> Result<Contents, Unread> {
        let transaction = self.database.begin_read().map_err(redb::Error::from)?;
        let about = transaction.open_table(ABOUT).map_err(|_| Unread::Foreign)?;
        let format = about.get("format").map_err(redb::Error::from)?.ok_or(Unread::Foreign)?;
        let format: Format = serde_json::from_slice(format.value()).map_err(|_| Unread::Foreign)?;
        if format.name != NAME {
            return Err(Unread::Foreign);
        }
        if format.version != FORMAT {
            return Err(Unread::Version(format.version));
        }
        let bad = |about: &str| Unread::Row(BadRow::new("about", about));
        let numbers = about.get("numbers").map_err(redb::Error::from)?.ok_or_else(|| bad("has no numbers"))?;
        let numbers =
            serde_json::from_slice(numbers.value()).map_err(|error| bad(&format!("cannot be read: {error}")))?;
        let mut rows = BTreeMap::new();
        let table = transaction.open_table(ROWS).map_err(redb::Error::from)?;
        for row in table.iter().map_err(redb::Error::from)? {
            let (key, value) = row.map_err(redb::Error::from)?;
            let (account, region, kind, id) = key.value();
            let unknown = || BadRow::new(format_args!("{account}/{region}/{kind}/{id}"), "is of an unknown kind");
            let kind = Kind::of(kind).ok_or_else(|| Unread::Row(unknown()))?;
            let key = Key { account: account.to_owned(), region: region.to_owned(), kind, id: id.to_owned() };
            rows.insert(key, value.value().to_vec());
        }
        Ok(Contents { rows, numbers })
    }

    fn unreadable(&self, error: impl Into<Unread>) -> FileError {
        let path = self.path.clone();
        match error.into() {
            Unread::Foreign => FileError::Foreign { path },
            Unread::Version(version) => FileError::Newer { path, version },
            Unread::Row(about) => FileError::Damaged { path, about: about.to_string() },
            Unread::Database(redb::Error::Io(source)) => FileError::System { path, source },
            Unread::Database(error) => FileError::Damaged { path, about: error.to_string() },
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Why a file that redb has opened cannot be used.
#[derive(Debug)]
enum Unread {
    Foreign,
    Version(u64),
    Row(BadRow),
    Database(redb::Error),
}

impl From<redb::Error> for Unread {
    fn from(error: redb::Error) -> Self {
        Self::Database(error)
    }
}

fn not_opened(path: &Path, error: DatabaseError) -> FileError {
    let path = path.to_owned();
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => FileError::InUse { path },
        // No redb file at all.
        DatabaseError::Storage(StorageError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {
            FileError::Foreign { path }
        }
        DatabaseError::Storage(StorageError::Io(source)) => FileError::System { path, source },
        error => FileError::Damaged { path, about: error.to_string() },
    }
}

/// A rename is on the disk when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
