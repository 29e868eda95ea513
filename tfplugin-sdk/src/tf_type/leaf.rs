//! Types without parts: texts, numbers, booleans, values of dynamic type.

use super::{Codec, Facts, Form, TfType, mismatch};
use crate::schema::{AttributeKind, Validator};
use crate::{Dynamic, Number, Path, Report, Type};

impl Codec for String {
    fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self> {
        if let Dynamic::String(text) = value {
            Some(text.clone())
        } else {
            mismatch(value, "a text", path, report);
            None
        }
    }

    fn encode(&self) -> Dynamic {
        Dynamic::String(self.clone())
    }

    fn absent() -> Self {
        Self::new()
    }
}

impl TfType for String {
    type Config = Self;
    type Plan = Self;
    const FACTS: Facts = Facts::leaf(Form::Text);

    fn kind() -> AttributeKind {
        AttributeKind::Plain(Type::String)
    }
}

impl Codec for bool {
    fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self> {
        if let Dynamic::Bool(answer) = value {
            Some(*answer)
        } else {
            mismatch(value, "true or false", path, report);
            None
        }
    }

    fn encode(&self) -> Dynamic {
        Dynamic::Bool(*self)
    }

    fn absent() -> Self {
        false
    }
}

impl TfType for bool {
    type Config = Self;
    type Plan = Self;
    const FACTS: Facts = Facts::leaf(Form::Bool);

    fn kind() -> AttributeKind {
        AttributeKind::Plain(Type::Bool)
    }
}

impl Codec for Number {
    fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self> {
        if let Dynamic::Number(number) = value {
            Some(number.clone())
        } else {
            mismatch(value, "a number", path, report);
            None
        }
    }

    fn encode(&self) -> Dynamic {
        Dynamic::Number(self.clone())
    }

    fn absent() -> Self {
        0.into()
    }
}

impl TfType for Number {
    type Config = Self;
    type Plan = Self;
    const FACTS: Facts = Facts::leaf(Form::Number);

    fn kind() -> AttributeKind {
        AttributeKind::Plain(Type::Number)
    }
}

/// Only for numbers whose author wants arithmetic: what does not fit a float is rounded when read. The engine puts
/// the exact form back wherever the author did not change the value.
impl Codec for f64 {
    fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self> {
        let float = Number::decode(value, path, report)?.to_f64();
        if float.is_finite() {
            Some(float)
        } else {
            mismatch(value, "a number a 64-bit float can hold", path, report);
            None
        }
    }

    /// Infinities and NaN do not exist in Terraform and are written as null.
    fn encode(&self) -> Dynamic {
        Number::try_from(*self).map_or(Dynamic::Null, Dynamic::Number)
    }

    fn absent() -> Self {
        0.0
    }
}

impl TfType for f64 {
    type Config = Self;
    type Plan = Self;
    const FACTS: Facts = Facts::leaf(Form::Number);

    fn kind() -> AttributeKind {
        AttributeKind::Plain(Type::Number)
    }
}

macro_rules! integer {
    ($($integer:ty),*) => {$(
        impl Codec for $integer {
            fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self> {
                let fits = match value {
                    Dynamic::Number(number) => number.to_i128().and_then(|number| Self::try_from(number).ok()),
                    _ => None,
                };
                if fits.is_none() {
                    mismatch(value, &format!("a whole number from {} to {}", Self::MIN, Self::MAX), path, report);
                }
                fits
            }

            fn encode(&self) -> Dynamic {
                Dynamic::Number((*self).into())
            }

            fn absent() -> Self {
                0
            }
        }

        impl TfType for $integer {
            type Config = Self;
            type Plan = Self;
            const FACTS: Facts = Facts::leaf(Form::Number);

            fn kind() -> AttributeKind {
                AttributeKind::Plain(Type::Number)
            }

            fn validators() -> Vec<Validator> {
                vec![Validator::whole(Self::MIN, Self::MAX)]
            }
        }
    )*};
}
integer!(u8, u16, u32, u64, i8, i16, i32, i64);

/// A value that carries its own type.
impl Codec for Dynamic {
    const NULLABLE: bool = true;

    fn decode(value: &Dynamic, _: &Path, _: &mut Report) -> Option<Self> {
        Some(value.clone())
    }

    fn encode(&self) -> Dynamic {
        match self {
            Self::String(_) => Self::Typed(Box::new((Type::String, self.clone()))),
            Self::Number(_) => Self::Typed(Box::new((Type::Number, self.clone()))),
            Self::Bool(_) => Self::Typed(Box::new((Type::Bool, self.clone()))),
            _ => self.clone(),
        }
    }

    fn absent() -> Self {
        Self::Null
    }
}

impl TfType for Dynamic {
    type Config = Self;
    type Plan = Self;
    const FACTS: Facts = Facts::leaf(Form::Dynamic).or_null();

    fn kind() -> AttributeKind {
        AttributeKind::Plain(Type::Dynamic)
    }
}
