//! What an author writes for one resource: the operations, on the typed phases the derive makes.
//!
//! Not here: when each is called and what is checked around it (`engine`).

use std::future::Future;

use crate::schema::Schema;
use crate::tf_type::Codec;
use crate::{Context, Dynamic, Error, ForeignState, Path, PlanEdit, Report, Result};

/// What `#[derive(Resource)]` makes of a struct: its name in Terraform, its schema and its other phases.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Terraform resource",
    label = "no resource",
    note = "put `#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Resource)]` on the struct"
)]
pub trait ResourceModel: Codec {
    /// The configuration: every attribute null, unknown or known.
    type Config: Codec;
    /// The plan at apply: what the user set is known, what the provider computes may be unknown.
    type Plan: Codec;
    /// The parts of an import id; [`NoImport`] without an `import` template.
    type Import: ImportId;
    /// What identifies it for ever; [`NoIdentity`] without `identity(...)`.
    type Identity: Codec;
    /// Type name in Terraform: `clb_quic_listener`.
    const NAME: &'static str;

    /// The schema.
    fn schema() -> Schema;

    /// The attributes declared `replace_if` whose functions say that this change replaces the resource.
    fn replace_if(prior: &Self, planned: &Self::Config) -> Vec<Path> {
        let _ = (prior, planned);
        Vec::new()
    }

    /// A state of an older version that `upgrade(...)` names, in the present shape; `None` for any other version.
    ///
    /// # Errors
    ///
    /// When the state does not fit its struct, or a conversion fails.
    fn upgrade_typed(version: i64, state: Dynamic) -> Result<Option<Dynamic>> {
        let _ = (version, state);
        Ok(None)
    }
}

/// A resource: the struct itself is its state.
///
/// The methods are written as `async fn`. Their futures run on any thread; they run to their end even when
/// Terraform is interrupted, unless the author returns early (see [`Operation::cancelled`](crate::Operation::cancelled)).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a resource of this provider",
    note = "`#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Resource)]` on the struct declares it, and `impl Resource` for it says \
            how it is created, read, updated and deleted, with the connection of the provider as `Api`"
)]
pub trait Resource: ResourceModel {
    /// The connection that the provider's `configure` makes.
    type Api: Send + Sync + 'static;

    /// Creates it and returns its state.
    fn create(cx: &mut Context<'_, Self>, plan: Self::Plan) -> impl Future<Output = Result<Self>> + Send;

    /// Its state now; `None` when it does not exist any more.
    fn read(cx: &mut Context<'_, Self>, state: Self) -> impl Future<Output = Result<Option<Self>>> + Send;

    /// Changes it in place and returns its state. A resource in which every argument is `replace` needs none.
    fn update(cx: &mut Context<'_, Self>, state: Self, plan: Self::Plan) -> impl Future<Output = Result<Self>> + Send {
        let _ = (cx, state, plan);
        async {
            Err(Error::new(format!("A {} cannot be updated in place", Self::NAME))
                .detail("This is a bug in the provider: an attribute changed that should replace the resource."))
        }
    }

    /// Deletes it. What does not exist any more counts as deleted.
    fn delete(cx: &mut Context<'_, Self>, state: Self) -> impl Future<Output = Result<()>> + Send;

    /// Rules that concern several attributes. No network: it also runs when the provider is not configured.
    fn validate(config: &Self::Config, report: &mut Report) {
        let _ = (config, report);
    }

    /// Looks at a plan, and may change what the provider decides in it. May ask the platform.
    fn plan(plan: &mut PlanEdit<'_, Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = plan;
        async { Ok(()) }
    }

    /// The state of an existing object; `None` when there is none.
    fn import(cx: &mut Context<'_, Self>, id: Self::Import) -> impl Future<Output = Result<Option<Self>>> + Send {
        let _ = (cx, id);
        async { Err(Error::new(format!("A {} cannot be imported", Self::NAME))) }
    }

    /// Takes over the state of another type of resource, which a user moves here with a `moved` block; `None` for a type
    /// it knows nothing of. What the state does not say, the next read fills in.
    ///
    /// # Errors
    ///
    /// Why a state of a type it knows cannot be taken over.
    fn move_from(source: &ForeignState) -> Result<Option<Self>> {
        let _ = source;
        Ok(None)
    }

    /// Rewrites an identity that version `version` of it had into the present shape, as [`Resource::upgrade`] does with
    /// states.
    ///
    /// # Errors
    ///
    /// Why it cannot be rewritten; by default, that nobody said how.
    fn upgrade_identity(version: i64, identity: Dynamic) -> Result<Dynamic> {
        let _ = identity;
        Err(Error::new(format!("The identity of this {} cannot be upgraded", Self::NAME)).detail(format!(
            "It was written by version {version} of the identity, and there is no upgrade from it. Use a release of the \
             provider that knows version {version}."
        )))
    }

    /// Rewrites a state of a version that `#[tf(upgrade(...))]` does not name: one that version `version` wrote, into the shape of the present one. Lists, sets
    /// and maps come as JSON has them (`List`, `Object`) and are shaped by the schema afterwards; attributes that no
    /// longer exist are dropped, and those left out become null.
    fn upgrade(version: i64, state: Dynamic) -> Result<Dynamic> {
        let _ = state;
        Err(Error::new(format!("The state of this {} cannot be upgraded", Self::NAME)).detail(format!(
            "It was written by version {version} of the resource, the provider has version {}, and there is no \
             upgrade between them. Use a release of the provider that knows version {version}.",
            Self::schema().version
        )))
    }
}

/// The parts of an import id, in the form its template states.
pub trait ImportId: Sized + Send + 'static {
    /// Reads an id; the error shows the form that is expected.
    ///
    /// # Errors
    ///
    /// When the id has another form.
    fn parse(id: &str) -> Result<Self>;

    /// Takes the parts from an identity.
    ///
    /// # Errors
    ///
    /// When the identity lacks one of them.
    fn from_identity(identity: &Dynamic) -> Result<Self>;
}

/// The identity of a resource without `identity(...)`: there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoIdentity;

impl Codec for NoIdentity {
    fn decode(_: &Dynamic, _: &Path, _: &mut Report) -> Option<Self> {
        Some(Self)
    }

    fn encode(&self) -> Dynamic {
        Dynamic::Null
    }

    fn absent() -> Self {
        Self
    }
}

/// The import id of a resource without an `import` template: there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoImport {}

impl ImportId for NoImport {
    fn parse(_: &str) -> Result<Self> {
        Err(Error::new("This type of resource cannot be imported"))
    }

    fn from_identity(_: &Dynamic) -> Result<Self> {
        Err(Error::new("This type of resource cannot be imported"))
    }
}
