//! What happens in each operation, free of any protocol: values in, values and diagnostics out.
//!
//! One operation a file. The rules of Terraform's core that a provider is held to are in `consistency`; walking a
//! value along its schema is in `tree`. Not here: bytes, RPCs and processes (`wire`, `serve`), which call this.

mod action;
mod apply;
mod caller;
mod configure;
pub(crate) mod consistency;
mod data_source;
mod declaration;
mod ephemeral_resource;
mod function;
mod generate;
mod handler;
mod identity;
mod import;
mod list_resource;
pub(crate) mod literal;
mod members;
mod move_state;
pub(crate) mod panics;
mod plan;
mod read;
mod replacement;
pub(crate) mod tree;
mod upgrade;
mod validate;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

pub(crate) use action::{ActionHandler, TypedAction};
pub use caller::Caller;
pub(crate) use data_source::{DataSourceHandler, TypedDataSource};
pub(crate) use ephemeral_resource::{EphemeralHandler, TypedEphemeral};
pub use function::FunctionFailure;
pub(crate) use function::{FunctionHandler, TypedFunction};
pub(crate) use handler::{ProviderHandler, ResourceHandler, TypedConfig, TypedResource};
pub(crate) use list_resource::{ListHandler, TypedList};
pub use list_resource::{ListRequest, Listed};
pub(crate) use validate::validated;

use crate::operation::{Cancellation, Canceller};
use crate::schema::{ProviderSchema, Schema};
use crate::timeouts::Limit;
use crate::{Deferral, Dynamic, Path, Report, Type};
use handler::{AtHand, Connection};

/// Runs a provider. Cheap to clone; clones share the connection.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    address: String,
    schema: ProviderSchema,
    handlers: Handlers,
    connection: RwLock<ConnectionState>,
    canceller: Canceller,
}

/// Author code by type name.
pub(crate) struct Handlers {
    pub(crate) provider: Box<dyn ProviderHandler>,
    pub(crate) resources: BTreeMap<String, Box<dyn ResourceHandler>>,
    pub(crate) data_sources: BTreeMap<String, Box<dyn DataSourceHandler>>,
    pub(crate) ephemeral_resources: BTreeMap<String, Box<dyn EphemeralHandler>>,
    pub(crate) functions: BTreeMap<String, Box<dyn FunctionHandler>>,
    pub(crate) actions: BTreeMap<String, Box<dyn ActionHandler>>,
    pub(crate) list_resources: BTreeMap<String, Box<dyn ListHandler>>,
}

impl Handlers {
    /// A provider that has nothing yet.
    pub(crate) fn of(provider: Box<dyn ProviderHandler>) -> Self {
        Self {
            provider,
            resources: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            ephemeral_resources: BTreeMap::new(),
            functions: BTreeMap::new(),
            actions: BTreeMap::new(),
            list_resources: BTreeMap::new(),
        }
    }
}

#[derive(Clone, Default)]
enum ConnectionState {
    #[default]
    NotConfigured,
    /// Configured, but part of the configuration is known only after apply.
    Deferred,
    Connected(Connection),
}

/// What to plan.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// Type name of the resource.
    pub type_name: String,
    /// The state before; null when creating.
    pub prior: Dynamic,
    /// Core's merge of configuration and prior state; null when destroying.
    pub proposed: Dynamic,
    /// The configuration; null when destroying.
    pub config: Dynamic,
    /// Private bytes of the state before.
    pub prior_private: Vec<u8>,
    /// Private bytes of an earlier plan of the same change, from a Terraform that keeps them (1.16).
    pub earlier_private: Vec<u8>,
    /// Identity before; null when there is none.
    pub prior_identity: Dynamic,
    /// Who asks.
    pub caller: Caller,
}

/// A plan.
#[derive(Clone, Debug)]
pub struct PlanResponse {
    /// The state that will be; null when destroying.
    pub planned: Dynamic,
    /// What makes it a replacement, sorted and without repetition.
    pub replace: Vec<Path>,
    /// Private bytes for apply.
    pub private: Vec<u8>,
    /// The identity that will be; null when there is none or it is not known.
    pub identity: Dynamic,
    /// Why it is put off; only for a caller that takes that for an answer.
    pub deferred: Option<Deferral>,
    /// What was found.
    pub report: Report,
}

/// What to apply.
#[derive(Clone, Debug)]
pub struct ApplyRequest {
    /// Type name of the resource.
    pub type_name: String,
    /// The state before; null when creating.
    pub prior: Dynamic,
    /// The plan; null when deleting.
    pub planned: Dynamic,
    /// The configuration; null when deleting.
    pub config: Dynamic,
    /// Private bytes of the plan.
    pub private: Vec<u8>,
    /// The planned identity; null when there is none.
    pub identity: Dynamic,
    /// Who asks.
    pub caller: Caller,
}

/// What an apply did.
#[derive(Clone, Debug)]
pub struct ApplyResponse {
    /// The state now; null when deleted, or when a failed create left nothing behind.
    pub state: Dynamic,
    /// Private bytes of the state.
    pub private: Vec<u8>,
    /// Identity of the object; null when there is none.
    pub identity: Dynamic,
    /// What was found.
    pub report: Report,
}

/// What to read.
#[derive(Clone, Debug)]
pub struct ReadRequest {
    /// Type name of the resource.
    pub type_name: String,
    /// The state as stored.
    pub state: Dynamic,
    /// Private bytes of the state.
    pub private: Vec<u8>,
    /// Identity as stored; null when there is none.
    pub identity: Dynamic,
    /// Who asks.
    pub caller: Caller,
}

/// What a read found.
#[derive(Clone, Debug)]
pub struct ReadResponse {
    /// The state now; null when the object is gone.
    pub state: Dynamic,
    /// Private bytes of the state.
    pub private: Vec<u8>,
    /// Identity of the object; null when there is none.
    pub identity: Dynamic,
    /// Why it is put off; only for a caller that takes that for an answer.
    pub deferred: Option<Deferral>,
    /// What was found.
    pub report: Report,
}

/// What to import.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// Type name of the resource.
    pub type_name: String,
    /// What the user gave.
    pub by: ImportBy,
    /// Who asks.
    pub caller: Caller,
}

/// By what to import.
#[derive(Clone, Debug)]
pub enum ImportBy {
    /// By an id.
    Id(String),
    /// By an identity; what may be left out may be null.
    Identity(Dynamic),
}

/// What was imported.
#[derive(Clone, Debug)]
pub struct ImportResponse {
    /// The whole state; null only with an error, and unknown when it is put off.
    pub state: Dynamic,
    /// Private bytes of the state.
    pub private: Vec<u8>,
    /// Identity of the object; null when there is none.
    pub identity: Dynamic,
    /// Why it is put off; only for a caller that takes that for an answer.
    pub deferred: Option<Deferral>,
    /// What was found.
    pub report: Report,
}

/// What a data source or an ephemeral resource answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The whole of it; unknown when it is put off.
    pub value: Dynamic,
    /// Why it is put off; only for a caller that takes that for an answer.
    pub deferred: Option<Deferral>,
    /// What was found; no errors.
    pub report: Report,
}

/// What to bring to the present version of the schema.
#[derive(Clone, Debug)]
pub struct UpgradeRequest {
    /// Type name of the resource.
    pub type_name: String,
    /// The version of the schema that wrote it.
    pub version: i64,
    /// The state as stored: by [`Engine::prior_type`], or where that is `None` as plain JSON has it.
    pub state: Dynamic,
}

/// An upgraded state.
#[derive(Clone, Debug)]
pub struct UpgradeResponse {
    /// The state in the present shape; null only with an error.
    pub state: Dynamic,
    /// What was found.
    pub report: Report,
}

impl Engine {
    pub(crate) fn assemble(address: String, schema: ProviderSchema, handlers: Handlers) -> Self {
        let connection = RwLock::default();
        Self(Arc::new(Inner { address, schema, handlers, connection, canceller: Canceller::default() }))
    }

    /// The provider's source address: `namespace/name`.
    pub fn address(&self) -> &str {
        &self.0.address
    }

    /// All schemas.
    pub fn schema(&self) -> &ProviderSchema {
        &self.0.schema
    }

    /// The type of the states that version `version` of a resource's schema wrote. `None` when that is not known
    /// (an older version): the state is then to be decoded as plain JSON (text, number, boolean, `List`, `Object`,
    /// null). A known type is that of the present schema: what the stored state has besides is to be ignored, what
    /// it lacks is null.
    pub fn prior_type(&self, type_name: &str, version: i64) -> Option<Type> {
        let schema = self.0.schema.resources.get(type_name)?;
        (schema.version == version).then(|| schema.value_type())
    }

    /// Tells all operations under way that the user interrupted Terraform; none is cut off, and later ones run.
    pub fn stop(&self) {
        self.0.canceller.cancel();
    }

    fn resource(&self, type_name: &str) -> Result<(&Schema, &dyn ResourceHandler), Report> {
        self.declared(type_name, "resource", &self.0.schema.resources, &self.0.handlers.resources)
    }

    /// That there is no connection because the provider was configured with values that are not known yet, for a caller
    /// that takes this for an answer.
    fn waits_for_configuration(&self, caller: &Caller) -> Option<Deferral> {
        let waits = caller.may_defer && matches!(self.connection(), ConnectionState::Deferred);
        waits.then_some(Deferral::ProviderConfigUnknown)
    }

    fn connection(&self) -> ConnectionState {
        // A panic while it was held left it whole: it is only ever replaced.
        self.0.connection.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_connection(&self, state: ConnectionState) {
        *self.0.connection.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn cancellation(&self) -> Cancellation {
        self.0.canceller.cancellation()
    }

    /// What an operation gets that may take until `limit`.
    fn at_hand<'a>(&self, connection: &'a Connection, limit: Option<Limit>, caller: &Caller) -> AtHand<'a> {
        AtHand { connection, cancellation: self.cancellation().limited(limit), meta: caller.meta.clone() }
    }
}

impl ConnectionState {
    /// The connection, or why there is none.
    fn connected(self) -> Result<Connection, Report> {
        match self {
            Self::Connected(connection) => Ok(connection),
            Self::NotConfigured => Err(failure(
                "The provider is not configured",
                "Terraform asked for an operation that needs a connection before it configured the provider. Look for \
                 an earlier error about the provider block.",
            )),
            Self::Deferred => Err(failure(
                "The provider's configuration is not known yet",
                "The provider block uses values that are known only after apply, and this operation needs a connection \
                 now. Apply what those values come from first (terraform apply -target=...), or write them out.",
            )),
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("address", &self.0.address).finish_non_exhaustive()
    }
}

fn failure(summary: impl Into<String>, detail: impl Into<String>) -> Report {
    let mut report = Report::new();
    report.error(Path::root(), summary, detail);
    report
}
