//! Values that may have no answer: `Option` (null), [`Value`] (null or unknown), [`Planned`] (unknown).

use super::{Codec, Facts, TfType};
use crate::schema::{AttributeKind, Validator};
use crate::{Dynamic, Path, Planned, Refinements, Report, Value};

impl<T: Codec> Codec for Option<T> {
    const NULLABLE: bool = true;

    fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::decode(value, path, report).map(Some) }
    }

    fn encode(&self) -> Dynamic {
        self.as_ref().map_or(Dynamic::Null, T::encode)
    }

    fn absent() -> Self {
        None
    }
}

/// An attribute that may be left out.
impl<T: TfType> TfType for Option<T> {
    type Config = T::Config;
    type Plan = Option<T::Plan>;
    const FACTS: Facts = T::FACTS.or_null();

    fn kind() -> AttributeKind {
        T::kind()
    }

    fn validators() -> Vec<Validator> {
        T::validators()
    }
}

/// A parameter of a function that takes null and what is not known yet. Nothing else can be of this type.
impl<T: TfType<Config = T, Plan = T>> TfType for Value<T> {
    type Config = Self;
    type Plan = Self;
    const FACTS: Facts = T::FACTS.or_unknown();

    fn kind() -> AttributeKind {
        T::kind()
    }

    fn validators() -> Vec<Validator> {
        T::validators()
    }
}

impl<T: Codec> Codec for Value<T> {
    const NULLABLE: bool = true;

    fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self> {
        match value {
            Dynamic::Null => Some(Self::Null),
            Dynamic::Unknown(refinements) => Some(Self::Unknown(refinements.clone())),
            known => T::decode(known, path, report).map(Self::Known),
        }
    }

    fn encode(&self) -> Dynamic {
        match self {
            Self::Null => Dynamic::Null,
            Self::Unknown(refinements) => Dynamic::Unknown(refinements.clone()),
            Self::Known(known) => known.encode(),
        }
    }

    fn absent() -> Self {
        Self::Null
    }
}

impl<T: Codec> Codec for Planned<T> {
    const NULLABLE: bool = true;

    fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self> {
        match value {
            Dynamic::Unknown(_) => Some(Self::Unknown),
            Dynamic::Null if !T::NULLABLE => Some(Self::Unknown),
            known => T::decode(known, path, report).map(Self::Known),
        }
    }

    fn encode(&self) -> Dynamic {
        match self {
            Self::Unknown => Dynamic::Unknown(Refinements::none()),
            Self::Known(known) => known.encode(),
        }
    }

    fn absent() -> Self {
        Self::Unknown
    }
}
