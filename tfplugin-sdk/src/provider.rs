//! A provider: its configuration, how that becomes a connection, and its resources.
//!
//! Not here: serving it (`serve`), and what happens in each operation (`engine`).

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;

use crate::engine::{ProviderHandler, ResourceHandler, TypedConfig, TypedResource};
use crate::schema::{ProviderSchema, Schema, SchemaOwner};
use crate::tf_type::Codec;
use crate::{Engine, Path, Report, Resource, ResourceModel, Result};

/// What `#[derive(ProviderConfig)]` makes of a struct: the provider block and its configuration phase.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a provider's configuration",
    note = "put `#[derive(Clone, Debug, PartialEq, tfplugin_sdk::ProviderConfig)]` on the struct"
)]
pub trait ProviderConfig: Codec {
    /// Every attribute null, unknown or known.
    type Config: Codec;

    /// The schema of the provider block.
    fn schema() -> Schema;

    /// The configuration in plain types; `None` while any part of it is unknown. (The derive gives `Config` the
    /// method `known` that does the same.)
    fn from_known(config: &Self::Config) -> Option<Self> {
        let config = config.encode();
        if config.is_wholly_known() { Self::decode(&config, &Path::root(), &mut Report::new()) } else { None }
    }
}

/// A provider whose resources use the connection `A`.
pub struct Provider<A> {
    address: String,
    handler: Box<dyn ProviderHandler>,
    resources: BTreeMap<String, Box<dyn ResourceHandler>>,
    schema: ProviderSchema,
    repeated: Vec<String>,
    connection: std::marker::PhantomData<fn() -> A>,
}

impl<A: Send + Sync + 'static> Provider<A> {
    /// A provider with the source address `address` (`namespace/name`), whose `configure` makes the connection.
    /// `Ok(None)` says that it cannot connect yet because part of the configuration is not known before apply.
    pub fn new<C, F>(address: impl Into<String>, configure: impl Fn(C::Config) -> F + Send + Sync + 'static) -> Self
    where
        C: ProviderConfig,
        F: Future<Output = Result<Option<A>>> + Send + 'static,
    {
        Self {
            address: address.into(),
            handler: Box::new(TypedConfig::<C, A>::new(configure)),
            resources: BTreeMap::new(),
            schema: ProviderSchema { provider: C::schema(), resources: BTreeMap::new() },
            repeated: Vec::new(),
            connection: std::marker::PhantomData,
        }
    }

    /// Adds a resource.
    #[must_use]
    pub fn resource<R: Resource<Api = A>>(mut self) -> Self {
        let name = <R as ResourceModel>::NAME;
        self.schema.resources.insert(name.to_owned(), R::schema());
        if self.resources.insert(name.to_owned(), Box::new(TypedResource::<R>::default())).is_some() {
            self.repeated.push(name.to_owned());
        }
        self
    }

    /// Its source address: `namespace/name`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its schemas.
    pub fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    /// Checks everything declared, as Terraform will and beyond; meant for one unit test of every provider.
    ///
    /// # Panics
    ///
    /// With one line per mistake.
    pub fn assert_valid(&self) {
        let mut problems: Vec<String> =
            self.repeated.iter().map(|name| format!("resource {name}: registered twice")).collect();
        let of_provider = self.schema.provider.problems(SchemaOwner::Provider);
        problems.extend(of_provider.into_iter().map(|problem| format!("provider: {problem}")));
        for (name, schema) in &self.schema.resources {
            let of_resource = schema.problems(SchemaOwner::Resource);
            problems.extend(of_resource.into_iter().map(|problem| format!("resource {name}: {problem}")));
        }
        assert!(problems.is_empty(), "the schema of {} is wrong:\n{}", self.address, problems.join("\n"));
    }

    /// The engine that runs it.
    pub fn into_engine(self) -> Engine {
        Engine::assemble(self.address, self.schema, self.handler, self.resources)
    }
}

impl<A> fmt::Debug for Provider<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("address", &self.address)
            .field("resources", &self.resources.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
