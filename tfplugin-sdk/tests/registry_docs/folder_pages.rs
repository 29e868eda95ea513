//! The pages of the example that has every kind of thing.

use std::path::Path;

use tfplugin_sdk::registry_docs;

use crate::provider::provider;

#[test]
fn the_registry_pages_are_fresh() {
    registry_docs::assert_fresh(&provider(), &Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/folder"));
}

#[test]
fn every_kind_of_thing_has_a_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/folder");
    let pages = registry_docs::pages(&provider(), &folder).unwrap();
    let places: Vec<&str> = pages.keys().map(String::as_str).collect();
    assert_eq!(
        places,
        [
            "docs/actions/backup.md",
            "docs/data-sources/listing.md",
            "docs/ephemeral-resources/lock.md",
            "docs/functions/slug.md",
            "docs/index.md",
            "docs/list-resources/file.md",
            "docs/resources/file.md",
            "docs/resources/index.md",
        ]
    );
}
