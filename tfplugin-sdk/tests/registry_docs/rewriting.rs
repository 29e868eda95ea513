//! The one test that authors write: it fails while a page is stale, and writes the pages when it is asked to.

use std::fs;
use std::path::Path;
use std::process::Command;

use tfplugin_sdk::registry_docs;

use crate::orchard::{EXAMPLES, provider, repository, write};

/// Tells the test below that it is an author's, and where its pages are.
const AUTHOR: &str = "FOLDER_OF_AN_AUTHOR";

/// Runs this file's test as an author would, in a process of its own: whether it passed, and what it printed.
fn run_as_author(folder: &Path, is_writing: bool) -> (bool, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "rewriting::an_author_learns_what_is_stale_and_has_it_written", "--nocapture"]);
    command.env(AUTHOR, folder).env_remove("WRITE_REGISTRY_DOCS").env("RUST_BACKTRACE", "0");
    if is_writing {
        command.env("WRITE_REGISTRY_DOCS", "1");
    }
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.success(), said)
}

#[track_caller]
fn says(said: &str, lines: &[&str]) {
    for line in lines {
        assert!(said.contains(line), "{line:?} is not in:\n{said}");
    }
}

#[test]
fn an_author_learns_what_is_stale_and_has_it_written() {
    if let Some(folder) = std::env::var_os(AUTHOR) {
        registry_docs::assert_fresh(&provider(), Path::new(&folder));
        return;
    }
    let folder = repository(&EXAMPLES);
    let guide = "---\npage_title: \"Planting\"\nsubcategory: \"\"\ndescription: \"Planting.\"\n---\n\n# Planting\n";
    write(folder.path(), "docs/guides/planting.md", guide);
    write(folder.path(), "docs/resources/bush.md", "---\n---\n");

    let (passed, said) = run_as_author(folder.path(), false);
    assert!(!passed);
    says(&said, &["docs/index.md: it is missing", "docs/resources/bush.md: it is of nothing the provider has"]);
    says(&said, &["the registry pages, 6 wrong:", "run this test again with WRITE_REGISTRY_DOCS=1 in its environment"]);

    let (passed, said) = run_as_author(folder.path(), true);
    assert!(passed, "{said}");
    says(&said, &["wrote docs/index.md", "wrote docs/functions/weigh.md", "removed docs/resources/bush.md"]);
    assert_eq!(fs::read_to_string(folder.path().join("docs/guides/planting.md")).unwrap(), guide);
    assert!(!folder.path().join("docs/resources/bush.md").exists());

    let (passed, said) = run_as_author(folder.path(), true);
    assert!(passed && !said.contains("wrote"), "nothing is written that is as it should be:\n{said}");
    let page = folder.path().join("docs/resources/fence.md");
    fs::write(&page, fs::read_to_string(&page).unwrap().replace("# orchard_fence", "# fence")).unwrap();
    let (passed, said) = run_as_author(folder.path(), false);
    assert!(!passed);
    says(&said, &["docs/resources/fence.md: line 9 is not as it should be"]);
}

#[test]
fn the_test_of_an_author_finds_pages_the_registry_would_not_read() {
    let folder = repository(&EXAMPLES);
    assert!(run_as_author(folder.path(), true).0);
    write(folder.path(), "docs/guides/planting.md", "# Planting\n");
    write(folder.path(), "examples/actions/orchard_pick/action.tf", "");
    let (passed, said) = run_as_author(folder.path(), false);
    assert!(!passed);
    says(&said, &["docs/guides/planting.md: a page begins with a head"]);
    says(&said, &["examples/actions/orchard_pick: the provider has no such action"]);
    assert_eq!(registry_docs::layout_problems(&provider(), folder.path()).len(), 2);
}

#[test]
fn examples_that_are_missing_are_named_before_anything_is_written() {
    let folder = repository(&EXAMPLES[1..]);
    let (passed, said) = run_as_author(folder.path(), true);
    assert!(!passed);
    says(&said, &["examples/provider/provider.tf: write this file, an example of the provider block"]);
    assert!(!folder.path().join("docs").exists());
}
