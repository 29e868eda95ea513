//! The provider block, what becomes of it, and the list of everything the provider has.

use std::path::Path;

use tfplugin_sdk::{Provider, path};

use crate::folder::Folder;

/// Manages the files of one folder.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::ProviderConfig)]
pub struct Settings {
    /// Path of the folder. It is made when it does not exist.
    #[tf(not_empty)]
    pub path: String,
}

/// The provider that `main` serves.
pub fn provider() -> Provider<Folder> {
    Provider::new::<Settings, _>("example/folder", |config: SettingsConfig| async move {
        // While planning it may come from another resource: connect later.
        let Some(settings) = config.known() else { return Ok(None) };
        let folder = Folder::open(Path::new(&settings.path));
        folder.map(Some).map_err(|error| tfplugin_sdk::Error::from(error).at(path!(Settings: path)))
    })
    .meta::<crate::index::Origin>()
    .resource::<crate::file::File>()
    .resource::<crate::index::Index>()
    .data_source::<crate::listing::Listing>()
    .ephemeral_resource::<crate::lock::Lock>()
    .function::<crate::slug::Slug>()
    .action::<crate::backup::Backup>()
    .list_resource::<crate::files::Files>()
}
