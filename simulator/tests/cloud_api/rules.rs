//! Every rule occurs in a test.

use std::fs;
use std::path::{Path, PathBuf};

use clb_model::rules::Rule;

/// Rules that the door alone checks, through the codes in this folder's tests.
const AT_THE_DOOR: [Rule; 34] = [
    Rule::TaskStatusNeedsOneId,
    Rule::LbDescribeIdsMax20,
    Rule::LbDescribeLimitMax100,
    Rule::LbDescribeFiltersMax10,
    Rule::LbDescribeFilterNames,
    Rule::LbDescribeOrder,
    Rule::ListenerDescribeIdsMax100,
    Rule::ListenerL7OnlyAction,
    Rule::CertListIdsMax20,
    Rule::TargetDescribeIdsMax20,
    Rule::TargetDescribeFilterNames,
    Rule::TargetHealthLbsMax30,
    Rule::TagResourceIdsMax50,
    Rule::CertificateListLimit,
    Rule::VpcIdsAndFiltersExclusive,
    Rule::VpcPagingStrings,
    Rule::VpcDescribeIdsMax100,
    Rule::VpcFilterNames,
    Rule::CvmIdsAndFiltersExclusive,
    Rule::CvmDescribeMax100,
    Rule::CvmIdFormat,
    Rule::CvmFilterNames,
    Rule::SecurityGroupOrder,
    Rule::TagDuplicateKey,
    Rule::TagResourcesMax10,
    Rule::TagOffsetMultipleOfLimit,
    Rule::TagCategoryEnum,
    Rule::AddressFilterNames,
    Rule::AddressFiltersMax10,
    Rule::AddressLimitMax100,
    Rule::AddressIdFormat,
    Rule::CvmFiltersMax10,
    Rule::CertificateDeletionTasksMax100,
    Rule::CertificateDeletionTaskUnknown,
];

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

/// What tests of the model say: its test folder, and the test modules of its sources.
fn said_in_tests() -> String {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model");
    let mut files = Vec::new();
    rust_files(&model.join("tests"), &mut files);
    rust_files(&model.join("src"), &mut files);
    let tests_of = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("UTF-8");
        let from = if path.starts_with(model.join("tests")) { Some(0) } else { text.find("#[cfg(test)]") };
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
    let untested: Vec<&Rule> = Rule::ALL.iter().filter(|rule| !AT_THE_DOOR.contains(rule) && !occurs(**rule)).collect();
    assert!(untested.is_empty(), "{untested:?}");
}
