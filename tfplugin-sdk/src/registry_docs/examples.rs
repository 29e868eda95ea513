//! The files of `examples/`, from which pages take what users copy.

use std::fs;
use std::io;
use std::path::Path;

/// The examples of a provider, and what was found to be wrong with them.
pub(super) struct Examples<'a> {
    folder: &'a Path,
    problems: Vec<String>,
}

impl<'a> Examples<'a> {
    /// Those in the folder `examples/` of `folder`.
    pub fn of(folder: &'a Path) -> Self {
        Self { folder, problems: Vec::new() }
    }

    /// A file that must be there. `what` it shows is said when it is not.
    pub fn required(&mut self, path: &str, what: &str) -> String {
        self.optional(path).unwrap_or_else(|| {
            self.problems.push(format!("{path}: write this file, an example of {what}"));
            String::new()
        })
    }

    /// A file that may be there.
    pub fn optional(&mut self, path: &str) -> Option<String> {
        match fs::read_to_string(self.folder.join(path)) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                self.problems.push(format!("{path}: {error}"));
                Some(String::new())
            }
        }
    }

    /// A file that must not be there, and why.
    pub fn refused(&mut self, path: &str, why: &str) {
        if self.folder.join(path).exists() {
            self.problems.push(format!("{path}: {why}"));
        }
    }

    /// Everything that is wrong with them, each as one sentence.
    pub fn into_problems(self) -> Vec<String> {
        self.problems
    }
}
