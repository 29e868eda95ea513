//! Reading msgpack by type: the form in which Terraform sends values.
//!
//! Every byte string gives a value or a report, never a panic. All mismatches are reported, each at its path; only
//! bytes that are no msgpack at all end the reading. Writing is in `pack`.

use std::collections::BTreeMap;
use std::str;

use rmp::Marker;

use super::place::Place;
use crate::{Dynamic, Number, Refinements, Report, Type};

/// Levels a value may be nested. Schemas are far flatter; values of dynamic type name their own shape.
pub(super) const MAX_DEPTH: usize = 128;

/// Extension type of an unknown value with refinements; every other one is an unknown value without.
pub(super) const REFINED_UNKNOWN: i8 = 12;

/// Reads one value of type `of`, all of `bytes`.
pub(super) fn decode(bytes: &[u8], of: &Type) -> Result<Dynamic, Report> {
    let mut report = Report::new();
    let mut decoder = Decoder { rest: bytes, report: &mut report };
    let value = decoder.value(of, &Place::Root, 0);
    let left = decoder.rest.len();
    match value {
        Ok(value) if report.is_empty() && left == 0 => return Ok(value),
        Ok(_) if left > 0 => Place::Root.error(&mut report, format!("{left} bytes follow after the value.")),
        Ok(_) => {}
        Err(Malformed) => Place::Root.error(&mut report, "The bytes are not complete msgpack."),
    }
    Err(report)
}

/// The bytes end early or hold a byte that msgpack does not define: nothing after it can be trusted.
#[derive(Debug)]
struct Malformed;

/// One msgpack item; of arrays and maps only the head.
enum Token<'a> {
    Nil,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(&'a [u8]),
    Binary(&'a [u8]),
    Array(usize),
    Map(usize),
    Extension(i8, &'a [u8]),
}

impl Token<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Nil => "null",
            Self::Bool(_) => "a bool",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::Binary(_) => "binary data",
            Self::Array(_) => "an array",
            Self::Map(_) => "a map",
            Self::Extension(..) => "unknown",
        }
    }
}

struct Decoder<'a, 'r> {
    rest: &'a [u8],
    report: &'r mut Report,
}

impl<'a> Decoder<'a, '_> {
    /// The value here; null after a report, so that reading can go on and find the next mistake.
    fn value(&mut self, of: &Type, place: &Place<'_>, depth: usize) -> Result<Dynamic, Malformed> {
        let token = self.token()?;
        let value = match (of, token) {
            (_, token @ (Token::Array(_) | Token::Map(_))) if depth >= MAX_DEPTH => {
                place.error(self.report, format!("The value is nested deeper than {MAX_DEPTH} levels."));
                self.skip_parts_of(&token)?;
                Dynamic::Null
            }
            (_, Token::Nil) => Dynamic::Null,
            (_, Token::Extension(REFINED_UNKNOWN, body)) => Dynamic::Unknown(refinements(body)),
            (_, Token::Extension(..)) => Dynamic::unknown(),
            (Type::Bool, Token::Bool(value)) => Dynamic::Bool(value),
            (Type::String, Token::Text(bytes)) => self.text(bytes, place).map_or(Dynamic::Null, Dynamic::String),
            (Type::Number, token @ (Token::Integer(_) | Token::Float(_) | Token::Text(_))) => {
                if let Some(number) = number(&token) {
                    Dynamic::Number(number)
                } else {
                    place.error(self.report, "The value is not a finite decimal number.");
                    Dynamic::Null
                }
            }
            (Type::List(element), Token::Array(count)) => {
                Dynamic::List(self.elements(count, element, |index| Place::Index(place, index), depth)?)
            }
            (Type::Set(element), Token::Array(count)) => {
                Dynamic::Set(self.elements(count, element, |_| Place::Member(place), depth)?)
            }
            (Type::Tuple(types), Token::Array(count)) if types.len() == count => {
                let elements = types.iter().enumerate();
                let elements = elements.map(|(index, of)| self.value(of, &Place::Index(place, index), depth + 1));
                Dynamic::List(elements.collect::<Result<_, _>>()?)
            }
            (Type::Map(element), Token::Map(count)) => Dynamic::Map(self.map(count, element, place, depth)?),
            (Type::Object(types), Token::Map(count)) => Dynamic::Object(self.object(count, types, place, depth)?),
            (Type::Dynamic, Token::Array(2)) => self.typed(place, depth)?,
            (expected, token) => {
                place.mismatch(self.report, expected, token.name());
                self.skip_parts_of(&token)?;
                Dynamic::Null
            }
        };
        Ok(value)
    }

    fn text(&mut self, bytes: &[u8], place: &Place<'_>) -> Option<String> {
        let text = str::from_utf8(bytes).ok();
        if text.is_none() {
            place.error(self.report, "The string is not UTF-8.");
        }
        text.map(str::to_owned)
    }

    fn elements<'p>(
        &mut self,
        count: usize,
        of: &Type,
        place: impl Fn(usize) -> Place<'p>,
        depth: usize,
    ) -> Result<Vec<Dynamic>, Malformed> {
        // The count is a claim: memory grows with what is really there.
        (0..count).map(|index| self.value(of, &place(index), depth + 1)).collect()
    }

    fn map(
        &mut self,
        count: usize,
        of: &Type,
        place: &Place<'_>,
        depth: usize,
    ) -> Result<BTreeMap<String, Dynamic>, Malformed> {
        let mut elements = BTreeMap::new();
        for _ in 0..count {
            if let Some(key) = self.key(place)? {
                let value = self.value(of, &Place::Key(place, &key), depth + 1)?;
                elements.insert(key, value);
            }
        }
        Ok(elements)
    }

    fn object(
        &mut self,
        count: usize,
        types: &BTreeMap<String, Type>,
        place: &Place<'_>,
        depth: usize,
    ) -> Result<BTreeMap<String, Dynamic>, Malformed> {
        let mut attributes = BTreeMap::new();
        for _ in 0..count {
            let Some(name) = self.key(place)? else { continue };
            let inner = Place::Attribute(place, &name);
            if let Some(of) = types.get(&name) {
                let value = self.value(of, &inner, depth + 1)?;
                attributes.insert(name, value);
            } else {
                inner.error(self.report, "The schema has no such attribute.");
                self.skip()?;
            }
        }
        for name in types.keys().filter(|name| !attributes.contains_key(*name)) {
            Place::Attribute(place, name).error(self.report, "The attribute is missing from the object.");
        }
        Ok(attributes)
    }

    /// The key of a map entry; `None` after a report, with the entry's value skipped.
    fn key(&mut self, place: &Place<'_>) -> Result<Option<String>, Malformed> {
        let token = self.token()?;
        let key = if let Token::Text(bytes) = token {
            self.text(bytes, place)
        } else {
            place.error(self.report, format!("A key is {}, not a string.", token.name()));
            self.skip_parts_of(&token)?;
            None
        };
        if key.is_none() {
            self.skip()?;
        }
        Ok(key)
    }

    /// A value of dynamic type: its type as JSON, then itself.
    fn typed(&mut self, place: &Place<'_>, depth: usize) -> Result<Dynamic, Malformed> {
        let token = self.token()?;
        let of = match token {
            Token::Binary(json) | Token::Text(json) => {
                serde_json::from_slice(json).ok().and_then(|json| Type::from_json(&json))
            }
            _ => None,
        };
        self.skip_parts_of(&token)?;
        if let Some(of) = of {
            let value = self.value(&of, place, depth + 1)?;
            return Ok(Dynamic::Typed(Box::new((of, value))));
        }
        place.error(self.report, "The value of dynamic type does not begin with a type.");
        self.skip()?;
        Ok(Dynamic::Null)
    }

    /// Passes over one whole item, however deep, without recursion.
    fn skip(&mut self) -> Result<(), Malformed> {
        let token = self.token()?;
        self.skip_parts_of(&token)
    }

    fn skip_parts_of(&mut self, token: &Token<'_>) -> Result<(), Malformed> {
        let parts = |token: &Token<'_>| match token {
            Token::Array(count) => *count,
            Token::Map(count) => 2 * count,
            _ => 0,
        };
        let mut pending = parts(token);
        while pending > 0 {
            pending = pending - 1 + parts(&self.token()?);
        }
        Ok(())
    }

    fn token(&mut self) -> Result<Token<'a>, Malformed> {
        let marker = Marker::from_u8(self.bytes::<1>()?[0]);
        Ok(match marker {
            Marker::Null => Token::Nil,
            Marker::True => Token::Bool(true),
            Marker::False => Token::Bool(false),
            Marker::FixPos(value) => Token::Integer(value.into()),
            Marker::FixNeg(value) => Token::Integer(value.into()),
            Marker::U8 => Token::Integer(u8::from_be_bytes(self.bytes()?).into()),
            Marker::U16 => Token::Integer(u16::from_be_bytes(self.bytes()?).into()),
            Marker::U32 => Token::Integer(u32::from_be_bytes(self.bytes()?).into()),
            Marker::U64 => Token::Integer(u64::from_be_bytes(self.bytes()?).into()),
            Marker::I8 => Token::Integer(i8::from_be_bytes(self.bytes()?).into()),
            Marker::I16 => Token::Integer(i16::from_be_bytes(self.bytes()?).into()),
            Marker::I32 => Token::Integer(i32::from_be_bytes(self.bytes()?).into()),
            Marker::I64 => Token::Integer(i64::from_be_bytes(self.bytes()?).into()),
            Marker::F32 => Token::Float(f32::from_be_bytes(self.bytes()?).into()),
            Marker::F64 => Token::Float(f64::from_be_bytes(self.bytes()?)),
            Marker::FixStr(length) => Token::Text(self.slice(length.into())?),
            Marker::Str8 => self.length8().and_then(|length| self.slice(length)).map(Token::Text)?,
            Marker::Str16 => self.length16().and_then(|length| self.slice(length)).map(Token::Text)?,
            Marker::Str32 => self.length32().and_then(|length| self.slice(length)).map(Token::Text)?,
            Marker::Bin8 => self.length8().and_then(|length| self.slice(length)).map(Token::Binary)?,
            Marker::Bin16 => self.length16().and_then(|length| self.slice(length)).map(Token::Binary)?,
            Marker::Bin32 => self.length32().and_then(|length| self.slice(length)).map(Token::Binary)?,
            Marker::FixArray(count) => Token::Array(count.into()),
            Marker::Array16 => Token::Array(self.length16()?),
            Marker::Array32 => Token::Array(self.length32()?),
            Marker::FixMap(count) => Token::Map(count.into()),
            Marker::Map16 => Token::Map(self.length16()?),
            Marker::Map32 => Token::Map(self.length32()?),
            Marker::FixExt1 => self.extension(1)?,
            Marker::FixExt2 => self.extension(2)?,
            Marker::FixExt4 => self.extension(4)?,
            Marker::FixExt8 => self.extension(8)?,
            Marker::FixExt16 => self.extension(16)?,
            Marker::Ext8 => self.length8().and_then(|length| self.extension(length))?,
            Marker::Ext16 => self.length16().and_then(|length| self.extension(length))?,
            Marker::Ext32 => self.length32().and_then(|length| self.extension(length))?,
            Marker::Reserved => return Err(Malformed),
        })
    }

    fn extension(&mut self, length: usize) -> Result<Token<'a>, Malformed> {
        let kind = i8::from_be_bytes(self.bytes()?);
        Ok(Token::Extension(kind, self.slice(length)?))
    }

    fn length8(&mut self) -> Result<usize, Malformed> {
        Ok(u8::from_be_bytes(self.bytes()?).into())
    }

    fn length16(&mut self) -> Result<usize, Malformed> {
        Ok(u16::from_be_bytes(self.bytes()?).into())
    }

    fn length32(&mut self) -> Result<usize, Malformed> {
        usize::try_from(u32::from_be_bytes(self.bytes()?)).map_err(|_| Malformed)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn slice(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }
}

/// A number from any of its three forms. A float is taken exactly: what a decimal fraction was meant to be comes
/// as text.
fn number(token: &Token<'_>) -> Option<Number> {
    match token {
        Token::Integer(value) => Some(Number::from(*value)),
        Token::Float(value) => Number::from_f64_exact(*value),
        Token::Text(bytes) => str::from_utf8(bytes).ok()?.parse().ok(),
        _ => None,
    }
}

/// What the body of a refined unknown says. Keys that are not known, or say something odd, are passed over: to know
/// less of an unknown value is never wrong.
fn refinements(body: &[u8]) -> Refinements {
    let mut found = Refinements::none();
    let mut report = Report::new();
    let mut decoder = Decoder { rest: body, report: &mut report };
    // A broken body ends the reading with what was found until then.
    let _ = decoder.refinements(&mut found);
    found
}

impl Decoder<'_, '_> {
    fn refinements(&mut self, found: &mut Refinements) -> Result<(), Malformed> {
        let Token::Map(count) = self.token()? else { return Ok(()) };
        for _ in 0..count {
            let key = self.token()?;
            self.skip_parts_of(&key)?;
            let Token::Integer(key) = key else {
                self.skip()?;
                continue;
            };
            match key {
                3 => found.lower = self.bound()?,
                4 => found.upper = self.bound()?,
                _ => {
                    let value = self.token()?;
                    match (key, &value) {
                        (1, Token::Bool(null)) => found.not_null = Some(!null),
                        (2, Token::Text(prefix)) => found.prefix = str::from_utf8(prefix).ok().map(str::to_owned),
                        (5, Token::Integer(length)) => found.min_length = u64::try_from(*length).ok(),
                        (6, Token::Integer(length)) => found.max_length = u64::try_from(*length).ok(),
                        _ => {}
                    }
                    self.skip_parts_of(&value)?;
                }
            }
        }
        Ok(())
    }

    /// A bound of a number: `[number, inclusive]`.
    fn bound(&mut self) -> Result<Option<(Number, bool)>, Malformed> {
        let head = self.token()?;
        if !matches!(head, Token::Array(2)) {
            self.skip_parts_of(&head)?;
            return Ok(None);
        }
        let (limit, inclusive) = (self.token()?, self.token()?);
        self.skip_parts_of(&limit)?;
        self.skip_parts_of(&inclusive)?;
        Ok(match (number(&limit), inclusive) {
            (Some(limit), Token::Bool(inclusive)) => Some((limit, inclusive)),
            _ => None,
        })
    }
}
