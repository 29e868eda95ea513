//! The example that has every kind of thing, under the real Terraform.

use std::fs;
use std::path::{Path, PathBuf};

use super::sandbox::Sandbox;

const EVERYTHING: &str = r#"
terraform {
  provider_meta "folder" {
    team = "poets"
  }
}

ephemeral "folder_lock" "l" { holder = "me" }

resource "folder_file" "poem" {
  name = "${provider::folder::slug("An", "Old Poem!")}.txt"
  line { text = "roses" }
  line {
    text   = "violets"
    prefix = "- "
  }
  mode              = "600"
  seal              = ["amen"]
  secret_wo         = "hush"
  secret_wo_version = 1
  timeouts { create = "30s" }
}

resource "folder_index" "all" {
  name    = "index.md"
  title   = "Poems"
  readers = ["you", "me"]
  order   = "size"
  entries = { (folder_file.poem.name) = { about = "old" } }
}

data "folder_listing" "texts" {
  suffix     = ".txt"
  depends_on = [folder_file.poem, folder_index.all]
}

output "texts" { value = data.folder_listing.texts.names }
"#;

#[test]
fn the_whole_example_works_under_terraform() {
    let sandbox = Sandbox::of("folder", EVERYTHING);
    let said = sandbox.apply().succeeds().text();
    assert!(said.contains("an-old-poem.txt"), "{said}");
    let read = |name: &str| fs::read_to_string(sandbox.notes().join(name)).unwrap();
    assert_eq!(read("an-old-poem.txt"), "roses\n- violets\namen\n");
    assert_eq!(read(".an-old-poem.txt.secret"), "hush");
    assert_eq!(read("index.md"), "Poems\nfor me, you\nkept by poets\nan-old-poem.txt: old\n");
    assert!(!sandbox.state().contains("hush"));
    assert!(!sandbox.existing().contains(&".lock".to_owned()), "the lock was given back");
    assert!(sandbox.is_settled());

    sandbox.configure(&EVERYTHING.replace("\"600\"", "\"0600\""));
    assert!(sandbox.is_settled(), "0600 means the same as 600");
    fs::write(sandbox.notes().join("an-old-poem.txt"), "weeds\n").unwrap();
    let said = sandbox.run(&["plan", "-no-color"]).succeeds().text();
    assert!(said.contains("- content") && said.contains("weeds"), "what changed on disk is shown: {said}");
    sandbox.apply().succeeds();
    assert_eq!(read("an-old-poem.txt"), "roses\n- violets\namen\n");

    fs::write(sandbox.notes().join("index.md"), "gone\n").unwrap();
    sandbox.configure(&EVERYTHING.replace("  title   = \"Poems\"\n", ""));
    let said = sandbox.apply().succeeds().text();
    assert!(said.contains("\"Poems\" -> null # forces replacement"), "{said}");
    assert_eq!(read("index.md"), "for me, you\nkept by poets\nan-old-poem.txt: old\n");

    sandbox.configure("");
    sandbox.apply().succeeds();
    assert_eq!(sandbox.existing(), Vec::<String>::new());
}

#[test]
fn its_mistakes_are_explained() {
    let sandbox = Sandbox::of(
        "folder",
        "resource \"folder_file\" \"a\" {\n  name = \"A\"\n  content = \"x\"\n  seal = [\"y\", \"y\"]\n  mode = \"8\"\n  \
         secret_wo = \"s\"\n}",
    );
    let said = sandbox.run(&["validate", "-no-color"]).fails_saying("Conflicting attributes").text().replace('\n', " ");
    for expected in [
        "`name` must be: small letters, digits, dots, dashes and underscores; \"A\" was given.",
        "`seal` must have no element twice",
        "`mode` must be: three octal digits, such as 0644",
        "Only one of `content` or `seal` can be set. Remove one of them.",
        "`secret_wo` needs `secret_wo_version`. Set `secret_wo_version`, or remove `secret_wo`.",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
}

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
