//! The arguments of a call: an object, read strictly. What is missing, unknown or of the wrong type is told apart and
//! named by its path, at any depth.
//!
//! serde reports these through its error trait, so no text is parsed: this is a deserializer over parsed JSON whose
//! error type keeps them apart. A null counts as absent, and of a name that JSON has twice the last counts (choices:
//! official clients leave arguments out, and have none twice). Arguments that came as text ([`super::flat`]) are taken
//! for what the action declares: `"8443"` is an integer where one is declared, and entries named `0`, `1`, ... are a list.

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

/// Arguments as they came.
#[derive(Clone, Debug, PartialEq)]
pub struct Arguments {
    /// By name.
    pub entries: Map<String, Value>,
    /// How values are written.
    pub written: Written,
}

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// As JSON has them.
    Json,
    /// As text, lists as objects with the names 0, 1, ...
    Text,
}

/// Reads the arguments of an action.
pub fn read<'a, A: Deserialize<'a>>(arguments: &'a Arguments) -> Result<A, ArgumentError> {
    let unknown = FirstUnknown::default();
    let context = Context { unknown: Rc::clone(&unknown), written: arguments.written };
    let root = Object { entries: &arguments.entries, path: String::new(), context };
    let read = A::deserialize(root)?;
    match unknown.take() {
        None => Ok(read),
        Some(path) => Err(ArgumentError::Unknown(path)),
    }
}

/// The first argument that was skipped because nothing asked for it.
type FirstUnknown = Rc<RefCell<Option<String>>>;

/// What holds at every depth.
#[derive(Clone)]
struct Context {
    unknown: FirstUnknown,
    written: Written,
}

#[derive(Clone)]
struct Object<'a> {
    entries: &'a Map<String, Value>,
    path: String,
    context: Context,
}

struct Argument<'a> {
    value: &'a Value,
    path: String,
    context: Context,
}

struct Entries<'a> {
    rest: serde_json::map::Iter<'a>,
    value: Option<Argument<'a>>,
    object: Object<'a>,
}

struct Items<'a> {
    rest: std::iter::Enumerate<std::vec::IntoIter<&'a Value>>,
    path: String,
    context: Context,
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
            Some(Argument { value, path: join(&self.object.path, name), context: self.object.context.clone() });
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
        seed.deserialize(Argument { value, path, context: self.context.clone() }).map(Some)
    }
}

impl Argument<'_> {
    /// The value, when it came as text that may stand for something else.
    fn text(&self) -> Option<&str> {
        match self.context.written {
            Written::Json => None,
            Written::Text => self.value.as_str(),
        }
    }

    fn wrong(&self, detail: &str) -> ArgumentError {
        ArgumentError::WrongType { path: self.path.clone(), detail: detail.to_owned() }
    }
}

/// Numbers are themselves in JSON, and the text of one elsewhere.
macro_rules! numbers {
    ($($deserialize:ident $visit:ident $number:ty;)+) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgumentError> {
            match self.text().map(str::parse::<$number>) {
                None => self.deserialize_any(visitor),
                Some(Ok(number)) => visitor.$visit(number),
                Some(Err(_)) => Err(self.wrong("a text that is no number of the declared type")),
            }
        }
    )+};
}

impl<'de> Deserializer<'de> for Argument<'de> {
    type Error = ArgumentError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgumentError> {
        let Self { value, path, context } = self;
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
                let rest = items.iter().collect::<Vec<_>>().into_iter().enumerate();
                visitor.visit_seq(Items { rest, path: path.clone(), context }).map_err(located)
            }
            Value::Object(entries) => {
                let object = Object { entries, path: path.clone(), context };
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
        self.context.unknown.borrow_mut().get_or_insert(self.path);
        visitor.visit_unit()
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgumentError> {
        match self.text() {
            None => self.deserialize_any(visitor),
            // The Python SDK writes `True`.
            Some(text) if text.eq_ignore_ascii_case("true") => visitor.visit_bool(true),
            Some(text) if text.eq_ignore_ascii_case("false") => visitor.visit_bool(false),
            Some(_) => Err(self.wrong("a text that is neither true nor false")),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgumentError> {
        let (Written::Text, Value::Object(entries)) = (self.context.written, self.value) else {
            return self.deserialize_any(visitor);
        };
        let counted = (0..entries.len()).map(|index| entries.get(&index.to_string())).collect::<Option<Vec<_>>>();
        let items = counted.ok_or_else(|| self.wrong("a list whose entries are not numbered 0, 1, ..."))?;
        let Self { path, context, .. } = self;
        let located = |error: ArgumentError| {
            if matches!(error, ArgumentError::WrongType { .. }) { error.below(&path) } else { error }
        };
        let rest = items.into_iter().enumerate();
        visitor.visit_seq(Items { rest, path: path.clone(), context }).map_err(located)
    }

    numbers! {
        deserialize_i8 visit_i8 i8; deserialize_i16 visit_i16 i16; deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64; deserialize_u8 visit_u8 u8; deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32; deserialize_u64 visit_u64 u64; deserialize_f64 visit_f64 f64;
    }

    forward_to_deserialize_any! {
        i128 u128 f32 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct enum identifier
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
        match expected.to_string().as_str() {
            "i64" => Self::custom("an integer beyond 64 bits with a sign where an integer is expected"),
            "u64" => Self::custom("an integer below 0 where one of 0 or more is expected"),
            other => Self::custom(format_args!("a value that is not {other}")),
        }
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

    use super::{ArgumentError, Arguments, Written, read};

    fn json_arguments(arguments: Value) -> Arguments {
        let Value::Object(entries) = arguments else { panic!("arguments are an object") };
        Arguments { entries, written: Written::Json }
    }

    fn error<A: Action>(arguments: Value) -> ArgumentError {
        read::<A>(&json_arguments(arguments)).expect_err("refused")
    }

    fn wrong(path: &str, detail: &str) -> ArgumentError {
        ArgumentError::WrongType { path: path.into(), detail: detail.into() }
    }

    #[test]
    fn arguments_of_every_depth_are_read() {
        let arguments = json_arguments(json!({
            "LoadBalancerId": "lb-12345678", "ListenerId": "lbl-12345678",
            "Targets": [{"InstanceId": "ins-12345678", "Port": 80, "Weight": 0}, {"EniIp": "10.0.1.5", "Port": 81}],
            "Domain": null,
        }));
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

    #[test]
    fn integers_have_64_bits_and_no_fraction() {
        let ports = |port: &str| {
            let body = format!("{{\"LoadBalancerId\": \"a\", \"Protocol\": \"QUIC\", \"Ports\": [{port}]}}");
            let arguments = json_arguments(serde_json::from_str(&body).expect("JSON"));
            read::<clb::CreateListener>(&arguments).map(|read| read.ports[0])
        };
        assert_eq!(ports("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(ports("9223372036854775807"), Ok(i64::MAX));
        for beyond in ["9223372036854775808", "18446744073709551615"] {
            let detail = "an integer beyond 64 bits with a sign where an integer is expected";
            assert_eq!(ports(beyond), Err(wrong("Ports.0", detail)));
        }
        for fraction in ["1.0", "1e3", "18446744073709551616", "-9223372036854775809", "-0.0"] {
            let detail = "a number that is no integer where an integer is expected";
            assert_eq!(ports(fraction), Err(wrong("Ports.0", detail)), "{fraction}");
        }
        let create = |number: Value| {
            read::<clb::CreateLoadBalancer>(&json_arguments(json!({"LoadBalancerType": "OPEN", "Number": number})))
        };
        assert_eq!(create(json!(u64::MAX)).map(|read| read.number), Ok(Some(u64::MAX)));
        let below = wrong("Number", "an integer below 0 where one of 0 or more is expected");
        assert_eq!(create(json!(-1)).map(|read| read.number), Err(below));
    }

    #[test]
    fn of_a_name_that_occurs_twice_the_last_counts() {
        let body = r#"{"LoadBalancerId": 1, "ListenerId": "x", "LoadBalancerId": "lb-12345678"}"#;
        let arguments = json_arguments(serde_json::from_str(body).expect("JSON"));
        let read: clb::DeleteListener = read(&arguments).expect("valid");
        assert_eq!(read.load_balancer_id, "lb-12345678");
    }

    #[test]
    fn text_is_taken_for_what_the_action_declares() {
        let text = |arguments: Value| Arguments { written: Written::Text, ..json_arguments(arguments) };
        let targets =
            json!({"0": {"InstanceId": "7", "Port": "80", "Weight": "0"}, "1": {"EniIp": "10.0.1.5", "Port": "81"}});
        let register = |targets: Value| {
            read::<clb::RegisterTargets>(&text(json!({"LoadBalancerId": "1", "ListenerId": "2", "Targets": targets})))
        };
        let read_targets = register(targets).expect("valid").targets;
        assert_eq!(read_targets[0].instance_id.as_deref(), Some("7"));
        assert_eq!((read_targets[0].weight, read_targets[1].port), (Some(0), 81));
        let gap = register(json!({"0": {"Port": "80"}, "2": {"Port": "80"}}));
        assert_eq!(gap, Err(wrong("Targets", "a list whose entries are not numbered 0, 1, ...")));
        assert_eq!(register(json!("x")), Err(wrong("Targets", "a string where a list is expected")));
        for port in ["", "1.5", "x", "9223372036854775808", " 1", "0x10"] {
            let refused = register(json!({"0": {"Port": port}}));
            assert_eq!(
                refused,
                Err(wrong("Targets.0.Port", "a text that is no number of the declared type")),
                "{port}"
            );
        }
        assert_eq!(register(json!({"0": {"Weight": "1"}})), Err(ArgumentError::Missing("Targets.0.Port".into())));
        let create = |pass: &str| {
            read::<clb::CreateLoadBalancer>(&text(
                json!({"LoadBalancerType": "OPEN", "LoadBalancerPassToTarget": pass}),
            ))
        };
        assert_eq!(create("True").map(|read| read.load_balancer_pass_to_target), Ok(Some(true)));
        assert_eq!(create("false").map(|read| read.load_balancer_pass_to_target), Ok(Some(false)));
        let neither = wrong("LoadBalancerPassToTarget", "a text that is neither true nor false");
        assert_eq!(create("1").map(|read| read.load_balancer_pass_to_target), Err(neither));
    }
}
