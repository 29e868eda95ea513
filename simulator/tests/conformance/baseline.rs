//! What has been reached, one line per check, and the comparison with what is reached now.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// One documented detail, and whether the simulator has it.
#[derive(Clone, Debug)]
pub struct Check {
    /// Such as `clb:CreateListener request Certificate.SSLMode wrong-type`.
    pub name: String,
    pub passed: bool,
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/baseline.txt")
}

fn read(text: &str) -> BTreeMap<String, bool> {
    let line = |line: &str| line.rsplit_once(' ').map(|(name, word)| (name.to_owned(), word == "pass"));
    text.lines().filter_map(line).collect()
}

fn passes(checks: &BTreeMap<String, bool>) -> usize {
    checks.values().filter(|passed| **passed).count()
}

/// Fails when a check that has passed does not pass any more; writes the new baseline where that is asked for.
pub fn compare(checks: Vec<Check>) {
    let all = checks.len();
    let now: BTreeMap<String, bool> = checks.into_iter().map(|check| (check.name, check.passed)).collect();
    assert_eq!(now.len(), all, "every check has a name of its own");
    let before = read(&std::fs::read_to_string(path()).unwrap_or_default());
    let lost: Vec<&String> = before
        .iter()
        .filter(|(name, passed)| **passed && now.get(*name) != Some(&true))
        .map(|(name, _)| name)
        .collect();
    assert!(
        lost.is_empty(),
        "{} checks passed before and do not now; the baseline only rises (take a line out by hand when what it says is \
         no longer documented):\n{}",
        lost.len(),
        lost.iter().map(|name| name.as_str()).collect::<Vec<_>>().join("\n")
    );
    println!("{} of {} checks pass, {} in the baseline", passes(&now), now.len(), passes(&before));
    if crate::writes() {
        let word = |passed: bool| if passed { "pass" } else { "fail" };
        let lines: Vec<String> = now.iter().map(|(name, passed)| format!("{name} {}", word(*passed))).collect();
        std::fs::write(path(), lines.join("\n") + "\n").expect("written");
    } else if passes(&now) > passes(&before) {
        println!("raise the baseline: CLB_CONFORMANCE=write cargo test -p clb-simulator --test conformance");
    }
}
