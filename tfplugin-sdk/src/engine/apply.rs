//! Apply: create, update or delete, so that nothing that exists is ever forgotten.
//!
//! A failure, a panic or an interruption returns what the author checkpointed together with the error. The result of
//! a success is checked against the plan here, with the attribute's name, before core would refuse it without one.

use super::handler::{Applied, Change, Outcome};
use super::identity::kept_identity;
use super::tree::{edited, with_timeouts, with_write_only, without_unknown, without_write_only};
use super::{ApplyRequest, ApplyResponse, Engine, consistency};
use crate::schema::Schema;
use crate::{Dynamic, Private, Report};

impl Engine {
    /// Creates (null prior), deletes (null plan) or updates. With errors the state is what is true now.
    pub async fn apply_resource(&self, request: ApplyRequest) -> ApplyResponse {
        let refused = |report| ApplyResponse {
            state: request.prior.clone(),
            private: request.private.clone(),
            identity: without_unknown(&request.identity),
            report,
        };
        let (schema, handler) = match self.resource(&request.type_name) {
            Ok(found) => found,
            Err(report) => return refused(report),
        };
        let connection = match self.connection().connected() {
            Ok(connection) => connection,
            Err(report) => return refused(report),
        };
        let (operation, object) = match (request.prior.is_null(), request.planned.is_null()) {
            (true, _) => ("create", &request.planned),
            (false, true) => ("delete", &request.prior),
            (false, false) => ("update", &request.planned),
        };
        let limit = schema.timeouts.as_ref().and_then(|timeouts| timeouts.limit(operation, object));
        let private = Private::from_bytes(&request.private);
        let at_hand = self.at_hand(&connection, limit, &request.caller);
        let applied = handler.apply(at_hand, change(schema, &request), private).await;
        let private = applied.private.to_bytes();
        let (state, mut report) = conclude(schema, &request, applied);
        let planned = if request.identity.is_wholly_known() { &request.identity } else { &Dynamic::Null };
        let identity = kept_identity(schema, planned, &state, &mut report);
        ApplyResponse { state, private, identity, report }
    }
}

fn change(schema: &Schema, request: &ApplyRequest) -> Change {
    let (prior, config) = (request.prior.clone(), request.config.clone());
    if request.planned.is_null() {
        return Change::Delete { prior };
    }
    let planned = with_write_only(&schema.attributes, &request.planned, &request.config);
    if prior.is_null() { Change::Create { planned, config } } else { Change::Update { prior, planned, config } }
}

fn conclude(schema: &Schema, request: &ApplyRequest, applied: Applied) -> (Dynamic, Report) {
    let mut report = applied.report;
    let stored = |state: &Dynamic| without_write_only(&schema.attributes, &without_unknown(state));
    match (applied.outcome, applied.checkpoint) {
        (Outcome::Gone, _) => (Dynamic::Null, report),
        (Outcome::Now(state), _) => {
            let state = edited(&request.planned, &applied.rewritten, &state);
            let state = with_timeouts(schema, without_write_only(&schema.attributes, &state), &request.planned);
            for (path, problem) in consistency::check_applied(schema, &request.planned, &state) {
                let detail = format!("This is a bug in the provider: after apply, `{path}` {problem}.");
                report.error(path, "The provider broke its own plan", detail);
            }
            (stored(&state), report)
        }
        (Outcome::Failed, Some((begun, checkpoint))) => {
            let start = if request.prior.is_null() { &request.planned } else { &request.prior };
            (stored(&edited(start, &begun, &checkpoint)), report)
        }
        (Outcome::Failed, None) => (request.prior.clone(), report),
    }
}
