//! The rules a schema must keep: those of Terraform's core (it refuses the whole provider otherwise) and ours.
//!
//! Most cannot be broken by a derive, which refuses them at compile time; these catch the rest and schemas
//! written by hand.

use std::collections::BTreeSet;

use super::{Attribute, AttributeKind, Nesting, Presence, Schema, Validator};
use crate::Type;

/// Whose schema it is: each has root names that belong to Terraform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SchemaOwner {
    Provider,
    /// The `provider_meta` block of modules.
    Meta,
    /// A resource, a data source or an ephemeral resource.
    Type,
    /// An action or a list resource: what the user sets and nothing else.
    Arguments,
}

impl SchemaOwner {
    fn reserved(self) -> &'static [&'static str] {
        match self {
            Self::Provider => &["alias", "version"],
            Self::Meta => &[],
            Self::Type | Self::Arguments => {
                &["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"]
            }
        }
    }
}

impl Schema {
    /// Everything that is wrong with it, each as one sentence.
    pub(crate) fn problems(&self, owner: SchemaOwner) -> Vec<String> {
        let mut problems = Vec::new();
        if self.version < 0 {
            problems.push("its version must not be negative".to_owned());
        }
        for attribute in &self.attributes {
            if owner.reserved().contains(&attribute.name.as_str()) {
                problems.push(format!("`{}` is a name that Terraform keeps for itself", attribute.name));
            }
            if matches!(owner, SchemaOwner::Provider | SchemaOwner::Meta)
                && (attribute.presence.is_computed() || attribute.write_only)
            {
                problems.push(format!("`{}`: a provider block has no computed or write-only values", attribute.name));
            }
        }
        if owner == SchemaOwner::Arguments {
            let computed = self.attributes.iter().filter(|attribute| contains_computed(attribute));
            problems.extend(computed.map(|attribute| {
                format!("`{}`: only what the user sets stands here, without defaults, also inside", attribute.name)
            }));
        }
        check_attributes(&self.attributes, "", &mut problems);
        for attribute in &self.attributes {
            for cause in attribute.plan.computed_when.iter().filter(|cause| self.attribute(cause).is_none()) {
                problems.push(format!("`{}` is computed when `{cause}` changes, which there is not", attribute.name));
            }
        }
        problems.extend(self.timeouts.iter().flat_map(crate::TimeoutDefaults::problems));
        problems.extend(self.identity.iter().flat_map(super::IdentitySchema::problems));
        problems
    }
}

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
        problems.push("a name has only a-z, 0-9 and _, and does not start with a digit".to_owned());
    }
    if let Some(default) = &attribute.default {
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
    if block.default.is_some() || block.write_only || block.sensitive {
        problems.push("a block has no default and is not sensitive or write-only: what is inside can be".to_owned());
    }
}

fn contains(attributes: &[Attribute], wanted: &impl Fn(&Attribute) -> bool) -> bool {
    attributes.iter().any(|attribute| {
        wanted(attribute)
            || match &attribute.kind {
                AttributeKind::Plain(_) => false,
                AttributeKind::Nested(_, inner) => contains(inner, wanted),
            }
    })
}

fn contains_computed(attribute: &Attribute) -> bool {
    contains(std::slice::from_ref(attribute), &|attribute| attribute.presence.is_computed())
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

pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Dynamic;

    fn problems(attributes: Vec<Attribute>) -> String {
        Schema { attributes, ..Schema::default() }.problems(SchemaOwner::Type).join("\n")
    }

    #[test]
    fn a_sound_schema_has_no_problems() {
        let port = Attribute::of::<u16>("port").replace().default_value(Dynamic::Number(443.into()));
        assert_eq!(problems(vec![port, Attribute::of::<Option<String>>("name").length(Some(1), Some(60))]), "");
    }

    #[test]
    fn names_terraform_keeps_for_itself_and_names_it_cannot_read_are_found() {
        assert!(problems(vec![Attribute::of::<u16>("count")]).contains("`count` is a name that Terraform keeps"));
        assert!(problems(vec![Attribute::of::<u16>("Port")]).contains("`Port`: a name has only"));
        let twice = vec![Attribute::of::<u16>("port"), Attribute::of::<u16>("port")];
        assert!(problems(twice).contains("`port` is declared twice"));
    }

    #[test]
    fn a_default_outside_its_range_is_found() {
        let port = Attribute::of::<u16>("port").range(Some(1.into()), None);
        let found = problems(vec![port.default_value(Dynamic::Number(0.into()))]);
        assert_eq!(found, "`port`: its default breaks its own rule: it must be a whole number from 1 to 65535");
    }

    #[test]
    fn rules_that_allow_nothing_and_broken_patterns_are_found() {
        let found = problems(vec![
            Attribute::of::<u16>("port").range(Some(10.into()), Some(9.into())),
            Attribute::of::<String>("name").pattern("(", None),
        ]);
        assert!(found.contains("`port`: range 10 to 9 allows nothing"), "{found}");
        assert!(found.contains("`name`: regex parse error"), "{found}");
    }

    #[test]
    fn what_elements_cannot_be_is_found_inside_nested_attributes() {
        let mut outer = Attribute::of::<String>("rules");
        outer.kind = AttributeKind::Nested(Nesting::Set, vec![Attribute::of::<Option<String>>("key").write_only()]);
        assert!(problems(vec![outer]).contains("`rules`: a set cannot have write-only attributes inside"));
        let by = Attribute::of::<Vec<String>>("hosts").unique(&["name"]);
        assert!(problems(vec![by]).contains("`hosts`: its elements are to differ in `name`, which they do not have"));
        let mut plain = Attribute::of::<String>("plain");
        plain.kind = AttributeKind::Plain(Type::set(Type::Object(BTreeMap::from([("a".into(), Type::Dynamic)]))));
        assert!(problems(vec![plain]).contains("`plain`: a set cannot have dynamic types inside"));
    }
}
