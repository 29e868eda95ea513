//! Rules for the value of one attribute, each with the sentence a user reads when it is broken.
//!
//! A rule never fails on a value that is not known yet, and never shows a value itself: it says what is allowed,
//! and `engine/validate.rs` adds the given value unless it is sensitive.

use std::sync::OnceLock;

use regex::Regex;

use super::{Constraint, Custom, Format};
use crate::{Dynamic, Number};

/// A rule for the value of one attribute. Null and unknown values always pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validator {
    /// A number within bounds (both inclusive).
    Range {
        /// Smallest allowed.
        min: Option<Number>,
        /// Largest allowed.
        max: Option<Number>,
        /// Whether a fraction is refused.
        whole: bool,
    },
    /// Characters of a text, or elements of a collection (both bounds inclusive).
    Length {
        /// Fewest allowed.
        min: Option<u64>,
        /// Most allowed.
        max: Option<u64>,
    },
    /// A text that matches a regular expression.
    Pattern(Pattern),
    /// One of these texts.
    OneOf(Vec<String>),
    /// None of these texts.
    NoneOf(Vec<String>),
    /// A text of a known form.
    Format(Format),
    /// No two elements of a collection are the same; of objects, no two agree in all of these attributes.
    Unique(Vec<String>),
    /// A rule of the author's own.
    Custom(Custom),
    /// A rule between the attributes of an object.
    Between(Constraint),
    /// The rule holds for every key of a map.
    Keys(Box<Validator>),
    /// No element of a collection is null.
    NoNulls,
    /// The rule holds for every element of a collection.
    Each(Box<Validator>),
}

/// A regular expression and the rule it stands for.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    message: Option<String>,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The expression may match anywhere unless it is anchored; `message` says the rule in words.
    pub fn new(text: &str, message: Option<&str>) -> Self {
        Self { text: text.to_owned(), message: message.map(ToOwned::to_owned), compiled: OnceLock::new() }
    }

    /// The expression.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The rule in words, where the author says it.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Compiled when it is first needed: most resources of a provider are not used in a run.
    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.text).ok()).as_ref()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, &self.message) == (&other.text, &other.message)
    }
}

impl Eq for Pattern {}

impl Validator {
    /// Whole numbers from `min` to `max`.
    pub fn whole(min: impl Into<Number>, max: impl Into<Number>) -> Self {
        Self::Range { min: Some(min.into()), max: Some(max.into()), whole: true }
    }

    /// One of these texts.
    pub fn one_of(allowed: &[&str]) -> Self {
        Self::OneOf(allowed.iter().map(|&text| text.to_owned()).collect())
    }

    /// Whether `value` itself passes; rules about elements and about the attributes of objects are the caller's.
    pub fn accepts(&self, value: &Dynamic) -> bool {
        match (self, value) {
            (Self::Range { min, max, whole }, Dynamic::Number(number)) => {
                min.as_ref().is_none_or(|min| number >= min)
                    && max.as_ref().is_none_or(|max| number <= max)
                    && (!whole || number.is_integer())
            }
            (Self::Length { min, max }, value) => length(value)
                .is_none_or(|length| min.is_none_or(|min| length >= min) && max.is_none_or(|max| length <= max)),
            // A pattern that is no regular expression is found by `Provider::assert_valid`.
            (Self::Pattern(pattern), Dynamic::String(text)) => {
                pattern.regex().is_some_and(|regex| regex.is_match(text))
            }
            (Self::OneOf(allowed), Dynamic::String(text)) => allowed.contains(text),
            (Self::NoneOf(refused), Dynamic::String(text)) => !refused.contains(text),
            (Self::Format(format), Dynamic::String(text)) => format.accepts(text),
            (Self::Custom(custom), value) => custom.problem(value).is_none(),
            (Self::Keys(rule), Dynamic::Map(elements)) => {
                elements.keys().all(|key| rule.accepts(&Dynamic::String(key.clone())))
            }
            _ => true,
        }
    }

    /// What is allowed, to follow "must": "be a whole number from 1 to 65535".
    pub fn rule(&self, value: &Dynamic) -> String {
        match self {
            Self::Range { min, max, whole } => {
                let kind = if *whole { "a whole number" } else { "a number" };
                match (min, max) {
                    (Some(min), Some(max)) => format!("be {kind} from {min} to {max}"),
                    (Some(min), None) => format!("be {kind} of at least {min}"),
                    (None, Some(max)) => format!("be {kind} of at most {max}"),
                    (None, None) => format!("be {kind}"),
                }
            }
            Self::Length { min, max } => {
                let unit = if matches!(value, Dynamic::String(_)) { "character" } else { "element" };
                let plural = |count: u64| if count == 1 { unit.to_owned() } else { format!("{unit}s") };
                match (min, max) {
                    (Some(min), Some(max)) if min == max => format!("have {min} {}", plural(*min)),
                    (Some(min), Some(max)) => format!("have {min} to {max} {}", plural(*max)),
                    (Some(min), None) => format!("have at least {min} {}", plural(*min)),
                    (None, Some(max)) => format!("have at most {max} {}", plural(*max)),
                    (None, None) => format!("have any number of {unit}s"),
                }
            }
            Self::Pattern(Pattern { text, message, .. }) => match message {
                Some(message) => format!("be: {message}"),
                None => format!("match {text}"),
            },
            Self::OneOf(allowed) if allowed.is_empty() => "not be set".to_owned(),
            Self::OneOf(allowed) => format!("be {}", alternatives(allowed)),
            Self::NoneOf(refused) => format!("not be {}", alternatives(refused)),
            Self::Format(format) => format!("be {}", format.rule()),
            Self::Unique(by) if by.is_empty() => "have no element twice".to_owned(),
            Self::Unique(by) => format!("have no two elements with the same {}", all(by)),
            Self::Custom(custom) => custom.problem(value).unwrap_or_default(),
            Self::Between(constraint) => constraint.sentence(),
            Self::Keys(rule) => format!("have keys each of which must {}", rule.rule(&Dynamic::String(String::new()))),
            Self::NoNulls => "have no null elements".to_owned(),
            Self::Each(inner) => inner.rule(value),
        }
    }

    /// The bounds of a length, as the wire has them for blocks: 0 is no upper bound.
    pub(crate) fn bounds(&self) -> Option<(i64, i64)> {
        let Self::Length { min, max } = self else { return None };
        let bound = |bound: &Option<u64>| bound.map_or(0, |bound| i64::try_from(bound).unwrap_or(i64::MAX));
        Some((bound(min), bound(max)))
    }

    /// Narrows a range of whole or any numbers; `false` when this is no range.
    pub(super) fn narrow(&mut self, low: Option<&Number>, high: Option<&Number>) -> bool {
        let Self::Range { min, max, .. } = self else { return false };
        if let Some(low) = low {
            *min = Some(min.take().map_or_else(|| low.clone(), |old| old.max(low.clone())));
        }
        if let Some(high) = high {
            *max = Some(max.take().map_or_else(|| high.clone(), |old| old.min(high.clone())));
        }
        true
    }

    /// The rule between the attributes of an object, or of each object of a collection.
    pub(super) fn between(&self) -> Option<&Constraint> {
        match self {
            Self::Between(constraint) => Some(constraint),
            Self::Each(rule) => rule.between(),
            _ => None,
        }
    }

    /// What is wrong with the rule itself.
    pub(super) fn problem(&self) -> Option<String> {
        match self {
            Self::Range { min: Some(min), max: Some(max), .. } if min > max => {
                Some(format!("range {min} to {max} allows nothing"))
            }
            Self::Length { min: Some(min), max: Some(max) } if min > max => {
                Some(format!("length {min} to {max} allows nothing"))
            }
            Self::Pattern(pattern) => Regex::new(&pattern.text).err().map(|error| error.to_string()),
            Self::OneOf(allowed) if allowed.is_empty() => Some("one_of allows nothing".to_owned()),
            Self::Each(inner) | Self::Keys(inner) => inner.problem(),
            _ => None,
        }
    }
}

fn all(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

fn alternatives(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// Characters of a text, elements of a collection; `None` when it is neither or when it may still change: a set
/// with unknown elements may shrink.
fn length(value: &Dynamic) -> Option<u64> {
    let count = match value {
        Dynamic::String(text) => text.chars().count(),
        Dynamic::List(elements) => elements.len(),
        Dynamic::Set(elements) if value.is_wholly_known() => elements.len(),
        Dynamic::Map(elements) => elements.len(),
        _ => return None,
    };
    u64::try_from(count).ok()
}
