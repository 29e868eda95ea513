//! The rules by which Terraform's core judges a provider, checked by ourselves first: core throws a result away and
//! blames the provider in general; here the attribute and the rule are named.
//!
//! After `plans/objchange/{plan_valid,compatible}.go` of Terraform. Refinements of unknown values are ignored when
//! values are compared; numbers are compared exactly.

use super::literal::{kind_of, shown};
use crate::schema::{Attribute, AttributeKind, Schema, Validator};
use crate::{Dynamic, Number, Path, Refinements};

/// Where a rule is broken, and how: a phrase that follows the attribute's name.
pub(crate) type Breach = (Path, String);

/// Whether a plan keeps to the configuration: what the user sets stays as it is (or as it was), and only computed
/// attributes are the provider's to choose.
pub(crate) fn check_plan(schema: &Schema, prior: &Dynamic, config: &Dynamic, planned: &Dynamic) -> Vec<Breach> {
    let mut breaches = Vec::new();
    plan_object(&schema.attributes, [prior, config, planned], &Path::root(), &mut breaches);
    breaches
}

fn plan_object(
    attributes: &[Attribute],
    [prior, config, planned]: [&Dynamic; 3],
    path: &Path,
    breaches: &mut Vec<Breach>,
) {
    for attribute in attributes {
        let name = &attribute.name;
        let parts = [prior.attribute(name), config.attribute(name), planned.attribute(name)];
        plan_attribute(attribute, parts, &path.attribute(name), breaches);
    }
}

fn plan_attribute(
    attribute: &Attribute,
    [prior, config, planned]: [&Dynamic; 3],
    path: &Path,
    breaches: &mut Vec<Breach>,
) {
    if attribute.write_only {
        if !planned.is_null() {
            breaches.push((path.clone(), "must be null, because it is write-only".to_owned()));
        }
        return;
    }
    if same(planned, config) || (!prior.is_null() && !config.is_null() && same(planned, prior)) {
        return;
    }
    if attribute.is_unset(config) && (config.is_null() || attribute.presence.is_computed()) {
        if !attribute.presence.is_computed() {
            breaches.push((path.clone(), "must be null, because it is not set and not computed".to_owned()));
        }
        return;
    }
    let before = breaches.len();
    if let AttributeKind::Nested(_, inner) = &attribute.kind
        && plan_nested(inner, [prior, config, planned], path, breaches)
    {
        return;
    }
    if breaches.len() == before {
        let sensitive = attribute.is_secret();
        let breach = format!(
            "must be {}, as the configuration says, and is {}",
            shown(config, sensitive),
            shown(planned, sensitive)
        );
        breaches.push((path.clone(), breach));
    }
}

/// Goes into the objects of a nested attribute; `false` when plan and configuration do not have the same ones.
fn plan_nested(
    inner: &[Attribute],
    [prior, config, planned]: [&Dynamic; 3],
    path: &Path,
    breaches: &mut Vec<Breach>,
) -> bool {
    match (config, planned) {
        (Dynamic::Object(_), Dynamic::Object(_)) => plan_object(inner, [prior, config, planned], path, breaches),
        (Dynamic::List(configs), Dynamic::List(planneds)) if configs.len() == planneds.len() => {
            for (position, (config, planned)) in configs.iter().zip(planneds).enumerate() {
                let prior = if let Dynamic::List(priors) = prior { priors.get(position) } else { None };
                let parts = [prior.unwrap_or(&Dynamic::Null), config, planned];
                plan_element(inner, parts, &path.index(position), breaches);
            }
        }
        (Dynamic::Map(configs), Dynamic::Map(planneds)) if configs.keys().eq(planneds.keys()) => {
            for ((key, config), planned) in configs.iter().zip(planneds.values()) {
                let prior = if let Dynamic::Map(priors) = prior { priors.get(key) } else { None };
                let parts = [prior.unwrap_or(&Dynamic::Null), config, planned];
                plan_element(inner, parts, &path.key(key), breaches);
            }
        }
        // Members of sets cannot be paired with certainty; core does not check them either.
        (Dynamic::Set(configs), Dynamic::Set(planneds)) => return configs.len() == planneds.len(),
        _ => return false,
    }
    true
}

fn plan_element(inner: &[Attribute], parts: [&Dynamic; 3], path: &Path, breaches: &mut Vec<Breach>) {
    let [_, config, planned] = parts;
    if matches!((config, planned), (Dynamic::Object(_), Dynamic::Object(_))) {
        plan_object(inner, parts, path, breaches);
    } else if !same(config, planned) {
        breaches.push((path.clone(), format!("must be {}, and is {}", kind_of(config), kind_of(planned))));
    }
}

/// Whether a result keeps to its plan: what was planned as known is so, what was unknown fits what was said of it, and
/// nothing is unknown any more.
pub(crate) fn check_applied(schema: &Schema, planned: &Dynamic, state: &Dynamic) -> Vec<Breach> {
    let mut breaches = check_compatible(schema, planned, state);
    let unknown = schema.attributes.iter().filter(|attribute| !state.attribute(&attribute.name).is_wholly_known());
    breaches.extend(unknown.map(|attribute| (Path::root().attribute(&attribute.name), "must be known".to_owned())));
    breaches
}

/// Whether a later plan or result keeps to an earlier plan; what was unknown may still be.
pub(crate) fn check_compatible(schema: &Schema, planned: &Dynamic, state: &Dynamic) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for attribute in &schema.attributes {
        let name = &attribute.name;
        let path = Path::root().attribute(name);
        compatible_attribute(attribute, planned.attribute(name), state.attribute(name), &path, &mut breaches);
    }
    breaches
}

fn compatible_attribute(
    attribute: &Attribute,
    planned: &Dynamic,
    state: &Dynamic,
    path: &Path,
    breaches: &mut Vec<Breach>,
) {
    if let Dynamic::Unknown(refinements) = planned {
        let broken = broken_promise(refinements, state, attribute.sensitive);
        breaches.extend(broken.map(|broken| (path.clone(), broken)));
        return;
    }
    if let AttributeKind::Nested(_, inner) = &attribute.kind {
        let object = |planned: &Dynamic, state: &Dynamic, path: &Path, breaches: &mut Vec<Breach>| {
            if !matches!((planned, state), (Dynamic::Object(_), Dynamic::Object(_))) {
                different(planned, state, attribute.sensitive, path, breaches);
                return;
            }
            for attribute in inner {
                let (planned, state) = (planned.attribute(&attribute.name), state.attribute(&attribute.name));
                compatible_attribute(attribute, planned, state, &path.attribute(&attribute.name), breaches);
            }
        };
        match (planned, state) {
            (Dynamic::Object(_), Dynamic::Object(_)) => return object(planned, state, path, breaches),
            (Dynamic::List(planned), Dynamic::List(state)) if planned.len() == state.len() => {
                for (position, (planned, state)) in planned.iter().zip(state).enumerate() {
                    object(planned, state, &path.index(position), breaches);
                }
                return;
            }
            (Dynamic::Map(planned), Dynamic::Map(state)) if planned.keys().eq(state.keys()) => {
                for ((key, planned), state) in planned.iter().zip(state.values()) {
                    object(planned, state, &path.key(key), breaches);
                }
                return;
            }
            _ => {}
        }
    }
    different(planned, state, attribute.sensitive, path, breaches);
}

fn different(planned: &Dynamic, state: &Dynamic, sensitive: bool, path: &Path, breaches: &mut Vec<Breach>) {
    if !compatible(planned, state) {
        let breach = format!("must be {}, as planned, and is {}", shown(planned, sensitive), shown(state, sensitive));
        breaches.push((path.clone(), breach));
    }
}

/// Whether a value may follow a planned one.
fn compatible(planned: &Dynamic, state: &Dynamic) -> bool {
    match (planned, state) {
        (Dynamic::Unknown(refinements), state) => broken_promise(refinements, state, false).is_none(),
        (Dynamic::List(planned), Dynamic::List(state)) => {
            planned.len() == state.len() && planned.iter().zip(state).all(|(planned, state)| compatible(planned, state))
        }
        // Every planned member has become one, every member was planned, and there are not more than planned.
        (Dynamic::Set(planned), Dynamic::Set(state)) => {
            planned == state
                || (state.len() <= planned.len()
                    && planned.iter().all(|planned| state.iter().any(|state| compatible(planned, state)))
                    && state.iter().all(|state| planned.iter().any(|planned| compatible(planned, state))))
        }
        (Dynamic::Map(planned), Dynamic::Map(state)) | (Dynamic::Object(planned), Dynamic::Object(state)) => {
            planned.keys().eq(state.keys())
                && planned.values().zip(state.values()).all(|(planned, state)| compatible(planned, state))
        }
        (planned, state) => planned == state,
    }
}

/// What was said of an unknown value and does not hold.
fn broken_promise(refinements: &Refinements, state: &Dynamic, sensitive: bool) -> Option<String> {
    if state.is_null() {
        return (refinements.not_null == Some(true)).then(|| "must not be null, as planned".to_owned());
    }
    if refinements.not_null == Some(false) {
        return Some(format!("must be null, as planned, and is {}", shown(state, sensitive)));
    }
    match state {
        Dynamic::String(text) => {
            let prefix = refinements.prefix.as_ref().filter(|prefix| !text.starts_with(prefix.as_str()))?;
            Some(format!("must start with {prefix:?}, as planned, and is {}", shown(state, sensitive)))
        }
        Dynamic::Number(number) => {
            let (lower, upper) = (refinements.lower.as_ref(), refinements.upper.as_ref());
            let low = lower.is_some_and(|(low, may_equal)| number < low || (!may_equal && number == low));
            let high = upper.is_some_and(|(high, may_equal)| number > high || (!may_equal && number == high));
            let bound = |bound: Option<&(Number, bool)>| bound.map(|(bound, _)| bound.clone());
            let rule = Validator::Range { min: bound(lower), max: bound(upper), whole: false };
            (low || high).then(|| broken(&rule, state, sensitive))
        }
        Dynamic::List(_) | Dynamic::Set(_) | Dynamic::Map(_) => {
            let rule = Validator::Length { min: refinements.min_length, max: refinements.max_length };
            (!rule.accepts(state)).then(|| broken(&rule, state, sensitive))
        }
        _ => None,
    }
}

/// That a promise is broken which is written like a rule.
fn broken(rule: &Validator, state: &Dynamic, sensitive: bool) -> String {
    format!("must {}, as planned, and is {}", rule.rule(state), shown(state, sensitive))
}

/// Equal but for what is known of unknown values.
fn same(a: &Dynamic, b: &Dynamic) -> bool {
    match (a, b) {
        (Dynamic::Unknown(_), Dynamic::Unknown(_)) => true,
        (Dynamic::List(a), Dynamic::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Dynamic::Set(a), Dynamic::Set(b)) => {
            a.len() == b.len()
                && a.iter().all(|a| b.iter().any(|b| same(a, b)))
                && b.iter().all(|b| a.iter().any(|a| same(a, b)))
        }
        (Dynamic::Map(a), Dynamic::Map(b)) | (Dynamic::Object(a), Dynamic::Object(b)) => {
            a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| same(a, b))
        }
        (a, b) => a == b,
    }
}
