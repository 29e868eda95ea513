//! Import: the whole state of an object that exists already, from its id.

use super::handler::Outcome;
use super::tree::{without_unknown, without_write_only};
use super::{Engine, ImportRequest, ImportResponse};
use crate::{Dynamic, Error, Report};

impl Engine {
    /// Imports by id.
    pub async fn import_resource(&self, request: ImportRequest) -> ImportResponse {
        let (state, report) = match self.import(&request).await {
            Ok((state, report)) => (state, report),
            Err(report) => (Dynamic::Null, report),
        };
        ImportResponse { state, private: Vec::new(), report }
    }

    async fn import(&self, request: &ImportRequest) -> Result<(Dynamic, Report), Report> {
        let (schema, handler) = self.resource(&request.type_name)?;
        let connection = self.connection().connected()?;
        let mut found = handler.import(&connection, self.cancellation(), &request.id).await;
        match found.outcome {
            Outcome::Now(state) => Ok((without_write_only(&schema.attributes, &without_unknown(&state)), found.report)),
            Outcome::Gone => {
                let error = Error::new("Cannot import what does not exist").detail(format!(
                    "There is no {} with the id {:?}. Check the id, and that the provider is configured for the account \
                     and region it is in.",
                    request.type_name, request.id
                ));
                found.report.extend(error.into());
                Err(found.report)
            }
            Outcome::Failed => Err(found.report),
        }
    }
}
