//! Read: the state as it is now, or null when the object is gone.

use super::handler::Outcome;
use super::tree::{edited, without_unknown, without_write_only};
use super::{ConnectionState, Engine, ReadRequest, ReadResponse};
use crate::{Dynamic, Path, Report};

impl Engine {
    /// Reads a resource. Private bytes come back as they went in; with an error the state does too.
    pub async fn read_resource(&self, request: ReadRequest) -> ReadResponse {
        let ReadRequest { type_name, state, private } = request;
        let (state, report) = self.read(&type_name, state).await;
        ReadResponse { state, private, report }
    }

    async fn read(&self, type_name: &str, state: Dynamic) -> (Dynamic, Report) {
        if state.is_null() {
            return (state, Report::new());
        }
        let (schema, handler) = match self.resource(type_name) {
            Ok(found) => found,
            Err(report) => return (state, report),
        };
        let connection = match self.connection() {
            // A plan may go on with what is stored: it will be read again when the configuration is known.
            ConnectionState::Deferred => return (state, not_refreshed(type_name)),
            other => match other.connected() {
                Ok(connection) => connection,
                Err(report) => return (state, report),
            },
        };
        let found = handler.read(&connection, self.cancellation(), &state).await;
        let state = match found.outcome {
            Outcome::Now(now) => {
                let now = edited(&state, &found.rewritten, &now);
                without_write_only(&schema.attributes, &without_unknown(&now))
            }
            Outcome::Gone => Dynamic::Null,
            Outcome::Failed => state,
        };
        (state, found.report)
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
