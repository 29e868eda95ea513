//! What a test expects of a value that Terraform shows, or of a text that it says.
//!
//! Not here: where the value comes from (`shown`), and when it is looked at (`judge`).

use std::fmt;

use regex::Regex;

use crate::{Dynamic, Number};

/// What is expected of a value. Texts, numbers, booleans, arrays and [`Dynamic`] stand for themselves; for everything
/// else there are functions such as [`null`] and [`matching`].
pub struct Expected(Rule);

/// What is expected of an error or a warning: a `&str` is contained in it, [`matching`] is a pattern.
#[derive(Debug)]
pub struct Text(TextRule);

/// A regular expression; made by [`matching`].
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

enum Rule {
    Is(Dynamic),
    Elements { rules: Vec<Rule>, ordered: bool },
    Null,
    Absent,
    Unknown,
    Known,
    Kept,
    Changed,
    Sensitive(Box<Rule>),
    Matches(Pattern),
    Satisfies { what: String, check: Box<dyn Fn(&Dynamic) -> bool + Send + Sync> },
}

#[derive(Debug)]
enum TextRule {
    Contains(String),
    Matches(Pattern),
}

/// What there is at a place.
pub(super) struct Found<'f> {
    /// The value; `None` where there is none, not even null.
    pub value: Option<&'f Dynamic>,
    /// The value that was there before the step.
    pub before: Option<&'f Dynamic>,
    /// Whether Terraform hides it.
    pub sensitive: bool,
    /// Whether Terraform hides it or a part of it.
    pub has_secrets: bool,
}

/// Null.
pub fn null() -> Expected {
    Expected(Rule::Null)
}

/// Not there at all: an element that a list or map does not have.
pub fn absent() -> Expected {
    Expected(Rule::Absent)
}

/// In a plan: known only after apply.
pub fn unknown() -> Expected {
    Expected(Rule::Unknown)
}

/// In a plan: known already, whatever it is.
pub fn known() -> Expected {
    Expected(Rule::Known)
}

/// The same as before the step.
pub fn kept() -> Expected {
    Expected(Rule::Kept)
}

/// Another one than before the step.
pub fn changed() -> Expected {
    Expected(Rule::Changed)
}

/// As expected, and hidden in Terraform's output.
pub fn sensitive(expected: impl Into<Expected>) -> Expected {
    Expected(Rule::Sensitive(Box::new(expected.into().0)))
}

/// Elements in any order, for sets.
pub fn set<E: Into<Expected>>(elements: impl IntoIterator<Item = E>) -> Expected {
    Expected(elements_of(elements, false))
}

/// A text in which the regular expression is found.
///
/// # Panics
///
/// When it is no regular expression.
#[track_caller]
pub fn matching(pattern: &str) -> Pattern {
    Pattern(Regex::new(pattern).unwrap_or_else(|error| panic!("{error}")))
}

/// Whatever `check` says yes to. `what` is for the reader when it says no.
pub fn satisfying(what: impl Into<String>, check: impl Fn(&Dynamic) -> bool + Send + Sync + 'static) -> Expected {
    Expected(Rule::Satisfies { what: what.into(), check: Box::new(check) })
}

impl Expected {
    /// Whether this is what there is.
    pub(super) fn is_met_by(&self, found: &Found<'_>) -> bool {
        self.0.is_met_by(found)
    }

    /// Whether it looks at what was there before.
    pub(super) fn looks_back(&self) -> bool {
        self.0.looks_back()
    }
}

impl Rule {
    fn is_met_by(&self, found: &Found<'_>) -> bool {
        let Some(value) = found.value else { return matches!(self, Self::Absent) };
        match self {
            Self::Is(expected) => same(expected, value),
            Self::Elements { rules, ordered } => elements_meet(rules, *ordered, value, found),
            Self::Null => value.is_null(),
            Self::Absent => false,
            Self::Unknown => value.is_unknown(),
            Self::Known => value.is_wholly_known(),
            Self::Kept => found.before == Some(value),
            Self::Changed => found.before.is_some_and(|before| before != value) && !value.is_unknown(),
            Self::Sensitive(rule) => found.sensitive && rule.is_met_by(found),
            Self::Matches(pattern) => matches!(value, Dynamic::String(text) if pattern.0.is_match(text)),
            Self::Satisfies { check, .. } => check(value),
        }
    }

    fn looks_back(&self) -> bool {
        match self {
            Self::Kept | Self::Changed => true,
            Self::Sensitive(rule) => rule.looks_back(),
            _ => false,
        }
    }
}

fn elements_of<E: Into<Expected>>(elements: impl IntoIterator<Item = E>, ordered: bool) -> Rule {
    Rule::Elements { rules: elements.into_iter().map(|element| element.into().0).collect(), ordered }
}

fn elements_meet(rules: &[Rule], ordered: bool, value: &Dynamic, found: &Found<'_>) -> bool {
    let Dynamic::List(elements) = value else { return false };
    let meets =
        |rule: &Rule, element: &Dynamic| rule.is_met_by(&Found { value: Some(element), before: None, ..*found });
    if ordered {
        return rules.len() == elements.len() && rules.iter().zip(elements).all(|(rule, element)| meets(rule, element));
    }
    // Each rule takes the first element that is left for it: elements of a set are distinct, and so should rules be.
    let mut left: Vec<&Dynamic> = elements.iter().collect();
    rules.len() == elements.len()
        && rules
            .iter()
            .all(|rule| left.iter().position(|element| meets(rule, element)).map(|at| left.remove(at)).is_some())
}

/// JSON knows neither sets nor maps: what an author writes as one is compared with the list or object that is shown.
fn same(expected: &Dynamic, found: &Dynamic) -> bool {
    match (expected, found) {
        (Dynamic::Set(elements), Dynamic::List(found)) => Dynamic::Set(elements.clone()) == Dynamic::Set(found.clone()),
        (Dynamic::List(expected), Dynamic::List(found)) => {
            expected.len() == found.len() && expected.iter().zip(found).all(|(expected, found)| same(expected, found))
        }
        (Dynamic::Map(expected) | Dynamic::Object(expected), Dynamic::Object(found)) => {
            expected.len() == found.len()
                && expected.iter().all(|(name, expected)| found.get(name).is_some_and(|found| same(expected, found)))
        }
        (Dynamic::Typed(typed), found) => same(&typed.1, found),
        (expected, found) => expected == found,
    }
}

impl Text {
    pub(super) fn is_met_by(&self, said: &str) -> bool {
        match &self.0 {
            TextRule::Contains(text) => said.contains(text.as_str()),
            TextRule::Matches(pattern) => pattern.0.is_match(said),
        }
    }
}

/// A value for the reader, as Terraform writes it.
pub(super) fn shown(value: &Dynamic, sensitive: bool) -> String {
    let list = |elements: &[Dynamic]| {
        let elements: Vec<String> = elements.iter().map(|element| shown(element, false)).collect();
        format!("[{}]", elements.join(", "))
    };
    match value {
        _ if sensitive => "(sensitive value)".to_owned(),
        Dynamic::Null => "null".to_owned(),
        Dynamic::Unknown(_) => "(known after apply)".to_owned(),
        Dynamic::String(text) => format!("{text:?}"),
        Dynamic::Number(number) => number.to_string(),
        Dynamic::Bool(answer) => answer.to_string(),
        Dynamic::List(elements) | Dynamic::Set(elements) => list(elements),
        Dynamic::Map(parts) | Dynamic::Object(parts) => {
            let parts: Vec<String> =
                parts.iter().map(|(name, part)| format!("{name} = {}", shown(part, false))).collect();
            format!("{{ {} }}", parts.join(", "))
        }
        Dynamic::Typed(typed) => shown(&typed.1, false),
    }
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.value, self.before) {
            (None, _) => f.write_str("nothing there"),
            (Some(value), None) => f.write_str(&shown(value, self.has_secrets)),
            (Some(value), Some(before)) => {
                write!(f, "{}, and before it was {}", shown(value, self.has_secrets), shown(before, self.has_secrets))
            }
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(value) => f.write_str(&shown(value, false)),
            Self::Elements { rules, ordered } => {
                let rules: Vec<String> = rules.iter().map(ToString::to_string).collect();
                write!(f, "[{}]{}", rules.join(", "), if *ordered { "" } else { " in any order" })
            }
            Self::Null => f.write_str("null"),
            Self::Absent => f.write_str("nothing there"),
            Self::Unknown => f.write_str("not known before apply"),
            Self::Known => f.write_str("known before apply"),
            Self::Kept => f.write_str("the same as before"),
            Self::Changed => f.write_str("another one than before"),
            Self::Sensitive(rule) => write!(f, "{rule}, sensitive"),
            Self::Matches(pattern) => write!(f, "{pattern}"),
            Self::Satisfies { what, .. } => f.write_str(what),
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            TextRule::Contains(text) => write!(f, "{text:?}"),
            TextRule::Matches(pattern) => pattern.fmt(f),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a text that matches /{}/", self.0)
    }
}

impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expected({})", self.0)
    }
}

macro_rules! stands_for_itself {
    ($($of:ty => $value:expr),* $(,)?) => {$(
        impl From<$of> for Expected {
            fn from(value: $of) -> Self {
                let make: fn($of) -> Dynamic = $value;
                Self(Rule::Is(make(value)))
            }
        }
    )*};
}
stands_for_itself! {
    &str => |text| Dynamic::String(text.to_owned()),
    String => Dynamic::String,
    bool => Dynamic::Bool,
    Number => Dynamic::Number,
    Dynamic => |value| value,
    u8 => |number| Dynamic::Number(number.into()),
    u16 => |number| Dynamic::Number(number.into()),
    u32 => |number| Dynamic::Number(number.into()),
    u64 => |number| Dynamic::Number(number.into()),
    i32 => |number| Dynamic::Number(number.into()),
    i64 => |number| Dynamic::Number(number.into()),
}

/// The number it is written as: `0.1` is one tenth.
impl From<f64> for Expected {
    #[track_caller]
    fn from(value: f64) -> Self {
        let number = Number::try_from(value).unwrap_or_else(|error| panic!("{value} is {error}"));
        Self(Rule::Is(Dynamic::Number(number)))
    }
}

impl<E: Into<Expected>, const N: usize> From<[E; N]> for Expected {
    fn from(elements: [E; N]) -> Self {
        Self(elements_of(elements, true))
    }
}

impl<E: Into<Expected>> From<Vec<E>> for Expected {
    fn from(elements: Vec<E>) -> Self {
        Self(elements_of(elements, true))
    }
}

impl From<Pattern> for Expected {
    fn from(pattern: Pattern) -> Self {
        Self(Rule::Matches(pattern))
    }
}

impl From<Pattern> for Text {
    fn from(pattern: Pattern) -> Self {
        Self(TextRule::Matches(pattern))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(TextRule::Contains(text.to_owned()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(TextRule::Contains(text))
    }
}
