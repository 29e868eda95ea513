//! What the code the derives write calls. Not for authors, and no promise to them.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::schema::Attribute;
use crate::tf_type::{Codec, TfType, mismatch};
use crate::{Dynamic, Error, Number, Path, Report, Result, Type};

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

/// Cuts an import id at the texts of its template; `None` when it has another form.
pub fn import_parts<'a>(texts: &[&str], id: &'a str) -> Option<Vec<&'a str>> {
    let (first, others) = texts.split_first()?;
    let (last, between) = others.split_last()?;
    let mut rest = id.strip_prefix(first).and_then(|rest| rest.strip_suffix(last))?;
    let mut parts = Vec::with_capacity(others.len());
    for text in between {
        let (part, after) = rest.split_once(text)?;
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    // A separator inside a part would leave it open which part it belongs to.
    let unclear = |part: &&str| part.is_empty() || between.iter().any(|text| part.contains(text));
    if parts.iter().any(unclear) { None } else { Some(parts) }
}

/// An import id of none of these forms.
pub fn malformed_import(templates: &[&str], id: &str) -> Error {
    let forms: Vec<String> = templates.iter().map(|template| format!("\"{template}\"")).collect();
    Error::new("Malformed import id").detail(format!("The id {id:?} is not of the form {}.", forms.join(", nor of ")))
}

/// What can be part of an import id.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of an import id",
    label = "is not read from a text",
    note = "parts of an import id are texts, numbers, booleans, and what derives `Newtype` or `Enum`; never an `Option` or a collection"
)]
pub trait ImportPart: Sized {
    /// Reads it; the error says what is wrong.
    ///
    /// # Errors
    ///
    /// When the text is none.
    fn read(text: &str) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr<Err: fmt::Display>> ImportPart for T {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error: T::Err| error.to_string())
    }
}

/// Reads one part of an import id.
pub fn import_part<T: ImportPart>(template: &str, attribute: &Attribute, part: &str) -> Result<T> {
    let refused = |problem: String| {
        let detail = format!("In an id of the form \"{template}\", {} cannot be {part:?}: {problem}.", attribute.name);
        Error::new("Malformed import id").detail(detail)
    };
    let read = T::read(part).map_err(refused)?;
    // Only texts have rules that what was read keeps: a number has been read as one already.
    let text = Dynamic::String(part.to_owned());
    if attribute.value_type() == Type::String {
        if let Some(prefix) =
            attribute.plan.refinements.prefix.as_ref().filter(|prefix| !part.starts_with(prefix.as_str()))
        {
            return Err(refused(format!("it must start with {prefix:?}")));
        }
        if let Some(rule) = attribute.validators.iter().find(|rule| !rule.accepts(&text)) {
            return Err(refused(format!("it must {}", rule.rule(&text))));
        }
    }
    Ok(read)
}

/// Asks a rule of the author's own about a value.
pub fn custom<T: Codec>(value: &Dynamic, rule: fn(&T) -> Result<(), String>) -> Result<(), String> {
    // What does not fit the type is reported where it is read.
    T::decode(value, &Path::root(), &mut Report::new()).map_or(Ok(()), |value| rule(&value))
}

/// The shape of a state that becomes the next one.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` does not become a `{Next}`",
    label = "there is no way from here to the next version",
    note = "write `impl From<{Self}> for {Next}`, or `impl TryFrom<{Self}> for {Next}` where it may fail"
)]
pub trait Becomes<Next> {
    /// The next shape.
    ///
    /// # Errors
    ///
    /// Why this state has none.
    fn become_next(self) -> Result<Next>;
}

#[diagnostic::do_not_recommend]
impl<T, Next: TryFrom<T, Error: Into<Error>>> Becomes<Next> for T {
    fn become_next(self) -> Result<Next> {
        self.try_into().map_err(Into::into)
    }
}

/// What takes all further arguments of a function.
#[diagnostic::on_unimplemented(
    message = "a variadic parameter is a `Vec`, not a `{Self}`",
    label = "takes one argument",
    note = "the elements of the `Vec` are the arguments that follow"
)]
pub trait Variadic {
    /// One of them.
    type Element;
}

impl<T> Variadic for Vec<T> {
    type Element = T;
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
        let parts = |id| import_parts(&["", "/", ""], id);
        assert_eq!(parts("lb-1/lbl-2"), Some(vec!["lb-1", "lbl-2"]));
        for malformed in ["", "lb-1", "lb-1/", "/lbl-2", "lb-1/lbl-2/3"] {
            assert_eq!(parts(malformed), None, "{malformed}");
        }
        assert_eq!(import_parts(&["sg:", ""], "sg:1/2"), Some(vec!["1/2"]));
        let error = malformed_import(&["{a}/{b}", "#{b}#{a}"], "lb-1").to_string();
        assert_eq!(error, "Malformed import id: The id \"lb-1\" is not of the form \"{a}/{b}\", nor of \"#{b}#{a}\".");
    }

    #[test]
    fn a_part_that_does_not_fit_its_type_is_named() {
        let port = Attribute::of::<u16>("port");
        let error = import_part::<u16>("{a}/{port}", &port, "http").expect_err("not a number").to_string();
        assert!(error.contains("port cannot be \"http\": invalid digit"), "{error}");
        let id = Attribute::of::<String>("id").prefix("lb-");
        let error = import_part::<String>("{id}", &id, "lbl-1").expect_err("another prefix").to_string();
        assert!(error.contains("id cannot be \"lbl-1\": it must start with \"lb-\""), "{error}");
        let id = Attribute::of::<String>("id").pattern("^lb-", None);
        let error = import_part::<String>("{id}", &id, "lbl-1").expect_err("another form").to_string();
        assert!(error.contains("id cannot be \"lbl-1\": it must match ^lb-"), "{error}");
    }
}
