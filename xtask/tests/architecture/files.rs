//! How files are named, opened and kept: nouns of the domain, an opening sentence each, nothing of the machine they
//! were written on.

use std::path::Path;

use super::{expect_none, is_generated, project_files, root};

/// Names that say nothing about what is inside.
const NAMELESS: &[&str] =
    &["mod", "util", "utils", "common", "helper", "helpers", "types", "misc", "shared", "prelude"];

/// `types` is a noun of its domain here: the types of Terraform's language (string, list of …).
const NOUN_AFTER_ALL: &[&str] = &["tfplugin-sdk/src/types.rs"];

fn naming(path: &Path) -> Option<String> {
    let name = path.file_stem()?.to_str()?;
    let is_excused = NOUN_AFTER_ALL.iter().any(|excused| path == Path::new(excused));
    (NAMELESS.contains(&name) && !is_excused).then(|| format!("{}: a file is named by what it holds", path.display()))
}

/// A resource may keep its conversions beside it: one folder more than anything else.
const RESOURCES: &str = "provider/src/resources";

/// Nothing lies deeper than `crate/src/door/file.rs`.
fn depth(path: &Path) -> Option<String> {
    let parts: Vec<_> = path.components().collect();
    let source = parts.iter().position(|part| part.as_os_str() == "src")?;
    let deepest = if path.starts_with(RESOURCES) { 4 } else { 3 };
    (parts.len() - source > deepest).then(|| format!("{}: deeper than src/door/file.rs", path.display()))
}

fn opening(path: &Path, text: &str) -> Option<String> {
    (!text.starts_with("//! ")).then(|| format!("{}: open with `//!` and what it is", path.display()))
}

/// Words that belong to one machine or to a registry's address, put together here so that this file has none of them.
fn unwelcome() -> Vec<String> {
    let host = |parts: &[&str]| parts.join(".");
    vec![
        host(&["registry", "terraform", "io"]),
        host(&["registry", "opentofu", "org"]),
        host(&["crates", "io"]),
        host(&["pypi", "org"]),
        host(&["pythonhosted", "org"]),
        host(&["proxy", "golang", "org"]),
        host(&["npmjs", "org"]),
        ["", "work", ""].join("/"),
        ["", "root", ""].join("/"),
    ]
}

fn machine(path: &Path, text: &str) -> Vec<String> {
    unwelcome()
        .into_iter()
        .filter(|word| text.contains(word.as_str()))
        .map(|word| format!("{}: has {word:?}", path.display()))
        .collect()
}

fn rust_files() -> impl Iterator<Item = std::path::PathBuf> {
    project_files().into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs") && !is_generated(path))
}

#[test]
fn files_are_named_by_what_they_hold() {
    expect_none(&rust_files().filter_map(|path| naming(&path)).collect::<Vec<_>>());
}

#[test]
fn a_nameless_file_is_noticed() {
    for name in ["simulator/src/utils.rs", "model/src/rules/mod.rs", "provider/src/types.rs"] {
        assert!(naming(Path::new(name)).is_some(), "{name}");
    }
    assert_eq!(naming(Path::new("model/src/listener.rs")), None);
}

#[test]
fn nothing_lies_deeper_than_a_door_and_a_file() {
    expect_none(&rust_files().filter_map(|path| depth(&path)).collect::<Vec<_>>());
}

#[test]
fn a_file_three_folders_down_is_noticed() {
    assert!(depth(Path::new("simulator/src/admin/faults/slow.rs")).is_some());
    assert!(depth(Path::new("provider/src/resources/certificate/pem/chain.rs")).is_some());
    assert_eq!(depth(Path::new("simulator/src/admin/faults.rs")), None);
}

#[test]
fn every_file_says_first_what_it_is() {
    let read = |path: &Path| std::fs::read_to_string(root().join(path)).unwrap();
    expect_none(&rust_files().filter_map(|path| opening(&path, &read(&path))).collect::<Vec<_>>());
}

#[test]
fn a_file_that_opens_with_code_is_noticed() {
    assert!(opening(Path::new("a.rs"), "use std::io;\n").is_some());
    assert_eq!(opening(Path::new("a.rs"), "//! A thing.\n"), None);
}

#[test]
fn nothing_names_a_registry_host_or_a_path_of_one_machine() {
    // The lock file is cargo's, and names its index in every entry.
    let mut found = Vec::new();
    for path in project_files().into_iter().filter(|path| !path.ends_with("Cargo.lock")) {
        if let Ok(text) = std::fs::read_to_string(root().join(&path)) {
            found.extend(machine(&path, &text));
        }
    }
    expect_none(&found);
}

#[test]
fn a_registry_host_or_a_machine_path_is_noticed() {
    for word in unwelcome() {
        assert_eq!(machine(Path::new("a.md"), &format!("see {word} there")).len(), 1, "{word}");
    }
}
