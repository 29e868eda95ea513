//! The arguments of a call: a JSON object, read strictly. What is missing, unknown or of the wrong type is told apart and
//! named by its path, at any depth.
//!
//! serde reports these through its error trait, so no text is parsed: this is a deserializer over parsed JSON whose
//! error type keeps them apart. A null counts as absent (a choice: official clients leave arguments out).

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Map, Value};

/// Why arguments cannot be those of the action. Paths are dotted, entries of lists by their number from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArgumentError {
    /// A required argument is not there.
    Missing(String),
    /// The action knows no such argument.
    Unknown(String),
    /// The argument has the wrong JSON type.
    WrongType {
        /// The argument.
        path: String,
        /// What is wrong.
        detail: String,
    },
}

/// Reads the arguments of an action.
pub fn read<'a, A: Deserialize<'a>>(arguments: &'a Map<String, Value>) -> Result<A, ArgumentError> {
    let unknown = FirstUnknown::default();
    let root = Object { entries: arguments, path: String::new(), unknown: Rc::clone(&unknown) };
    let read = A::deserialize(root)?;
    match unknown.take() {
        None => Ok(read),
        Some(path) => Err(ArgumentError::Unknown(path)),
    }
}

/// The first argument that was skipped because nothing asked for it.
type FirstUnknown = Rc<RefCell<Option<String>>>;

#[derive(Clone)]
struct Object<'a> {
    entries: &'a Map<String, Value>,
    path: String,
    unknown: FirstUnknown,
}

struct Argument<'a> {
    value: &'a Value,
    path: String,
    unknown: FirstUnknown,
}

struct Entries<'a> {
    rest: serde_json::map::Iter<'a>,
    value: Option<Argument<'a>>,
    object: Object<'a>,
}

struct Items<'a> {
    rest: std::iter::Enumerate<std::slice::Iter<'a, Value>>,
    path: String,
    unknown: FirstUnknown,
}

fn join(path: &str, name: impl fmt::Display) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}

impl ArgumentError {
    /// Errors that serde makes know the name of the field or nothing; those of deeper levels have their path already.
    fn below(self, path: &str) -> Self {
        match self {
            Self::Missing(name) => Self::Missing(join(path, name)),
            Self::Unknown(name) => Self::Unknown(join(path, name)),
            Self::WrongType { path: deeper, detail } if deeper.is_empty() => {
                Self::WrongType { path: path.to_owned(), detail }
            }
            located @ Self::WrongType { .. } => located,
        }
    }
}

impl<'de> Deserializer<'de> for Object<'de> {
    type Error = ArgumentError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgumentError> {
        let rest = self.entries.iter();
        visitor.visit_map(Entries { rest, value: None, object: self })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = ArgumentError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ArgumentError> {
        let Some((name, value)) = self.rest.find(|(_, value)| !value.is_null()) else { return Ok(None) };
        self.value =
            Some(Argument { value, path: join(&self.object.path, name), unknown: Rc::clone(&self.object.unknown) });
        let key: StrDeserializer<'_, ArgumentError> = name.as_str().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ArgumentError> {
        seed.deserialize(self.value.take().ok_or_else(|| ArgumentError::custom("a value without its name"))?)
    }
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = ArgumentError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ArgumentError> {
        let Some((index, value)) = self.rest.next() else { return Ok(None) };
        let path = join(&self.path, index);
        seed.deserialize(Argument { value, path, unknown: Rc::clone(&self.unknown) }).map(Some)
    }
}

impl<'de> Deserializer<'de> for Argument<'de> {
    type Error = ArgumentError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgumentError> {
        let Self { value, path, unknown } = self;
        let located = |error: ArgumentError| match error {
            wrong @ ArgumentError::WrongType { .. } => wrong.below(&path),
            other => other,
        };
        match value {
            Value::Null => visitor.visit_unit().map_err(located),
            Value::Bool(value) => visitor.visit_bool(*value).map_err(located),
            Value::String(text) => visitor.visit_borrowed_str(text).map_err(located),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), ..) => visitor.visit_u64(value).map_err(located),
                (None, Some(value), _) => visitor.visit_i64(value).map_err(located),
                (None, None, value) => visitor.visit_f64(value.unwrap_or(f64::NAN)).map_err(located),
            },
            Value::Array(items) => {
                let rest = items.iter().enumerate();
                visitor.visit_seq(Items { rest, path: path.clone(), unknown }).map_err(located)
            }
            Value::Object(entries) => {
                let object = Object { entries, path: path.clone(), unknown };
                let rest = entries.iter();
                // A missing or unknown field of this object is known by its name only.
                visitor.visit_map(Entries { rest, value: None, object }).map_err(|error| match error {
                    ArgumentError::Missing(name) if !name.contains('.') => ArgumentError::Missing(name).below(&path),
                    ArgumentError::Unknown(name) if !name.contains('.') => ArgumentError::Unknown(name).below(&path),
                    other => located(other),
                })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgumentError> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ArgumentError> {
        visitor.visit_newtype_struct(self)
    }

    /// serde skips what the type does not have: that is the unknown argument.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgumentError> {
        self.unknown.borrow_mut().get_or_insert(self.path);
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct enum identifier
    }
}

impl std::error::Error for ArgumentError {}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "{path} is missing"),
            Self::Unknown(path) => write!(f, "{path} is unknown"),
            Self::WrongType { path, detail } => write!(f, "{path}: {detail}"),
        }
    }
}

impl serde::de::Error for ArgumentError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::WrongType { path: String::new(), detail: message.to_string() }
    }

    /// Says what kind of value came, never which: it may be secret. What is expected is said in JSON's words.
    fn invalid_type(unexpected: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        use serde::de::Unexpected;
        let kind = match unexpected {
            Unexpected::Bool(_) => "a boolean",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
            Unexpected::Float(_) => "a number that is no integer",
            Unexpected::Str(_) => "a string",
            Unexpected::Seq => "a list",
            Unexpected::Map => "an object",
            _ => "another type",
        };
        let expected = match expected.to_string().as_str() {
            "i64" | "u64" => "an integer".to_owned(),
            "a sequence" => "a list".to_owned(),
            name if name.starts_with("struct ") => "an object".to_owned(),
            other => other.to_owned(),
        };
        Self::custom(format_args!("{kind} where {expected} is expected"))
    }

    fn invalid_value(_unexpected: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::custom(format_args!("the value is not {expected}"))
    }

    fn unknown_field(field: &str, _expected: &'static [&'static str]) -> Self {
        Self::Unknown(field.to_owned())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clb_cloud_api::action::Action;
    use clb_cloud_api::clb;
    use serde_json::{Value, json};

    use super::{ArgumentError, read};

    fn error<A: Action>(arguments: Value) -> ArgumentError {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        read::<A>(&arguments).expect_err("refused")
    }

    fn wrong(path: &str, detail: &str) -> ArgumentError {
        ArgumentError::WrongType { path: path.into(), detail: detail.into() }
    }

    #[test]
    fn arguments_of_every_depth_are_read() {
        let Value::Object(arguments) = json!({
            "LoadBalancerId": "lb-12345678", "ListenerId": "lbl-12345678",
            "Targets": [{"InstanceId": "ins-12345678", "Port": 80, "Weight": 0}, {"EniIp": "10.0.1.5", "Port": 81}],
            "Domain": null,
        }) else {
            panic!("an object")
        };
        let read: clb::RegisterTargets = read(&arguments).expect("valid");
        assert_eq!(read.targets[0].weight, Some(0));
        assert_eq!((read.targets[1].port, read.domain), (81, None));
    }

    #[test]
    fn what_is_missing_is_named_by_its_path() {
        assert_eq!(
            error::<clb::DeleteListener>(json!({"LoadBalancerId": "lb-1", "ListenerId": null})),
            ArgumentError::Missing("ListenerId".into())
        );
        let targets = json!([{"Port": 80}, {"InstanceId": "ins-1"}]);
        assert_eq!(
            error::<clb::RegisterTargets>(json!({"LoadBalancerId": "a", "ListenerId": "b", "Targets": targets})),
            ArgumentError::Missing("Targets.1.Port".into())
        );
    }

    #[test]
    fn what_is_unknown_is_named_by_its_path() {
        assert_eq!(error::<clb::DescribeTaskStatus>(json!({"TaskID": "x"})), ArgumentError::Unknown("TaskID".into()));
        let create = |rest: Value| {
            let mut arguments = json!({"LoadBalancerId": "a", "Ports": [443], "Protocol": "QUIC"});
            arguments.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
            error::<clb::CreateListener>(arguments)
        };
        assert_eq!(
            create(json!({"HealthCheck": {"Timeout": 2}})),
            ArgumentError::Unknown("HealthCheck.Timeout".into())
        );
        assert_eq!(
            create(json!({"Certificate": {"CertID": "x"}})),
            ArgumentError::Unknown("Certificate.CertID".into())
        );
    }

    #[test]
    fn types_are_strict_and_values_are_not_repeated() {
        let create = |ports: Value| {
            error::<clb::CreateListener>(json!({"LoadBalancerId": "a", "Ports": ports, "Protocol": "QUIC"}))
        };
        assert_eq!(create(json!(["443"])), wrong("Ports.0", "a string where an integer is expected"));
        assert_eq!(
            create(json!([443, 1.5])),
            wrong("Ports.1", "a number that is no integer where an integer is expected")
        );
        assert_eq!(create(json!([-1, {}])), wrong("Ports.1", "an object where an integer is expected"));
        assert_eq!(create(json!(443)), wrong("Ports", "an integer where a list is expected"));
        assert_eq!(
            error::<clb::DeleteListener>(json!({"LoadBalancerId": 7, "ListenerId": "x"})),
            wrong("LoadBalancerId", "an integer where a string is expected")
        );
        assert_eq!(
            error::<clb::CreateListener>(
                json!({"LoadBalancerId": "a", "Ports": [1], "Protocol": "QUIC", "HealthCheck": {"TimeOut": "2"}})
            ),
            wrong("HealthCheck.TimeOut", "a string where an integer is expected")
        );
        assert_eq!(
            error::<clb::CreateListener>(
                json!({"LoadBalancerId": "a", "Ports": [1], "Protocol": "QUIC", "HealthCheck": "on"})
            ),
            wrong("HealthCheck", "a string where an object is expected")
        );
    }
}
