//! Read: the state as it is now, or null when the object is gone.

use super::handler::Outcome;
use super::identity::kept_identity;
use super::tree::{edited, with_timeouts, without_unknown, without_write_only};
use super::{ConnectionState, Engine, ReadRequest, ReadResponse};
use crate::{Dynamic, Path, Private, Report};

impl Engine {
    /// Reads a resource. With an error everything comes back as it went in.
    pub async fn read_resource(&self, request: ReadRequest) -> ReadResponse {
        let unchanged = |report| ReadResponse {
            state: request.state.clone(),
            private: request.private.clone(),
            identity: request.identity.clone(),
            deferred: None,
            report,
        };
        if request.state.is_null() {
            return unchanged(Report::new());
        }
        let (schema, handler) = match self.resource(&request.type_name) {
            Ok(found) => found,
            Err(report) => return unchanged(report),
        };
        if let deferred @ Some(_) = self.waits_for_configuration(&request.caller) {
            return ReadResponse { deferred, ..unchanged(Report::new()) };
        }
        let connection = match self.connection() {
            // A plan may go on with what is stored: it will be read again when the configuration is known.
            ConnectionState::Deferred => return unchanged(not_refreshed(&request.type_name)),
            other => match other.connected() {
                Ok(connection) => connection,
                Err(report) => return unchanged(report),
            },
        };
        let limit = schema.timeouts.as_ref().and_then(|timeouts| timeouts.limit("read", &request.state));
        let private = Private::from_bytes(&request.private);
        let at_hand = self.at_hand(&connection, limit, &request.caller);
        let found = handler.read(at_hand, &request.state, private).await;
        let state = match found.outcome {
            Outcome::Now(now) => {
                let now = edited(&request.state, &found.rewritten, &now);
                with_timeouts(schema, without_write_only(&schema.attributes, &without_unknown(&now)), &request.state)
            }
            Outcome::Gone => Dynamic::Null,
            Outcome::Failed => {
                return match found.report.put_off(&request.caller) {
                    deferred @ Some(_) => ReadResponse { deferred, ..unchanged(found.report.warnings()) },
                    None => unchanged(found.report),
                };
            }
        };
        let mut report = found.report;
        let identity = kept_identity(schema, &request.identity, &state, &mut report);
        ReadResponse { state, private: found.private.to_bytes(), identity, deferred: None, report }
    }
}

fn not_refreshed(type_name: &str) -> Report {
    let mut report = Report::new();
    report.warning(
        Path::root(),
        "The state was not refreshed",
        format!(
            "The provider block uses values that are known only after apply, so this {type_name} could not be read; \
             the plan is made from the state as it was stored."
        ),
    );
    report
}
