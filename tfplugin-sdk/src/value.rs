//! Values: the untyped tree the wire carries ([`Dynamic`]) and the three answers a typed value can give
//! while planning ([`Value`], [`Planned`]).
//!
//! Not here: how they are encoded (`wire`), and which shape they must have (`schema`).

use std::collections::BTreeMap;

use crate::{Number, Path, Step, Type};

/// A value as Terraform sees it, with the shape its schema says; not yet a Rust type.
///
/// Equality is exact, except that the elements of sets are compared in any order.
#[derive(Clone, Debug, Default)]
pub enum Dynamic {
    /// No value.
    #[default]
    Null,
    /// A value that is known only after apply, with what is known of it already.
    Unknown(Refinements),
    /// Text.
    String(String),
    /// An exact number.
    Number(Number),
    /// True or false.
    Bool(bool),
    /// Elements of a list or tuple.
    List(Vec<Dynamic>),
    /// Elements of a set.
    Set(Vec<Dynamic>),
    /// Elements of a map.
    Map(BTreeMap<String, Dynamic>),
    /// Attributes of an object, every one present (null included).
    Object(BTreeMap<String, Dynamic>),
    /// A value of an attribute whose schema type is dynamic, with its type.
    Typed(Box<(Type, Dynamic)>),
}

/// What is known of an unknown value. Core keeps a provider to it: the final value must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refinements {
    /// `Some(true)`: it will not be null. `Some(false)`: it will be null.
    pub not_null: Option<bool>,
    /// A string will start with this.
    pub prefix: Option<String>,
    /// A number will not be less than this (`true`: may be equal).
    pub lower: Option<(Number, bool)>,
    /// A number will not be greater than this (`true`: may be equal).
    pub upper: Option<(Number, bool)>,
    /// A collection will have at least this many elements.
    pub min_length: Option<u64>,
    /// A collection will have at most this many elements.
    pub max_length: Option<u64>,
}

impl Refinements {
    /// Nothing is known.
    pub fn none() -> Self {
        Self::default()
    }

    /// It will not be null.
    pub fn not_null() -> Self {
        Self { not_null: Some(true), ..Self::default() }
    }

    /// Whether nothing is known.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Dynamic {
    /// An unknown value of which nothing is known.
    pub fn unknown() -> Self {
        Self::Unknown(Refinements::none())
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value itself is unknown (parts of a known value may be unknown all the same).
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Whether no part of it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Null | Self::String(_) | Self::Number(_) | Self::Bool(_) => true,
            Self::List(elements) | Self::Set(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Map(elements) | Self::Object(elements) => elements.values().all(Self::is_wholly_known),
            Self::Typed(typed) => typed.1.is_wholly_known(),
        }
    }

    /// The attribute `name` of an object; null when it is not an object or has no such attribute.
    pub fn attribute(&self, name: &str) -> &Dynamic {
        match self {
            Self::Object(attributes) => attributes.get(name).unwrap_or(&Self::Null),
            _ => &Self::Null,
        }
    }

    /// What stands at `path`; null where it leads nowhere, as it does into sets.
    pub fn at(&self, path: &Path) -> &Dynamic {
        path.steps().iter().fold(self, |value, step| match (value, step) {
            (value, Step::Attribute(name)) => value.attribute(name),
            (Self::Map(elements), Step::Key(key)) => elements.get(key).unwrap_or(&Self::Null),
            (Self::List(elements), Step::Index(index)) => {
                usize::try_from(*index).ok().and_then(|index| elements.get(index)).unwrap_or(&Self::Null)
            }
            _ => &Self::Null,
        })
    }
}

impl PartialEq for Dynamic {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Unknown(a), Self::Unknown(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Set(a), Self::Set(b)) => same_elements(a, b),
            (Self::Map(a), Self::Map(b)) | (Self::Object(a), Self::Object(b)) => a == b,
            (Self::Typed(a), Self::Typed(b)) => a == b,
            _ => false,
        }
    }
}

/// There are no floats in it: everything equals itself.
impl Eq for Dynamic {}

fn same_elements(a: &[Dynamic], b: &[Dynamic]) -> bool {
    // Mostly they stand in the same order; large sets would be slow otherwise.
    if a == b {
        return true;
    }
    let mut rest: Vec<&Dynamic> = b.iter().collect();
    a.len() == b.len()
        && a.iter().all(|element| match rest.iter().position(|other| *other == element) {
            Some(found) => {
                rest.swap_remove(found);
                true
            }
            None => false,
        })
}

/// What a configuration says of an attribute while planning.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value<T> {
    /// Not set.
    #[default]
    Null,
    /// Set from something that is known only after apply.
    Unknown(Refinements),
    /// Set, and known now.
    Known(T),
}

impl<T> Value<T> {
    /// The value, if it is known now.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown(_) => None,
        }
    }

    /// Whether it is not set.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is set from something that is known only after apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }
}

impl<T> From<T> for Value<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

/// What a plan says of a computed attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Planned<T> {
    /// The provider will say after apply.
    #[default]
    Unknown,
    /// Already certain.
    Known(T),
}

impl<T> Planned<T> {
    /// The value, if it is certain already.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown => None,
        }
    }
}

impl<T> From<T> for Planned<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}
