//! A provider: its configuration, how that becomes a connection, and everything it has.
//!
//! Not here: serving it (`serve`), and what happens in each operation (`engine`).

use std::fmt;
use std::future::Future;

use crate::engine::{
    Handlers, TypedAction, TypedConfig, TypedDataSource, TypedEphemeral, TypedFunction, TypedList, TypedResource,
};
use crate::schema::{NO_NAME, ProviderSchema, Schema, SchemaOwner, is_name};
use crate::tf_type::Codec;
use crate::tf_type::TfType;
use crate::{
    Action, DataSource, Declaration, Engine, EphemeralResource, Function, FunctionModel, ListResource, Path, Report,
    Resource, ResourceModel, Result,
};

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
    handlers: Handlers,
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
            handlers: Handlers::of(Box::new(TypedConfig::<C, A>::new(configure))),
            schema: ProviderSchema { provider: C::schema(), ..ProviderSchema::default() },
            repeated: Vec::new(),
            connection: std::marker::PhantomData,
        }
    }

    /// Lets modules say something to the provider in a `provider_meta` block, such as who wrote them:
    /// `terraform { provider_meta "board" { author = "ann" } }`. Operations find it with [`Operation::meta`](crate::Operation::meta).
    #[must_use]
    pub fn meta<M: ProviderConfig>(mut self) -> Self {
        if self.schema.provider_meta.replace(M::schema()).is_some() {
            self.repeated.push("provider_meta".to_owned());
        }
        self
    }

    /// Adds a resource.
    #[must_use]
    pub fn resource<R: Resource<Api = A>>(mut self) -> Self {
        let name = <R as ResourceModel>::NAME;
        self.schema.resources.insert(name.to_owned(), R::schema());
        if self.handlers.resources.insert(name.to_owned(), Box::new(TypedResource::<R>::default())).is_some() {
            self.repeated.push(format!("resource {name}"));
        }
        self
    }

    /// Adds a data source.
    #[must_use]
    pub fn data_source<D: DataSource<Api = A>>(mut self) -> Self {
        let name = <D as Declaration>::NAME;
        self.schema.data_sources.insert(name.to_owned(), D::schema());
        if self.handlers.data_sources.insert(name.to_owned(), Box::new(TypedDataSource::<D>::default())).is_some() {
            self.repeated.push(format!("data source {name}"));
        }
        self
    }

    /// Adds an ephemeral resource.
    #[must_use]
    pub fn ephemeral_resource<E: EphemeralResource<Api = A>>(mut self) -> Self {
        let name = <E as Declaration>::NAME;
        self.schema.ephemeral_resources.insert(name.to_owned(), E::schema());
        let handler = Box::new(TypedEphemeral::<E>::default());
        if self.handlers.ephemeral_resources.insert(name.to_owned(), handler).is_some() {
            self.repeated.push(format!("ephemeral resource {name}"));
        }
        self
    }

    /// Adds an action.
    #[must_use]
    pub fn action<T: Action<Api = A>>(mut self) -> Self {
        let name = <T as Declaration>::NAME;
        self.schema.actions.insert(name.to_owned(), T::schema());
        if self.handlers.actions.insert(name.to_owned(), Box::new(TypedAction::<T>::default())).is_some() {
            self.repeated.push(format!("action {name}"));
        }
        self
    }

    /// Adds a list resource.
    #[must_use]
    pub fn list_resource<L>(mut self) -> Self
    where
        L: ListResource,
        L::Resource: Resource<Api = A>,
    {
        let name = <L as Declaration>::NAME;
        self.schema.list_resources.insert(name.to_owned(), L::schema());
        if self.handlers.list_resources.insert(name.to_owned(), Box::new(TypedList::<L>::default())).is_some() {
            self.repeated.push(format!("list resource {name}"));
        }
        self
    }

    /// Adds a function.
    #[must_use]
    pub fn function<F: Function>(mut self) -> Self {
        let name = <F as FunctionModel>::NAME;
        self.schema.functions.insert(name.to_owned(), F::schema(F::Output::kind().value_type()));
        if self.handlers.functions.insert(name.to_owned(), Box::new(TypedFunction::<F>::default())).is_some() {
            self.repeated.push(format!("function {name}"));
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
        let mut problems: Vec<String> = self.repeated.iter().map(|what| format!("{what}: registered twice")).collect();
        let of_provider = self.schema.provider.problems(SchemaOwner::Provider);
        problems.extend(of_provider.into_iter().map(|problem| format!("provider: {problem}")));
        let of_meta = self.schema.provider_meta.iter().flat_map(|meta| meta.problems(SchemaOwner::Meta));
        problems.extend(of_meta.map(|problem| format!("provider_meta: {problem}")));
        for (kind, schemas, owner) in [
            ("resource", &self.schema.resources, SchemaOwner::Resource),
            ("data source", &self.schema.data_sources, SchemaOwner::Declaration),
            ("ephemeral resource", &self.schema.ephemeral_resources, SchemaOwner::Declaration),
            ("action", &self.schema.actions, SchemaOwner::Arguments),
            ("list resource", &self.schema.list_resources, SchemaOwner::Arguments),
        ] {
            for (name, schema) in schemas {
                let bad_name = (!is_name(name)).then(|| NO_NAME.to_owned());
                let found = bad_name.into_iter().chain(schema.problems(owner));
                problems.extend(found.map(|problem| format!("{kind} {name}: {problem}")));
            }
        }
        for name in self.schema.list_resources.keys() {
            if self.schema.resources.get(name).is_none_or(|resource| resource.identity.is_none()) {
                problems.push(format!("list resource {name}: there is no resource {name} with identity(...) to find"));
            }
        }
        for (name, function) in &self.schema.functions {
            let of_function = function.problems(name);
            problems.extend(of_function.into_iter().map(|problem| format!("function {name}: {problem}")));
        }
        assert!(problems.is_empty(), "the schema of {} is wrong:\n{}", self.address, problems.join("\n"));
    }

    /// The engine that runs it.
    pub fn into_engine(self) -> Engine {
        Engine::assemble(self.address, self.schema, self.handlers)
    }
}

impl<A> fmt::Debug for Provider<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("address", &self.address)
            .field("resources", &self.schema.resources.keys().collect::<Vec<_>>())
            .field("data_sources", &self.schema.data_sources.keys().collect::<Vec<_>>())
            .field("ephemeral_resources", &self.schema.ephemeral_resources.keys().collect::<Vec<_>>())
            .field("functions", &self.schema.functions.keys().collect::<Vec<_>>())
            .field("actions", &self.schema.actions.keys().collect::<Vec<_>>())
            .field("list_resources", &self.schema.list_resources.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::Type;
    use crate::schema::{Attribute, FunctionSchema};

    /// Nothing to configure.
    #[derive(Clone, Debug, PartialEq, tfplugin_macros::ProviderConfig)]
    struct Settings {}

    #[test]
    fn everything_that_is_wrong_with_a_provider_is_said_at_once_and_of_what() {
        let mut provider = Provider::<()>::new::<Settings, _>("sample/sample", |_| async { Ok(Some(())) });
        let function = FunctionSchema {
            summary: String::new(),
            description: String::new(),
            deprecated: None,
            parameters: vec![Attribute::of::<u8>("a"), Attribute::of::<u8>("B")],
            variadic: Some(Attribute::of::<u8>("a")),
            result: Type::Bool,
        };
        let schema = &mut provider.schema;
        schema.provider.attributes.push(Attribute::of::<String>("alias"));
        schema.resources.insert("Sample-Thing".to_owned(), Schema::default());
        schema.data_sources.insert("sample_thing".to_owned(), Schema { version: -1, ..Schema::default() });
        schema.list_resources.insert("sample_thing".to_owned(), Schema::default());
        schema.functions.insert("a-function".to_owned(), function);
        provider.repeated.push("action sample_thing".to_owned());

        let found = catch_unwind(AssertUnwindSafe(|| provider.assert_valid())).expect_err("much is wrong");
        let text = found.downcast_ref::<String>().expect("a text");
        let no_name = "a name has only a-z, 0-9 and _, and does not start with a digit";
        assert_eq!(
            text.lines().skip(1).collect::<Vec<_>>(),
            [
                "action sample_thing: registered twice",
                "provider: `alias` is a name that Terraform keeps for itself",
                &format!("resource Sample-Thing: {no_name}"),
                "data source sample_thing: its version must not be negative",
                "list resource sample_thing: there is no resource sample_thing with identity(...) to find",
                &format!("function a-function: {no_name}"),
                &format!("function a-function: `B`: {no_name}"),
                "function a-function: `a` is declared twice",
            ]
        );
    }
}
