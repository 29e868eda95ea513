//! Which changes of a plan replace the resource: those of attributes that are declared `replace`.
//!
//! A part that is not known yet and has such attributes inside counts as a change: it may be one, and a plan that
//! turned into a replacement while it is applied would be refused by core.

use super::tree::Counterparts;
use crate::schema::{Attribute, AttributeKind};
use crate::{Dynamic, Path};

/// Finds the attributes of an object that are declared `replace` and change. What is unknown only because the provider
/// computes it does not count: otherwise every update would replace.
pub(super) fn find_replacing(
    attributes: &[Attribute],
    object: &Counterparts<'_>,
    planned: &Dynamic,
    path: &Path,
    found: &mut Vec<Path>,
) {
    for attribute in attributes {
        let path = path.attribute(&attribute.name);
        let config = object.config.attribute(&attribute.name);
        let prior = object.prior.map_or(&Dynamic::Null, |prior| prior.attribute(&attribute.name));
        let planned = planned.attribute(&attribute.name);
        if prior == planned || (planned.is_unknown() && attribute.is_left_to_provider(config)) {
            continue;
        }
        if attribute.plan.replace {
            found.push(path.clone());
        }
        if let AttributeKind::Nested(_, inner) = &attribute.kind
            && replaces(inner)
        {
            find_in_part(inner, &Counterparts { config, prior: Some(prior) }, planned, &path, found);
        }
    }
}

/// Whether anything inside is declared `replace`.
fn replaces(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.plan.replace
            || match &attribute.kind {
                AttributeKind::Plain(_) => false,
                AttributeKind::Nested(_, inner) => replaces(inner),
            }
    })
}

fn find_in_part(inner: &[Attribute], part: &Counterparts<'_>, planned: &Dynamic, path: &Path, found: &mut Vec<Path>) {
    let prior = part.prior.unwrap_or(&Dynamic::Null);
    if prior == planned {
        return;
    }
    match (prior, planned) {
        (_, Dynamic::Unknown(_)) => found.push(path.clone()),
        (Dynamic::Set(_), _) | (_, Dynamic::Set(_)) => {
            let (before, after) = (replacing_parts(inner, prior), replacing_parts(inner, planned));
            if before != after || !after.is_wholly_known() {
                found.push(path.clone());
            }
        }
        (Dynamic::List(_), _) | (_, Dynamic::List(_)) => {
            for position in 0..length(prior).max(length(planned)) {
                let at = |value| nth(value, position);
                let element = Counterparts { config: at(part.config), prior: Some(at(prior)) };
                find_in_part(inner, &element, at(planned), &path.index(position), found);
            }
        }
        (Dynamic::Map(_), _) | (_, Dynamic::Map(_)) => {
            let added = keys(planned).filter(|&key| entry(prior, key).is_null());
            for key in keys(prior).chain(added) {
                let element = Counterparts { config: entry(part.config, key), prior: Some(entry(prior, key)) };
                find_in_part(inner, &element, entry(planned, key), &path.key(key), found);
            }
        }
        _ => find_replacing(inner, part, planned, path, found),
    }
}

fn length(value: &Dynamic) -> usize {
    if let Dynamic::List(elements) = value { elements.len() } else { 0 }
}

fn nth(value: &Dynamic, position: usize) -> &Dynamic {
    match value {
        Dynamic::List(elements) => elements.get(position).unwrap_or(&Dynamic::Null),
        _ => &Dynamic::Null,
    }
}

fn entry<'a>(value: &'a Dynamic, key: &str) -> &'a Dynamic {
    match value {
        Dynamic::Map(elements) => elements.get(key).unwrap_or(&Dynamic::Null),
        _ => &Dynamic::Null,
    }
}

fn keys(value: &Dynamic) -> impl Iterator<Item = &String> {
    let elements = if let Dynamic::Map(elements) = value { Some(elements) } else { None };
    elements.into_iter().flat_map(|elements| elements.keys())
}

/// Of each member of a set, what is declared `replace` in it: members have no path, so they are compared together.
fn replacing_parts(inner: &[Attribute], set: &Dynamic) -> Dynamic {
    let Dynamic::Set(members) = set else { return Dynamic::Null };
    let counts = |attribute: &&Attribute| {
        let declared = attribute.plan.replace && !attribute.presence.is_computed();
        declared || matches!(&attribute.kind, AttributeKind::Nested(_, inner) if replaces(inner))
    };
    let parts = |member: &Dynamic| {
        if member.is_unknown() {
            return member.clone();
        }
        let parts = inner.iter().filter(counts).map(|attribute| member.attribute(&attribute.name).clone());
        Dynamic::List(parts.collect())
    };
    Dynamic::Set(members.iter().map(parts).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::path;
    use crate::schema::Nesting;

    /// `rules` with a `port` that replaces and a `note` that does not.
    fn rules(nesting: Nesting) -> Vec<Attribute> {
        let mut rules = Attribute::of::<Option<String>>("rules");
        let inner = vec![Attribute::of::<u16>("port").replace(), Attribute::of::<Option<String>>("note")];
        rules.kind = AttributeKind::Nested(nesting, inner);
        vec![rules]
    }

    fn rule(port: u16, note: &str) -> Dynamic {
        Dynamic::Object(BTreeMap::from([
            ("port".to_owned(), Dynamic::Number(port.into())),
            ("note".to_owned(), Dynamic::String(note.to_owned())),
        ]))
    }

    fn replacing(nesting: Nesting, prior: Dynamic, planned: Dynamic) -> Vec<Path> {
        let whole = |rules: Dynamic| Dynamic::Object(BTreeMap::from([("rules".to_owned(), rules)]));
        let (prior, planned) = (whole(prior), whole(planned));
        let mut found = Vec::new();
        let object = Counterparts { config: &planned, prior: Some(&prior) };
        find_replacing(&rules(nesting), &object, &planned, &Path::root(), &mut found);
        found
    }

    #[test]
    fn members_of_a_set_replace_only_by_what_is_declared_to() {
        let set = |rules: &[Dynamic]| Dynamic::Set(rules.to_vec());
        let prior = || set(&[rule(1, "a"), rule(2, "b")]);
        let replaced = |planned| replacing(Nesting::Set, prior(), planned);
        assert_eq!(replaced(set(&[rule(2, "a"), rule(1, "c")])), []);
        assert_eq!(replaced(set(&[rule(2, "a"), rule(3, "b")])), [path!(rules)]);
        assert_eq!(replaced(set(&[rule(1, "a"), Dynamic::unknown()])), [path!(rules)]);
        assert_eq!(replaced(Dynamic::Null), [path!(rules)]);
    }

    #[test]
    fn elements_of_lists_and_maps_replace_at_their_own_path() {
        let list = |rules: &[Dynamic]| Dynamic::List(rules.to_vec());
        let found = replacing(Nesting::List, list(&[rule(1, "a"), rule(2, "b")]), list(&[rule(1, "x"), rule(3, "b")]));
        assert_eq!(found, [path!(rules[1].port)]);
        let map = |port| Dynamic::Map(BTreeMap::from([("web".to_owned(), rule(port, "a"))]));
        assert_eq!(replacing(Nesting::Map, map(1), map(2)), [path!(rules["web"].port); 1]);
    }

    #[test]
    fn a_part_that_is_not_known_yet_may_replace() {
        assert_eq!(replacing(Nesting::Single, rule(1, "a"), Dynamic::unknown()), [path!(rules)]);
        let unknown_element = Dynamic::List(vec![Dynamic::unknown()]);
        assert_eq!(replacing(Nesting::List, Dynamic::List(vec![rule(1, "a")]), unknown_element), [path!(rules[0])]);
    }
}
