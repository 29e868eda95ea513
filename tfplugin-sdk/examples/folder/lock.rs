//! `folder_lock`: a lock on the folder, held while Terraform runs.

use std::time::{Duration, SystemTime};

use tfplugin_sdk::{EphemeralResource, Error, Opened, Operation, Renewed, Result, path};

use crate::folder::Folder;

/// A lock on the folder: it is taken when Terraform starts to work and given back at the end, and it never is in the
/// state.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::EphemeralResource)]
#[tf(name = "folder_lock")]
pub struct Lock {
    /// Who holds it, for others to read.
    #[tf(not_empty)]
    pub holder: String,
    /// Path of the file that is the lock.
    #[tf(computed)]
    pub path: String,
}

/// The file that is the lock.
const FILE: &str = ".lock";

/// How long it is held without being looked at.
const TERM: Duration = Duration::from_mins(1);

impl EphemeralResource for Lock {
    type Api = Folder;

    async fn open(operation: &mut Operation<'_, Folder>, input: LockInput) -> Result<Opened<Self>> {
        let folder = operation.api();
        folder.create(FILE).map_err(|error| {
            let holder = folder.read(FILE).ok().flatten().map(|lock| lock.text).unwrap_or_default();
            Error::from(error).detail(format!("The folder is locked by {holder:?}. Wait, or remove the file {FILE}."))
        })?;
        folder.write(FILE, &input.holder, 0o600)?;
        let path = folder.path(FILE).display().to_string();
        let lock = Self { holder: input.holder.clone(), path };
        Ok(Opened::new(lock).renew_at(SystemTime::now() + TERM).private(input.holder.into_bytes()))
    }

    /// A lock that somebody took away is not taken again.
    async fn renew(operation: &mut Operation<'_, Folder>, private: Vec<u8>) -> Result<Renewed> {
        match operation.api().read(FILE)? {
            Some(lock) if lock.text.as_bytes() == private => {
                Ok(Renewed::new(private).renew_at(SystemTime::now() + TERM))
            }
            _ => Err(Error::new("The lock is gone").at(path!(Self: path))),
        }
    }

    async fn close(operation: &mut Operation<'_, Folder>, _: Vec<u8>) -> Result<()> {
        Ok(operation.api().remove(FILE)?)
    }
}
