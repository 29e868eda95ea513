//! The envelope of a reply: `{"Response": {..., "RequestId": "..."}}`, with fields or with an `Error` inside. Both
//! directions are here, so that the two sides of the wire cannot drift apart.
//!
//! A request has none: it is its action as a JSON object. Signatures and headers are not part of it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A reply with the id the platform gave the call. For actions that start a task it is the task's id.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered<R> {
    /// The action's own reply.
    pub reply: R,
    /// The `RequestId`.
    pub request_id: String,
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
    use super::{Answered, Reply, decode_reply, encode_error, encode_reply};
    use crate::clb;

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
