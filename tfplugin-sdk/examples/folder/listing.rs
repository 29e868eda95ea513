//! `folder_listing`: the names of the files there are.

use tfplugin_sdk::{DataSource, Deferral, Error, Operation, Result};

use crate::folder::Folder;

/// The files of the folder.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::DataSource)]
#[tf(name = "folder_listing")]
pub struct Listing {
    /// Only files whose names end in this, such as `.txt`.
    #[tf(not_empty)]
    pub suffix: Option<String>,
    /// Their names, sorted.
    #[tf(computed)]
    pub names: Vec<String>,
}

impl DataSource for Listing {
    type Api = Folder;

    async fn read(operation: &mut Operation<'_, Folder>, input: ListingInput) -> Result<Self> {
        if operation.api().is_busy() {
            let error =
                Error::new("The folder is busy").detail("Another program works in it. Run Terraform again later.");
            return Err(error.or_deferred(Deferral::PrerequisiteAbsent));
        }
        let mut names = operation.api().names()?;
        if let Some(suffix) = &input.suffix {
            names.retain(|name| name.ends_with(suffix.as_str()));
        }
        Ok(Self { suffix: input.suffix, names })
    }
}
