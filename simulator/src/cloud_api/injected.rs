//! Faults, as the cloud API carries them out: what a call that one strikes comes to. Which calls those are is
//! [`crate::faults`]'s business. Only calls that are signed and can be read are struck.

use clb_cloud_api::envelope::encode_error;
use serde_json::Value;

use super::{Answer, Call};
use crate::call_journal::Recording;
use crate::faults::{Attempt, Faults, Outcome};

/// The answer to a call: what a fault makes of it, or what it would be anyway.
pub(super) async fn answer(faults: &Faults, mut call: Call<'_>, recording: &mut Recording<'_>) -> Answer {
    let strike = faults.strike(&Attempt {
        service: &call.service,
        action: call.action,
        world: &call.account,
        mentions: &|text| call.arguments.entries.values().any(|value| mentions(value, text)),
    });
    let Some(strike) = strike else { return call.served(recording).await };
    recording.record.fault = Some((strike.id, word(&strike.effect.outcome)));
    tokio::time::sleep(strike.effect.delay).await;
    match strike.effect.outcome {
        Outcome::Served => call.served(recording).await,
        Outcome::Refused { code, message, status } => {
            let body = encode_error(&code, &message, call.request_id);
            recording.record.error_code = code;
            Answer::Given { status, body, is_json: true }
        }
        Outcome::Status(status) => {
            let body = format!("Fault {} of the simulator: status {status}.\n", strike.id).into_bytes();
            Answer::Given { status, body, is_json: false }
        }
        Outcome::LostBefore => Answer::Lost,
        Outcome::LostAfter => {
            call.served(recording).await;
            Answer::Lost
        }
        Outcome::TaskFails(reason) => {
            call.task_fails = Some(reason);
            call.served(recording).await
        }
    }
}

/// What a fault has done, as the journal says it.
fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Served => "delayed",
        Outcome::Refused { .. } => "refused",
        Outcome::Status(_) => "answered with a status",
        Outcome::LostBefore => "lost before the effect",
        Outcome::LostAfter => "answer lost after the effect",
        Outcome::TaskFails(_) => "task fails",
    }
}

/// Whether a text stands in an argument, however deep.
fn mentions(value: &Value, text: &str) -> bool {
    match value {
        Value::String(given) => given == text,
        Value::Array(items) => items.iter().any(|item| mentions(item, text)),
        Value::Object(fields) => fields.values().any(|field| mentions(field, text)),
        _ => false,
    }
}
