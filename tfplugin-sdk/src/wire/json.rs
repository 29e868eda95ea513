//! Reading JSON by type: the form in which Terraform stores state, and hands it back to be upgraded.
//!
//! Not for answers: those are msgpack. Numbers keep every digit (serde_json's `arbitrary_precision`).

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::place::Place;
use crate::{Dynamic, Report, Type};

/// What to do with attributes that the type does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surplus {
    /// Leave them out: state written before an attribute was removed from the schema.
    Drop,
    /// Report them.
    Refuse,
}

/// Reads all of `bytes` without a type, for state whose old schema is not known: text, numbers and booleans, arrays as
/// lists, objects as objects.
pub(super) fn decode_untyped(bytes: &[u8]) -> Result<Dynamic, Report> {
    let mut report = Report::new();
    let value =
        parse(bytes, &mut report).map(|json| Decoder { report: &mut report, surplus: Surplus::Drop }.untyped(json));
    value.filter(|_| report.is_empty()).ok_or(report)
}

/// Reads one value of type `of`, all of `bytes`. Attributes that are absent are null: state written before they were
/// added to the schema.
pub(super) fn decode(bytes: &[u8], of: &Type, surplus: Surplus) -> Result<Dynamic, Report> {
    let mut report = Report::new();
    let value =
        parse(bytes, &mut report).map(|json| Decoder { report: &mut report, surplus }.value(json, of, &Place::Root));
    value.filter(|_| report.is_empty()).ok_or(report)
}

fn parse(bytes: &[u8], report: &mut Report) -> Option<Json> {
    serde_json::from_slice(bytes)
        .map_err(|error| {
            // Line and column only: the text around them may hold a secret.
            let detail = format!("The bytes are not JSON, at line {}, column {}.", error.line(), error.column());
            Place::Root.error(report, detail);
        })
        .ok()
}

struct Decoder<'r> {
    report: &'r mut Report,
    surplus: Surplus,
}

/// Recursion is bounded by the JSON reader, which refuses more than 128 levels.
impl Decoder<'_> {
    fn value(&mut self, json: Json, of: &Type, place: &Place<'_>) -> Dynamic {
        match (of, json) {
            (_, Json::Null) => Dynamic::Null,
            (Type::String, Json::String(text)) => Dynamic::String(text),
            // Between text and the other scalars Terraform's own reader converts, and so does this one: an attribute
            // may have changed its type.
            (Type::String, Json::Bool(value)) => Dynamic::String(value.to_string()),
            (Type::String, Json::Number(value)) => Dynamic::String(value.to_string()),
            (Type::Bool, Json::Bool(value)) => Dynamic::Bool(value),
            (Type::Bool, Json::String(text)) if text == "true" || text == "false" => Dynamic::Bool(text == "true"),
            (Type::Number, Json::Number(value)) => self.number(&value.to_string(), place),
            (Type::Number, Json::String(value)) => self.number(&value, place),
            (Type::List(element), Json::Array(elements)) => {
                Dynamic::List(self.elements(elements, element, |index| Place::Index(place, index)))
            }
            (Type::Set(element), Json::Array(elements)) => {
                Dynamic::Set(self.elements(elements, element, |_| Place::Member(place)))
            }
            (Type::Tuple(types), Json::Array(elements)) if types.len() == elements.len() => {
                let elements = elements.into_iter().zip(types).enumerate();
                Dynamic::List(elements.map(|(at, (json, of))| self.value(json, of, &Place::Index(place, at))).collect())
            }
            (Type::Map(element), Json::Object(elements)) => {
                let elements = elements.into_iter().map(|(key, json)| {
                    let value = self.value(json, element, &Place::Key(place, &key));
                    (key, value)
                });
                Dynamic::Map(elements.collect())
            }
            (Type::Object(types), Json::Object(attributes)) => self.object(attributes, types, place),
            (Type::Dynamic, Json::Object(parts)) => self.typed(parts, place),
            (of, json) => {
                place.mismatch(self.report, of, kind(&json));
                Dynamic::Null
            }
        }
    }

    fn untyped(&mut self, json: Json) -> Dynamic {
        match json {
            Json::Null => Dynamic::Null,
            Json::Bool(value) => Dynamic::Bool(value),
            Json::Number(value) => self.number(&value.to_string(), &Place::Root),
            Json::String(text) => Dynamic::String(text),
            Json::Array(elements) => Dynamic::List(elements.into_iter().map(|json| self.untyped(json)).collect()),
            Json::Object(attributes) => {
                Dynamic::Object(attributes.into_iter().map(|(name, json)| (name, self.untyped(json))).collect())
            }
        }
    }

    fn number(&mut self, text: &str, place: &Place<'_>) -> Dynamic {
        if let Ok(number) = text.parse() {
            return Dynamic::Number(number);
        }
        place.error(self.report, "The value is not a decimal number.");
        Dynamic::Null
    }

    fn elements<'p>(&mut self, elements: Vec<Json>, of: &Type, place: impl Fn(usize) -> Place<'p>) -> Vec<Dynamic> {
        elements.into_iter().enumerate().map(|(index, json)| self.value(json, of, &place(index))).collect()
    }

    fn object(&mut self, mut json: Map<String, Json>, types: &BTreeMap<String, Type>, place: &Place<'_>) -> Dynamic {
        let attributes = types.iter().map(|(name, of)| {
            let value = json.remove(name).unwrap_or(Json::Null);
            (name.clone(), self.value(value, of, &Place::Attribute(place, name)))
        });
        let attributes = attributes.collect();
        if self.surplus == Surplus::Refuse {
            for name in json.keys() {
                Place::Attribute(place, name).error(self.report, "The schema has no such attribute.");
            }
        }
        Dynamic::Object(attributes)
    }

    /// A value of dynamic type: `{"type": …, "value": …}`.
    fn typed(&mut self, mut parts: Map<String, Json>, place: &Place<'_>) -> Dynamic {
        let of = parts.remove("type").and_then(|json| Type::from_json(&json));
        let (Some(of), Some(value)) = (of, parts.remove("value")) else {
            place.error(self.report, "The value of dynamic type is not written as its type and its value.");
            return Dynamic::Null;
        };
        let value = self.value(value, &of, place);
        Dynamic::Typed(Box::new((of, value)))
    }
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a bool",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}
