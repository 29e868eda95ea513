//! The README and CI cannot drift apart: what the README tells people to run is what CI runs.

use super::root;

/// The two commands of the README, word for word.
const DEMO: &str = "cargo xtask demo";
const TESTS: &str = "cargo test --workspace";

/// Lines of the fenced shell blocks of a Markdown text.
fn shell_lines(markdown: &str) -> Vec<&str> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in markdown.lines() {
        if line.starts_with("```") {
            inside = !inside && line.starts_with("```sh");
        } else if inside {
            lines.push(line.split('#').next().unwrap_or_default().trim_end());
        }
    }
    lines
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

#[test]
fn the_readme_gives_the_two_commands() {
    let readme = read("README.md");
    let lines = shell_lines(&readme);
    for command in [DEMO, TESTS] {
        assert!(lines.contains(&command), "README.md has no shell line `{command}`");
    }
}

#[test]
fn ci_runs_both_commands() {
    let script = read(".ci/run");
    for command in [DEMO, TESTS] {
        assert!(script.lines().any(|line| line.trim() == command), ".ci/run has no line `{command}`");
    }
}

#[test]
fn a_command_outside_a_shell_block_is_no_command() {
    assert_eq!(
        shell_lines("cargo test\n```sh\ncargo build   # all\n```\ncargo bench\n```text\nx\n```\n"),
        ["cargo build"]
    );
}
