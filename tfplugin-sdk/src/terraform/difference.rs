//! Where two values differ, part by part.

use std::collections::BTreeSet;
use std::fmt;

use super::expected::shown;
use super::shown::Value;
use crate::{Dynamic, Path, Step};

/// One part that differs. Its values are for the reader: what is sensitive is not shown.
#[derive(Debug)]
pub(super) struct Difference {
    pub path: Path,
    pub left: String,
    pub right: String,
    /// Whether the right one is not known before apply.
    pub is_open: bool,
}

/// All parts that differ and are not below one of the `ignored` paths.
pub(super) fn differences(left: &Value, right: &Value, ignored: &[Path]) -> Vec<Difference> {
    let mut found = Vec::new();
    collect(&Path::root(), Some(&left.is), Some(&right.is), &mut |path, one, other| {
        if !is_below(path, ignored) {
            let shown = |value: Option<&Dynamic>, of: &Value| {
                value.map_or_else(|| "nothing there".to_owned(), |value| shown(value, of.hides(path)))
            };
            let is_open = other.is_some_and(Dynamic::is_unknown);
            found.push(Difference { path: path.clone(), left: shown(one, left), right: shown(other, right), is_open });
        }
    });
    found
}

/// Whether a path leads to one of these or into it.
pub(super) fn is_below(path: &Path, these: &[Path]) -> bool {
    these.iter().any(|of_these| names(path).starts_with(&names(of_these)))
}

/// The steps of a path as Terraform shows them in JSON, where an attribute and a key look the same.
pub(super) fn names(path: &Path) -> Vec<String> {
    let name = |step: &Step| match step {
        Step::Attribute(name) | Step::Key(name) => name.clone(),
        Step::Index(index) => index.to_string(),
    };
    path.steps().iter().map(name).collect()
}

fn collect(
    path: &Path,
    left: Option<&Dynamic>,
    right: Option<&Dynamic>,
    found: &mut impl FnMut(&Path, Option<&Dynamic>, Option<&Dynamic>),
) {
    match (left, right) {
        (Some(left), Some(right)) if left == right => {}
        (Some(Dynamic::Object(left)), Some(Dynamic::Object(right))) => {
            for name in left.keys().chain(right.keys()).collect::<BTreeSet<_>>() {
                collect(&part(path, name), left.get(name), right.get(name), found);
            }
        }
        (Some(Dynamic::List(left)), Some(Dynamic::List(right))) if left.len() == right.len() => {
            for (at, (left, right)) in left.iter().zip(right).enumerate() {
                collect(&path.index(at), Some(left), Some(right), found);
            }
        }
        _ => found(path, left, right),
    }
}

/// A key that could be an attribute is taken for one: for the reader they are the same.
fn part(path: &Path, name: &str) -> Path {
    let is_name = name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'));
    if is_name || path.is_root() { path.attribute(name) } else { path.key(name) }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {} -> {}", self.path, self.left, self.right)
    }
}
