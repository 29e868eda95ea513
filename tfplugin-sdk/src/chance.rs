//! A small generator for tests: types, values of a type, and broken bytes, each repeatable from its seed.
//!
//! Not for anything that must be unpredictable.

use crate::{Dynamic, Type};

/// A seed's sequence of choices (xorshift*).
pub(crate) struct Chance(u64);

impl Chance {
    /// Neighbouring seeds give unlike sequences.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit
    }

    /// Whether something happens that happens once in `times`.
    pub(crate) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of a few.
    pub(crate) fn of<'a, T>(&mut self, few: &'a [T]) -> &'a T {
        &few[self.position(few.len())]
    }

    /// A type, nested at most `depth` deep.
    pub(crate) fn of_type(&mut self, depth: u64) -> Type {
        match self.below(if depth == 0 { 3 } else { 9 }) {
            0 => Type::String,
            1 => Type::Number,
            2 => Type::Bool,
            3 => Type::Dynamic,
            4 => Type::list(self.of_type(depth - 1)),
            5 => Type::set(self.of_type(depth - 1)),
            6 => Type::map(self.of_type(depth - 1)),
            7 => Type::Tuple((0..self.below(4)).map(|_| self.of_type(depth - 1)).collect()),
            _ => Type::Object((0..self.below(4)).map(|at| (format!("a{at}"), self.of_type(depth - 1))).collect()),
        }
    }

    /// A value of a type; now and then null or unknown, also inside.
    pub(crate) fn value(&mut self, of: &Type) -> Dynamic {
        match self.below(10) {
            0 => return Dynamic::Null,
            1 => return Dynamic::unknown(),
            _ => {}
        }
        match of {
            Type::String => Dynamic::String(self.text()),
            Type::Number => {
                let text = format!("{}{}e-{}", self.below(1 << 31), self.below(1 << 31), self.below(25));
                Dynamic::Number(text.parse().expect("a decimal"))
            }
            Type::Bool => Dynamic::Bool(self.one_in(2)),
            Type::Dynamic => {
                let of = self.of_type(1);
                let value = self.value(&of);
                Dynamic::Typed(Box::new((of, value)))
            }
            Type::List(of) => Dynamic::List((0..self.below(20)).map(|_| self.value(of)).collect()),
            Type::Set(of) => {
                let mut elements: Vec<Dynamic> = Vec::new();
                for _ in 0..self.below(6) {
                    let element = self.value(of);
                    if !elements.contains(&element) {
                        elements.push(element);
                    }
                }
                Dynamic::Set(elements)
            }
            Type::Map(of) => Dynamic::Map((0..self.below(20)).map(|key| (format!("k{key}"), self.value(of))).collect()),
            Type::Object(of) => Dynamic::Object(of.iter().map(|(name, of)| (name.clone(), self.value(of))).collect()),
            Type::Tuple(of) => Dynamic::List(of.iter().map(|of| self.value(of)).collect()),
        }
    }

    /// A text of letters that are written in different ways.
    pub(crate) fn text(&mut self) -> String {
        (0..self.below(40)).map(|_| *self.of(&['a', 'Z', '0', '"', '\n', 'é', '漢', '🦀'])).collect()
    }

    /// The bytes broken in one of three ways: some changed, cut short, or nothing but noise.
    pub(crate) fn broken(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        match self.below(3) {
            0 if !bytes.is_empty() => {
                for _ in 0..=self.below(4) {
                    let at = self.position(bytes.len());
                    bytes[at] = self.byte();
                }
            }
            1 => bytes.truncate(self.position(bytes.len() + 1)),
            _ => bytes = (0..self.below(64)).map(|_| self.byte()).collect(),
        }
        bytes
    }

    /// A position in something of this length.
    fn position(&mut self, length: usize) -> usize {
        usize::try_from(self.below(u64::try_from(length).expect("small"))).expect("small")
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).expect("a byte")
    }
}
