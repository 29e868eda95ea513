//! The examples that the registry pages of `folder` show. Its own tests lie beside it.

use std::fs;
use std::path::{Path, PathBuf};

use super::sandbox::Sandbox;

/// A file of those that the registry pages show.
fn shown(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/folder/examples").join(name)
}

/// What Terraform 1.11 knows is validated. It knows no actions and no list resources (1.14) and no import by identity
/// (1.12): the examples of these are held to the syntax and the format only.
#[test]
fn the_examples_of_its_registry_pages_are_valid_and_formatted() {
    let read = |name: &str| fs::read_to_string(shown(name)).unwrap();
    let sandbox = Sandbox::of("folder", "");
    sandbox.run(&["fmt", "-check", "-recursive", shown("").to_str().unwrap()]).succeeds();
    sandbox.configure(
        &[
            "resources/folder_file/resource.tf",
            "resources/folder_file/import-by-string-id.tf",
            "data-sources/folder_listing/data-source.tf",
            "ephemeral-resources/folder_lock/ephemeral-resource.tf",
            "functions/slug/function.tf",
        ]
        .map(read)
        .concat(),
    );
    sandbox.run(&["validate", "-no-color"]).succeeds();
    sandbox.configure(&read("resources/folder_index/resource.tf"));
    sandbox.run(&["validate", "-no-color"]).succeeds();
    fs::write(sandbox.path("main.tf"), read("provider/provider.tf")).unwrap();
    sandbox.run(&["validate", "-no-color"]).succeeds();
}
