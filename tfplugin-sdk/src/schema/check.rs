//! The rules a schema must keep: those of Terraform's core (it refuses the whole provider otherwise) and ours.
//!
//! Most cannot be broken by a derive, which refuses them at compile time; these catch the rest and schemas
//! written by hand. Not here: the rules of one attribute (`attribute_check`).

use super::attribute_check::{check_attributes, contains};
use super::{Attribute, Constraint, Schema};

/// Whose schema it is: each has root names that belong to Terraform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SchemaOwner {
    Provider,
    /// The `provider_meta` block of modules.
    Meta,
    Resource,
    /// A data source or an ephemeral resource.
    Declaration,
    /// An action or a list resource: what the user sets and nothing else.
    Arguments,
}

impl SchemaOwner {
    /// Names at the root that nobody could set: core takes them for its own.
    fn reserved(self) -> &'static [&'static str] {
        match self {
            Self::Provider => &["alias", "count", "depends_on", "for_each", "source", "version"],
            Self::Meta => &[],
            Self::Resource | Self::Declaration | Self::Arguments => {
                &["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"]
            }
        }
    }

    /// The same for blocks.
    fn reserved_blocks(self) -> &'static [&'static str] {
        if self == Self::Meta { &[] } else { &["lifecycle", "locals", "_"] }
    }

    fn keeps(self, attribute: &Attribute) -> bool {
        let name = attribute.name.as_str();
        self.reserved().contains(&name) || (attribute.block && self.reserved_blocks().contains(&name))
    }

    /// What is wrong with an attribute only in a schema of this owner.
    fn objection(self, attribute: &Attribute) -> Option<&'static str> {
        let inside = |wanted: &dyn Fn(&Attribute) -> bool| contains(std::slice::from_ref(attribute), &wanted);
        let computed = || attribute.presence.is_computed();
        let computed_inside = || inside(&|attribute| attribute.presence.is_computed() && attribute.default.is_none());
        let write_only_inside = || inside(&|attribute| attribute.write_only);
        match self {
            Self::Provider | Self::Meta if computed() || computed_inside() || write_only_inside() => {
                Some("a provider block has no computed or write-only values, also inside")
            }
            Self::Declaration if write_only_inside() => Some("only resources have write-only values, also inside"),
            Self::Arguments if inside(&|attribute| attribute.presence.is_computed()) || write_only_inside() => {
                Some("only what the user sets stands here, without defaults and write-only values, also inside")
            }
            _ => None,
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
            let name = &attribute.name;
            if owner.keeps(attribute) {
                problems.push(format!("`{name}` is a name that Terraform keeps for itself"));
            }
            problems.extend(owner.objection(attribute).map(|objection| format!("`{name}`: {objection}")));
            for cause in attribute.plan.computed_when.iter().filter(|cause| self.attribute(cause).is_none()) {
                problems.push(format!("`{name}` is computed when `{cause}` changes, which there is not"));
            }
        }
        check_attributes(&self.attributes, "", &mut problems);
        check_constraints(self.constraints.iter(), &self.attributes, "", &mut problems);
        problems.extend(self.timeouts.iter().flat_map(crate::TimeoutDefaults::problems));
        if let Some(identity) = &self.identity {
            problems.extend(identity.problems());
            for part in &identity.attributes {
                let is_same = |of: &Attribute| of.value_type() == part.value_type();
                if !self.attribute(&part.name).is_some_and(is_same) {
                    problems.push(format!("`{}` identifies it, but is no attribute of this type", part.name));
                }
            }
        }
        problems
    }
}

/// Rules between attributes name attributes of the object.
pub(super) fn check_constraints<'a>(
    constraints: impl Iterator<Item = &'a Constraint>,
    attributes: &[Attribute],
    parent: &str,
    problems: &mut Vec<String>,
) {
    for constraint in constraints {
        let conditions = constraint.condition().into_iter().flat_map(|when| &when.values).map(|(name, _)| name);
        for name in constraint.names().iter().chain(conditions) {
            if !attributes.iter().any(|attribute| attribute.name == *name) {
                problems.push(format!("a rule between attributes names `{parent}{name}`, which there is not"));
            }
        }
    }
}

/// What is wrong with what [`is_name`] refuses.
pub(crate) const NO_NAME: &str = "a name has only a-z, 0-9 and _, and does not start with a digit";

pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{AttributeKind, Condition, IdentitySchema, Nesting};
    use crate::{Dynamic, TimeoutDefaults};

    fn problems(owner: SchemaOwner, attributes: Vec<Attribute>) -> String {
        Schema { attributes, ..Schema::default() }.problems(owner).join("\n")
    }

    fn nested(name: &str, inner: Attribute) -> Attribute {
        Attribute { kind: AttributeKind::Nested(Nesting::List, vec![inner]), ..Attribute::of::<String>(name) }
    }

    #[test]
    fn a_sound_schema_has_no_problems() {
        let port = Attribute::of::<u16>("port").replace().default_value(Dynamic::Number(443.into()));
        let name = Attribute::of::<Option<String>>("name").length(Some(1), Some(60));
        assert_eq!(problems(SchemaOwner::Resource, vec![port, name]), "");
    }

    #[test]
    fn names_that_terraform_keeps_for_itself_are_found_where_it_does() {
        let named = |name: &str| vec![Attribute::of::<u16>(name)];
        let block = |name: &str| vec![nested(name, Attribute::of::<u16>("port")).block()];
        let kept =
            |owner, attributes: Vec<Attribute>| problems(owner, attributes).contains("that Terraform keeps for itself");
        for owner in [SchemaOwner::Resource, SchemaOwner::Declaration, SchemaOwner::Arguments] {
            assert!(kept(owner, named("count")) && kept(owner, named("provisioner")) && kept(owner, block("locals")));
            assert!(!kept(owner, named("locals")) && !kept(owner, named("version")));
        }
        for name in ["alias", "version", "source", "for_each", "count", "depends_on"] {
            assert!(kept(SchemaOwner::Provider, named(name)), "{name}");
            assert!(!kept(SchemaOwner::Meta, named(name)), "{name}");
        }
        assert!(kept(SchemaOwner::Provider, block("lifecycle")) && !kept(SchemaOwner::Provider, named("lifecycle")));
    }

    #[test]
    fn what_only_resources_have_is_found_elsewhere_also_inside() {
        let computed = || nested("parts", Attribute::of::<u16>("port").computed());
        let secret = || nested("parts", Attribute::of::<Option<String>>("key").write_only());
        let default = || nested("parts", Attribute::of::<u16>("port").default_value(Dynamic::Number(1.into())));
        let found = |owner, attribute| problems(owner, vec![attribute]).contains("also inside");
        assert!(found(SchemaOwner::Provider, computed()) && found(SchemaOwner::Provider, secret()));
        assert!(!found(SchemaOwner::Provider, default()) && found(SchemaOwner::Arguments, default()));
        assert!(found(SchemaOwner::Arguments, computed()) && found(SchemaOwner::Arguments, secret()));
        assert!(found(SchemaOwner::Declaration, secret()) && !found(SchemaOwner::Declaration, computed()));
        assert!(!found(SchemaOwner::Resource, computed()) && !found(SchemaOwner::Resource, secret()));
    }

    #[test]
    fn what_is_named_and_not_there_is_found() {
        let when = Condition { values: vec![("kind".to_owned(), Dynamic::Bool(true))], because: None };
        let schema = Schema {
            attributes: vec![Attribute::of::<u16>("port").computed().computed_when(&["host"])],
            constraints: vec![Constraint::RequiredWhen(when, vec!["path".to_owned()])],
            timeouts: Some(TimeoutDefaults {
                block: "timeouts".to_owned(),
                defaults: vec![("create".to_owned(), "soon".to_owned())],
            }),
            ..Schema::default()
        };
        assert_eq!(
            schema.problems(SchemaOwner::Resource),
            [
                "`port` is computed when `host` changes, which there is not",
                "a rule between attributes names `path`, which there is not",
                "a rule between attributes names `kind`, which there is not",
                "timeouts(create = \"soon\") is no operation with a duration",
            ]
        );
    }

    #[test]
    fn versions_below_zero_and_what_cannot_identify_are_found() {
        let identity = IdentitySchema {
            version: -1,
            attributes: vec![
                Attribute::of::<Vec<Vec<u8>>>("lists"),
                Attribute::of::<String>("key").sensitive(),
                Attribute::of::<String>("port"),
            ],
        };
        let lists = Attribute::of::<Vec<Vec<u8>>>("lists");
        let key = Attribute::of::<String>("key").sensitive();
        let attributes = vec![lists, key, Attribute::of::<u16>("port")];
        let schema = Schema { version: -1, attributes, identity: Some(identity), ..Schema::default() };
        assert_eq!(
            schema.problems(SchemaOwner::Resource),
            [
                "its version must not be negative",
                "the version of its identity must not be negative",
                "`lists` cannot identify it: only texts, numbers, booleans and lists of these can",
                "`key` cannot identify it: an identity is no secret",
                "`port` identifies it, but is no attribute of this type",
            ]
        );
    }
}
