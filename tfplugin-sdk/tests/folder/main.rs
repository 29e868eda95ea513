//! The tests of the example `folder`, which lie beside it as those of any provider do. A target of their own: an example
//! that is tested itself is built as a test only, and other tests start its program.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as expected")]

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
#[path = "../../examples/folder/tests.rs"]
mod tests;
