//! Traps of secrets: whatever sounds like one is sensitive or not stored at all.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::Service;
use serde_json::Value;

/// Names that sound like a secret, and what they are instead.
const HARMLESS: [(&str, &str); 3] = [
    ("secret_id", "who signs; it is in every request"),
    ("private_key_wo_version", "a number that counts up"),
    ("key_algorithm", "what kind of key a certificate has"),
];

fn look(place: &str, block: &Value, open: &mut Vec<String>) {
    for (name, attribute) in block["attributes"].as_object().into_iter().flatten() {
        let sounds =
            ["key", "secret", "token", "password"].iter().any(|word| name.split('_').any(|part| part == *word));
        let is_hidden = attribute["sensitive"] == true || attribute["write_only"] == true;
        if sounds && !is_hidden && HARMLESS.iter().all(|(harmless, _)| harmless != name) {
            open.push(format!("{place}.{name}"));
        }
        look(&format!("{place}.{name}"), &attribute["nested_type"], open);
    }
    for (name, inner) in block["block_types"].as_object().into_iter().flatten() {
        look(&format!("{place}.{name}"), &inner["block"], open);
    }
}

#[test]
fn every_attribute_that_sounds_like_a_secret_is_sensitive_or_write_only() {
    let world = Sandbox::start();
    world.terraform.write("main.tf", &Service::new().hcl());
    let said: Value = serde_json::from_str(&world.terraform.must(&["providers", "schema", "-json"]).output).unwrap();
    let (mut open, mut seen) = (Vec::new(), 0);
    for provider in said["provider_schemas"].as_object().unwrap().values() {
        look("provider", &provider["provider"]["block"], &mut open);
        for kind in ["resource_schemas", "data_source_schemas"] {
            for (name, schema) in provider[kind].as_object().into_iter().flatten() {
                look(name, &schema["block"], &mut open);
                seen += 1;
            }
        }
    }
    assert!(seen >= 5, "the schema was not read: {said}");
    assert!(open.is_empty(), "{open:?}");
}
