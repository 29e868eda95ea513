//! Import: the whole state of an object that exists already, from its id or its identity.

use super::handler::Outcome;
use super::identity::identity_of;
use super::tree::{without_unknown, without_write_only};
use super::{Engine, ImportBy, ImportRequest, ImportResponse};
use crate::{Dynamic, Error, Report};

impl Engine {
    /// Imports by an id or by an identity.
    pub async fn import_resource(&self, request: ImportRequest) -> ImportResponse {
        let without_private = |state, identity, deferred, report| {
            let private = Vec::new();
            ImportResponse { state, private, identity, deferred, report }
        };
        let put_off = |deferred, report| {
            let identity =
                if let ImportBy::Identity(identity) = &request.by { identity.clone() } else { Dynamic::Null };
            without_private(Dynamic::unknown(), identity, deferred, report)
        };
        if let deferred @ Some(_) = self.waits_for_configuration(&request.caller) {
            return put_off(deferred, Report::new());
        }
        self.import(&request).await.unwrap_or_else(|report| match report.put_off(&request.caller) {
            deferred @ Some(_) => put_off(deferred, report.warnings()),
            None => without_private(Dynamic::Null, Dynamic::Null, None, report),
        })
    }

    async fn import(&self, request: &ImportRequest) -> Result<ImportResponse, Report> {
        let (schema, handler) = self.resource(&request.type_name)?;
        let connection = self.connection().connected()?;
        let mut found = handler.import(self.at_hand(&connection, None, &request.caller), &request.by).await;
        match found.outcome {
            Outcome::Now(state) => {
                let state = without_write_only(&schema.attributes, &without_unknown(&state));
                let identity = identity_of(schema, &state);
                let (private, report) = (found.private.to_bytes(), found.report);
                Ok(ImportResponse { state, private, identity, deferred: None, report })
            }
            Outcome::Gone => {
                let what = match &request.by {
                    ImportBy::Id(id) => format!("id {id:?}"),
                    ImportBy::Identity(_) => "identity given".to_owned(),
                };
                let error = Error::new("Cannot import what does not exist").detail(format!(
                    "There is no {} with the {what}. Check it, and that the provider is configured for the account and \
                     region it is in.",
                    request.type_name
                ));
                found.report.extend(error.into());
                Err(found.report)
            }
            Outcome::Failed => Err(found.report),
        }
    }
}
