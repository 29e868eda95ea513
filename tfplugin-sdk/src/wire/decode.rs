//! Messages → engine: values by their types. Problems are collected, so that all of a request are reported at once.

use super::{json, msgpack};
use crate::generated::tfplugin6 as wire;
use crate::{Dynamic, Report, Type};

/// A value of type `of`; null when it is unset or empty, and null with a report when it cannot be read.
pub(super) fn value(message: Option<&wire::DynamicValue>, of: &Type, problems: &mut Report) -> Dynamic {
    let decoded = match message {
        Some(value) if !value.msgpack.is_empty() => msgpack::decode(&value.msgpack, of),
        Some(value) if !value.json.is_empty() => json::decode(&value.json, of, json::Surplus::Refuse),
        _ => Ok(Dynamic::Null),
    };
    collected(decoded, problems)
}

/// A stored state. `of` is `None` when the schema that wrote it is not known: it is then read as plain JSON.
pub(super) fn stored(message: Option<&wire::RawState>, of: Option<&Type>, problems: &mut Report) -> Dynamic {
    let Some(state) = message else { return Dynamic::Null };
    if state.json.is_empty() && !state.flatmap.is_empty() {
        problems.push(crate::Diagnostic::error(
            "State of an unsupported format",
            "The state was written by Terraform 0.11 or older. Apply it once with Terraform 0.12 first.",
        ));
        return Dynamic::Null;
    }
    let decoded = match of {
        _ if state.json.is_empty() => Ok(Dynamic::Null),
        Some(of) => json::decode(&state.json, of, json::Surplus::Drop),
        None => json::decode_untyped(&state.json),
    };
    collected(decoded, problems)
}

fn collected(decoded: Result<Dynamic, Report>, problems: &mut Report) -> Dynamic {
    decoded.unwrap_or_else(|report| {
        problems.extend(report);
        Dynamic::Null
    })
}
