//! Whether what Terraform did and said is what a step expects.
//!
//! Not here: running Terraform (`trial`); what is compared has been seen already.

use std::collections::BTreeSet;

use super::diagnostic::Diagnostic;
use super::difference::{differences, names};
use super::expectation::Expectation;
use super::expected::{Expected, Text};
use super::failure::Problem;
use super::shown::{Change, Deed, ShownPlan, ShownState, Value};
use super::step::{Kind, Order, Place};
use crate::testing::Action;
use crate::{Path, Severity};

/// What was seen of one step.
#[derive(Debug, Default)]
pub(super) struct Observed {
    /// What failed, for the reader, and when.
    pub failed: Option<(Stage, String)>,
    pub diagnostics: Vec<Diagnostic>,
    /// Where something is expected of it.
    pub plan: Option<ShownPlan>,
    /// Where it is compared.
    pub before: Option<ShownState>,
    /// Where something is expected of it.
    pub after: Option<ShownState>,
    /// The plans that ought to be empty.
    pub later: Vec<LaterPlan>,
    /// Everything but the plan in which a secret must not be, after what it is.
    pub public: Vec<(&'static str, String)>,
}

/// What Terraform was at when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Preparing,
    Planning,
    Applying,
}

/// A plan of what is applied already.
#[derive(Debug)]
pub(super) struct LaterPlan {
    pub refreshed: bool,
    /// `None` when there is nothing to do.
    pub changes: Option<ShownPlan>,
}

/// An error that is expected: where in the test, which text, and at which attribute.
type WantedError<'e> = (Place, &'e Text, Option<&'e (String, Path)>);

/// Everything that is not as expected.
pub(super) fn judge(step: &Order, observed: &Observed) -> Vec<Problem> {
    let mut problems = of_outcome(step, observed);
    if !problems.is_empty() {
        // Nothing that was to be seen after the failure was seen.
        return problems;
    }
    problems.extend(of_expectations(step, observed, |_| true));
    problems.extend(of_later_plans(step, observed));
    problems
}

/// What of the plan is not as expected, before it is applied.
pub(super) fn judge_plan(step: &Order, observed: &Observed) -> Vec<Problem> {
    of_expectations(step, observed, Expectation::is_of_plan)
}

fn of_expectations(step: &Order, observed: &Observed, sort: impl Fn(&Expectation) -> bool) -> Vec<Problem> {
    let expectations = step.expectations.iter().filter(|(_, expectation)| sort(expectation));
    let unmet = expectations.filter_map(|(place, expectation)| Some((place, unmet(step, expectation, observed)?)));
    unmet.map(|(place, (expected, found))| Problem { place, expected, found }).collect()
}

/// Whether it failed as expected, and with nothing else than what is expected.
fn of_outcome(step: &Order, observed: &Observed) -> Vec<Problem> {
    let errors: Vec<&Diagnostic> = said(observed, Severity::Error).collect();
    let expected = step.expectations.iter().filter_map(|(place, expectation)| match expectation {
        Expectation::Fails { text, at } => Some((*place, text, at.as_ref())),
        _ => None,
    });
    let expected: Vec<_> = expected.collect();
    let Some((stage, ending)) = &observed.failed else {
        let unmet = |(place, text, at): &WantedError<'_>| Problem {
            place,
            expected: format!("an error: {}", described(text, *at)),
            found: format!("{} succeeded", step.kind),
        };
        return expected.iter().map(unmet).collect();
    };
    if expected.is_empty() {
        return vec![Problem { place: step.place, expected: "success".to_owned(), found: listed(ending, &errors) }];
    }
    if matches!(step.kind, Kind::Apply(_)) && *stage != Stage::Applying {
        let expected = "a plan without errors, and then an error while it is applied (what a plan refuses is expected of \
                        `plan`)";
        return vec![Problem { place: step.place, expected: expected.to_owned(), found: listed(ending, &errors) }];
    }
    let meets = |(_, text, at): &WantedError<'_>, error: &Diagnostic| is_said(text, *at, error);
    let unmet = expected.iter().filter(|expected| !errors.iter().any(|error| meets(expected, error)));
    let unmet = unmet.map(|(place, text, at)| Problem {
        place,
        expected: format!("an error: {}", described(text, *at)),
        found: listed(ending, &errors),
    });
    let surplus = errors.iter().filter(|error| !expected.iter().any(|expected| meets(expected, error)));
    let surplus = surplus.map(|error| Problem {
        place: step.place,
        expected: "no other error".to_owned(),
        found: error.to_string(),
    });
    unmet.chain(surplus).collect()
}

fn said(observed: &Observed, severity: Severity) -> impl Iterator<Item = &Diagnostic> {
    observed.diagnostics.iter().filter(move |diagnostic| diagnostic.severity == severity)
}

fn is_said(text: &Text, at: Option<&(String, Path)>, diagnostic: &Diagnostic) -> bool {
    text.is_met_by(&diagnostic.sentence()) && at.is_none_or(|(address, path)| diagnostic.is_at(address, path))
}

fn described(text: &Text, at: Option<&(String, Path)>) -> String {
    at.map_or_else(|| text.to_string(), |(address, path)| format!("{text}, at {}", place(address, path)))
}

fn listed(what: &str, diagnostics: &[&Diagnostic]) -> String {
    let lines = diagnostics.iter().map(|diagnostic| format!("\n{diagnostic}"));
    format!("{what}{}", lines.collect::<String>())
}

fn place(address: &str, path: &Path) -> String {
    if path.is_root() { address.to_owned() } else { format!("`{path}` of {address}") }
}

/// What was expected and what was found, where that is not the same.
fn unmet(step: &Order, expectation: &Expectation, observed: &Observed) -> Option<(String, String)> {
    if expectation.is_of_plan() {
        let Some(plan) = &observed.plan else { return Some(("a plan".to_owned(), "there is none".to_owned())) };
        return of_plan(step, expectation, plan).or_else(|| of_secrets(expectation, observed));
    }
    if expectation.is_of_state() {
        let Some(after) = &observed.after else { return Some(("a state".to_owned(), "there is none".to_owned())) };
        return of_state(expectation, observed.before.as_ref(), after);
    }
    let Expectation::Warns { text, at } = expectation else { return None };
    let warnings: Vec<&Diagnostic> = said(observed, Severity::Warning).collect();
    let is_met = warnings.iter().any(|warning| is_said(text, at.as_ref(), warning));
    let found = || listed(if warnings.is_empty() { "no warning" } else { "other warnings:" }, &warnings);
    (!is_met).then(|| (format!("a warning: {}", described(text, at.as_ref())), found()))
}

fn of_plan(step: &Order, expectation: &Expectation, plan: &ShownPlan) -> Option<(String, String)> {
    let missing = || format!("the plan has nothing for it, only for {}", enumerated(&plan.addresses()));
    let change_of = |address: &str, expected: String, unlike: &dyn Fn(&Change) -> Option<String>| {
        let found = plan.change(address).map_or_else(|| Some(missing()), unlike);
        found.map(|found| (expected, found))
    };
    match expectation {
        Expectation::Plans { address, action, because } => {
            let forced_by: BTreeSet<Vec<String>> = because.iter().map(names).collect();
            let expected = Deed::Act(*action);
            let sentence = format!("{address} {}{}", expected.passive(), reason(&forced_by));
            change_of(address, sentence, &|change| {
                let found: BTreeSet<Vec<String>> = change.forced_by.iter().cloned().collect();
                let is_met = change.deed == expected && (because.is_empty() || found == forced_by);
                (!is_met).then(|| format!("it is {}{}", change.deed.passive(), reason(&found)))
            })
        }
        Expectation::PlansNothingElse => {
            let named: Vec<&String> =
                step.expectations.iter().filter_map(|(_, expectation)| named(expectation)).collect();
            let others = plan.changing().filter(|change| !named.contains(&&change.address));
            let others: Vec<String> =
                others.map(|change| format!("{} {}", change.address, change.deed.passive())).collect();
            (!others.is_empty()).then(|| ("nothing else in the plan".to_owned(), others.join("\n")))
        }
        Expectation::Planned { address, path, value } => {
            let sentence = format!("in the plan, {} to be {value}", place(address, path));
            change_of(address, sentence, &|change| {
                if change.deed == Deed::Act(Action::Delete) {
                    return Some("it is to be deleted".to_owned());
                }
                met(value, &change.after, path, Some(&change.before))
            })
        }
        Expectation::PlannedOutput { name, value } => {
            let found = match plan.output(name) {
                Some(change) => met(value, &change.after, &Path::root(), Some(&change.before)),
                None => Some("the plan has no such output".to_owned()),
            };
            found.map(|found| (format!("in the plan, output {name} to be {value}"), found))
        }
        Expectation::Moves { from, to } => change_of(to, format!("{from} to be moved to {to}"), &|change| {
            let was = change.moved_from.as_deref();
            (was != Some(from))
                .then(|| was.map_or("it is not moved".to_owned(), |was| format!("it is moved from {was}")))
        }),
        Expectation::Imports { address } => change_of(address, format!("{address} to be imported"), &|change| {
            (!change.is_import).then(|| format!("it is {}", change.deed.passive()))
        }),
        Expectation::Forgets { address } => change_of(address, format!("{address} to be forgotten"), &|change| {
            (change.deed != Deed::Forget).then(|| format!("it is {}", change.deed.passive()))
        }),
        Expectation::Drifts { address, action } => {
            let expected = Deed::Act(*action);
            let found = match plan.drift(address) {
                Some(drift) if drift.deed == expected => None,
                Some(drift) => Some(format!("it is seen {}", drift.deed.passive())),
                None => Some("it is as Terraform left it".to_owned()),
            };
            found.map(|found| (format!("{address} to be seen {}, outside of Terraform", expected.passive()), found))
        }
        _ => None,
    }
}

/// The resource that an expectation of the plan names.
fn named(expectation: &Expectation) -> Option<&String> {
    match expectation {
        Expectation::Plans { address, .. } | Expectation::Imports { address } | Expectation::Forgets { address } => {
            Some(address)
        }
        _ => None,
    }
}

pub(super) fn reason(forced_by: &BTreeSet<Vec<String>>) -> String {
    let paths: Vec<String> = forced_by.iter().map(|path| format!("`{}`", path.join("."))).collect();
    if paths.is_empty() { String::new() } else { format!(", because of {}", paths.join(", ")) }
}

fn enumerated(addresses: &[&str]) -> String {
    if addresses.is_empty() { "nothing at all".to_owned() } else { addresses.join(", ") }
}

/// What is found at the path, when that is not what is expected.
fn met(expected: &Expected, value: &Value, path: &Path, before: Option<&Value>) -> Option<String> {
    match value.at(path, before) {
        Ok(found) if expected.is_met_by(&found) => None,
        Ok(found) => Some(found.to_string()),
        Err(sentence) => Some(sentence),
    }
}

fn of_state(expectation: &Expectation, before: Option<&ShownState>, after: &ShownState) -> Option<(String, String)> {
    let missing = || format!("the state has nothing there, only {}", enumerated(&after.addresses()));
    match expectation {
        Expectation::State { address, path, value } => {
            let was = before.and_then(|before| before.resource(address)).map(|stored| &stored.value);
            let found = match after.resource(address) {
                Some(stored) => met(value, &stored.value, path, was),
                None => Some(missing()),
            };
            found.map(|found| (format!("{} to be {value}", place(address, path)), found))
        }
        Expectation::Gone { address } => {
            let is_there = after.resource(address).is_some();
            is_there.then(|| (format!("{address} to be gone"), "it is in the state".to_owned()))
        }
        Expectation::Tainted { address } => {
            let found = match after.resource(address) {
                Some(stored) if stored.is_tainted => None,
                Some(_) => Some("it is whole".to_owned()),
                None => Some(missing()),
            };
            found.map(|found| (format!("{address} to be tainted"), found))
        }
        Expectation::Output { name, value } => {
            let was = before.and_then(|before| before.output(name));
            let found = match after.output(name) {
                Some(output) => met(value, output, &Path::root(), was),
                None => Some(format!("there is no such output, only {}", enumerated(&after.outputs()))),
            };
            found.map(|found| (format!("output {name} to be {value}"), found))
        }
        _ => None,
    }
}

fn of_secrets(expectation: &Expectation, observed: &Observed) -> Option<(String, String)> {
    let Expectation::Hides { text } = expectation else { return None };
    let plan = observed.plan.iter().map(|plan| ("the plan", plan.text.as_str()));
    let all = observed.public.iter().map(|(what, content)| (*what, content.as_str())).chain(plan);
    let places: Vec<&str> = all.filter(|(_, content)| content.contains(text.as_str())).map(|(what, _)| what).collect();
    (!places.is_empty()).then(|| (format!("{text:?} to be nowhere"), format!("it is in {}", places.join(", in "))))
}

fn of_later_plans(step: &Order, observed: &Observed) -> Vec<Problem> {
    let is_empty = |(_, expectation): &&(Place, Expectation)| matches!(expectation, Expectation::IsEmpty);
    let place = step.expectations.iter().find(is_empty).map_or(step.place, |(place, _)| place);
    let mut problems = Vec::new();
    for LaterPlan { refreshed, changes } in &observed.later {
        let how = if *refreshed { "" } else { ", without refresh" };
        match changes {
            Some(_) if step.options.leaves_changes => {}
            None if step.options.leaves_changes => {
                let expected = "a plan afterwards that is not empty".to_owned();
                problems.push(Problem { place, expected, found: "it is empty".to_owned() });
            }
            None => {}
            Some(plan) => {
                let expected = format!("a plan that is empty{how}");
                problems.push(Problem { place, expected, found: changes_of(plan) });
            }
        }
    }
    problems
}

/// All that a plan is going to change, with the attributes.
fn changes_of(plan: &ShownPlan) -> String {
    let lines = plan.everything_changing().map(|change| {
        let is_whole = change.before.is.is_null() || change.after.is.is_null();
        let parts = if is_whole { Vec::new() } else { differences(&change.before, &change.after, &[]) };
        let parts: String = parts.iter().fold(String::new(), |text, part| text + "\n  " + &part.to_string());
        let reason = reason(&change.forced_by.iter().cloned().collect());
        format!("{} is {}{reason}{parts}", change.address, change.deed.passive())
    });
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() { "Terraform says that there are changes".to_owned() } else { lines.join("\n") }
}
