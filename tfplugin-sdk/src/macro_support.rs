//! What the code the derives write calls. Not for authors, and no promise to them.
//!
//! The contradictions only the compiler can see, each beside what it accepts:
//!
//! ```
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     #[tf(range(1..))]
//!     a: u8,
//! }
//! ```
//! ```compile_fail
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     #[tf(range(1..))] // range is for numbers
//!     a: bool,
//! }
//! ```
//! ```
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! #[tf(less_than(a, b))]
//! struct Part {
//!     a: u8,
//!     b: u16,
//! }
//! ```
//! ```compile_fail
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! #[tf(less_than(a, b))] // less_than is for numbers
//! struct Part {
//!     a: u8,
//!     b: String,
//! }
//! ```
//! ```
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     #[tf(length(1..))]
//!     a: String,
//! }
//! ```
//! ```compile_fail
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     #[tf(length(1..))] // length is for texts and collections
//!     a: u8,
//! }
//! ```
//! ```
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     #[tf(pattern = "x")]
//!     a: Option<String>,
//! }
//! ```
//! ```compile_fail
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     #[tf(pattern = "x")] // a pattern is for texts
//!     a: Vec<String>,
//! }
//! ```
//! ```
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     #[tf(one_of("a"))]
//!     a: String,
//! }
//! ```
//! ```compile_fail
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     #[tf(one_of("a"))] // one_of is for texts
//!     a: u8,
//! }
//! ```
//! ```
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     #[tf(default = 1.into())]
//!     a: tfplugin_sdk::Number,
//! }
//! ```
//! ```compile_fail
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     #[tf(default = 1.into())] // a default takes the place of null
//!     a: Option<tfplugin_sdk::Number>,
//! }
//! ```
//! ```
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     #[tf(write_only)]
//!     a: Option<String>,
//! }
//! ```
//! ```compile_fail
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     #[tf(write_only)] // a write-only value is not in the state
//!     a: String,
//! }
//! ```
//! ```
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Object)]
//! struct Key {
//!     #[tf(write_only)]
//!     text: Option<String>,
//! }
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     keys: Vec<Key>,
//! }
//! ```
//! ```compile_fail
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Object)]
//! struct Key {
//!     #[tf(write_only)]
//!     text: Option<String>,
//! }
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Part {
//!     keys: std::collections::BTreeSet<Key>, // a set has no write-only values inside
//! }
//! ```
//! ```
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Port {
//!     #[tf(computed)]
//!     number: u16,
//! }
//! #[derive(Clone, Debug, PartialEq, Object)]
//! #[tf(plan)]
//! struct Part {
//!     port: Port,
//! }
//! ```
//! ```compile_fail
//! # use tfplugin_sdk::Object;
//! #[derive(Clone, Debug, PartialEq, Object)]
//! struct Port {
//!     #[tf(computed)]
//!     number: u16,
//! }
//! #[derive(Clone, Debug, PartialEq, Object)]
//! // a part is computed: #[tf(plan)] is missing
//! struct Part {
//!     port: Port,
//! }
//! ```

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::tf_type::{Codec, TfType, mismatch};
use crate::{Dynamic, Error, Number, Path, Report, Result};

/// The attributes of an object that is being read.
#[derive(Debug)]
pub struct Parts<'a> {
    attributes: &'a BTreeMap<String, Dynamic>,
    path: &'a Path,
}

impl<'a> Parts<'a> {
    /// Reports what is not an object.
    pub fn of(value: &'a Dynamic, path: &'a Path, report: &mut Report) -> Option<Self> {
        if let Dynamic::Object(attributes) = value {
            Some(Self { attributes, path })
        } else {
            mismatch(value, "an object", path, report);
            None
        }
    }

    /// One attribute; `absent` where it is null and null is not one of its values.
    pub fn part<T: Codec>(&self, name: &str, absent: impl FnOnce() -> T, report: &mut Report) -> Option<T> {
        let value = self.attributes.get(name).unwrap_or(&Dynamic::Null);
        if value.is_null() && !T::NULLABLE {
            Some(absent())
        } else {
            T::decode(value, &self.path.attribute(name), report)
        }
    }
}

/// An object of these attributes.
pub fn object<const N: usize>(attributes: [(&str, Dynamic); N]) -> Dynamic {
    Dynamic::Object(attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A number that a derive has read from source code.
pub fn number(digits: &str) -> Number {
    digits.parse().expect("the derive passes on digits only")
}

/// Reads one of a few texts.
pub fn variant<T: FromStr>(value: &Dynamic, names: &[&str], path: &Path, report: &mut Report) -> Option<T> {
    let variant = if let Dynamic::String(text) = value { text.parse().ok() } else { None };
    if variant.is_none() {
        mismatch(value, &one_of(names), path, report);
    }
    variant
}

/// A text is none of a few.
pub fn not_one_of(names: &[&str]) -> Error {
    Error::new(format!("it must be {}", one_of(names)))
}

fn one_of(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    format!("one of {}", names.join(", "))
}

/// Some order of values, consistent with their equality.
pub fn compare<T: Codec>(a: &T, b: &T) -> Ordering {
    compare_values(&a.encode(), &b.encode())
}

fn compare_values(a: &Dynamic, b: &Dynamic) -> Ordering {
    let rank = |value: &Dynamic| match value {
        Dynamic::Null => 0,
        Dynamic::Unknown(_) => 1,
        Dynamic::Bool(_) => 2,
        Dynamic::Number(_) => 3,
        Dynamic::String(_) => 4,
        Dynamic::List(_) => 5,
        Dynamic::Set(_) => 6,
        Dynamic::Map(_) => 7,
        Dynamic::Object(_) => 8,
        Dynamic::Typed(_) => 9,
    };
    match (a, b) {
        (Dynamic::Bool(a), Dynamic::Bool(b)) => a.cmp(b),
        (Dynamic::Number(a), Dynamic::Number(b)) => a.cmp(b),
        (Dynamic::String(a), Dynamic::String(b)) => a.cmp(b),
        // Sets are written from ordered ones.
        (Dynamic::List(a), Dynamic::List(b)) | (Dynamic::Set(a), Dynamic::Set(b)) => {
            let differing = a.iter().zip(b).map(|(a, b)| compare_values(a, b)).find(|order| order.is_ne());
            differing.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (Dynamic::Map(a), Dynamic::Map(b)) | (Dynamic::Object(a), Dynamic::Object(b)) => {
            let parts = |(a_name, a): (&String, &Dynamic), (b_name, b): (&String, &Dynamic)| {
                a_name.cmp(b_name).then_with(|| compare_values(a, b))
            };
            let differing = a.iter().zip(b).map(|(a, b)| parts(a, b)).find(|order| order.is_ne());
            differing.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (Dynamic::Typed(a), Dynamic::Typed(b)) => {
            a.0.to_json().to_string().cmp(&b.0.to_json().to_string()).then_with(|| compare_values(&a.1, &b.1))
        }
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

/// Cuts an import id at the texts of its template.
pub fn import_parts<'a>(template: &str, texts: &[&str], id: &'a str) -> Result<Vec<&'a str>> {
    let malformed =
        || Error::new("Malformed import id").detail(format!("The id {id:?} is not of the form \"{template}\"."));
    let (first, others) = texts.split_first().ok_or_else(malformed)?;
    let (last, between) = others.split_last().ok_or_else(malformed)?;
    let mut rest = id.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)).ok_or_else(malformed)?;
    let mut parts = Vec::with_capacity(others.len());
    for text in between {
        let (part, after) = rest.split_once(text).ok_or_else(malformed)?;
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    // A separator inside a part would leave it open which part it belongs to.
    let unclear = |part: &&str| part.is_empty() || between.iter().any(|text| part.contains(text));
    if parts.iter().any(unclear) { Err(malformed()) } else { Ok(parts) }
}

/// Reads one part of an import id.
pub fn import_part<T>(template: &str, name: &str, part: &str) -> Result<T>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    part.parse().map_err(|error| {
        let detail = format!("In an id of the form \"{template}\", {name} cannot be {part:?}: {error}.");
        Error::new("Malformed import id").detail(detail)
    })
}

/// Asks a rule of the author's own about a value.
pub fn custom<T: Codec>(value: &Dynamic, rule: fn(&T) -> Result<(), String>) -> Result<(), String> {
    // What does not fit the type is reported where it is read.
    T::decode(value, &Path::root(), &mut Report::new()).map_or(Ok(()), |value| rule(&value))
}

/// Reads a state that an older version of the schema wrote.
pub fn prior_state<T: TfType>(state: Dynamic) -> Result<T> {
    crate::foreign_state::plain(state)
}

/// Reads one part of what something is imported by from its identity.
pub fn identity_part<T: Codec>(identity: &Dynamic, name: &str) -> Result<T> {
    let mut report = Report::new();
    T::decode(identity.attribute(name), &Path::root().attribute(name), &mut report).ok_or_else(|| {
        let detail = report.into_iter().next().map(|found| found.detail).unwrap_or_default();
        Error::new("Malformed import identity").detail(detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_id_is_cut_at_its_template() {
        let parts = |id| import_parts("{a}/{b}", &["", "/", ""], id);
        assert_eq!(parts("lb-1/lbl-2"), Ok(vec!["lb-1", "lbl-2"]));
        for malformed in ["", "lb-1", "lb-1/", "/lbl-2", "lb-1/lbl-2/3"] {
            let error = parts(malformed).expect_err(malformed).to_string();
            assert_eq!(error, format!("Malformed import id: The id {malformed:?} is not of the form \"{{a}}/{{b}}\"."));
        }
        assert_eq!(import_parts("sg:{id}", &["sg:", ""], "sg:1/2"), Ok(vec!["1/2"]));
    }

    #[test]
    fn a_part_that_does_not_fit_its_type_is_named() {
        let error = import_part::<u16>("{a}/{port}", "port", "http").expect_err("not a number").to_string();
        assert!(error.contains("port cannot be \"http\": invalid digit"), "{error}");
    }
}
