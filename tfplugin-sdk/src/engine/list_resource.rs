//! List resources: validate and search. What is found goes out as it comes, each object with its identity.

use std::marker::PhantomData;

use tokio::sync::mpsc;

use super::declaration::input_of;
use super::handler::{AtHand, BoxFuture, Connection, Outcome, ResourceHandler, check_typed, decoded};
use super::identity::identity_of;
use super::panics::caught_async;
use super::tree::{without_unknown, without_write_only};
use super::validate::validated;
use super::{Caller, Engine, ImportBy, failure};
use crate::list_resource::{Finding, Object};
use crate::schema::Schema;
use crate::{Declaration, Dynamic, ListModel, ListResource, Listing, Report};

/// What to search for.
#[derive(Clone, Debug, PartialEq)]
pub struct ListRequest {
    /// Type name of the resource.
    pub type_name: String,
    /// The configuration of the search.
    pub config: Dynamic,
    /// How many objects are wanted at most.
    pub limit: u64,
    /// Whether whole states are wanted beside identities.
    pub wants_states: bool,
}

/// One object that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Its name, for people.
    pub name: String,
    /// What identifies it.
    pub identity: Dynamic,
    /// Its state, where it is wanted.
    pub state: Option<Dynamic>,
    /// Warnings.
    pub report: Report,
}

/// A list resource.
pub(crate) trait ListHandler: Send + Sync {
    /// Reports what does not fit the Rust types, and what the author's rules say.
    fn validate(&self, config: &Dynamic, report: &mut Report);

    /// Starts to search. What is found waits in the receiver; the future ends with the search.
    fn list<'a>(
        &'a self,
        at_hand: AtHand<'a>,
        input: &'a Dynamic,
        limit: u64,
        wants_states: bool,
    ) -> (BoxFuture<'a, Report>, mpsc::Receiver<Finding>);
}

/// What it takes to complete what was found.
struct Completion<'a> {
    schema: &'a Schema,
    resource: &'a dyn ResourceHandler,
    connection: Connection,
    wants_states: bool,
}

/// The list resource `L`.
pub(crate) struct TypedList<L>(PhantomData<fn() -> L>);

impl<L> Default for TypedList<L> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<L: ListResource> ListHandler for TypedList<L> {
    fn validate(&self, config: &Dynamic, report: &mut Report) {
        check_typed(&format!("validating a search for {}", <L as Declaration>::NAME), config, report, L::validate);
    }

    fn list<'a>(
        &'a self,
        at_hand: AtHand<'a>,
        input: &'a Dynamic,
        limit: u64,
        wants_states: bool,
    ) -> (BoxFuture<'a, Report>, mpsc::Receiver<Finding>) {
        let (mut listing, findings) = Listing::<<L as ListModel>::Resource>::new(limit, wants_states);
        let work = async move {
            let input: L::Input = match decoded(input) {
                Ok(input) => input,
                Err(report) => return report,
            };
            let mut operation = at_hand.operation();
            let doing = format!("searching for {}", <L as Declaration>::NAME);
            let done = caught_async(&doing, L::list(&mut operation, input, &mut listing)).await;
            let mut report = operation.into_warnings();
            if let Err(error) = done {
                report.extend(error.into());
            }
            report
        };
        (Box::pin(work), findings)
    }
}

impl Engine {
    /// Checks the configuration of a search.
    #[allow(clippy::needless_pass_by_value, reason = "like every operation, it takes what it is about")]
    pub fn validate_list_resource(&self, type_name: &str, config: Dynamic) -> Report {
        match self.list_handler(type_name) {
            Ok((schema, handler)) => validated(schema, &config, |report| handler.validate(&config, report)),
            Err(report) => report,
        }
    }

    /// Searches. What is found is sent to `listed` until the search ends or nobody listens there any more; warnings go with
    /// the last object. What is left to say, such as why the search failed, is the answer.
    pub async fn list_resource(&self, request: ListRequest, listed: mpsc::Sender<Listed>) -> Report {
        let ListRequest { type_name, config, limit, wants_states } = request;
        let found = self.list_handler(&type_name).and_then(|(schema, handler)| {
            let (resource_schema, resource) = self.resource(&type_name)?;
            let connection = self.connection().connected()?;
            let completion = Completion { schema: resource_schema, resource, connection, wants_states };
            Ok((input_of(schema, &config)?, handler, completion))
        });
        let (input, handler, completion) = match found {
            Ok(found) => found,
            Err(report) => return report,
        };
        let at_hand = self.at_hand(&completion.connection, None, &Caller::default());
        let (work, findings) = handler.list(at_hand, &input, limit, wants_states);
        let (report, last) = tokio::join!(work, self.complete_all(&completion, findings, &listed));
        conclude(report, last, &listed).await
    }

    /// Sends everything but the last object, which is returned. When this ends, the search learns that no more is wanted.
    async fn complete_all(
        &self,
        completion: &Completion<'_>,
        mut findings: mpsc::Receiver<Finding>,
        listed: &mpsc::Sender<Listed>,
    ) -> Result<Option<Listed>, Report> {
        let mut last: Option<Listed> = None;
        while let Some(finding) = findings.recv().await {
            let found = self.complete(completion, finding).await?;
            if let Some(earlier) = last.replace(found)
                && listed.send(earlier).await.is_err()
            {
                break;
            }
        }
        Ok(last)
    }

    /// What was found, with its identity and, where it is wanted, its state.
    async fn complete(&self, completion: &Completion<'_>, finding: Finding) -> Result<Listed, Report> {
        let Completion { schema, resource, connection, wants_states } = completion;
        let Finding { name, object } = finding;
        let (identity, state, report) = match object {
            Object::Identity(identity) if *wants_states => {
                let by = ImportBy::Identity(identity);
                let found = resource.import(self.at_hand(connection, None, &Caller::default()), &by).await;
                let Outcome::Now(state) = found.outcome else { return Err(not_read(&name, found.report)) };
                (Dynamic::Null, Some(state), found.report)
            }
            Object::Identity(identity) => (identity, None, Report::new()),
            Object::State(state) => (Dynamic::Null, Some(state), Report::new()),
        };
        let state = state.map(|state| without_write_only(&schema.attributes, &without_unknown(&state)));
        let identity = state.as_ref().map_or(identity, |state| identity_of(schema, state));
        if identity.is_null() || !identity.is_wholly_known() {
            let detail = format!("This is a bug in the provider: {name:?} was found without what identifies it.");
            return Err(failure("An object without identity", detail));
        }
        Ok(Listed { name, identity, state: state.filter(|_| *wants_states), report })
    }

    fn list_handler(&self, type_name: &str) -> Result<(&Schema, &dyn ListHandler), Report> {
        self.declared(type_name, "list resource", &self.0.schema.list_resources, &self.0.handlers.list_resources)
    }
}

/// Sends the last object with the warnings of the search, and says what is left to say.
async fn conclude(mut report: Report, last: Result<Option<Listed>, Report>, listed: &mpsc::Sender<Listed>) -> Report {
    match last {
        Ok(Some(mut last)) => {
            let errors = report.errors();
            last.report.extend(report.warnings());
            // Nobody listens any more: then there is nobody to warn.
            let _ = listed.send(last).await;
            errors
        }
        Ok(None) => report,
        Err(failed) => {
            report.extend(failed);
            report
        }
    }
}

fn not_read(name: &str, mut report: Report) -> Report {
    if !report.has_errors() {
        let detail = format!("{name:?} was found, and was gone when it was read. Search again.");
        report.extend(failure("An object vanished", detail));
    }
    report
}
