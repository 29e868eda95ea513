//! Generate: the configuration that a state could have come from, for `terraform plan -generate-config-out`.

use super::Engine;
use super::tree::with_empty_blocks;
use crate::schema::{Attribute, AttributeKind, Presence};
use crate::{Dynamic, Report};

impl Engine {
    /// A configuration for `state`: what the user could have set. It is valid and its plan is empty, except where a
    /// secret would have to be written down.
    ///
    /// # Errors
    ///
    /// When there is no such type.
    pub fn generate_config(&self, type_name: &str, state: &Dynamic) -> Result<Dynamic, Report> {
        let (schema, _) = self.resource(type_name)?;
        Ok(with_empty_blocks(&schema.attributes, &configured(&schema.attributes, state)))
    }
}

fn configured(attributes: &[Attribute], state: &Dynamic) -> Dynamic {
    match state {
        Dynamic::Object(parts) => {
            let settable = attributes.iter().map(|attribute| {
                let part = parts.get(&attribute.name).unwrap_or(&Dynamic::Null);
                (attribute.name.clone(), configured_attribute(attribute, part))
            });
            Dynamic::Object(settable.collect())
        }
        Dynamic::List(elements) => {
            Dynamic::List(elements.iter().map(|element| configured(attributes, element)).collect())
        }
        Dynamic::Set(elements) => {
            Dynamic::Set(elements.iter().map(|element| configured(attributes, element)).collect())
        }
        Dynamic::Map(elements) => {
            Dynamic::Map(elements.iter().map(|(key, element)| (key.clone(), configured(attributes, element))).collect())
        }
        other => other.clone(),
    }
}

fn configured_attribute(attribute: &Attribute, value: &Dynamic) -> Dynamic {
    let optional = attribute.presence != Presence::Required;
    let unset = attribute.presence == Presence::Computed
        || attribute.write_only
        // A secret is not written into a file for the user; a default need not be.
        || (optional && (attribute.sensitive || attribute.deprecated.is_some()))
        || attribute.default.as_ref() == Some(value);
    match &attribute.kind {
        _ if unset => Dynamic::Null,
        AttributeKind::Plain(_) => value.clone(),
        AttributeKind::Nested(_, inner) => configured(inner, value),
    }
}
