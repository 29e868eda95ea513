//! A step that is not as expected, told so that the author of the test needs to look nowhere else.

use std::fmt;
use std::io::Write as _;

use super::folder::KEEP;
use super::process::Ran;
use super::step::Place;

/// Of a configuration, and of what one run of Terraform printed, only this much is shown, half from each end.
const MAX_BYTES: usize = 20_000;

/// One expectation that is not met.
#[derive(Debug)]
pub(super) struct Problem {
    /// Where in the test it stands.
    pub place: Place,
    /// What was expected: "`text` of board_note.a to be …".
    pub expected: String,
    pub found: String,
}

/// Everything about one step that failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// "step 2 (apply)".
    pub step: String,
    pub place: Place,
    pub problems: Vec<Problem>,
    pub runs: Vec<Ran>,
    pub configuration: String,
    /// What became of the clean-up afterwards, when that failed too.
    pub afterwards: Option<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} is not as expected\n", self.place, self.step)?;
        for Problem { place, expected, found } in &self.problems {
            writeln!(f, "  expected: {}   ({place})", indented(expected))?;
            writeln!(f, "  found:    {}\n", indented(found))?;
        }
        writeln!(f, "Terraform:\n")?;
        for ran in &self.runs {
            writeln!(f, "  {}", indented(&cut(&ran.to_string())))?;
        }
        writeln!(f, "\nThe configuration:\n")?;
        for (number, line) in (1..).zip(cut(&self.configuration).lines()) {
            writeln!(f, "  {number:>3}  {line}")?;
        }
        if let Some(afterwards) = &self.afterwards {
            writeln!(f, "\nAfterwards not everything could be destroyed:\n\n{afterwards}")?;
        }
        write!(f, "\nSet {KEEP}=1 to keep the folder and look around in it.")
    }
}

fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n            ")
}

fn cut(text: &str) -> String {
    if text.len() <= MAX_BYTES {
        return text.to_owned();
    }
    let start = &text[..text.floor_char_boundary(MAX_BYTES / 2)];
    let end = &text[text.ceil_char_boundary(text.len() - MAX_BYTES / 2)..];
    format!("{start}\n... ({} bytes more) ...\n{end}", text.len() - start.len() - end.len())
}

/// Tells whoever runs the tests, also about tests that pass: a test's own output is only shown when it fails.
pub(super) fn tell(text: &str) {
    // Where stderr is gone there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_long_both_ends_are_shown() {
        let text = "ä".repeat(MAX_BYTES) + "end";
        let cut = cut(&text);
        assert!(cut.starts_with('ä') && cut.ends_with("äend") && cut.contains("bytes more"));
        assert!(cut.len() < MAX_BYTES + 100, "{}", cut.len());
        assert_eq!(super::cut("short"), "short");
    }
}
