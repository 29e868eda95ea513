//! Every rule occurs in a test.

use std::fs;
use std::path::{Path, PathBuf};

use clb_model::rules::Rule;

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// What tests say of rules: those of the model, and the cases over the wire.
fn said_in_tests() -> String {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model");
    let mut files = Vec::new();
    rust_files(&model.join("tests"), &mut files);
    rust_files(&model.join("src"), &mut files);
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules"), &mut files);
    let tests_of = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("UTF-8");
        let from = if path.starts_with(model.join("src")) { text.find("#[cfg(test)]") } else { Some(0) };
        from.map(|from| text[from..].to_owned())
    };
    files.iter().filter_map(tests_of).collect()
}

#[test]
fn every_rule_occurs_in_a_test() {
    let said = said_in_tests();
    let occurs = |rule: Rule| {
        let name = format!("Rule::{rule:?}");
        said.match_indices(&name).any(|(at, _)| !said[at + name.len()..].starts_with(|c: char| c.is_alphanumeric()))
    };
    let untested: Vec<&Rule> = Rule::ALL.iter().filter(|rule| !occurs(**rule)).collect();
    assert!(untested.is_empty(), "{untested:?}");
}
