//! Where in a configuration, plan or state something is: `tls.certificate_id`, `backends["a"].port`.

use std::collections::BTreeMap;
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

/// A [`Path`] written as in Rust. With the struct before it, the compiler looks whether it has such an attribute:
///
/// ```
/// # use std::collections::BTreeMap;
/// use tfplugin_sdk::{Object, Resource, path};
///
/// /// A listener.
/// #[derive(Clone, Debug, PartialEq, Resource)]
/// #[tf(name = "sample_listener")]
/// struct Listener {
///     /// Its port.
///     port: u16,
///     /// How it encrypts.
///     tls: Option<Tls>,
///     /// Where it sends to.
///     backends: Vec<Backend>,
///     /// Labels.
///     tags: BTreeMap<String, String>,
/// }
/// # /// How it encrypts.
/// # #[derive(Clone, Debug, PartialEq, Object)]
/// # struct Tls {
/// #     /// Which way.
/// #     mode: String,
/// # }
/// # /// Where it sends to.
/// # #[derive(Clone, Debug, PartialEq, Object)]
/// # struct Backend {
/// #     /// Its port.
/// #     port: u16,
/// # }
///
/// assert_eq!(path!(Listener: port).to_string(), "port");
/// assert_eq!(path!(Listener: tls.mode).to_string(), "tls.mode");
/// assert_eq!(path!(Listener: backends[2].port).to_string(), "backends[2].port");
/// let key = "team";
/// assert_eq!(path!(Listener: tags[key]).to_string(), "tags[\"team\"]");
/// ```
///
/// Inside an `impl`, `path!(Self: port)` does. Where there is no struct at hand, `path!(tls.mode)` is the same without the
/// check.
#[macro_export]
macro_rules! path {
    (@look $at:expr;) => { $at };
    (@look $at:expr; . $name:ident $($rest:tt)*) => {
        $crate::path!(@look &$crate::path::inside($at).$name; $($rest)*)
    };
    (@look $at:expr; [$step:expr] $($rest:tt)*) => {
        $crate::path!(@look $crate::path::element($at, $step); $($rest)*)
    };
    (@ $path:expr;) => { $path };
    (@ $path:expr; . $name:ident $($rest:tt)*) => {
        $crate::path!(@ $crate::path::attribute(&$path, ::core::stringify!($name)); $($rest)*)
    };
    (@ $path:expr; [$step:expr] $($rest:tt)*) => {
        $crate::path!(@ $crate::path::Element::of($step, &$path); $($rest)*)
    };
    ($of:ty : $first:ident $($rest:tt)*) => {{
        // Never called: the compiler looks whether there is such an attribute.
        let _ = |of: &$of| { let _ = $crate::path!(@look &of.$first; $($rest)*); };
        $crate::path!($first $($rest)*)
    }};
    ($first:ident $($rest:tt)*) => {
        $crate::path!(@ $crate::path::attribute(&$crate::Path::root(), ::core::stringify!($first)); $($rest)*)
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

impl Element for &String {
    fn of(self, parent: &Path) -> Path {
        parent.key(self)
    }
}

/// What [`path!`] can go on into with `.name`: what derives `Object`, also if it may be left out.
#[diagnostic::on_unimplemented(
    message = "there are no attributes in `{Self}` that a path could go on to",
    note = "attributes are in what derives `tfplugin_sdk::Object`; `[2]` leads to an object in a list, `[\"key\"]` to one in a \
            map, and nothing to one in a set: the path ends at the set"
)]
pub trait Inside {
    /// The struct with the attributes.
    type Attributes;
}

impl<T: Inside> Inside for Option<T> {
    type Attributes = T::Attributes;
}

/// What [`path!`] can go on into with `[step]`: a list or a map, also if it may be left out.
#[diagnostic::on_unimplemented(
    message = "there are no elements in `{Self}` that a path could go on to",
    note = "lists have elements by position (`[2]`) and maps by key (`[\"key\"]`); a path to a member of a set ends at the set"
)]
pub trait Elements {
    /// By what an element is found: `usize` or `str`.
    type Step: ?Sized;
    /// What an element is.
    type Element;
}

impl<T> Elements for Vec<T> {
    type Step = usize;
    type Element = T;
}

impl<T> Elements for BTreeMap<String, T> {
    type Step = str;
    type Element = T;
}

impl<T: Elements> Elements for Option<T> {
    type Step = T::Step;
    type Element = T::Element;
}

/// What leads to an element that is found by a `Step`.
#[diagnostic::on_unimplemented(
    message = "an element is found by a `{Step}` here, not by a `{Self}`",
    label = "leads to no element",
    note = "lists have elements by position (`[2]`) and maps by key (`[\"key\"]`)"
)]
pub trait StepTo<Step: ?Sized> {}

impl StepTo<usize> for usize {}
impl StepTo<str> for &str {}
impl StepTo<str> for &String {}

/// One step further, into an attribute as it is written in Rust: `r#type` is `type`.
#[doc(hidden)]
pub fn attribute(parent: &Path, written: &str) -> Path {
    parent.attribute(written.strip_prefix("r#").unwrap_or(written))
}

/// For the compiler only: what is inside `value`.
#[doc(hidden)]
pub fn inside<T: Inside>(_: &T) -> &T::Attributes {
    unreachable!("`path!` looks only at types")
}

/// For the compiler only: one element of `value`.
#[doc(hidden)]
pub fn element<T: Elements>(_: &T, _: impl StepTo<T::Step>) -> &T::Element {
    unreachable!("`path!` looks only at types")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::{Object, Timeouts};

    #[derive(Clone, Debug, PartialEq, Object)]
    struct Listener {
        r#type: String,
        check: Option<Check>,
        backends: Option<Vec<Backend>>,
        timeouts: Option<Timeouts>,
    }

    #[derive(Clone, Debug, PartialEq, Object)]
    struct Check {
        port: Option<u16>,
    }

    #[derive(Clone, Debug, PartialEq, Object)]
    struct Backend {
        tags: BTreeMap<String, Vec<String>>,
    }

    #[test]
    fn a_path_reads_as_it_is_written_in_terraform() {
        assert_eq!(path!(health_check.timeout).to_string(), "health_check.timeout");
        assert_eq!(path!(listeners[2].port).to_string(), "listeners[2].port");
        assert_eq!(path!(tags["team"]).to_string(), "tags[\"team\"]");
        assert_eq!(path!(r#type), crate::Path::root().attribute("type"));
    }

    #[test]
    fn a_path_that_is_looked_up_in_a_struct_is_the_same_path() {
        let (position, key) = (2, "team".to_owned());
        assert_eq!(path!(Listener: check.port), path!(check.port));
        assert_eq!(path!(Listener: r#type), path!(r#type));
        assert_eq!(path!(Listener: timeouts.create), path!(timeouts.create));
        assert_eq!(path!(Listener: backends[position].tags[&key][0]), path!(backends[2].tags["team"][0]));
    }

    impl Listener {
        fn at(key: &str) -> crate::Path {
            path!(Self: backends[0].tags[key])
        }
    }

    #[test]
    fn a_struct_is_also_called_self() {
        assert_eq!(Listener::at("a"), path!(backends[0].tags["a"]));
    }
}
