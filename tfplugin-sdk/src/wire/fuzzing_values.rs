//! What must hold of values from outside, whatever their bytes are. See `fuzzing` for who asks.

use super::{decode, json, msgpack, pack};
use crate::generated::tfplugin6 as wire;
use crate::{Dynamic, Report, Type};

/// The one byte that msgpack never uses, and UTF-8 neither: it stands between the parts of an input.
pub(crate) const BETWEEN: u8 = 0xc1;

/// A type as JSON, a line feed, a value as msgpack.
pub(crate) fn msgpack(input: &[u8]) {
    let Some((of, bytes)) = typed(input) else { return };
    if let Ok(value) = msgpack::decode(bytes, &of) {
        survives(&value, &of);
    }
}

/// A type as JSON, a line feed, a value as JSON; without a type, any JSON.
pub(crate) fn json(input: &[u8]) {
    if let Some((of, bytes)) = typed(input) {
        let strict = json::decode(bytes, &of, json::Surplus::Refuse);
        let lenient = json::decode(bytes, &of, json::Surplus::Drop);
        if let Ok(value) = &strict {
            assert_eq!(lenient.as_ref(), Ok(value), "what is complete is read the same by who would drop the rest");
        }
        if let Ok(value) = lenient {
            survives(&value, &of);
        }
    }
    if let Ok(value) = json::decode_untyped(input) {
        survives(&value, &shape(&value));
    }
}

fn typed(input: &[u8]) -> Option<(Type, &[u8])> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    let of = Type::from_json(&serde_json::from_slice(&input[..end]).ok()?)?;
    Some((of, &input[end + 1..]))
}

/// The type of what JSON without a type is: elements of a list are of any types.
fn shape(value: &Dynamic) -> Type {
    match value {
        Dynamic::String(_) => Type::String,
        Dynamic::Number(_) => Type::Number,
        Dynamic::Bool(_) => Type::Bool,
        Dynamic::List(elements) => Type::Tuple(elements.iter().map(shape).collect()),
        Dynamic::Object(parts) => Type::Object(parts.iter().map(|(name, part)| (name.clone(), shape(part))).collect()),
        _ => Type::Dynamic,
    }
}

/// What was read can be written, and is then the same; written once more, also its bytes are.
fn survives(value: &Dynamic, of: &Type) {
    let (bytes, report) = pack::encode(value, of);
    assert!(report.is_empty(), "what was read cannot be written: {report:?}\n{value:?}\n{of:?}");
    let again = msgpack::decode(&bytes, of);
    let Ok(again) = again else { panic!("what was written cannot be read: {again:?}\n{value:?}\n{of:?}") };
    assert_eq!(settled(&again), settled(value), "{of:?}");
    assert_eq!(pack::encode(&again, of).0, bytes, "{again:?}\n{of:?}");
}

/// The value without what writing may take from it: a second time the same member of a set, and what is known of an
/// unknown value.
fn settled(value: &Dynamic) -> Dynamic {
    match value {
        Dynamic::Unknown(refinements) if refinements.not_null == Some(false) => Dynamic::Null,
        Dynamic::Unknown(_) => Dynamic::unknown(),
        Dynamic::List(elements) => Dynamic::List(elements.iter().map(settled).collect()),
        Dynamic::Set(elements) => {
            let mut once: Vec<Dynamic> = Vec::new();
            for element in elements.iter().map(settled) {
                if !element.is_wholly_known() || !once.contains(&element) {
                    once.push(element);
                }
            }
            Dynamic::Set(once)
        }
        Dynamic::Map(elements) => Dynamic::Map(elements.iter().map(|(key, of)| (key.clone(), settled(of))).collect()),
        Dynamic::Object(parts) => Dynamic::Object(parts.iter().map(|(name, of)| (name.clone(), settled(of))).collect()),
        Dynamic::Typed(typed) => Dynamic::Typed(Box::new((typed.0.clone(), settled(&typed.1)))),
        other => other.clone(),
    }
}

/// The bytes of a value by its type, for input that is made up.
#[cfg(test)]
pub(crate) fn packed(value: &Dynamic, of: &Type) -> Vec<u8> {
    pack::encode(value, of).0
}

/// What stands between the bytes [`BETWEEN`]; what is missing is empty, and what is empty is unset.
pub(crate) struct Parts<'a>(std::slice::Split<'a, u8, fn(&u8) -> bool>);

impl<'a> Parts<'a> {
    pub(crate) fn of(input: &'a [u8]) -> Self {
        Self(input.split(|byte| *byte == BETWEEN))
    }

    pub(crate) fn bytes(&mut self) -> Vec<u8> {
        self.0.next().unwrap_or_default().to_vec()
    }

    /// A value of this type; `None` when the bytes are not one.
    pub(crate) fn value_of(&mut self, of: &Type) -> Option<Dynamic> {
        let mut problems = Report::new();
        let value = decode::value(self.value().as_ref(), of, &mut problems);
        problems.is_empty().then_some(value)
    }

    pub(super) fn text(&mut self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    /// In msgpack nothing but small numbers begins as JSON does.
    pub(super) fn value(&mut self) -> Option<wire::DynamicValue> {
        let bytes = self.bytes();
        let (json, msgpack) = if bytes.first()? == &b'{' { (bytes, Vec::new()) } else { (Vec::new(), bytes) };
        Some(wire::DynamicValue { msgpack, json })
    }

    pub(super) fn stored(&mut self) -> Option<wire::RawState> {
        let json = self.bytes();
        (!json.is_empty()).then(|| wire::RawState { json, ..Default::default() })
    }

    pub(super) fn identity(&mut self) -> Option<wire::ResourceIdentityData> {
        Some(wire::ResourceIdentityData { identity_data: Some(self.value()?) })
    }
}
