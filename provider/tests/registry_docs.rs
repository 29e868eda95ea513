//! The registry pages in docs/ are what the provider's schema and examples/ make of them, and the Registry reads them.

use std::path::Path;

use tfplugin_sdk::registry_docs;

#[test]
fn the_registry_pages_are_fresh() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let repository = crate_folder.parent().expect("provider/ lies in the repository");
    registry_docs::assert_fresh(&clb_provider::provider(), repository);
}
