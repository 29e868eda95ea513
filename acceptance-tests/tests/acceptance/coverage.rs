//! Every argument and attribute of every resource and data source occurs in some acceptance test.

use clb_acceptance_tests::project_root;
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::Service;
use serde_json::Value;

/// The texts of all tests but this one, and of the configuration most of them start from.
fn tests() -> String {
    let folder = project_root().join("acceptance-tests");
    let mut text = std::fs::read_to_string(folder.join("src/service.rs")).unwrap();
    for entry in std::fs::read_dir(folder.join("tests/acceptance")).unwrap() {
        let path = entry.unwrap().path();
        if !path.ends_with("coverage.rs") {
            text += &std::fs::read_to_string(path).unwrap();
        }
    }
    text
}

/// `resource.attribute` and `resource.attribute.inner` of a block, and of the blocks inside it.
fn names(prefix: &str, block: &Value, found: &mut Vec<String>) {
    for (name, attribute) in block["attributes"].as_object().into_iter().flatten() {
        found.push(format!("{prefix}.{name}"));
        names(&format!("{prefix}.{name}"), &attribute["nested_type"], found);
    }
    for (name, inner) in block["block_types"].as_object().into_iter().flatten() {
        found.push(format!("{prefix}.{name}"));
        names(&format!("{prefix}.{name}"), &inner["block"], found);
    }
}

/// Whether a word stands in a text with nothing before and after it that would make it another word.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}

#[test]
fn every_attribute_of_everything_occurs_in_some_test() {
    let world = Sandbox::start_packaged(&Service::new().hcl());
    let said: Value = serde_json::from_str(&world.terraform.must(&["providers", "schema", "-json"]).output).unwrap();
    let mut all = Vec::new();
    for provider in said["provider_schemas"].as_object().unwrap().values() {
        names("provider", &provider["provider"]["block"], &mut all);
        for kind in ["resource_schemas", "data_source_schemas"] {
            for (name, schema) in provider[kind].as_object().unwrap() {
                names(name, &schema["block"], &mut all);
            }
        }
    }
    let tests = tests();
    let untested: Vec<_> = all.iter().filter(|name| !has_word(&tests, name.rsplit('.').next().unwrap())).collect();
    assert!(all.len() > 40, "the schema was not read: {all:?}");
    assert!(untested.is_empty(), "no test has {untested:?}");
}

#[test]
fn a_word_inside_another_does_not_count() {
    assert!(has_word("port = 8443", "port"));
    assert!(!has_word("export = 1, ports = 2", "port"));
}
