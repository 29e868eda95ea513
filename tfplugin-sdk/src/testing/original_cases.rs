//! What the original is asked about: resources with everything an attribute can be, and values for them at random: right
//! ones, and right ones with a change somewhere.
//!
//! Not here: asking (`original`) and what is expected (`original_tests`).

use std::collections::BTreeMap;

use crate::engine::tree::with_empty_blocks;
use crate::schema::{Attribute, AttributeKind, Nesting, Presence};
use crate::{Dynamic, Refinements, Type};

/// A small generator (xorshift), so that a seed is the same cases on every machine.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("it is below a usize")
    }

    pub(super) fn one_in(&mut self, odds: usize) -> bool {
        self.below(odds) == 0
    }

    pub(super) fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

fn text(text: &str) -> Dynamic {
    Dynamic::String(text.to_owned())
}

fn plain(name: &str, of: Type, presence: Presence) -> Attribute {
    Attribute { name: name.to_owned(), kind: AttributeKind::Plain(of), presence, ..Attribute::rules() }
}

fn nested(name: &str, nesting: Nesting, presence: Presence, inner: Vec<Attribute>) -> Attribute {
    Attribute { name: name.to_owned(), kind: AttributeKind::Nested(nesting, inner), presence, ..Attribute::rules() }
}

const NESTINGS: [(&str, Nesting); 4] =
    [("single", Nesting::Single), ("list", Nesting::List), ("set", Nesting::Set), ("map", Nesting::Map)];

/// What can stand in an object: each presence, and one level more.
fn inner(depth: usize) -> Vec<Attribute> {
    let mut inner = vec![
        plain("may", Type::String, Presence::Optional),
        plain("either", Type::String, Presence::OptionalComputed),
        plain("own", Type::Number, Presence::Computed),
    ];
    if depth > 0 {
        inner.push(nested("part", Nesting::Single, Presence::Optional, self::inner(depth - 1)));
    }
    inner
}

/// The attribute that is write-only.
pub(super) const SEALED: &str = "sealed";

/// A resource with everything: each type and each nesting as an attribute, optional and both, and as blocks.
pub(super) fn anything() -> Vec<Attribute> {
    let mut attributes = vec![plain(SEALED, Type::String, Presence::Optional).write_only()];
    for (word, presence) in [("may", Presence::Optional), ("either", Presence::OptionalComputed)] {
        for (name, of) in types() {
            attributes.push(plain(&format!("{word}_{name}"), of, presence));
        }
        for (name, nesting) in NESTINGS {
            attributes.push(nested(&format!("{word}_nested_{name}"), nesting, presence, inner(1)));
        }
    }
    attributes.push(plain("own", Type::String, Presence::Computed));
    for (name, nesting) in NESTINGS {
        let mut inside = inner(1);
        inside.push(nested("deeper", Nesting::List, Presence::Optional, inner(0)).block());
        attributes.push(nested(&format!("block_{name}"), nesting, Presence::Optional, inside).block());
    }
    attributes
}

/// A resource that says everything itself.
pub(super) fn computed() -> Vec<Attribute> {
    let own = types().into_iter().map(|(name, of)| plain(&format!("own_{name}"), of, Presence::Computed));
    let mut attributes: Vec<Attribute> = own.collect();
    let inside = || plain("own", Type::String, Presence::Computed);
    for (name, nesting) in NESTINGS {
        let more = plain("more", Type::list(Type::Number), Presence::Computed);
        attributes.push(nested(&format!("own_nested_{name}"), nesting, Presence::Computed, vec![inside(), more]));
        let deeper = nested("deeper", Nesting::List, Presence::Optional, vec![inside()]).block();
        attributes.push(nested(&format!("block_{name}"), nesting, Presence::Optional, vec![inside(), deeper]).block());
    }
    attributes
}

fn types() -> Vec<(&'static str, Type)> {
    let object = Type::Object(BTreeMap::from([("a".to_owned(), Type::String), ("b".to_owned(), Type::Number)]));
    vec![
        ("string", Type::String),
        ("number", Type::Number),
        ("bool", Type::Bool),
        ("list", Type::list(Type::String)),
        ("set", Type::set(Type::String)),
        ("map", Type::map(Type::Number)),
        ("object", object),
        ("dynamic", Type::Dynamic),
    ]
}

/// A value of a type, known.
fn value(of: &Type, chance: &mut Chance) -> Dynamic {
    let some = |of: &Type, chance: &mut Chance| (0..chance.below(3)).map(|_| value(of, chance)).collect::<Vec<_>>();
    match of {
        Type::String => text(chance.of(&["a", "b", "abc"])),
        Type::Number => Dynamic::Number(chance.of(&["0", "1", "0.1"]).parse().expect("a number")),
        Type::Bool => Dynamic::Bool(chance.one_in(2)),
        Type::List(of) => Dynamic::List(some(of, chance)),
        Type::Set(of) => Dynamic::Set(some(of, chance)),
        Type::Map(of) => Dynamic::Map(
            ["a", "b"].into_iter().zip(some(of, chance)).map(|(key, value)| (key.to_owned(), value)).collect(),
        ),
        Type::Object(types) => {
            let part = |(name, of): (&String, &Type)| {
                (name.clone(), if chance.one_in(4) { Dynamic::Null } else { value(of, chance) })
            };
            Dynamic::Object(types.iter().map(part).collect())
        }
        Type::Dynamic => {
            let of = chance.of(&[Type::String, Type::Number]);
            let value = value(&of, chance);
            Dynamic::Typed(Box::new((of, value)))
        }
        Type::Tuple(types) => Dynamic::List(types.iter().map(|of| value(of, chance)).collect()),
    }
}

/// What is said of a value that is not known, as far as it can be said of its type.
fn promise(of: &Type, chance: &mut Chance) -> Refinements {
    let mut promise = Refinements::none();
    if chance.one_in(2) {
        promise.not_null = Some(true);
    }
    let some = |chance: &mut Chance| chance.one_in(2);
    match of {
        Type::String if some(chance) => promise.prefix = Some("a".to_owned()),
        Type::Number => {
            let may_equal = chance.one_in(2);
            promise.lower = some(chance).then(|| (0.into(), may_equal));
            promise.upper = some(chance).then(|| (1.into(), may_equal));
        }
        Type::List(_) | Type::Set(_) | Type::Map(_) => {
            promise.min_length = some(chance).then_some(1);
            promise.max_length = some(chance).then_some(1);
        }
        _ => {}
    }
    // A range with one value in it is that value, not an unknown one.
    if promise.not_null.is_some() && (promise.min_length, promise.max_length) == (Some(1), Some(1)) {
        promise.max_length = Some(2);
    }
    promise
}

/// A value with a change anywhere in it: other, null, not known, one element more or less.
pub(super) fn changed(before: &Dynamic, of: &Type, chance: &mut Chance) -> Dynamic {
    if chance.one_in(3) || before.is_null() || before.is_unknown() {
        return match chance.below(4) {
            0 => Dynamic::Null,
            1 => Dynamic::Unknown(promise(of, chance)),
            _ => value(of, chance),
        };
    }
    match (before, of) {
        (Dynamic::List(elements), Type::List(of)) => Dynamic::List(changed_elements(elements, of, chance)),
        (Dynamic::Set(elements), Type::Set(of)) => Dynamic::Set(changed_elements(elements, of, chance)),
        (Dynamic::Map(elements), Type::Map(of)) => {
            let mut elements = elements.clone();
            let key = chance.of(&["a", "b"]).to_owned();
            match (elements.remove(&key), chance.one_in(3)) {
                (Some(_), true) => {}
                (Some(element), false) => drop(elements.insert(key, changed(&element, of, chance))),
                (None, _) => drop(elements.insert(key, value(of, chance))),
            }
            Dynamic::Map(elements)
        }
        (Dynamic::Object(parts), Type::Object(types)) => {
            let mut parts = parts.clone();
            let names: Vec<&String> = types.keys().collect();
            let name = chance.of(&names);
            let part = changed(parts.get(name).unwrap_or(&Dynamic::Null), &types[name], chance);
            parts.insert(name.clone(), part);
            Dynamic::Object(parts)
        }
        (_, of) => value(of, chance),
    }
}

fn changed_elements(elements: &[Dynamic], of: &Type, chance: &mut Chance) -> Vec<Dynamic> {
    let mut elements = elements.to_vec();
    match (elements.is_empty(), chance.below(4)) {
        (true, _) | (_, 0) => elements.push(value(of, chance)),
        (_, 1) => drop(elements.pop()),
        _ => {
            let at = chance.below(elements.len());
            elements[at] = changed(&elements[at], of, chance);
        }
    }
    elements
}

/// What a user could write: nothing for what is computed, some of it not known.
pub(super) fn configuration(attributes: &[Attribute], knows: bool, chance: &mut Chance) -> Dynamic {
    let part = |attribute: &Attribute| {
        let part = match (&attribute.kind, attribute.presence) {
            (_, Presence::Computed) => Dynamic::Null,
            _ if !knows
                && chance.one_in(12)
                && !(attribute.block && (attribute.name.ends_with("map") || attribute.name.ends_with("single"))) =>
            {
                Dynamic::unknown()
            }
            _ if chance.one_in(3) => Dynamic::Null,
            (AttributeKind::Plain(of), _) => value(of, chance),
            (AttributeKind::Nested(nesting, inner), _) => {
                let mut some = |count| (0..count).map(|_| configuration(inner, knows, chance)).collect::<Vec<_>>();
                match nesting {
                    Nesting::Single => some(1).remove(0),
                    Nesting::List => Dynamic::List(some(2)),
                    Nesting::Set => Dynamic::Set(some(2)),
                    Nesting::Map => Dynamic::Map(["a", "b"].map(str::to_owned).into_iter().zip(some(2)).collect()),
                }
            }
        };
        (attribute.name.clone(), part)
    };
    with_empty_blocks(attributes, &Dynamic::Object(attributes.iter().map(part).collect()))
}

/// The same with a value, known or not, wherever the provider has the say and says something.
pub(super) fn computed_in(attributes: &[Attribute], planned: &Dynamic, unknown: bool, chance: &mut Chance) -> Dynamic {
    let mut element = |inner: &[Attribute], element: &Dynamic| match element {
        Dynamic::Object(_) => computed_in(inner, element, unknown, chance),
        other => other.clone(),
    };
    let Dynamic::Object(parts) = planned else { return planned.clone() };
    let mut parts = parts.clone();
    for attribute in attributes {
        let Some(part) = parts.get_mut(&attribute.name) else { continue };
        *part = match (&*part, &attribute.kind) {
            (Dynamic::List(elements), AttributeKind::Nested(_, inner)) => {
                Dynamic::List(elements.iter().map(|one| element(inner, one)).collect())
            }
            (Dynamic::Set(elements), AttributeKind::Nested(_, inner)) => {
                Dynamic::Set(elements.iter().map(|one| element(inner, one)).collect())
            }
            (Dynamic::Map(elements), AttributeKind::Nested(_, inner)) => {
                Dynamic::Map(elements.iter().map(|(key, one)| (key.clone(), element(inner, one))).collect())
            }
            (one @ Dynamic::Object(_), AttributeKind::Nested(_, inner)) => element(inner, one),
            (other, _) => other.clone(),
        };
    }
    for attribute in attributes.iter().filter(|attribute| attribute.presence.is_computed() && !attribute.block) {
        let Some(part) = parts.get_mut(&attribute.name).filter(|part| part.is_null()) else { continue };
        let of = attribute.value_type();
        *part = match chance.below(3) {
            0 => Dynamic::Null,
            1 if unknown => Dynamic::Unknown(promise(&of, chance)),
            _ => value(&of, chance),
        };
    }
    Dynamic::Object(parts)
}

/// The same with values for what is not known, mostly such as were promised; of `odds` of them one stays unknown (with 1:
/// none).
pub(super) fn completed(planned: &Dynamic, of: &Type, odds: usize, chance: &mut Chance) -> Dynamic {
    match (planned, of) {
        (Dynamic::Unknown(_), _) if odds > 1 && chance.one_in(odds) => planned.clone(),
        (Dynamic::Unknown(promised), of) => match of {
            _ if chance.one_in(12) => Dynamic::Null,
            _ if chance.one_in(12) => value(of, chance),
            Type::String => text(&format!("{}b", promised.prefix.as_deref().unwrap_or_default())),
            Type::Number => Dynamic::Number("0.5".parse().expect("a number")),
            Type::List(of) => Dynamic::List(vec![value(of, chance)]),
            Type::Set(of) => Dynamic::Set(vec![value(of, chance)]),
            Type::Map(of) => Dynamic::Map(BTreeMap::from([("a".to_owned(), value(of, chance))])),
            of => value(of, chance),
        },
        (Dynamic::List(elements), Type::List(of)) => {
            Dynamic::List(elements.iter().map(|element| completed(element, of, odds, chance)).collect())
        }
        (Dynamic::Set(elements), Type::Set(of)) => {
            Dynamic::Set(elements.iter().map(|element| completed(element, of, odds, chance)).collect())
        }
        (Dynamic::Map(elements), Type::Map(of)) => {
            let element = |(key, element): (&String, &Dynamic)| (key.clone(), completed(element, of, odds, chance));
            Dynamic::Map(elements.iter().map(element).collect())
        }
        (Dynamic::Object(parts), Type::Object(types)) => {
            let part = |(name, part): (&String, &Dynamic)| {
                (name.clone(), types.get(name).map_or(Dynamic::Null, |of| completed(part, of, odds, chance)))
            };
            Dynamic::Object(parts.iter().map(part).collect())
        }
        (known, _) => known.clone(),
    }
}
