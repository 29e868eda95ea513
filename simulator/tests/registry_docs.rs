//! The pages of the documentation that are made of the simulator's own tables are what would be written now.

use std::fs;
use std::path::PathBuf;

use clb_simulator::rule_book::page::page;

/// The variable by which `cargo xtask docs` has pages written.
const WRITE: &str = "WRITE_REGISTRY_DOCS";

#[test]
fn the_registry_pages_are_fresh_of_the_rules() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/guides/platform-rules.md");
    let page = page();
    if std::env::var_os(WRITE).is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == page, "docs/guides/platform-rules.md is stale; `cargo xtask docs` writes it");
}
