//! Claims about the rules: the miniature asks, refuses and replaces where Terraform does, and nowhere else.
//!
//! `engine::consistency` judges plans and results both for the engine and for the miniature core: a rule misread there
//! would be misread twice. So the judge is judged here, by the real Terraform, over hundreds of answers that are wrong in
//! every way there is. A second implementation of ours could repeat a misreading; only the original can contradict it.

use std::collections::BTreeSet;

use super::carried;
use super::original::{Case, Verdict, judge};
use super::original_cases::{Chance, SEALED, anything, changed, completed, computed, computed_in, configuration};
use super::plan::{Action, intent};
use super::proposal::{may_come_from, proposed};
use crate::engine::consistency::{self, Breach};
use crate::engine::tree::without_write_only;
use crate::schema::{Attribute, AttributeKind, Nesting, Schema};
use crate::{Dynamic, Path, Step};

/// Cases of one run: Terraform needs some hundredths of a second for each.
const CASES: usize = 100;

/// Another one is other cases.
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// A value as it is sent.
fn sent(schema: &Schema, value: &Dynamic) -> Dynamic {
    let (arrived, unfit) = carried(value, &schema.value_type());
    assert!(unfit.is_empty(), "{unfit:?}");
    arrived
}

/// `value` with changes in up to two attributes.
fn spoiled(attributes: &[Attribute], value: Dynamic, chance: &mut Chance) -> Dynamic {
    let Dynamic::Object(mut parts) = value else { unreachable!("what is planned is an object") };
    for _ in 0..chance.below(3) {
        let attribute = chance.of(attributes);
        let part = changed(&parts[&attribute.name], &attribute.value_type(), chance);
        parts.insert(attribute.name, part);
    }
    Dynamic::Object(parts)
}

/// A path to an attribute, or into one.
fn somewhere(attributes: &[Attribute], chance: &mut Chance) -> Path {
    let attribute = chance.of(attributes);
    let path = Path::root().attribute(&attribute.name);
    match attribute.kind {
        AttributeKind::Nested(..) if chance.one_in(2) => path,
        AttributeKind::Nested(Nesting::Single, _) => path.attribute("may"),
        AttributeKind::Nested(Nesting::List, _) => path.index(chance.below(3)).attribute("may"),
        AttributeKind::Nested(Nesting::Map, _) => path.key("a").attribute("part").attribute("own"),
        _ => path,
    }
}

/// A plan that is right or wrong, from a state or none.
fn plan_case(schema: &Schema, chance: &mut Chance) -> Case {
    let attributes = &schema.attributes;
    let knows = chance.one_in(2);
    let config = sent(schema, &configuration(attributes, knows, chance));
    let prior = match chance.below(3) {
        0 => Dynamic::Null,
        1 if knows => computed_in(attributes, &without_write_only(attributes, &config), false, chance),
        _ => {
            let other = configuration(attributes, true, chance);
            computed_in(attributes, &without_write_only(attributes, &other), false, chance)
        }
    };
    let prior = sent(schema, &prior);
    let right = without_write_only(attributes, &proposed(attributes, &prior, &config));
    let right = if chance.one_in(6) { right } else { computed_in(attributes, &right, true, chance) };
    let planned = sent(schema, &spoiled(attributes, right, chance));
    let replace = (0..chance.below(3)).map(|_| somewhere(attributes, chance)).collect();
    Case { prior, config, again: planned.clone(), planned, replace, applied: Dynamic::Null }
}

/// A result of a plan that is right, or not.
fn result_case(schema: &Schema, chance: &mut Chance) -> Case {
    let attributes = &schema.attributes;
    let config = sent(schema, &configuration(attributes, true, chance));
    let right = proposed(attributes, &Dynamic::Null, &config);
    let planned = sent(schema, &computed_in(attributes, &right, true, chance));
    let result = completed(&planned, &schema.value_type(), 1, chance);
    let result = spoiled(attributes, result, chance);
    let applied = sent(schema, &completed(&result, &schema.value_type(), 1, chance));
    Case { prior: Dynamic::Null, config, again: planned.clone(), planned, replace: Vec::new(), applied }
}

/// A second plan that goes on from the first, or not.
fn second_plan_case(schema: &Schema, chance: &mut Chance) -> Case {
    let case = result_case(schema, chance);
    let again = completed(&case.planned, &schema.value_type(), 2, chance);
    let again = sent(schema, &spoiled(&schema.attributes, again, chance));
    let is_plan = consistency::check_plan(schema, &Dynamic::Null, &case.config, &again).is_empty();
    let again = if is_plan { again } else { case.planned.clone() };
    Case { applied: sent(schema, &completed(&again, &schema.value_type(), 1, chance)), again, ..case }
}

/// The attributes at the root where something is refused.
fn roots(breaches: &[Breach]) -> BTreeSet<String> {
    let root = |path: &Path| match path.steps().first() {
        Some(Step::Attribute(name)) => name.clone(),
        _ => String::new(),
    };
    breaches.iter().map(|(path, _)| root(path)).collect()
}

/// The same of what the original says: `.name: …`, `.list[0].name: …`.
fn refused(verdict: &Verdict, summary: &str) -> BTreeSet<String> {
    let root = |place: &str| {
        let place = place.trim_start_matches('.');
        place.split(['.', '[', ':', ' ', '"']).next().unwrap_or_default().to_owned()
    };
    let of_this_kind = verdict.refused.iter().filter(|(said, _)| said == summary);
    of_this_kind.map(|(_, place)| root(place)).collect()
}

/// Whether a member of a set may come from several, or the other way round: core takes one of them.
fn is_ambiguous(attribute: &Attribute, prior: &Dynamic, config: &Dynamic) -> bool {
    let (AttributeKind::Nested(_, inner), Dynamic::Set(priors), Dynamic::Set(configs)) =
        (&attribute.kind, prior, config)
    else {
        return false;
    };
    let fits = |config: &Dynamic, prior: &Dynamic| may_come_from(inner, config, prior);
    configs.iter().any(|config| priors.iter().filter(|prior| fits(config, prior)).count() > 1)
        || priors.iter().any(|prior| configs.iter().filter(|config| fits(config, prior)).count() > 1)
}

/// The differences of all cases, each with the values it comes from.
#[derive(Default)]
struct Differences {
    found: Vec<String>,
    refusals: usize,
}

impl Differences {
    fn add(&mut self, what: &str, ours: &dyn std::fmt::Debug, theirs: &dyn std::fmt::Debug, values: &[&Dynamic]) {
        let values: Vec<String> = values.iter().map(|value| format!("    {value:?}")).collect();
        self.found.push(format!("{what}: ours is {ours:?}, Terraform's {theirs:?}\n{}", values.join("\n")));
    }

    fn compare_refusals(&mut self, ours: &[Breach], verdict: &Verdict, summary: &str, values: &[&Dynamic]) {
        let (ours, theirs) = (roots(ours), refused(verdict, summary));
        self.refusals += usize::from(!theirs.is_empty());
        // Of a write-only value core says so, and looks no further.
        if ours.contains(SEALED) && theirs.contains(SEALED) {
            return;
        }
        for name in ours.symmetric_difference(&theirs) {
            let parts: Vec<&Dynamic> = values.iter().map(|value| value.attribute(name)).collect();
            self.add(&format!("the refusal of {name}"), &ours, &theirs, &parts);
        }
    }

    /// None, and the cases were neither all right nor all wrong.
    #[track_caller]
    fn are_none(&self) {
        assert!(self.found.is_empty(), "{} differences:\n{}", self.found.len(), self.found.join("\n"));
        assert!((CASES / 5..CASES * 4 / 5).contains(&self.refusals), "{} of {CASES} were refused", self.refusals);
    }
}

fn cases(schema: &Schema, case: fn(&Schema, &mut Chance) -> Case) -> Vec<Case> {
    let mut chance = Chance(SEED);
    (0..CASES).map(|_| case(schema, &mut chance)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_are_proposed_refused_and_understood_as_terraform_does_it() {
    let schema = Schema { attributes: anything(), ..Schema::default() };
    let cases = cases(&schema, plan_case);
    let verdicts = judge(&schema.attributes, cases.clone(), &["plan", "-refresh=false"]).await;
    let mut differences = Differences::default();
    for (Case { prior, config, planned, replace, .. }, verdict) in cases.into_iter().zip(&verdicts) {
        let proposed = sent(&schema, &proposed(&schema.attributes, &prior, &config));
        for attribute in &schema.attributes {
            let [before, set, ours, theirs] =
                [&prior, &config, &proposed, &verdict.proposed].map(|value| value.attribute(&attribute.name));
            if ours != theirs && !is_ambiguous(attribute, before, set) {
                differences.add(&format!("the proposal for {}", attribute.name), ours, theirs, &[before, set]);
            }
        }
        let breaches = consistency::check_plan(&schema, &prior, &config, &planned);
        let named = replace.iter().map(Path::to_string).collect::<Vec<_>>().join(", ");
        let (action, breaches) = match intent(&schema.attributes, &prior, &planned, replace) {
            _ if !breaches.is_empty() => ("", breaches),
            // Of paths that there are not core speaks without naming an attribute.
            Err(_) if !prior.is_null() => ("", vec![(Path::root(), String::new())]),
            _ if prior.is_null() => ("create", breaches),
            Ok((Action::Update, _)) => ("update", breaches),
            Ok((Action::Replace, _)) => ("replace", breaches),
            _ => ("", breaches),
        };
        let summary = "Provider produced invalid plan";
        differences.compare_refusals(&breaches, verdict, summary, &[&prior, &config, &planned]);
        if action != verdict.action {
            differences.add(&format!("the action, because of {named}"), &action, &verdict.action, &[&prior, &planned]);
        }
    }
    differences.are_none();
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_refused_where_terraform_refuses_them() {
    let schema = Schema { attributes: computed(), ..Schema::default() };
    let cases = cases(&schema, result_case);
    let verdicts = judge(&schema.attributes, cases.clone(), &["apply", "-auto-approve", "-refresh=false"]).await;
    let mut differences = Differences::default();
    for (Case { planned, applied, .. }, verdict) in cases.iter().zip(&verdicts) {
        let ours = consistency::check_applied(&schema, planned, applied);
        let summary = "Provider produced inconsistent result after apply";
        differences.compare_refusals(&ours, verdict, summary, &[planned, applied]);
    }
    differences.are_none();
}

#[tokio::test(flavor = "multi_thread")]
async fn second_plans_are_refused_where_terraform_refuses_them() {
    let schema = Schema { attributes: computed(), ..Schema::default() };
    let cases = cases(&schema, second_plan_case);
    let verdicts = judge(&schema.attributes, cases.clone(), &["apply", "-auto-approve", "-refresh=false"]).await;
    let mut differences = Differences::default();
    for (Case { planned, again, .. }, verdict) in cases.iter().zip(&verdicts) {
        let ours = consistency::check_compatible(&schema, planned, again);
        let summary = "Provider produced inconsistent final plan";
        differences.compare_refusals(&ours, verdict, summary, &[planned, again]);
    }
    differences.are_none();
}
