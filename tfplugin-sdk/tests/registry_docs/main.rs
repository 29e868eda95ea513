//! Pages for the Registry: those of the example `folder`, and what a page says of everything a schema can have.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as expected")]

mod folder_pages;
mod orchard;
mod orchard_pages;
mod rewriting;

// The example that has every kind of thing, without its main.
#[path = "../../examples/folder/backup.rs"]
mod backup;
#[path = "../../examples/folder/file.rs"]
mod file;
#[path = "../../examples/folder/files.rs"]
mod files;
#[path = "../../examples/folder/folder.rs"]
mod folder;
#[path = "../../examples/folder/index.rs"]
mod index;
#[path = "../../examples/folder/listing.rs"]
mod listing;
#[path = "../../examples/folder/lock.rs"]
mod lock;
#[path = "../../examples/folder/provider.rs"]
mod provider;
#[path = "../../examples/folder/slug.rs"]
mod slug;
