//! Lists, sets and maps. A collection of objects is a nested attribute; any other is a plain type.

use std::collections::{BTreeMap, BTreeSet};

use super::{Codec, Facts, TfType, mismatch};
use crate::schema::{AttributeKind, Nesting, Validator};
use crate::{Dynamic, Path, Report, Type, Value};

impl<T: Codec> Codec for Vec<T> {
    fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self> {
        match value {
            Dynamic::List(elements) => {
                let decoded: Vec<Option<T>> = elements
                    .iter()
                    .enumerate()
                    .map(|(position, element)| T::decode(element, &path.index(position), report))
                    .collect();
                decoded.into_iter().collect()
            }
            // The configuration of a set: its elements may be unknown, and so are not ordered.
            Dynamic::Set(elements) => members(elements, path, report),
            _ => {
                mismatch(value, "a list", path, report);
                None
            }
        }
    }

    fn encode(&self) -> Dynamic {
        Dynamic::List(self.iter().map(T::encode).collect())
    }

    fn absent() -> Self {
        Self::new()
    }
}

impl<T: TfType> TfType for Vec<T> {
    type Config = Vec<Value<T::Config>>;
    type Plan = Vec<T::Plan>;
    const FACTS: Facts = T::FACTS.in_list();

    fn kind() -> AttributeKind {
        collection(T::kind(), Nesting::List, Type::list)
    }

    fn validators() -> Vec<Validator> {
        elements::<T>()
    }
}

impl<T: Codec + Ord> Codec for BTreeSet<T> {
    fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self> {
        let (Dynamic::Set(elements) | Dynamic::List(elements)) = value else {
            mismatch(value, "a set", path, report);
            return None;
        };
        members(elements, path, report).map(|members: Vec<T>| members.into_iter().collect())
    }

    fn encode(&self) -> Dynamic {
        Dynamic::Set(self.iter().map(T::encode).collect())
    }

    fn absent() -> Self {
        Self::new()
    }
}

/// The configuration form is a `Vec`: elements may be unknown, and unknown ones are not equal to each other.
impl<T: TfType + Ord> TfType for BTreeSet<T>
where
    T::Plan: Ord,
{
    type Config = Vec<Value<T::Config>>;
    type Plan = BTreeSet<T::Plan>;
    const FACTS: Facts = T::FACTS.in_set();

    fn kind() -> AttributeKind {
        collection(T::kind(), Nesting::Set, Type::set)
    }

    fn validators() -> Vec<Validator> {
        elements::<T>()
    }
}

impl<T: Codec> Codec for BTreeMap<String, T> {
    fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self> {
        let (Dynamic::Map(elements) | Dynamic::Object(elements)) = value else {
            mismatch(value, "a map", path, report);
            return None;
        };
        let decoded: Vec<Option<(String, T)>> = elements
            .iter()
            .map(|(key, element)| Some((key.clone(), T::decode(element, &path.key(key), report)?)))
            .collect();
        decoded.into_iter().collect()
    }

    fn encode(&self) -> Dynamic {
        Dynamic::Map(self.iter().map(|(key, element)| (key.clone(), element.encode())).collect())
    }

    fn absent() -> Self {
        Self::new()
    }
}

impl<T: TfType> TfType for BTreeMap<String, T> {
    type Config = BTreeMap<String, Value<T::Config>>;
    type Plan = BTreeMap<String, T::Plan>;
    const FACTS: Facts = T::FACTS.in_map();

    fn kind() -> AttributeKind {
        collection(T::kind(), Nesting::Map, Type::map)
    }

    fn validators() -> Vec<Validator> {
        elements::<T>()
    }
}

/// Members of sets have no path of their own: what is wrong with one is reported at the set.
fn members<T: Codec>(elements: &[Dynamic], path: &Path, report: &mut Report) -> Option<Vec<T>> {
    let decoded: Vec<Option<T>> = elements.iter().map(|element| T::decode(element, path, report)).collect();
    decoded.into_iter().collect()
}

fn collection(element: AttributeKind, nesting: Nesting, plain: fn(Type) -> Type) -> AttributeKind {
    match element {
        AttributeKind::Nested(Nesting::Single, attributes) => AttributeKind::Nested(nesting, attributes),
        other => AttributeKind::Plain(plain(other.value_type())),
    }
}

/// The rules for every element; null is one only where the type has it. (Terraform 1.11 itself crashes at a null beside
/// write-only attributes, and otherwise it would be found only while applying.)
fn elements<T: TfType>() -> Vec<Validator> {
    let no_nulls = (!T::FACTS.optional).then_some(Validator::NoNulls);
    let each = T::validators().into_iter().map(|validator| Validator::Each(Box::new(validator)));
    no_nulls.into_iter().chain(each).collect()
}
