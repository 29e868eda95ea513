//! Walking values along their schema: pairing the parts of a plan with those of the configuration and the prior
//! state, removing and filling in write-only values, giving a value the shape of its type.

use std::collections::BTreeMap;

use super::literal::kind_of;
use super::members::pair_members;
use crate::schema::{Attribute, AttributeKind, Nesting, Schema};
use crate::{Dynamic, Path, Report, Type};

/// One object of a plan with its counterparts. Core pairs list elements by position, map elements by key.
pub(super) struct Counterparts<'a> {
    /// What the user wrote.
    pub(super) config: &'a Dynamic,
    /// What was; `None` for a new object.
    pub(super) prior: Option<&'a Dynamic>,
}

/// What becomes of one attribute of a plan.
pub(super) type Decide<'d> = dyn Fn(&Attribute, &Counterparts<'_>, Dynamic) -> Dynamic + 'd;

/// Rewrites `planned`, an object, attribute by attribute: `decide` gets each with its counterparts, the whole before
/// its parts. Parts are visited only where the configuration sets them.
pub(super) fn rewrite(
    attributes: &[Attribute],
    object: &Counterparts<'_>,
    planned: &Dynamic,
    decide: &Decide<'_>,
) -> Dynamic {
    let rewritten = attributes.iter().map(|attribute| {
        let counterparts = Counterparts {
            config: object.config.attribute(&attribute.name),
            prior: object.prior.map(|prior| prior.attribute(&attribute.name)),
        };
        let decided = decide(attribute, &counterparts, planned.attribute(&attribute.name).clone());
        let value = match &attribute.kind {
            AttributeKind::Plain(_) => decided,
            AttributeKind::Nested(_, inner) => rewrite_nested(inner, &counterparts, decided, decide),
        };
        (attribute.name.clone(), value)
    });
    Dynamic::Object(rewritten.collect())
}

fn rewrite_nested(
    inner: &[Attribute],
    counterparts: &Counterparts<'_>,
    planned: Dynamic,
    decide: &Decide<'_>,
) -> Dynamic {
    let one = |config: &Dynamic, prior: Option<&Dynamic>, planned: &Dynamic| match (config, planned) {
        (Dynamic::Object(_), Dynamic::Object(_)) => {
            let prior = prior.filter(|prior| matches!(prior, Dynamic::Object(_)));
            rewrite(inner, &Counterparts { config, prior }, planned, decide)
        }
        _ => planned.clone(),
    };
    match (counterparts.config, planned) {
        (config @ Dynamic::Object(_), planned @ Dynamic::Object(_)) => one(config, counterparts.prior, &planned),
        (Dynamic::List(config), Dynamic::List(planned)) => {
            let prior = |position: usize| match counterparts.prior {
                Some(Dynamic::List(prior)) => prior.get(position),
                _ => None,
            };
            let rewritten = planned.iter().enumerate().map(|(position, planned)| {
                one(config.get(position).unwrap_or(&Dynamic::Null), prior(position), planned)
            });
            Dynamic::List(rewritten.collect())
        }
        (Dynamic::Map(config), Dynamic::Map(planned)) => {
            let prior = |key: &str| match counterparts.prior {
                Some(Dynamic::Map(prior)) => prior.get(key),
                _ => None,
            };
            let rewritten = planned.iter().map(|(key, planned)| {
                (key.clone(), one(config.get(key).unwrap_or(&Dynamic::Null), prior(key), planned))
            });
            Dynamic::Map(rewritten.collect())
        }
        (Dynamic::Set(config), Dynamic::Set(planned)) => {
            let prior = |planned: &Dynamic| match counterparts.prior {
                Some(Dynamic::Set(prior)) => prior.iter().find(|&prior| prior == planned),
                _ => None,
            };
            let pairs = pair_members(inner, config, &planned);
            Dynamic::Set(pairs.into_iter().map(|(config, planned)| one(config, prior(planned), planned)).collect())
        }
        (_, planned) => planned,
    }
}

/// The same with every write-only value null: that is how it is planned and stored.
pub(crate) fn without_write_only(attributes: &[Attribute], value: &Dynamic) -> Dynamic {
    map_objects(value, &|object| {
        let mut object = object.clone();
        for attribute in attributes {
            if let Some(part) = object.get_mut(&attribute.name) {
                if attribute.write_only {
                    *part = Dynamic::Null;
                } else if let AttributeKind::Nested(_, inner) = &attribute.kind {
                    *part = without_write_only(inner, part);
                }
            }
        }
        object
    })
}

/// The same with an empty collection for every null one of blocks: core knows no others.
pub(crate) fn with_empty_blocks(attributes: &[Attribute], value: &Dynamic) -> Dynamic {
    map_objects(value, &|object| {
        let mut object = object.clone();
        for attribute in attributes {
            let AttributeKind::Nested(nesting, inner) = &attribute.kind else { continue };
            let Some(part) = object.get_mut(&attribute.name) else { continue };
            *part = match (&*part, nesting) {
                (Dynamic::Null, Nesting::List) if attribute.block => Dynamic::List(Vec::new()),
                (Dynamic::Null, Nesting::Set) if attribute.block => Dynamic::Set(Vec::new()),
                (Dynamic::Null, Nesting::Map) if attribute.block => Dynamic::Map(BTreeMap::new()),
                (part, _) => with_empty_blocks(inner, part),
            };
        }
        object
    })
}

/// Applies `change` to an object, or to each object of a collection.
fn map_objects(value: &Dynamic, change: &impl Fn(&BTreeMap<String, Dynamic>) -> BTreeMap<String, Dynamic>) -> Dynamic {
    match value {
        Dynamic::Object(object) => Dynamic::Object(change(object)),
        Dynamic::List(elements) => Dynamic::List(elements.iter().map(|element| map_objects(element, change)).collect()),
        Dynamic::Set(elements) => Dynamic::Set(elements.iter().map(|element| map_objects(element, change)).collect()),
        Dynamic::Map(elements) => {
            Dynamic::Map(elements.iter().map(|(key, element)| (key.clone(), map_objects(element, change))).collect())
        }
        other => other.clone(),
    }
}

/// The elements of a collection with their paths; members of sets have that of the set.
pub(super) fn for_each_element(value: &Dynamic, path: &Path, mut visit: impl FnMut(&Dynamic, &Path)) {
    match value {
        Dynamic::List(elements) => {
            for (position, element) in elements.iter().enumerate() {
                visit(element, &path.index(position));
            }
        }
        Dynamic::Set(elements) => elements.iter().for_each(|element| visit(element, path)),
        Dynamic::Map(elements) => elements.iter().for_each(|(key, element)| visit(element, &path.key(key))),
        _ => {}
    }
}

/// A plan with the write-only values of the configuration, as the author's code gets it.
pub(super) fn with_write_only(attributes: &[Attribute], planned: &Dynamic, config: &Dynamic) -> Dynamic {
    let fill = |attribute: &Attribute, counterparts: &Counterparts<'_>, planned: Dynamic| {
        if attribute.write_only { counterparts.config.clone() } else { planned }
    };
    rewrite(attributes, &Counterparts { config, prior: None }, planned, &fill)
}

/// `state` with the `timeouts` that `from` has, if the resource has any.
pub(super) fn with_timeouts(schema: &Schema, state: Dynamic, from: &Dynamic) -> Dynamic {
    match &schema.timeouts {
        Some(timeouts) => timeouts.kept(state, from),
        None => state,
    }
}

/// The same with null for everything unknown.
pub(super) fn without_unknown(value: &Dynamic) -> Dynamic {
    match value {
        Dynamic::Unknown(_) => Dynamic::Null,
        Dynamic::List(elements) => Dynamic::List(elements.iter().map(without_unknown).collect()),
        Dynamic::Set(elements) => Dynamic::Set(elements.iter().map(without_unknown).collect()),
        Dynamic::Map(elements) => Dynamic::Map(of_each(elements, without_unknown)),
        Dynamic::Object(attributes) => Dynamic::Object(of_each(attributes, without_unknown)),
        Dynamic::Typed(typed) => Dynamic::Typed(Box::new((typed.0.clone(), without_unknown(&typed.1)))),
        known => known.clone(),
    }
}

fn of_each(parts: &BTreeMap<String, Dynamic>, change: impl Fn(&Dynamic) -> Dynamic) -> BTreeMap<String, Dynamic> {
    parts.iter().map(|(name, part)| (name.clone(), change(part))).collect()
}

/// `original`, with what changed from `before` to `after`. The two are `original` and its successor as Rust types
/// write them: where the author changed nothing, the original keeps its exact form, such as the digits of a number that
/// went through a float. A null that became a value has changed: it stood for nothing.
pub(super) fn edited(original: &Dynamic, before: &Dynamic, after: &Dynamic) -> Dynamic {
    match (original, before, after) {
        (Dynamic::Null, _, after) => after.clone(),
        (Dynamic::Object(original), Dynamic::Object(before), Dynamic::Object(after)) => {
            let parts = after.iter().map(|(name, after)| {
                let part = match (original.get(name), before.get(name)) {
                    (Some(original), Some(before)) => edited(original, before, after),
                    _ => after.clone(),
                };
                (name.clone(), part)
            });
            Dynamic::Object(parts.collect())
        }
        (Dynamic::List(original), Dynamic::List(before), Dynamic::List(after))
            if original.len() == after.len() && before.len() == after.len() =>
        {
            let parts = original.iter().zip(before).zip(after);
            Dynamic::List(parts.map(|((original, before), after)| edited(original, before, after)).collect())
        }
        (original, before, after) if before == after => original.clone(),
        _ => after.clone(),
    }
}

/// `value` in the shape of `of`: lists become sets and objects maps where the type says so, attributes the type does
/// not have are dropped and missing ones null. What cannot be shaped is reported and null.
pub(crate) fn shaped(of: &Type, value: Dynamic, path: &Path, report: &mut Report) -> Dynamic {
    match (of, value) {
        (_, value @ (Dynamic::Null | Dynamic::Unknown(_)))
        | (Type::String, value @ Dynamic::String(_))
        | (Type::Number, value @ Dynamic::Number(_))
        | (Type::Bool, value @ Dynamic::Bool(_))
        | (Type::Dynamic, value) => value,
        (Type::List(of), Dynamic::List(elements) | Dynamic::Set(elements)) => {
            let shape =
                |(position, element): (usize, Dynamic)| shaped(of, element, &path.index(position), &mut *report);
            Dynamic::List(elements.into_iter().enumerate().map(shape).collect())
        }
        (Type::Set(of), Dynamic::List(elements) | Dynamic::Set(elements)) => {
            let mut members = Vec::with_capacity(elements.len());
            for element in elements {
                let member = shaped(of, element, path, report);
                // Members that are not known yet may turn out to differ.
                if !member.is_wholly_known() || !members.contains(&member) {
                    members.push(member);
                }
            }
            Dynamic::Set(members)
        }
        (Type::Map(of), Dynamic::Map(elements) | Dynamic::Object(elements)) => {
            let shape = |(key, element): (String, Dynamic)| {
                let shaped = shaped(of, element, &path.key(&key), &mut *report);
                (key, shaped)
            };
            Dynamic::Map(elements.into_iter().map(shape).collect())
        }
        (Type::Object(attributes), Dynamic::Map(mut parts) | Dynamic::Object(mut parts)) => {
            let shape = |(name, of): (&String, &Type)| {
                let part = parts.remove(name).unwrap_or(Dynamic::Null);
                (name.clone(), shaped(of, part, &path.attribute(name), &mut *report))
            };
            Dynamic::Object(attributes.iter().map(shape).collect())
        }
        (Type::Tuple(types), Dynamic::List(elements)) if types.len() == elements.len() => {
            let shape = |(position, (of, element)): (usize, (&Type, Dynamic))| {
                shaped(of, element, &path.index(position), &mut *report)
            };
            Dynamic::List(types.iter().zip(elements).enumerate().map(shape).collect())
        }
        (of, value) => {
            let detail = format!("`{path}` must be of type {}; found {}.", of.to_json(), kind_of(&value));
            report.error(path.clone(), "Unexpected value", detail);
            Dynamic::Null
        }
    }
}
