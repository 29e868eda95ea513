//! Where in a configuration, plan or state something is: `tls.certificate_id`, `backends["a"].port`.

use std::fmt;

/// One step from a value into a part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// An attribute of an object, or a nested block.
    Attribute(String),
    /// An element of a map.
    Key(String),
    /// An element of a list or tuple, counted from 0. Members of sets have no step: a path ends at the set.
    Index(i64),
}

/// The steps from the root of a resource to a part of it; empty for the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Step>);

impl Path {
    /// The whole resource.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// One step further, into the attribute `name`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Self {
        self.with(Step::Attribute(name.to_owned()))
    }

    /// One step further, into the map element `key`.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()))
    }

    /// One step further, into element `index` of a list.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)))
    }

    /// `self`, then the steps of `inner`.
    #[must_use]
    pub fn join(&self, inner: &Path) -> Self {
        Self(self.0.iter().chain(&inner.0).cloned().collect())
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the whole resource.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl FromIterator<Step> for Path {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

/// Written as a user of Terraform would: `health_check.timeout`, `listeners[2].port`, `tags["team"]`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// A [`Path`] written as in Rust: `path!(port)`, `path!(tls.certificate_id)`, `path!(listeners[2].port)`,
/// `path!(tags["team"])`.
#[macro_export]
macro_rules! path {
    ($first:ident $($rest:tt)*) => {
        $crate::path!(@ $crate::Path::root().attribute(stringify!($first)); $($rest)*)
    };
    (@ $path:expr;) => { $path };
    (@ $path:expr; . $name:ident $($rest:tt)*) => {
        $crate::path!(@ $path.attribute(stringify!($name)); $($rest)*)
    };
    (@ $path:expr; [$key:literal] $($rest:tt)*) => {
        $crate::path!(@ $crate::path::Element::of($key, &$path); $($rest)*)
    };
}

/// What may stand in the brackets of [`path!`]: a position or a key.
pub trait Element {
    /// The path of this element of `parent`.
    fn of(self, parent: &Path) -> Path;
}

impl Element for usize {
    fn of(self, parent: &Path) -> Path {
        parent.index(self)
    }
}

impl Element for &str {
    fn of(self, parent: &Path) -> Path {
        parent.key(self)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_path_reads_as_it_is_written_in_terraform() {
        assert_eq!(path!(health_check.timeout).to_string(), "health_check.timeout");
        assert_eq!(path!(listeners[2].port).to_string(), "listeners[2].port");
        assert_eq!(path!(tags["team"]).to_string(), "tags[\"team\"]");
    }
}
