//! What a test expects of a step.
//!
//! Not here: the values that are expected (`expected`), and comparing (`judge`).

use std::panic::Location;

use super::expected::{Expected, Text};
use super::step::{Kind, Step};
use crate::Path;
use crate::testing::Action;

/// What a test expects.
#[derive(Debug)]
pub(super) enum Expectation {
    Plans { address: String, action: Action, because: Vec<Path> },
    PlansNothingElse,
    Planned { address: String, path: Path, value: Expected },
    PlannedOutput { name: String, value: Expected },
    Moves { from: String, to: String },
    Imports { address: String },
    Forgets { address: String },
    Drifts { address: String, action: Action },
    IsEmpty,
    State { address: String, path: Path, value: Expected },
    Gone { address: String },
    Tainted { address: String },
    Output { name: String, value: Expected },
    Hides { text: String },
    Fails { text: Text, at: Option<(String, Path)> },
    Warns { text: Text, at: Option<(String, Path)> },
}

/// What the plan says.
impl Step<'_> {
    /// The plan does this to `address`.
    #[track_caller]
    pub fn plans(self, address: impl Into<String>, action: Action) -> Self {
        self.of_plan("plans", Expectation::Plans { address: address.into(), action, because: Vec::new() })
    }

    /// After [`plans`](Self::plans) with [`Action::Replace`]: this attribute forces the replacement. Said more than
    /// once, it is these attributes and no others.
    #[track_caller]
    pub fn because(mut self, path: Path) -> Self {
        match self.order.expectations.last_mut() {
            Some((_, Expectation::Plans { action: Action::Replace, because, .. })) => because.push(path),
            _ => panic!("`because` stands after `plans(…, Action::Replace)`"),
        }
        self
    }

    /// The plan does something to no other resource than those named by [`plans`](Self::plans),
    /// [`imports`](Self::imports) and [`forgets`](Self::forgets).
    #[track_caller]
    pub fn plans_nothing_else(self) -> Self {
        self.of_plan("plans_nothing_else", Expectation::PlansNothingElse)
    }

    /// The plan has this value for an attribute of `address`.
    #[track_caller]
    pub fn planned(self, address: impl Into<String>, path: Path, value: impl Into<Expected>) -> Self {
        self.of_plan("planned", Expectation::Planned { address: address.into(), path, value: value.into() })
    }

    /// The plan has this value for an output.
    #[track_caller]
    pub fn planned_output(self, name: impl Into<String>, value: impl Into<Expected>) -> Self {
        self.of_plan("planned_output", Expectation::PlannedOutput { name: name.into(), value: value.into() })
    }

    /// A `moved` block takes the resource from one address to the other.
    #[track_caller]
    pub fn moves(self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.of_plan("moves", Expectation::Moves { from: from.into(), to: to.into() })
    }

    /// An `import` block of the configuration brings the object in.
    #[track_caller]
    pub fn imports(self, address: impl Into<String>) -> Self {
        self.of_plan("imports", Expectation::Imports { address: address.into() })
    }

    /// A `removed` block lets go of the resource without destroying it.
    #[track_caller]
    pub fn forgets(self, address: impl Into<String>) -> Self {
        self.of_plan("forgets", Expectation::Forgets { address: address.into() })
    }

    /// Reading shows that it was changed ([`Action::Update`]) or deleted ([`Action::Delete`]) outside of Terraform.
    #[track_caller]
    pub fn drifts(self, address: impl Into<String>, action: Action) -> Self {
        self.of_plan("drifts", Expectation::Drifts { address: address.into(), action })
    }

    /// There is nothing to do, with and without reading everything again.
    #[track_caller]
    pub fn is_empty(self) -> Self {
        self.expecting("is_empty", |kind| matches!(kind, Kind::Plan(_)), Expectation::IsEmpty)
    }
}

/// What the state has after the step.
impl Step<'_> {
    /// The state has this value for an attribute of `address`.
    #[track_caller]
    pub fn state(self, address: impl Into<String>, path: Path, value: impl Into<Expected>) -> Self {
        self.of_state("state", Expectation::State { address: address.into(), path, value: value.into() })
    }

    /// The state has nothing at `address`.
    #[track_caller]
    pub fn gone(self, address: impl Into<String>) -> Self {
        self.of_state("gone", Expectation::Gone { address: address.into() })
    }

    /// What is at `address` is going to be replaced, because making it failed half-way or it was tainted.
    #[track_caller]
    pub fn tainted(self, address: impl Into<String>) -> Self {
        self.of_state("tainted", Expectation::Tainted { address: address.into() })
    }

    /// The state has this value for an output.
    #[track_caller]
    pub fn output(self, name: impl Into<String>, value: impl Into<Expected>) -> Self {
        self.of_state("output", Expectation::Output { name: name.into(), value: value.into() })
    }

    /// This text is in no place where a secret must not be: not in the state file, not in the plan, not in anything
    /// that Terraform prints.
    #[track_caller]
    pub fn hides(self, text: impl Into<String>) -> Self {
        self.of_plan("hides", Expectation::Hides { text: text.into() })
    }
}

/// What Terraform says.
impl Step<'_> {
    /// The step fails, with an error whose text (`summary: detail`) contains or matches this. Said more than once, there
    /// are as many errors; nothing that is not expected may go wrong. An [`apply`](super::apply) that fails has
    /// planned well before: what a plan refuses is expected of [`plan`](super::plan).
    #[track_caller]
    pub fn fails(self, text: impl Into<Text>) -> Self {
        self.of_run("fails", Expectation::Fails { text: text.into(), at: None })
    }

    /// There is a warning whose text (`summary: detail`) contains or matches this.
    #[track_caller]
    pub fn warns(self, text: impl Into<Text>) -> Self {
        self.of_run("warns", Expectation::Warns { text: text.into(), at: None })
    }

    /// After [`fails`](Self::fails) or [`warns`](Self::warns): it is shown at this attribute of `address` (also
    /// `data.type.name`, `provider.name`, `output.name`). Terraform shows the attribute of the resource that the path
    /// begins with. It cannot show one that is a block or is not set; the text has to name such a path.
    #[track_caller]
    pub fn at(mut self, address: impl Into<String>, path: Path) -> Self {
        match self.order.expectations.last_mut() {
            Some((_, Expectation::Fails { at, .. } | Expectation::Warns { at, .. })) if at.is_none() => {
                *at = Some((address.into(), path));
            }
            _ => panic!("`at` stands after `fails` or `warns`, once"),
        }
        self
    }
}

impl Step<'_> {
    #[track_caller]
    fn of_plan(self, method: &str, expectation: Expectation) -> Self {
        self.expecting(method, Kind::makes_a_plan, expectation)
    }

    #[track_caller]
    fn of_state(self, method: &str, expectation: Expectation) -> Self {
        let changes_state =
            |kind: &Kind| matches!(kind, Kind::Apply(_) | Kind::Refresh | Kind::Taint(_) | Kind::Destroy);
        self.expecting(method, changes_state, expectation)
    }

    #[track_caller]
    fn of_run(self, method: &str, expectation: Expectation) -> Self {
        self.expecting(method, |kind| !matches!(kind, Kind::Then | Kind::Taint(_)), expectation)
    }

    #[track_caller]
    fn expecting(mut self, method: &str, of: impl Fn(&Kind) -> bool, expectation: Expectation) -> Self {
        self.only_for(method, of);
        self.order.expectations.push((Location::caller(), expectation));
        self
    }
}

impl Expectation {
    /// Whether it is about the plan.
    pub(super) fn is_of_plan(&self) -> bool {
        matches!(
            self,
            Self::Plans { .. }
                | Self::PlansNothingElse
                | Self::Planned { .. }
                | Self::PlannedOutput { .. }
                | Self::Moves { .. }
                | Self::Imports { .. }
                | Self::Forgets { .. }
                | Self::Drifts { .. }
                | Self::Hides { .. }
        )
    }

    /// Whether it is about the state after the step.
    pub(super) fn is_of_state(&self) -> bool {
        matches!(self, Self::State { .. } | Self::Gone { .. } | Self::Tainted { .. } | Self::Output { .. })
    }

    /// Whether it compares the state with the one before the step.
    pub(super) fn looks_back(&self) -> bool {
        matches!(self, Self::State { value, .. } | Self::Output { value, .. } if value.looks_back())
    }
}
