//! A value that must not be printed. It hides the value from `Debug` and `Display`, nothing more: it is not wiped
//! from memory.

use std::fmt;
use std::str::FromStr;

use crate::schema::{AttributeKind, Validator};
use crate::tf_type::{Codec, Facts, TfType};
use crate::{Dynamic, Path, Report};

/// A secret: `Debug` and `Display` print "(sensitive)". An attribute of this type is sensitive in the schema.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: FromStr> FromStr for Secret<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        text.parse().map(Self)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(sensitive)")
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(sensitive)")
    }
}

impl<T: Codec> Codec for Secret<T> {
    const NULLABLE: bool = T::NULLABLE;

    fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self> {
        T::decode(value, path, report).map(Self)
    }

    fn encode(&self) -> Dynamic {
        self.0.encode()
    }

    fn absent() -> Self {
        Self(T::absent())
    }
}

impl<T: TfType<Config = T, Plan = T>> TfType for Secret<T> {
    type Config = Self;
    type Plan = Self;
    const FACTS: Facts = T::FACTS.secret();

    fn kind() -> AttributeKind {
        T::kind()
    }

    fn validators() -> Vec<Validator> {
        T::validators()
    }
}
