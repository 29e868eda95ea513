//! The rules by which Terraform's core judges a provider, checked by ourselves first: core throws a result away and
//! blames the provider in general; here the attribute and the rule are named.
//!
//! After `plans/objchange/{plan_valid,compatible}.go` of Terraform. Refinements of unknown values are ignored when
//! values are compared; numbers are compared exactly.

use super::literal::{kind_of, shown};
use crate::schema::{Attribute, AttributeKind, Nesting, Schema};
use crate::{Dynamic, Number, Path, Refinements, Type};

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
        let parts = [prior.attribute(name), part(config, name), part(planned, name)];
        plan_attribute(attribute, parts, &path.attribute(name), breaches);
    }
}

/// The attribute `name` of an object; of one that is not known it is not known either.
fn part<'v>(object: &'v Dynamic, name: &str) -> &'v Dynamic {
    if object.is_unknown() { object } else { object.attribute(name) }
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
    // Of blocks it is the attributes inside that may stay as they were, not which blocks there are.
    let is_kept = if attribute.block {
        planned == config
    } else {
        same(planned, config) || (!prior.is_null() && !config.is_null() && same(planned, prior))
    };
    if is_kept {
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
        && plan_nested(attribute.block, inner, [prior, config, planned], path, breaches)
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
    blocks: bool,
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
                plan_element(blocks, inner, parts, &path.index(position), breaches);
            }
        }
        (Dynamic::Map(configs), Dynamic::Map(planneds)) if configs.keys().eq(planneds.keys()) => {
            for ((key, config), planned) in configs.iter().zip(planneds.values()) {
                let prior = if let Dynamic::Map(priors) = prior { priors.get(key) } else { None };
                let parts = [prior.unwrap_or(&Dynamic::Null), config, planned];
                plan_element(blocks, inner, parts, &path.key(key), breaches);
            }
        }
        // Members of sets cannot be paired with certainty; core does not check them either. Blocks it does not even count.
        (Dynamic::Set(_), Dynamic::Set(planneds)) if blocks => return !planneds.iter().any(Dynamic::is_unknown),
        (Dynamic::Set(configs), Dynamic::Set(planneds)) => return may_be_as_many(configs, planneds),
        (Dynamic::Unknown(_), Dynamic::Set(_)) => return !blocks,
        _ => return false,
    }
    true
}

/// Whether two sets may turn out to have as many members: those that are not known yet may be the same as others.
fn may_be_as_many(one: &[Dynamic], other: &[Dynamic]) -> bool {
    let fewest = |members: &[Dynamic]| {
        if members.iter().all(Dynamic::is_wholly_known) { members.len() } else { 1 }
    };
    fewest(one) <= other.len() && fewest(other) <= one.len()
}

fn plan_element(blocks: bool, inner: &[Attribute], parts: [&Dynamic; 3], path: &Path, breaches: &mut Vec<Breach>) {
    let [_, config, planned] = parts;
    if blocks && !matches!(planned, Dynamic::Object(_)) {
        breaches.push((path.clone(), format!("must be {}, and is {}", kind_of(config), kind_of(planned))));
    } else {
        plan_object(inner, parts, path, breaches);
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
    compatible_object(&schema.attributes, planned, state, &Path::root(), &mut breaches);
    breaches
}

fn compatible_object(
    attributes: &[Attribute],
    planned: &Dynamic,
    state: &Dynamic,
    path: &Path,
    breaches: &mut Vec<Breach>,
) {
    for attribute in attributes {
        let name = &attribute.name;
        let (planned, state) = (planned.attribute(name), state.attribute(name));
        if !is_let_pass(attribute, planned, state) {
            compatible_attribute(attribute, planned, state, &path.attribute(name), breaches);
        }
    }
}

/// Where core does not look: at what was planned without a type, and at collections of blocks that are null or not known.
fn is_let_pass(attribute: &Attribute, planned: &Dynamic, state: &Dynamic) -> bool {
    match &attribute.kind {
        AttributeKind::Plain(of) => *of == Type::Dynamic && matches!(planned, Dynamic::Null | Dynamic::Unknown(_)),
        AttributeKind::Nested(Nesting::Single, _) => false,
        AttributeKind::Nested(..) => {
            let looked_at = !attribute.block || attribute.presence.is_computed();
            !looked_at && (planned.is_null() || matches!(state, Dynamic::Null | Dynamic::Unknown(_)))
        }
    }
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
    let mut element = |planned: &Dynamic, state: &Dynamic, path: &Path| match (&attribute.kind, planned, state) {
        (AttributeKind::Nested(_, inner), Dynamic::Object(_), Dynamic::Object(_)) => {
            compatible_object(inner, planned, state, path, breaches);
        }
        _ if fits(&attribute.kind, planned, state) => {}
        _ => {
            let [planned, state] = [planned, state].map(|value| shown(value, attribute.sensitive));
            breaches.push((path.clone(), format!("must be {planned}, as planned, and is {state}")));
        }
    };
    match (&attribute.kind, planned, state) {
        (AttributeKind::Nested(..), Dynamic::List(planneds), Dynamic::List(states))
            if planneds.len() == states.len() =>
        {
            for (position, (planned, state)) in planneds.iter().zip(states).enumerate() {
                element(planned, state, &path.index(position));
            }
        }
        (AttributeKind::Nested(..), Dynamic::Map(planneds), Dynamic::Map(states))
            if planneds.keys().eq(states.keys()) =>
        {
            for ((key, planned), state) in planneds.iter().zip(states.values()) {
                element(planned, state, &path.key(key));
            }
        }
        _ => element(planned, state, path),
    }
}

/// Whether a value may follow a planned one.
fn fits(kind: &AttributeKind, planned: &Dynamic, state: &Dynamic) -> bool {
    match (kind, planned, state) {
        (AttributeKind::Nested(_, inner), Dynamic::Object(_), Dynamic::Object(_)) => {
            let mut breaches = Vec::new();
            compatible_object(inner, planned, state, &Path::root(), &mut breaches);
            breaches.is_empty()
        }
        (_, Dynamic::Unknown(refinements), state) => broken_promise(refinements, state, false).is_none(),
        (_, Dynamic::List(planned), Dynamic::List(state)) => {
            planned.len() == state.len() && planned.iter().zip(state).all(|(planned, state)| fits(kind, planned, state))
        }
        // Every planned member has become one, every member was planned, and there are not more than planned.
        (_, Dynamic::Set(planned), Dynamic::Set(state)) => {
            planned == state
                || (state.len() <= planned.len()
                    && planned.iter().all(|planned| state.iter().any(|state| fits(kind, planned, state)))
                    && state.iter().all(|state| planned.iter().any(|planned| fits(kind, planned, state))))
        }
        (_, Dynamic::Map(planned), Dynamic::Map(state)) | (_, Dynamic::Object(planned), Dynamic::Object(state)) => {
            planned.keys().eq(state.keys())
                && planned.values().zip(state.values()).all(|(planned, state)| fits(kind, planned, state))
        }
        (_, planned, state) => planned == state,
    }
}

/// What was said of an unknown value and does not hold.
fn broken_promise(promised: &Refinements, state: &Dynamic, sensitive: bool) -> Option<String> {
    let broken = |promise: String| Some(format!("must {promise}, as planned, and is {}", shown(state, sensitive)));
    match state {
        Dynamic::Null => (promised.not_null == Some(true)).then(|| "must not be null, as planned".to_owned()),
        _ if promised.not_null == Some(false) => broken("be null".to_owned()),
        Dynamic::String(text) => {
            let prefix = promised.prefix.as_ref().filter(|prefix| !text.starts_with(prefix.as_str()))?;
            broken(format!("start with {prefix:?}"))
        }
        Dynamic::Number(number) => broken(broken_bound(promised, number)?),
        Dynamic::List(elements) | Dynamic::Set(elements) => wrong_length(promised, elements.len()),
        Dynamic::Map(elements) => wrong_length(promised, elements.len()),
        _ => None,
    }
}

fn broken_bound(promised: &Refinements, number: &Number) -> Option<String> {
    match (&promised.lower, &promised.upper) {
        (Some((low, true)), _) if number < low => Some(format!("be at least {low}")),
        (Some((low, false)), _) if number <= low => Some(format!("be more than {low}")),
        (_, Some((high, true))) if number > high => Some(format!("be at most {high}")),
        (_, Some((high, false))) if number >= high => Some(format!("be less than {high}")),
        _ => None,
    }
}

fn wrong_length(promised: &Refinements, length: usize) -> Option<String> {
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    let broken = |bound: &str, limit: u64| {
        let plural = if limit == 1 { "" } else { "s" };
        Some(format!("must have {bound} {limit} element{plural}, as planned, and has {length}"))
    };
    match (promised.min_length, promised.max_length) {
        (Some(min), _) if length < min => broken("at least", min),
        (_, Some(max)) if length > max => broken("at most", max),
        _ => None,
    }
}

/// Equal but for what is known of unknown values.
pub(crate) fn same(a: &Dynamic, b: &Dynamic) -> bool {
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
