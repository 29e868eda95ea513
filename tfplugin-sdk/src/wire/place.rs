//! Where a decoder is, kept on its own stack: a path costs nothing until something is wrong there.

use crate::{Path, Report, Type};

/// A position inside a value, linked to the one around it.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// The whole value.
    Root,
    /// An attribute of an object.
    Attribute(&'a Place<'a>, &'a str),
    /// An element of a map.
    Key(&'a Place<'a>, &'a str),
    /// An element of a list or tuple.
    Index(&'a Place<'a>, usize),
    /// A member of a set, which has no path of its own.
    Member(&'a Place<'a>),
}

impl Place<'_> {
    /// The path as a diagnostic carries it; for members of sets, and all inside them, the path of the set.
    pub(super) fn path(&self) -> Path {
        self.resolve().0
    }

    /// The path, and whether it still says everything (a set on the way ends it).
    fn resolve(&self) -> (Path, bool) {
        let (parent, step): (_, fn(&Path, &Self) -> Path) = match self {
            Self::Root => return (Path::root(), true),
            Self::Member(set) => return (set.path(), false),
            Self::Attribute(parent, _) | Self::Key(parent, _) | Self::Index(parent, _) => {
                (*parent, |path, place| match place {
                    Place::Attribute(_, name) => path.attribute(name),
                    Place::Key(_, key) => path.key(key),
                    Place::Index(_, index) => path.index(*index),
                    Place::Root | Place::Member(_) => path.clone(),
                })
            }
        };
        let (path, exact) = parent.resolve();
        if exact { (step(&path, self), true) } else { (path, false) }
    }

    /// Reports that the value here is not what the schema says. Kinds only: a value may be a secret.
    pub(super) fn mismatch(&self, report: &mut Report, expected: &Type, found: &str) {
        self.error(report, format!("The schema says {}, but the value is {found}.", name(expected)));
    }

    /// Reports that the value here cannot be read.
    pub(super) fn error(&self, report: &mut Report, detail: impl Into<String>) {
        report.error(self.path(), "Unreadable value", detail);
    }
}

/// The kind of a type in a sentence.
fn name(of: &Type) -> &'static str {
    match of {
        Type::String => "a string",
        Type::Number => "a number",
        Type::Bool => "a bool",
        Type::Dynamic => "a value with its own type",
        Type::List(_) => "a list",
        Type::Set(_) => "a set",
        Type::Map(_) => "a map",
        Type::Object(_) => "an object",
        Type::Tuple(_) => "a tuple",
    }
}
