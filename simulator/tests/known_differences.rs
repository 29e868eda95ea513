//! The page of known differences names every argument and every action that is refused for not being simulated, and no
//! other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What stands in the page between that heading and the next one, in code signs.
fn named_below(heading: &str) -> BTreeSet<String> {
    let page = fs::read_to_string(root().join("docs/guides/known-differences.md")).expect("the page is there");
    let (_, below) = page.split_once(&format!("## {heading}\n")).expect("the heading is there");
    let section = below.split("\n## ").next().unwrap_or_default();
    section.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The text of every file of the door.
fn door() -> String {
    let folder = root().join("simulator/src/cloud_api");
    let files = fs::read_dir(folder).expect("the door's folder").map(|entry| entry.expect("an entry").path());
    let files = files.chain([root().join("simulator/src/cloud_api.rs")]);
    files.map(|path| fs::read_to_string(path).expect("UTF-8")).collect()
}

/// The first text of each entry of every list that begins with that word.
fn listed_after(text: &str, word: &str, entry: &str) -> BTreeSet<String> {
    let lists = text.split(word).skip(1).filter_map(|rest| rest.split_once("])").map(|(list, _)| list));
    lists
        .flat_map(|list| list.split(entry).skip(1))
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// Words of the section that are no arguments: codes, values and commands.
fn is_argument(name: &str) -> bool {
    !["UnsupportedOperation", "POSTPAID_BY_HOUR", "Offset", "Limit"].contains(&name)
        && !name.starts_with("clb-simulator")
}

#[test]
fn every_argument_that_is_refused_is_in_the_page() {
    let refused = listed_after(&door(), "not_served(&[", "(");
    assert!(refused.len() > 20, "{refused:?}");
    let named: BTreeSet<String> =
        named_below("Arguments that are refused").into_iter().filter(|name| is_argument(name)).collect();
    let (missing, stale) = (refused.difference(&named), named.difference(&refused));
    let (missing, stale): (Vec<_>, Vec<_>) = (missing.collect(), stale.collect());
    assert!(missing.is_empty() && stale.is_empty(), "not in the page: {missing:?}; no longer refused: {stale:?}");
}

#[test]
fn every_action_that_is_refused_is_in_the_page() {
    let door = door();
    let list = door.split("const NOT_SERVED").nth(1).and_then(|rest| rest.split("];").next()).expect("the list");
    let refused: BTreeSet<String> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    let named: BTreeSet<String> = named_below("Actions that are refused")
        .into_iter()
        .filter(|name| {
            !["UnsupportedOperation", "InvalidAction", "RegisterTargets", "BatchRegisterTargets"]
                .contains(&name.as_str())
        })
        .filter(|name| !name.starts_with("clb-simulator"))
        .collect();
    assert_eq!(named, refused);
}
