//! The rules of the architecture, as tests: which crate may depend on which, which module may name which, and how
//! files are named and opened. Each rule is proven able to fail on an example that breaks it.
//!
//! Not here: formatting and lints, which rustfmt and clippy hold.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test, which is the point")]

#[path = "architecture/crates.rs"]
mod crates;
#[path = "architecture/files.rs"]
mod files;
#[path = "architecture/links.rs"]
mod links;
#[path = "architecture/modules.rs"]
mod modules;
#[path = "architecture/readme.rs"]
mod readme;

use std::path::{Path, PathBuf};

/// The folder of the workspace manifest.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every file of the project, relative to the root; without what git does not track (build output, Terraform's
/// working folders, the history itself).
fn project_files() -> Vec<PathBuf> {
    const UNTRACKED: [&str; 5] = ["target", ".git", ".terraform", ".terraform.lock.hcl", "__pycache__"];
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if UNTRACKED.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(&root).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Whether a file was written by a program: such files follow their generator, not the house.
fn is_generated(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "generated")
}

/// Fails with every violation at once.
fn expect_none(violations: &[String]) {
    assert!(violations.is_empty(), "{} rule(s) broken:\n  {}", violations.len(), violations.join("\n  "));
}
