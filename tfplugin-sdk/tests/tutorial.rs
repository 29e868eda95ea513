//! The tutorial, followed as a reader follows it: every file is written and every command run, in an empty folder.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as expected")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const TUTORIAL: &str = include_str!("../TUTORIAL.md");

/// What the reader is told to do next.
#[derive(Debug, PartialEq)]
enum Step<'t> {
    Write { file: &'t str, text: String },
    Append { file: &'t str, text: String },
    Run(String),
}

/// The steps: a block of code belongs to the line before it that names a file, and a block of `sh` is run.
fn steps(tutorial: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut told = "";
    let mut lines = tutorial.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            if !line.is_empty() {
                told = line;
            }
            continue;
        };
        let text: String = lines.by_ref().take_while(|line| *line != "```").fold(String::new(), |mut text, line| {
            writeln!(text, "{line}").unwrap();
            text
        });
        match (language, named(told)) {
            ("sh", _) => steps.push(Step::Run(text)),
            ("text", _) => {}
            (_, Some((true, file))) => steps.push(Step::Append { file, text }),
            (_, Some((false, file))) => steps.push(Step::Write { file, text }),
            (language, None) => panic!("a block of {language} after {told:?} is for no file"),
        }
    }
    steps
}

/// The file a line names, and whether it is to be added to: "`src/a.rs`:", "Add to `src/a.rs`:".
fn named(line: &str) -> Option<(bool, &str)> {
    let (add, rest) = match line.strip_prefix("Add to ") {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    Some((add, rest.strip_prefix('`')?.strip_suffix("`:")?))
}

/// One script of all steps. Files go where the commands before have led. The new crate builds where this one was built,
/// with the same versions, so that what is built already is taken.
fn script(steps: &[Step<'_>]) -> String {
    let mut script = "set -euo pipefail\n".to_owned();
    for step in steps {
        let (sign, file, text) = match step {
            Step::Write { file, text } => (">", file, text),
            Step::Append { file, text } => (">>", file, text),
            Step::Run(commands) => {
                script += commands;
                continue;
            }
        };
        write!(script, "cat {sign} \"{file}\" <<'END-OF-FILE'\n{text}END-OF-FILE\n").unwrap();
        if *file == "Cargo.toml" {
            script += "cp \"$LOCK\" Cargo.lock\nln -s \"$TARGET\" target\n";
        }
    }
    script
}

/// The folder of everything cargo has built, this test included: `target/debug/deps/tutorial-…`.
fn built() -> PathBuf {
    env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}

#[test]
fn the_tutorial_leads_from_an_empty_folder_to_a_working_provider() {
    let folder = tempfile::tempdir().unwrap();
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR"));
    // What a reader gets from the registry is this crate here.
    let cargo = folder.path().join(".cargo");
    fs::create_dir(&cargo).unwrap();
    let patch = format!("[patch.crates-io]\ntfplugin-sdk = {{ path = {:?} }}\n", sdk.display().to_string());
    fs::write(cargo.join("config.toml"), patch).unwrap();
    let ran = Command::new("bash")
        .args(["-c", &script(&steps(TUTORIAL))])
        .current_dir(folder.path())
        .env("LOCK", sdk.join("../Cargo.lock"))
        .env("TARGET", built())
        // As in the profile of the workspace.
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .env("CARGO_NET_OFFLINE", "true")
        .envs([("TF_IN_AUTOMATION", "1"), ("TF_CLI_ARGS_plan", "-no-color"), ("TF_CLI_ARGS_destroy", "-no-color")])
        .env("CHECKPOINT_DISABLE", "1")
        .env_remove("TF_LOG")
        .env_remove("TF_REATTACH_PROVIDERS")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout) + String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    assert!(said.contains("No changes. Your infrastructure matches the configuration."), "{said}");
    assert!(said.contains("Destroy complete! Resources: 2 destroyed."), "{said}");
}

#[test]
fn blocks_without_a_file_and_files_to_add_to_are_told_apart() {
    let text =
        "`a.rs`:\n\n```rust\none\n```\n\nAdd to `a.rs`:\n\n```rust\ntwo\n```\n```sh\nls\n```\n```text\nno step\n```\n";
    let expected = [
        Step::Write { file: "a.rs", text: "one\n".into() },
        Step::Append { file: "a.rs", text: "two\n".into() },
        Step::Run("ls\n".into()),
    ];
    assert_eq!(steps(text), expected);
}
