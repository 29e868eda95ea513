//! One step of a test: what Terraform is told to do, and how.
//!
//! Not here: what is expected of it (`expectation`), and doing it (`trial`).

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::pin::Pin;

use super::expectation::Expectation;
use super::folder::Files;
use crate::Path;

/// Where in the author's test something stands.
pub(super) type Place = &'static Location<'static>;

/// A future that can be kept beside others.
pub(super) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One step: made by [`apply`], [`plan`], [`import_verify`] and their like, then told what to expect.
///
/// A step has as many expectations as it needs. All of them are looked at, and all that are not met are reported at
/// once, each with its place in the test.
///
/// # Panics
///
/// Every method panics where it says nothing about the kind of step it is called on: an expectation that could not
/// fail is worth nothing.
#[must_use = "a step does nothing until a `Terraform` is given it"]
pub struct Step<'a> {
    pub(super) order: Order,
    /// Of [`Kind::Then`].
    pub(super) check: Option<Check<'a>>,
}

/// All of a step but the author's own code.
pub(super) struct Order {
    pub kind: Kind,
    pub place: Place,
    pub expectations: Vec<(Place, Expectation)>,
    pub options: Options,
}

/// What Terraform is told to do.
pub(super) enum Kind {
    Validate(String),
    /// `None`: with the configuration that was applied.
    Plan(Option<String>),
    Apply(String),
    Refresh,
    Taint(String),
    Destroy,
    ImportVerify(ImportVerify),
    /// Nothing: the author looks.
    Then,
}

/// A check of the author's own.
pub(super) type Check<'a> = Box<dyn FnOnce() -> BoxFuture<'a, ()> + Send + 'a>;

/// What is imported, and by what.
pub(super) struct ImportVerify {
    pub address: String,
    pub by: By,
    pub id: Option<String>,
    pub ignored: Vec<Path>,
}

/// How the object to import is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Block,
    Command,
    Identity,
}

/// How a step is done.
#[derive(Default)]
pub(super) struct Options {
    pub leaves_changes: bool,
    pub without_refresh: bool,
    /// Arguments for planning: `-replace=…`, `-target=…`.
    pub arguments: Vec<String>,
    pub files: Files,
    pub variables: BTreeMap<String, String>,
}

/// `terraform apply` with this configuration: planned, looked at, and applied. Afterwards a plan must be empty, with
/// and without reading everything again, unless the step [fails](Step::fails) or
/// [leaves changes](Step::leaves_changes).
#[track_caller]
pub fn apply<'a>(configuration: impl Into<String>) -> Step<'a> {
    Step::new(Kind::Apply(configuration.into()))
}

/// `terraform plan` with this configuration, which is gone after the step: nothing is applied, and what follows stands
/// on what was applied before.
#[track_caller]
pub fn plan<'a>(configuration: impl Into<String>) -> Step<'a> {
    Step::new(Kind::Plan(Some(configuration.into())))
}

/// `terraform plan` with the configuration that was applied last.
#[track_caller]
pub fn plan_again<'a>() -> Step<'a> {
    Step::new(Kind::Plan(None))
}

/// The configuration that was applied last plans no change, with and without reading everything again.
#[track_caller]
pub fn plan_is_empty<'a>() -> Step<'a> {
    plan_again().is_empty()
}

/// `terraform validate` with this configuration, which is gone after the step. The provider is not configured.
#[track_caller]
pub fn validate<'a>(configuration: impl Into<String>) -> Step<'a> {
    Step::new(Kind::Validate(configuration.into()))
}

/// `terraform apply -refresh-only`: what changed outside of Terraform goes into the state.
#[track_caller]
pub fn refresh<'a>() -> Step<'a> {
    Step::new(Kind::Refresh)
}

/// `terraform taint`: the next apply replaces it.
#[track_caller]
pub fn taint<'a>(address: impl Into<String>) -> Step<'a> {
    Step::new(Kind::Taint(address.into()))
}

/// `terraform destroy`. A test ends with one by itself; as a step it is for what is expected of it.
#[track_caller]
pub fn destroy<'a>() -> Step<'a> {
    Step::new(Kind::Destroy)
}

/// Imports what is at `address` into a state that does not know it, and compares attribute by attribute with the state
/// that does. A plan after that must find no difference either. Everything else stays in the state, so that
/// the configuration may refer to it; the state of the test is untouched.
///
/// It is imported with an `import` block, by the id that the `import` template of the resource makes of its state;
/// [`id`](Step::id) names another, [`by_command`](Step::by_command) and [`by_identity`](Step::by_identity) are other
/// ways.
#[track_caller]
pub fn import_verify<'a>(address: impl Into<String>) -> Step<'a> {
    let address = address.into();
    Step::new(Kind::ImportVerify(ImportVerify { address, by: By::Block, id: None, ignored: Vec::new() }))
}

/// A look at the platform between two steps, or a change made to it behind Terraform's back. It fails by panicking, as
/// `assert!` does.
#[track_caller]
pub fn then<'a, F: Future<Output = ()> + Send + 'a>(check: impl FnOnce() -> F + Send + 'a) -> Step<'a> {
    Step { check: Some(Box::new(|| Box::pin(check()))), ..Step::new(Kind::Then) }
}

/// How the step is done.
impl Step<'_> {
    /// The plan after the apply is not empty, and is expected not to be.
    #[track_caller]
    pub fn leaves_changes(mut self) -> Self {
        self.only_for("leaves_changes", |kind| matches!(kind, Kind::Apply(_)));
        self.order.options.leaves_changes = true;
        self
    }

    /// `-refresh=false`: plans with what the state says, without reading.
    #[track_caller]
    pub fn without_refresh(mut self) -> Self {
        self.only_for("without_refresh", |kind| matches!(kind, Kind::Plan(_) | Kind::Apply(_) | Kind::Destroy));
        self.order.options.without_refresh = true;
        self
    }

    /// `-replace=ADDRESS`: replaces it, whatever the configuration says.
    #[track_caller]
    pub fn replacing(self, address: &str) -> Self {
        self.planning_with(
            "replacing",
            |kind| matches!(kind, Kind::Plan(_) | Kind::Apply(_)),
            format!("-replace={address}"),
        )
    }

    /// `-target=ADDRESS`: only this, and what it needs.
    #[track_caller]
    pub fn targeting(self, address: &str) -> Self {
        self.planning_with("targeting", Kind::makes_a_plan, format!("-target={address}"))
    }

    /// There is a file beside the configuration, in this step and, if it applies, in those after it. `name` may have
    /// folders in it.
    #[track_caller]
    pub fn file(mut self, name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        self.only_for("file", Kind::has_configuration);
        self.order.options.files.insert(super::checked_name(name.into()), content.into());
        self
    }

    /// The variable has this value, in this step and, if it applies, in those after it: a text as it is, anything else
    /// as in a `.tfvars` file.
    #[track_caller]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.only_for("variable", Kind::has_configuration);
        self.order.options.variables.insert(name.into(), value.into());
        self
    }
}

/// What is said of [`import_verify`] alone.
impl Step<'_> {
    /// Imports by this id.
    #[track_caller]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.import_verify("id").id = Some(id.into());
        self
    }

    /// Imports with the command `terraform import` in place of an `import` block.
    #[track_caller]
    pub fn by_command(mut self) -> Self {
        self.import_verify("by_command").by = By::Command;
        self
    }

    /// Imports with an `import` block that has the identity in place of an id. Terraform older than 1.12 has no
    /// identity: the step is then left out, and says so.
    #[track_caller]
    pub fn by_identity(mut self) -> Self {
        self.import_verify("by_identity").by = By::Identity;
        self
    }

    /// What is at this path need not be the same: the platform does not give it back. Nor what a plan would change there.
    #[track_caller]
    pub fn ignoring(mut self, path: Path) -> Self {
        self.import_verify("ignoring").ignored.push(path);
        self
    }
}

impl Step<'_> {
    #[track_caller]
    fn new(kind: Kind) -> Self {
        let place = Location::caller();
        Self { order: Order { kind, place, expectations: Vec::new(), options: Options::default() }, check: None }
    }

    #[track_caller]
    fn planning_with(mut self, method: &str, of: impl Fn(&Kind) -> bool, argument: String) -> Self {
        self.only_for(method, of);
        self.order.options.arguments.push(argument);
        self
    }

    #[track_caller]
    pub(super) fn only_for(&self, method: &str, of: impl Fn(&Kind) -> bool) {
        assert!(of(&self.order.kind), "`{method}` says nothing about {}", self.order.kind);
    }

    #[track_caller]
    fn import_verify(&mut self, method: &str) -> &mut ImportVerify {
        match &mut self.order.kind {
            Kind::ImportVerify(import) => import,
            kind => panic!("`{method}` says nothing about {kind}"),
        }
    }
}

impl Order {
    /// Whether there is an expectation of this sort.
    pub(super) fn expects(&self, sort: impl Fn(&Expectation) -> bool) -> bool {
        self.expectations.iter().any(|(_, expectation)| sort(expectation))
    }

    /// Whether it is expected to fail.
    pub(super) fn fails(&self) -> bool {
        self.expects(|expectation| matches!(expectation, Expectation::Fails { .. }))
    }
}

impl Kind {
    pub(super) fn makes_a_plan(&self) -> bool {
        matches!(self, Self::Plan(_) | Self::Apply(_) | Self::Destroy | Self::Refresh)
    }

    fn has_configuration(&self) -> bool {
        matches!(self, Self::Validate(_) | Self::Plan(Some(_)) | Self::Apply(_))
    }
}

/// As it is written in a test.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Validate(_) => "validate",
            Self::Plan(Some(_)) => "plan",
            Self::Plan(None) => "plan_again",
            Self::Apply(_) => "apply",
            Self::Refresh => "refresh",
            Self::Taint(_) => "taint",
            Self::Destroy => "destroy",
            Self::ImportVerify(_) => "import_verify",
            Self::Then => "then",
        })
    }
}

impl fmt::Debug for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.order.kind, self.order.place)
    }
}
