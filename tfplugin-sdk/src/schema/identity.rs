//! What identifies a resource for ever: some of its attributes, with a version of their own.

use super::Attribute;
use crate::{Dynamic, Type};

/// The identity of a resource. Its attributes are those of the resource with the same names.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentitySchema {
    /// Version of its shape; identities of older versions are upgraded.
    pub version: i64,
    /// Its attributes; those that are not required may be left out when importing.
    pub attributes: Vec<Attribute>,
}

impl IdentitySchema {
    /// The type of its values.
    pub fn value_type(&self) -> Type {
        super::object_type(&self.attributes)
    }

    /// The identity in a state; null while a part of it that is required is null, and in no state.
    pub(crate) fn of(&self, state: &Dynamic) -> Dynamic {
        let missing = |attribute: &Attribute| {
            attribute.presence == super::Presence::Required && state.attribute(&attribute.name).is_null()
        };
        if state.is_null() || self.attributes.iter().any(missing) {
            return Dynamic::Null;
        }
        let parts =
            self.attributes.iter().map(|attribute| (attribute.name.clone(), state.attribute(&attribute.name).clone()));
        Dynamic::Object(parts.collect())
    }

    /// Everything that is wrong with it, each as one sentence.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.version < 0 {
            problems.push("the version of its identity must not be negative".to_owned());
        }
        if self.attributes.is_empty() {
            problems.push("its identity has no attributes".to_owned());
        }
        for attribute in &self.attributes {
            let plain = |of: &Type| matches!(of, Type::String | Type::Number | Type::Bool);
            let fits = match attribute.value_type() {
                Type::List(element) => plain(&element),
                of => plain(&of),
            };
            if !fits {
                let name = &attribute.name;
                problems
                    .push(format!("`{name}` cannot identify it: only texts, numbers, booleans and lists of these can"));
            }
            if attribute.sensitive || attribute.write_only {
                problems.push(format!("`{}` cannot identify it: an identity is no secret", attribute.name));
            }
        }
        problems
    }
}
