//! The rules that one attribute must keep, with all that is inside it.

use std::collections::BTreeSet;

use super::check::{NO_NAME, check_constraints, is_name};
use super::{Attribute, AttributeKind, Nesting, Presence, Validator};
use crate::{Dynamic, Type};

pub(super) fn check_attributes(attributes: &[Attribute], parent: &str, problems: &mut Vec<String>) {
    let mut names = BTreeSet::new();
    for attribute in attributes {
        let path = format!("{parent}{}", attribute.name);
        if !names.insert(&attribute.name) {
            problems.push(format!("`{path}` is declared twice"));
        }
        let mut found = Vec::new();
        check_attribute(attribute, &mut found);
        problems.extend(found.into_iter().map(|problem| format!("`{path}`: {problem}")));
        if let AttributeKind::Nested(_, inner) = &attribute.kind {
            check_attributes(inner, &format!("{path}."), problems);
        }
    }
}

fn check_attribute(attribute: &Attribute, problems: &mut Vec<String>) {
    if !is_name(&attribute.name) {
        problems.push(NO_NAME.to_owned());
    }
    if let Some(default) = &attribute.default {
        if !fits(default, &attribute.value_type()) {
            problems.push("its default is not of its type".to_owned());
        }
        if attribute.presence != Presence::OptionalComputed {
            problems.push("a default needs an attribute that is optional and computed".to_owned());
        }
        if !default.is_wholly_known() || default.is_null() {
            problems.push("a default must be a known value".to_owned());
        }
        for validator in attribute.validators.iter().filter(|validator| !validator.accepts(default)) {
            problems.push(format!("its default breaks its own rule: it must {}", validator.rule(default)));
        }
    }
    if attribute.write_only && attribute.presence.is_computed() {
        problems.push("what is write-only cannot be computed or have a default".to_owned());
    }
    if attribute.block {
        check_block(attribute, problems);
    } else if matches!(&attribute.kind, AttributeKind::Nested(_, inner) if inner.iter().any(|inner| inner.block)) {
        problems.push("only blocks have blocks inside: declare it as a block too".to_owned());
    }
    let nested = |inner: &[Attribute]| inner.iter().any(|attribute| !attribute.plan.computed_when.is_empty());
    if matches!(&attribute.kind, AttributeKind::Nested(_, inner) if nested(inner)) {
        problems.push("computed_when is for attributes at the root of a resource".to_owned());
    }
    if attribute.plan.keep && !attribute.presence.is_computed() {
        problems.push("keep is for computed attributes".to_owned());
    }
    if let AttributeKind::Nested(_, inner) = &attribute.kind {
        let between = attribute.validators.iter().filter_map(Validator::between);
        check_constraints(between, inner, "", problems);
    }
    if let AttributeKind::Nested(Nesting::Set, inner) = &attribute.kind {
        if contains(inner, &|attribute| attribute.write_only) {
            problems.push("a set cannot have write-only attributes inside".to_owned());
        }
        if has_dynamic(&attribute.value_type()) {
            problems.push("a set cannot have dynamic types inside".to_owned());
        }
    }
    if let AttributeKind::Plain(Type::Set(element)) = &attribute.kind
        && has_dynamic(element)
    {
        problems.push("a set cannot have dynamic types inside".to_owned());
    }
    for name in attribute.validators.iter().flat_map(unique_by) {
        if !matches!(&attribute.kind, AttributeKind::Nested(_, inner) if inner.iter().any(|inner| inner.name == *name))
        {
            problems.push(format!("its elements are to differ in `{name}`, which they do not have"));
        }
    }
    if attribute.presence == Presence::Computed
        && let AttributeKind::Nested(_, inner) = &attribute.kind
        && contains(inner, &|attribute| attribute.presence != Presence::Computed)
    {
        problems.push("what is inside a computed attribute must be computed".to_owned());
    }
    problems.extend(attribute.validators.iter().filter_map(Validator::problem));
}

fn unique_by(rule: &Validator) -> &[String] {
    if let Validator::Unique(by) = rule { by } else { &[] }
}

fn check_block(block: &Attribute, problems: &mut Vec<String>) {
    if matches!(block.kind, AttributeKind::Plain(_)) {
        problems.push("a block has attributes: its type must be an object or a collection of objects".to_owned());
    }
    if matches!(block.kind, AttributeKind::Nested(Nesting::List | Nesting::Map, _)) && has_dynamic(&block.value_type())
    {
        // Core then gives each block a type of its own, and has no list or map of them.
        problems
            .push("a list or map of blocks cannot have dynamic types inside: declare it as an attribute".to_owned());
    }
    if block.presence == Presence::OptionalComputed && block.default.is_none() {
        problems.push("a block is computed as a whole or not at all: what is inside can be optional".to_owned());
    }
    if block.default.is_some() || block.write_only || block.sensitive {
        problems.push("a block has no default and is not sensitive or write-only: what is inside can be".to_owned());
    }
}

pub(super) fn contains(attributes: &[Attribute], wanted: &impl Fn(&Attribute) -> bool) -> bool {
    attributes.iter().any(|attribute| {
        wanted(attribute)
            || match &attribute.kind {
                AttributeKind::Plain(_) => false,
                AttributeKind::Nested(_, inner) => contains(inner, wanted),
            }
    })
}

fn has_dynamic(of: &Type) -> bool {
    match of {
        Type::Dynamic => true,
        Type::String | Type::Number | Type::Bool => false,
        Type::List(element) | Type::Set(element) | Type::Map(element) => has_dynamic(element),
        Type::Object(attributes) => attributes.values().any(has_dynamic),
        Type::Tuple(elements) => elements.iter().any(has_dynamic),
    }
}

/// Whether a value has the shape of a type.
fn fits(value: &Dynamic, of: &Type) -> bool {
    match (value, of) {
        (Dynamic::Null | Dynamic::Unknown(_), _)
        | (Dynamic::String(_), Type::String)
        | (Dynamic::Number(_), Type::Number)
        | (Dynamic::Bool(_), Type::Bool)
        | (Dynamic::Typed(_), Type::Dynamic) => true,
        (Dynamic::List(elements), Type::List(of)) | (Dynamic::Set(elements), Type::Set(of)) => {
            elements.iter().all(|element| fits(element, of))
        }
        (Dynamic::Map(elements), Type::Map(of)) => elements.values().all(|element| fits(element, of)),
        (Dynamic::Object(parts), Type::Object(of)) => {
            parts.iter().all(|(name, part)| of.get(name).is_some_and(|of| fits(part, of)))
        }
        (Dynamic::List(elements), Type::Tuple(of)) => {
            elements.len() == of.len() && elements.iter().zip(of).all(|(element, of)| fits(element, of))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::schema::Constraint;

    fn problems(attributes: &[Attribute]) -> Vec<String> {
        let mut problems = Vec::new();
        check_attributes(attributes, "", &mut problems);
        problems
    }

    fn nested(name: &str, nesting: Nesting, inner: Attribute) -> Attribute {
        Attribute { kind: AttributeKind::Nested(nesting, vec![inner]), ..Attribute::of::<String>(name) }
    }

    #[test]
    fn names_terraform_cannot_read_and_names_that_are_there_twice_are_found() {
        let names = ["Port", "1st", "port", "port"].map(Attribute::of::<u16>);
        let no_name = "a name has only a-z, 0-9 and _, and does not start with a digit";
        assert_eq!(
            problems(&names),
            [format!("`Port`: {no_name}"), format!("`1st`: {no_name}"), "`port` is declared twice".to_owned()]
        );
        let block = nested("port", Nesting::List, Attribute::of::<u16>("inner")).block();
        assert_eq!(problems(&[Attribute::of::<u16>("port"), block]), ["`port` is declared twice"]);
    }

    #[test]
    fn a_default_that_breaks_its_own_rule_or_has_another_type_is_found() {
        let port = Attribute::of::<u16>("port").range(Some(1.into()), None);
        assert_eq!(
            problems(&[port.default_value(Dynamic::Number(0.into()))]),
            ["`port`: its default breaks its own rule: it must be a whole number from 1 to 65535"]
        );
        let ports = Attribute::of::<Vec<u16>>("ports").default_value(Dynamic::List(vec![Dynamic::Bool(true)]));
        assert_eq!(problems(&[ports]), ["`ports`: its default is not of its type"]);
    }

    #[test]
    fn rules_that_allow_nothing_and_broken_patterns_are_found() {
        let found = problems(&[
            Attribute::of::<u16>("port").range(Some(10.into()), Some(9.into())),
            Attribute::of::<String>("name").pattern("(", None),
        ]);
        assert_eq!(found[0], "`port`: range 10 to 9 allows nothing");
        assert!(found[1].starts_with("`name`: regex parse error"), "{found:?}");
    }

    #[test]
    fn presences_that_contradict_are_found() {
        let key = Attribute::of::<Option<String>>("key").write_only().computed();
        assert_eq!(problems(&[key]), ["`key`: what is write-only cannot be computed or have a default"]);
        let inner = nested("parts", Nesting::List, Attribute::of::<u16>("port"));
        let parts = Attribute { presence: Presence::Computed, ..inner };
        assert_eq!(problems(&[parts]), ["`parts`: what is inside a computed attribute must be computed"]);
    }

    #[test]
    fn what_elements_cannot_be_is_found_inside_nested_attributes() {
        let key = Attribute::of::<Option<String>>("key").write_only();
        let secret = nested("rules", Nesting::Set, key);
        assert_eq!(problems(&[secret]), ["`rules`: a set cannot have write-only attributes inside"]);
        let by = Attribute::of::<Vec<String>>("hosts").unique(&["name"]);
        assert_eq!(problems(&[by]), ["`hosts`: its elements are to differ in `name`, which they do not have"]);
        let mut plain = Attribute::of::<String>("plain");
        plain.kind = AttributeKind::Plain(Type::set(Type::Object(BTreeMap::from([("a".into(), Type::Dynamic)]))));
        assert_eq!(problems(&[plain]), ["`plain`: a set cannot have dynamic types inside"]);
        let mut between = nested("rules", Nesting::List, Attribute::of::<u16>("port"));
        let rule = Constraint::Requires(vec!["port".into(), "host".into()]);
        between.validators.push(Validator::Each(Box::new(Validator::Between(rule))));
        assert_eq!(problems(&[between]), ["`rules`: a rule between attributes names `host`, which there is not"]);
    }

    #[test]
    fn blocks_that_core_would_refuse_or_could_not_read_are_found() {
        let port = || Attribute::of::<u16>("port");
        let bounds = nested("rule", Nesting::List, port()).block().length(Some(3), Some(2));
        assert_eq!(problems(&[bounds]), ["`rule`: length 3 to 2 allows nothing"]);
        let plain = Attribute::of::<String>("rule").block();
        assert_eq!(
            problems(&[plain]),
            ["`rule`: a block has attributes: its type must be an object or a collection of objects"]
        );
        let half = nested("rule", Nesting::List, port()).block().optional_computed();
        assert_eq!(
            problems(&[half]),
            ["`rule`: a block is computed as a whole or not at all: what is inside can be optional"]
        );
        let inside = nested("rules", Nesting::List, nested("rule", Nesting::List, port()).block());
        assert_eq!(problems(&[inside]), ["`rules`: only blocks have blocks inside: declare it as a block too"]);
        let any = || Attribute::of::<Dynamic>("any");
        let mixed = "`rule`: a list or map of blocks cannot have dynamic types inside: declare it as an attribute";
        assert_eq!(problems(&[nested("rule", Nesting::List, any()).block()]), [mixed]);
        assert_eq!(problems(&[nested("rule", Nesting::Map, any()).block()]), [mixed]);
        assert_eq!(problems(&[nested("rule", Nesting::Single, any()).block()]), [""; 0]);
    }
}
