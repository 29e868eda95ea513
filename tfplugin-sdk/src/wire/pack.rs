//! Writing msgpack by type: the form in which Terraform gets values.
//!
//! A value that does not fit its type is the fault of this crate or of an author's hook. It is reported, and null
//! stands in its place: after an apply, the rest of the state must reach Terraform all the same.

use std::collections::BTreeMap;

use rmp::encode;

use super::msgpack::REFINED_UNKNOWN;
use super::place::Place;
use crate::{Dynamic, Number, Refinements, Report, Type};

/// Bytes of a prefix that Terraform keeps; more of it would be forgotten there.
const MAX_PREFIX: usize = 256;

/// The bytes of `value` by its type, and what did not fit.
pub(super) fn encode(value: &Dynamic, of: &Type) -> (Vec<u8>, Report) {
    let mut report = Report::new();
    let mut bytes = Vec::new();
    Encoder { out: &mut bytes, report: &mut report }.value(value, of, &Place::Root);
    (bytes, report)
}

struct Encoder<'o> {
    out: &'o mut Vec<u8>,
    report: &'o mut Report,
}

impl Encoder<'_> {
    fn value(&mut self, value: &Dynamic, of: &Type, place: &Place<'_>) {
        match (value, of) {
            (Dynamic::Null, _) => self.null(),
            (Dynamic::Unknown(refinements), of) => self.unknown(refinements, of),
            (Dynamic::Typed(typed), Type::Dynamic) => {
                let (of, value) = &**typed;
                self.array(2);
                self.binary(of.to_json().to_string().as_bytes());
                self.value(value, of, place);
            }
            (Dynamic::String(text), Type::String) => self.text(text),
            (Dynamic::Number(value), Type::Number) => self.number(value),
            (Dynamic::Bool(value), Type::Bool) => self.bool(*value),
            (Dynamic::List(elements), Type::List(element)) => {
                self.array(elements.len());
                for (index, value) in elements.iter().enumerate() {
                    self.value(value, element, &Place::Index(place, index));
                }
            }
            (Dynamic::List(elements), Type::Tuple(types)) if elements.len() == types.len() => {
                self.array(elements.len());
                for (index, (value, of)) in elements.iter().zip(types).enumerate() {
                    self.value(value, of, &Place::Index(place, index));
                }
            }
            (Dynamic::Set(elements), Type::Set(element)) => self.set(elements, element, place),
            (Dynamic::Map(elements), Type::Map(element)) => {
                self.map(elements.len());
                for (key, value) in elements {
                    self.text(key);
                    self.value(value, element, &Place::Key(place, key));
                }
            }
            (Dynamic::Object(attributes), Type::Object(types)) => self.object(attributes, types, place),
            (value, of) => {
                place.mismatch(self.report, of, kind(value));
                self.null();
            }
        }
    }

    /// Every attribute of the type, absent ones as null.
    fn object(&mut self, attributes: &BTreeMap<String, Dynamic>, types: &BTreeMap<String, Type>, place: &Place<'_>) {
        self.map(types.len());
        for (name, of) in types {
            self.text(name);
            self.value(attributes.get(name).unwrap_or(&Dynamic::Null), of, &Place::Attribute(place, name));
        }
        for name in attributes.keys().filter(|name| !types.contains_key(*name)) {
            Place::Attribute(place, name).error(self.report, "The schema has no such attribute.");
        }
    }

    /// Each element once. Sorting makes equal sets equal bytes, so that sets inside sets are recognised too; an
    /// element that is not wholly known is equal to no other.
    fn set(&mut self, elements: &[Dynamic], of: &Type, place: &Place<'_>) {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for element in elements {
            let mut bytes = Vec::new();
            Encoder { out: &mut bytes, report: self.report }.value(element, of, &Place::Member(place));
            if element.is_wholly_known() { known.push(bytes) } else { unknown.push(bytes) }
        }
        known.sort_unstable();
        known.dedup();
        self.array(known.len() + unknown.len());
        known.iter().chain(&unknown).for_each(|element| self.out.extend_from_slice(element));
    }

    /// An integer of 64 bits where that is exact, else the decimal digits: a binary float would be another number.
    fn number(&mut self, value: &Number) {
        match value.to_i128().and_then(|value| i64::try_from(value).ok()) {
            Some(value) => written(encode::write_sint(self.out, value)),
            None => self.text(&value.to_string()),
        }
    }

    fn unknown(&mut self, known: &Refinements, of: &Type) {
        if known.not_null == Some(false) {
            return self.null();
        }
        let entries = refinements(known, of);
        if entries.is_empty() {
            return self.out.extend_from_slice(&[0xd4, 0, 0]);
        }
        let mut body = Vec::new();
        let mut inner = Encoder { out: &mut body, report: self.report };
        inner.map(entries.len());
        for (key, entry) in entries {
            written(encode::write_sint(inner.out, key));
            match entry {
                Entry::NotNull => inner.bool(false),
                Entry::Prefix(prefix) => inner.text(prefix),
                Entry::Length(length) => written(encode::write_sint(inner.out, length)),
                Entry::Bound((limit, inclusive)) => {
                    inner.array(2);
                    inner.number(limit);
                    inner.bool(*inclusive);
                }
            }
        }
        // Bounded: a prefix of at most 256 bytes, and numbers whose digits `Number` bounds.
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        written(encode::write_ext_meta(self.out, length, REFINED_UNKNOWN));
        self.out.extend_from_slice(&body);
    }

    fn null(&mut self) {
        written(encode::write_nil(self.out));
    }

    fn bool(&mut self, value: bool) {
        written(encode::write_bool(self.out, value));
    }

    fn text(&mut self, text: &str) {
        written(encode::write_str(self.out, text));
    }

    fn binary(&mut self, bytes: &[u8]) {
        written(encode::write_bin(self.out, bytes));
    }

    fn array(&mut self, count: usize) {
        written(encode::write_array_len(self.out, u32::try_from(count).unwrap_or(u32::MAX)));
    }

    fn map(&mut self, count: usize) {
        written(encode::write_map_len(self.out, u32::try_from(count).unwrap_or(u32::MAX)));
    }
}

/// Memory takes every byte; messages are bounded to 256 MiB long before a length could overflow.
fn written<T, E: std::fmt::Debug>(result: Result<T, E>) {
    result.expect("a vector takes every byte");
}

/// One refinement as it travels.
enum Entry<'a> {
    NotNull,
    Prefix(&'a str),
    Bound(&'a (Number, bool)),
    Length(i64),
}

/// The refinements that mean something for the type, with their keys. Terraform refuses any other.
fn refinements<'a>(known: &'a Refinements, of: &Type) -> Vec<(i64, Entry<'a>)> {
    let length = |length: Option<u64>| length.and_then(|length| i64::try_from(length).ok()).map(Entry::Length);
    let not_null = known.not_null.map(|_| Entry::NotNull);
    let specific = match of {
        Type::Dynamic => return Vec::new(),
        Type::String => {
            vec![(2, known.prefix.as_deref().map(cut).filter(|prefix| !prefix.is_empty()).map(Entry::Prefix))]
        }
        Type::Number => vec![(3, known.lower.as_ref().map(Entry::Bound)), (4, known.upper.as_ref().map(Entry::Bound))],
        Type::List(_) | Type::Set(_) | Type::Map(_) => {
            vec![(5, length(known.min_length)), (6, length(known.max_length))]
        }
        Type::Bool | Type::Object(_) | Type::Tuple(_) => Vec::new(),
    };
    let all = std::iter::once((1, not_null)).chain(specific);
    all.filter_map(|(key, entry)| Some((key, entry?))).collect()
}

fn cut(prefix: &str) -> &str {
    &prefix[..prefix.floor_char_boundary(MAX_PREFIX)]
}

fn kind(value: &Dynamic) -> &'static str {
    match value {
        Dynamic::Null => "null",
        Dynamic::Unknown(_) => "unknown",
        Dynamic::String(_) => "a string",
        Dynamic::Number(_) => "a number",
        Dynamic::Bool(_) => "a bool",
        Dynamic::List(_) => "a list",
        Dynamic::Set(_) => "a set",
        Dynamic::Map(_) => "a map",
        Dynamic::Object(_) => "an object",
        Dynamic::Typed(_) => "a value with its own type",
    }
}
