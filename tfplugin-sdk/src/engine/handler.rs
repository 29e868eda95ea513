//! Author code behind object-safe traits: typed inside, untyped outside.
//!
//! The futures of author traits have no name, and each resource has its own types; here both are erased, so that
//! the operations in the files beside this one are written once.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use super::ImportBy;
use super::panics::{caught, caught_async};
use crate::operation::Cancellation;
use crate::tf_type::Codec;
use crate::{
    Context, Dynamic, Error, ForeignState, Operation, Path, PlanEdit, Private, ProviderConfig, Report, Resource,
    ResourceModel, Result, resource::ImportId,
};

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What `configure` made, of a type only the typed handlers know.
pub(crate) type Connection = Arc<dyn Any + Send + Sync>;

/// What an operation gets beside what it is about.
pub(crate) struct AtHand<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) cancellation: Cancellation,
    /// The `provider_meta` block of the module; null when there is none.
    pub(crate) meta: Dynamic,
}

impl<'a> AtHand<'a> {
    /// The same as an author gets it. A provider takes only what has its own connection type.
    pub(super) fn operation<A: Send + Sync + 'static>(self) -> Operation<'a, A> {
        Operation::new(api(self.connection), self.cancellation, self.meta)
    }
}

/// The provider block and `configure`.
pub(crate) trait ProviderHandler: Send + Sync {
    /// Reports what does not fit the Rust types.
    fn validate(&self, config: &Dynamic, report: &mut Report);

    /// `Ok(None)`: not yet, because part of the configuration is unknown.
    fn configure<'a>(&'a self, config: &'a Dynamic) -> BoxFuture<'a, Result<Option<Connection>, Report>>;
}

/// A resource.
pub(crate) trait ResourceHandler: Send + Sync {
    /// Reports what does not fit the Rust types, and what the author's rules say.
    fn validate(&self, config: &Dynamic, report: &mut Report);

    /// A configuration or state as the Rust types write it: what means the same is written the same. `None` when it does
    /// not fit.
    fn canonical(&self, value: &Dynamic) -> Option<Dynamic>;

    /// Runs the author's look at a plan.
    fn plan<'a>(
        &'a self,
        connection: Option<&'a Connection>,
        cancellation: Cancellation,
        hook: PlanHook,
    ) -> BoxFuture<'a, PlanHookAnswer>;

    /// Creates, updates or deletes.
    fn apply<'a>(&'a self, at_hand: AtHand<'a>, change: Change, private: Private) -> BoxFuture<'a, Applied>;

    /// Reads.
    fn read<'a>(&'a self, at_hand: AtHand<'a>, state: &'a Dynamic, private: Private) -> BoxFuture<'a, Found>;

    /// Imports.
    fn import<'a>(&'a self, at_hand: AtHand<'a>, by: &'a ImportBy) -> BoxFuture<'a, Found>;

    /// Upgrades a state of an older version.
    fn upgrade(&self, version: i64, state: Dynamic) -> Result<Dynamic>;

    /// Takes over a state of another type; `None` when that is not supported.
    fn move_from(&self, source: &ForeignState) -> Result<Option<Dynamic>>;

    /// Upgrades an identity of an older version.
    fn upgrade_identity(&self, version: i64, identity: Dynamic) -> Result<Dynamic>;
}

/// A plan as the author's hook gets it. Objects, never null, except `prior`.
pub(crate) struct PlanHook {
    pub(crate) config: Dynamic,
    pub(crate) prior: Dynamic,
    pub(crate) planned: Dynamic,
    pub(crate) destroy: bool,
    /// The attributes that are declared to replace it, and do.
    pub(crate) replace: Vec<Path>,
    pub(crate) private: Private,
    pub(crate) earlier: Option<Private>,
    pub(crate) meta: Dynamic,
}

/// What the hook made of it.
#[derive(Default)]
pub(crate) struct PlanHookAnswer {
    /// The plan before and after the hook, both as the Rust types write it; `None` when it failed.
    pub(crate) edited: Option<(Dynamic, Dynamic)>,
    pub(crate) replace: Vec<Path>,
    pub(crate) private: Private,
    pub(crate) report: Report,
}

/// What to do. In `planned`, write-only values are filled in from the configuration.
pub(crate) enum Change {
    Create { planned: Dynamic, config: Dynamic },
    Update { prior: Dynamic, planned: Dynamic, config: Dynamic },
    Delete { prior: Dynamic },
}

/// What came of an operation.
#[derive(Default)]
pub(crate) enum Outcome {
    /// It failed; the report says why.
    #[default]
    Failed,
    /// There is nothing any more.
    Gone,
    /// This is the state now.
    Now(Dynamic),
}

impl Outcome {
    fn of<R: Codec>(state: Option<&R>) -> Self {
        state.map_or(Self::Gone, |state| Self::Now(state.encode()))
    }
}

/// What a change did.
#[derive(Default)]
pub(crate) struct Applied {
    pub(crate) outcome: Outcome,
    /// What the author wrote down before it failed: as it started, and as it was left.
    pub(crate) checkpoint: Option<(Dynamic, Dynamic)>,
    /// The plan as the Rust types write it.
    pub(crate) rewritten: Dynamic,
    pub(crate) private: Private,
    pub(crate) report: Report,
}

/// What a read or an import found.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) outcome: Outcome,
    /// The state that was given as the Rust types write it.
    pub(crate) rewritten: Dynamic,
    pub(crate) private: Private,
    pub(crate) report: Report,
}

type Configure<C, A> =
    Box<dyn Fn(<C as ProviderConfig>::Config) -> BoxFuture<'static, Result<Option<A>>> + Send + Sync>;

/// The configuration `C` that makes a connection `A`.
pub(crate) struct TypedConfig<C: ProviderConfig, A> {
    configure: Configure<C, A>,
}

impl<C: ProviderConfig, A: Send + Sync + 'static> TypedConfig<C, A> {
    pub(crate) fn new<F>(configure: impl Fn(C::Config) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Option<A>>> + Send + 'static,
    {
        Self { configure: Box::new(move |config| Box::pin(configure(config))) }
    }
}

impl<C: ProviderConfig, A: Send + Sync + 'static> ProviderHandler for TypedConfig<C, A> {
    fn validate(&self, config: &Dynamic, report: &mut Report) {
        C::Config::decode(config, &Path::root(), report);
    }

    fn configure<'a>(&'a self, config: &'a Dynamic) -> BoxFuture<'a, Result<Option<Connection>, Report>> {
        Box::pin(async {
            let mut report = Report::new();
            let Some(config) = C::Config::decode(config, &Path::root(), &mut report) else { return Err(report) };
            let configured = caught("configuring the provider", || (self.configure)(config))?;
            let api = caught_async("configuring the provider", configured).await?;
            Ok(api.map(|api| Arc::new(api) as Connection))
        })
    }
}

/// The resource `R`.
pub(crate) struct TypedResource<R>(PhantomData<fn() -> R>);

impl<R> Default for TypedResource<R> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<R: Resource> TypedResource<R> {
    fn doing(verb: &str) -> String {
        format!("{verb} a {}", <R as ResourceModel>::NAME)
    }
}

impl<R: Resource> ResourceHandler for TypedResource<R> {
    fn validate(&self, config: &Dynamic, report: &mut Report) {
        check_typed(&Self::doing("validating"), config, report, R::validate);
    }

    fn canonical(&self, value: &Dynamic) -> Option<Dynamic> {
        R::Config::decode(value, &Path::root(), &mut Report::new()).map(|value| value.encode())
    }

    fn plan<'a>(
        &'a self,
        connection: Option<&'a Connection>,
        cancellation: Cancellation,
        hook: PlanHook,
    ) -> BoxFuture<'a, PlanHookAnswer> {
        Box::pin(async move {
            let root = Path::root();
            let mut answer = PlanHookAnswer::default();
            let report = &mut answer.report;
            let config = R::Config::decode(&hook.config, &root, report);
            let planned = R::Config::decode(&hook.planned, &root, report);
            let prior = <Option<R>>::decode(&hook.prior, &root, report);
            let (Some(config), Some(planned), Some(prior)) = (config, planned, prior) else { return answer };
            let before = planned.encode();
            let mut replace = hook.replace;
            if let Some(prior) = prior.as_ref().filter(|_| !hook.destroy) {
                replace.extend(R::replace_if(prior, &planned));
            }
            let mut edit = PlanEdit {
                api: connection.map(api),
                config,
                prior,
                planned,
                destroy: hook.destroy,
                replace,
                private: hook.private,
                earlier: hook.earlier,
                meta: hook.meta,
                cancellation,
                report: Report::new(),
            };
            let outcome = caught_async(&Self::doing("planning"), R::plan(&mut edit)).await;
            answer.report.extend(edit.report);
            answer.replace = edit.replace;
            answer.private = edit.private;
            match outcome {
                Ok(()) => answer.edited = Some((before, edit.planned.encode())),
                Err(error) => answer.report.extend(error.into()),
            }
            answer
        })
    }

    fn apply<'a>(&'a self, at_hand: AtHand<'a>, change: Change, private: Private) -> BoxFuture<'a, Applied> {
        let kept = private.clone();
        let cx = Context::<R>::new(at_hand.operation(), private);
        Box::pin(async move {
            let outcome = match change {
                Change::Create { planned, config } => create(cx, &planned, &config).await,
                Change::Update { prior, planned, config } => update(cx, &prior, &planned, &config).await,
                Change::Delete { prior } => delete(cx, &prior).await,
            };
            outcome.unwrap_or_else(|report| Applied { report, private: kept, ..Applied::default() })
        })
    }

    fn read<'a>(&'a self, at_hand: AtHand<'a>, state: &'a Dynamic, private: Private) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let state: R = match decoded(state) {
                Ok(state) => state,
                Err(report) => return Found { private, report, ..Found::default() },
            };
            let rewritten = state.encode();
            let mut cx = Context::<R>::new(at_hand.operation(), private);
            let outcome = caught_async(&Self::doing("reading"), R::read(&mut cx, state)).await;
            found(cx, outcome, rewritten)
        })
    }

    fn import<'a>(&'a self, at_hand: AtHand<'a>, by: &'a ImportBy) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let id = match by {
                ImportBy::Id(id) => R::Import::parse(id),
                ImportBy::Identity(identity) => R::Import::from_identity(identity),
            };
            let id = match id {
                Ok(id) => id,
                Err(error) => return Found { report: error.into(), ..Found::default() },
            };
            let mut cx = Context::<R>::new(at_hand.operation(), Private::default());
            let outcome = caught_async(&Self::doing("importing"), R::import(&mut cx, id)).await;
            found(cx, outcome, Dynamic::Null)
        })
    }

    fn upgrade(&self, version: i64, state: Dynamic) -> Result<Dynamic> {
        caught(&Self::doing("upgrading the state of"), || match R::upgrade_typed(version, state.clone())? {
            Some(state) => Ok(state),
            None => R::upgrade(version, state),
        })?
    }

    fn move_from(&self, source: &ForeignState) -> Result<Option<Dynamic>> {
        let moved = caught(&Self::doing("moving a state to"), || R::move_from(source))??;
        Ok(moved.map(|state| state.encode()))
    }

    fn upgrade_identity(&self, version: i64, identity: Dynamic) -> Result<Dynamic> {
        caught(&Self::doing("upgrading the identity of"), || R::upgrade_identity(version, identity))?
    }
}

/// The connection as the author's type.
fn api<A: Send + Sync + 'static>(connection: &Connection) -> &A {
    connection.downcast_ref().expect("a provider has one type of connection")
}

/// Reads a configuration and lets the author check it; both report what they find.
pub(super) fn check_typed<C: Codec>(
    doing: &str,
    config: &Dynamic,
    report: &mut Report,
    validate: impl FnOnce(&C, &mut Report),
) {
    let Some(config) = C::decode(config, &Path::root(), report) else { return };
    let mut found = Report::new();
    let outcome = caught(doing, || validate(&config, &mut found));
    report.extend(found);
    if let Err(error) = outcome {
        report.extend(error.into());
    }
}

async fn create<R: Resource>(cx: Context<'_, R>, planned: &Dynamic, config: &Dynamic) -> Result<Applied, Report> {
    let (plan, config): (R::Plan, R::Config) = (decoded(planned)?, decoded(config)?);
    let rewritten = plan.encode();
    let mut cx = cx.starting(Some(config), plan.clone());
    let outcome = caught_async(&TypedResource::<R>::doing("creating"), R::create(&mut cx, plan)).await;
    let begun = rewritten.clone();
    Ok(applied(cx, outcome.map(Some), rewritten, begun))
}

async fn update<R: Resource>(
    cx: Context<'_, R>,
    prior: &Dynamic,
    planned: &Dynamic,
    config: &Dynamic,
) -> Result<Applied, Report> {
    let (state, start): (R, R::Plan) = (decoded(prior)?, decoded(prior)?);
    let (plan, config): (R::Plan, R::Config) = (decoded(planned)?, decoded(config)?);
    let (rewritten, begun) = (plan.encode(), start.encode());
    let mut cx = cx.starting(Some(config), start);
    let outcome = caught_async(&TypedResource::<R>::doing("updating"), R::update(&mut cx, state, plan)).await;
    Ok(applied(cx, outcome.map(Some), rewritten, begun))
}

async fn delete<R: Resource>(cx: Context<'_, R>, prior: &Dynamic) -> Result<Applied, Report> {
    let (state, start): (R, R::Plan) = (decoded(prior)?, decoded(prior)?);
    let begun = start.encode();
    let mut cx = cx.starting(None, start);
    let outcome = caught_async(&TypedResource::<R>::doing("deleting"), R::delete(&mut cx, state)).await;
    Ok(applied(cx, outcome.map(|()| None), Dynamic::Null, begun))
}

fn applied<R: Resource>(cx: Context<'_, R>, outcome: Result<Option<R>>, rewritten: Dynamic, begun: Dynamic) -> Applied {
    let (checkpoint, private, mut report) = cx.into_parts();
    match outcome {
        Ok(state) => Applied { outcome: Outcome::of(state.as_ref()), checkpoint: None, rewritten, private, report },
        Err(error) => {
            report.extend(error.into());
            let checkpoint = checkpoint.map(|checkpoint| (begun, checkpoint.encode()));
            Applied { outcome: Outcome::Failed, checkpoint, rewritten, private, report }
        }
    }
}

fn found<R: Resource>(cx: Context<'_, R>, outcome: Result<Option<R>>, rewritten: Dynamic) -> Found {
    let (_, private, mut report) = cx.into_parts();
    match outcome {
        Ok(state) => Found { outcome: Outcome::of(state.as_ref()), rewritten, private, report },
        Err(error) => {
            report.extend(error.into());
            Found { outcome: Outcome::Failed, rewritten, private, report }
        }
    }
}

pub(super) fn decoded<T: Codec>(value: &Dynamic) -> Result<T, Report> {
    let mut report = Report::new();
    let decoded = T::decode(value, &Path::root(), &mut report);
    decoded.ok_or_else(|| {
        if !report.has_errors() {
            report.extend(Error::new("A value does not fit the provider's types").into());
        }
        report
    })
}
