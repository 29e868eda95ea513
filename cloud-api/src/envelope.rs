//! The envelopes: a request is a JSON object, a reply is `{"Response": {..., "RequestId": "..."}}`, with fields or with an
//! `Error` inside. Both directions are here, so that the two sides of the wire cannot drift apart.
//!
//! Signatures and headers are not part of it.

use serde::de::value::StringDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, forward_to_deserialize_any};
use serde_json::{Map, Value};

use crate::action::Action;

/// A reply with the id the platform gave the call. For actions that start a task it is the task's id.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered<R> {
    /// The action's own reply.
    pub reply: R,
    /// The `RequestId`.
    pub request_id: String,
}

/// Why a request body cannot be the action it claims to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The body is not a JSON object.
    #[error("the request body is not a JSON object: {0}")]
    NotAnObject(String),
    /// A required parameter is absent or null.
    #[error("the parameter `{0}` is missing")]
    Missing(&'static str),
    /// The action has no such parameter.
    #[error("the parameter `{0}` is unknown")]
    Unknown(String),
    /// A parameter has the wrong JSON type, or something inside it does not fit.
    #[error("the parameter `{parameter}` is malformed: {detail}")]
    Malformed {
        /// The parameter of the action.
        parameter: String,
        /// What is wrong with it.
        detail: String,
    },
}

/// Reads the body of a request. A parameter given as null counts as absent.
pub fn decode_request<A: Action>(body: &[u8]) -> Result<A, RequestError> {
    let object: Map<String, Value> =
        serde_json::from_slice(body).map_err(|error| RequestError::NotAnObject(error.to_string()))?;
    A::deserialize(Parameters::new(object))
}

/// The parameters of a request as a serde deserializer, so that serde's verdicts arrive as [`RequestError`] with the
/// parameter's name and not as text.
struct Parameters {
    rest: serde_json::map::IntoIter,
    value: Option<(String, Value)>,
}

impl Parameters {
    fn new(mut object: Map<String, Value>) -> Self {
        object.retain(|_, value| !value.is_null());
        Self { rest: object.into_iter(), value: None }
    }
}

impl<'de> Deserializer<'de> for Parameters {
    type Error = RequestError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, RequestError> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Parameters {
    type Error = RequestError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, RequestError> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        let key: StringDeserializer<RequestError> = name.clone().into_deserializer();
        self.value = Some((name, value));
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, RequestError> {
        let (parameter, value) = self.value.take().ok_or_else(|| RequestError::custom("a value without its name"))?;
        seed.deserialize(value).map_err(|error| RequestError::Malformed { parameter, detail: error.to_string() })
    }
}

impl serde::de::Error for RequestError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::NotAnObject(message.to_string())
    }

    fn unknown_field(field: &str, _expected: &'static [&'static str]) -> Self {
        Self::Unknown(field.to_owned())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Outer<T> {
    response: T,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Fields<'a, R> {
    #[serde(flatten)]
    reply: &'a R,
    request_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failure<'a> {
    error: ErrorBody<'a>,
    request_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorBody<'a> {
    code: &'a str,
    message: &'a str,
}

/// Writes the body of a successful reply.
pub fn encode_reply<R: Serialize>(reply: &R, request_id: &str) -> Vec<u8> {
    encode(&Outer { response: Fields { reply, request_id } })
}

/// Writes the body of an error reply.
pub fn encode_error(code: &str, message: &str, request_id: &str) -> Vec<u8> {
    encode(&Outer { response: Failure { error: ErrorBody { code, message }, request_id } })
}

fn encode<T: Serialize>(body: &T) -> Vec<u8> {
    serde_json::to_vec(body).expect("reply types are structs of strings, numbers, lists and string-keyed maps")
}

/// What a reply body says.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply<R> {
    /// The action's reply.
    Answered(Answered<R>),
    /// The platform refused.
    Refused {
        /// The error code, such as `InvalidParameter.LBIdNotFound`.
        code: String,
        /// The platform's sentence.
        message: String,
        /// The `RequestId`.
        request_id: String,
    },
}

/// A reply body that is not an envelope, or whose fields do not fit the action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ReplyError {
    /// What does not fit.
    pub detail: String,
    /// The `RequestId`, if that much could be read.
    pub request_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceivedError {
    code: String,
    #[serde(default)]
    message: String,
}

/// Reads the body of a reply. The platform writes null where it has nothing to say, also in fields documented as always
/// present; a null is read as the field's absence.
pub fn decode_reply<R: DeserializeOwned>(body: &[u8]) -> Result<Reply<R>, ReplyError> {
    let malformed = |detail: String, request_id| ReplyError { detail, request_id };
    let outer: Value = serde_json::from_slice(body).map_err(|error| malformed(format!("not JSON: {error}"), None))?;
    let Some(Value::Object(mut response)) = outer.get("Response").cloned() else {
        return Err(malformed("there is no `Response` object".to_owned(), None));
    };
    let Some(Value::String(request_id)) = response.remove("RequestId") else {
        return Err(malformed("the `Response` has no `RequestId`".to_owned(), None));
    };
    if let Some(error) = response.remove("Error").filter(|error| !error.is_null()) {
        let ReceivedError { code, message } = serde_json::from_value(error)
            .map_err(|error| malformed(format!("malformed `Error`: {error}"), Some(request_id.clone())))?;
        return Ok(Reply::Refused { code, message, request_id });
    }
    let mut fields = Value::Object(response);
    drop_nulls(&mut fields);
    match serde_json::from_value(fields) {
        Ok(reply) => Ok(Reply::Answered(Answered { reply, request_id })),
        Err(error) => Err(malformed(error.to_string(), Some(request_id))),
    }
}

/// serde_json bounds the nesting of what it parses (128), and so this recursion.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{Answered, Reply, RequestError, decode_reply, decode_request, encode_error, encode_reply};
    use crate::clb;

    #[test]
    fn a_request_names_what_is_missing_unknown_or_malformed() {
        let missing = decode_request::<clb::DeleteListener>(br#"{"LoadBalancerId":"lb-1","ListenerId":null}"#);
        assert_eq!(missing, Err(RequestError::Missing("ListenerId")));

        let unknown = decode_request::<clb::DescribeTaskStatus>(br#"{"TaskID":"x"}"#);
        assert_eq!(unknown, Err(RequestError::Unknown("TaskID".to_owned())));

        let malformed = decode_request::<clb::CreateListener>(br#"{"LoadBalancerId":"lb-1","Ports":["443"]}"#);
        assert!(matches!(malformed, Err(RequestError::Malformed { parameter, .. }) if parameter == "Ports"));

        let nested = br#"{"LoadBalancerId":"lb-1","ListenerId":"lbl-1","Targets":[{"Port":80,"Wight":1}]}"#;
        let nested = decode_request::<clb::RegisterTargets>(nested);
        assert!(matches!(nested, Err(RequestError::Malformed { parameter, detail })
            if parameter == "Targets" && detail.contains("Wight")));

        assert!(matches!(decode_request::<clb::DeleteListener>(b"[]"), Err(RequestError::NotAnObject(_))));
    }

    #[test]
    fn a_reply_survives_the_wire() {
        let reply = clb::CreateListenerReply { listener_ids: vec!["lbl-1".to_owned()] };
        let read = decode_reply(&encode_reply(&reply, "r-1"));
        assert_eq!(read, Ok(Reply::Answered(Answered { reply, request_id: "r-1".to_owned() })));
    }

    #[test]
    fn an_error_reply_is_a_refusal_whatever_the_action_answers() {
        let body = encode_error("InvalidParameter.LBIdNotFound", "LB not exist", "r-2");
        let Ok(Reply::<clb::DescribeListenersReply>::Refused { code, message, request_id }) = decode_reply(&body)
        else {
            panic!("not read as a refusal")
        };
        assert_eq!(
            (code.as_str(), message.as_str(), request_id.as_str()),
            ("InvalidParameter.LBIdNotFound", "LB not exist", "r-2")
        );
    }

    #[test]
    fn null_in_a_reply_is_absence_even_where_the_documentation_promises_a_value() {
        let body = br#"{"Response":{"Listeners":[{"ListenerId":"lbl-1","AttrFlags":null,"HealthCheck":null}],"TotalCount":null,"RequestId":"r"}}"#;
        let Ok(Reply::<clb::DescribeListenersReply>::Answered(answered)) = decode_reply(body) else {
            panic!("not read")
        };
        assert_eq!(answered.reply.listeners[0].listener_id, "lbl-1");
        assert!(answered.reply.listeners[0].attr_flags.is_empty());
    }
}
