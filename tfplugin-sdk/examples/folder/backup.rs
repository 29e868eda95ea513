//! `folder_backup`: an action that copies the folder's files.

use std::fs;
use std::path::Path;

use tfplugin_sdk::{Action, Operation, Progress, Result, path};

use crate::folder::Folder;

/// Copies every file of the folder to another one.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Action)]
#[tf(name = "folder_backup")]
pub struct Backup {
    /// Path of the folder to copy to. It is made when it does not exist.
    #[tf(not_empty)]
    pub to: String,
}

impl Action for Backup {
    type Api = Folder;

    async fn invoke(operation: &mut Operation<'_, Folder>, input: BackupInput, progress: &Progress) -> Result<()> {
        let folder = operation.api();
        let to = Path::new(&input.to);
        fs::create_dir_all(to)?;
        for name in folder.names()? {
            if operation.is_cancelled() {
                operation.warn(path!(Self: to), "Not everything was copied", format!("Interrupted before {name:?}."));
                return Ok(());
            }
            fs::copy(folder.path(&name), to.join(&name))?;
            progress.report(format!("copied {name}")).await;
        }
        Ok(())
    }
}
