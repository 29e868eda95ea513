//! The search for files that are there already: `terraform query` with `list "folder_file" "..." { ... }`.

use tfplugin_sdk::{ListResource, Listing, Operation, Result};

use crate::file::{File, FileIdentity};
use crate::folder::Folder;

/// Files of the folder, whoever wrote them.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::ListResource)]
#[tf(lists = File)]
pub struct Files {
    /// Only files whose names end in this, such as `.txt`.
    #[tf(not_empty)]
    pub suffix: Option<String>,
}

impl ListResource for Files {
    async fn list(operation: &mut Operation<'_, Folder>, input: FilesInput, found: &mut Listing<File>) -> Result<()> {
        let suffix = input.suffix.unwrap_or_default();
        for name in operation.api().names()?.into_iter().filter(|name| name.ends_with(&suffix)) {
            // Names are cheap; a file is read only when Terraform wants to see all of it.
            if !found.identity(&name, FileIdentity { name: name.clone() }).await {
                break;
            }
        }
        Ok(())
    }
}
