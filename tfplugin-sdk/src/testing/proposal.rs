//! Core's merge of a configuration with the prior state, before a provider is asked.
//!
//! What is computed and not set keeps its prior value, everything else is what the configuration says; the same inside
//! nested attributes and blocks, whose elements are paired by position, by key, or (sets) by what the configuration
//! sets in them. The pairing is core's own and not the engine's: a provider meets what core makes of a set, strange as it
//! may be. That it is core's is checked against the original.

use crate::Dynamic;
use crate::engine::consistency::same;
use crate::schema::{Attribute, AttributeKind};

/// The proposal for an object.
pub(super) fn proposed(attributes: &[Attribute], prior: &Dynamic, config: &Dynamic) -> Dynamic {
    let merged = attributes.iter().map(|attribute| {
        let name = &attribute.name;
        (name.clone(), proposed_attribute(attribute, prior.attribute(name), config.attribute(name)))
    });
    Dynamic::Object(merged.collect())
}

fn proposed_attribute(attribute: &Attribute, prior: &Dynamic, config: &Dynamic) -> Dynamic {
    if attribute.is_unset(config) && attribute.presence.is_computed() && !was_set_inside(attribute, prior) {
        return if attribute.block && prior.is_null() { config.clone() } else { prior.clone() };
    }
    let AttributeKind::Nested(_, inner) = &attribute.kind else { return config.clone() };
    let element = |prior: Option<&Dynamic>, config: &Dynamic| match config {
        Dynamic::Object(_) => proposed(inner, prior.unwrap_or(&Dynamic::Null), config),
        other => other.clone(),
    };
    match config {
        Dynamic::Object(_) => element(Some(prior), config),
        Dynamic::List(elements) => {
            let prior = |position: usize| if let Dynamic::List(prior) = prior { prior.get(position) } else { None };
            let merged = elements.iter().enumerate().map(|(position, config)| element(prior(position), config));
            Dynamic::List(merged.collect())
        }
        Dynamic::Map(elements) => {
            let prior = |key: &str| if let Dynamic::Map(prior) = prior { prior.get(key) } else { None };
            Dynamic::Map(elements.iter().map(|(key, config)| (key.clone(), element(prior(key), config))).collect())
        }
        Dynamic::Set(elements) => {
            let mut rest: Vec<&Dynamic> = if let Dynamic::Set(prior) = prior { prior.iter().collect() } else { vec![] };
            let mut merged = Vec::with_capacity(elements.len());
            for config in elements {
                let found = rest.iter().position(|prior| may_come_from(inner, config, prior));
                merged.push(element(found.map(|found| rest.remove(found)), config));
            }
            Dynamic::Set(merged)
        }
        other => other.clone(),
    }
}

/// Whether something inside a nested attribute has a value that only a user can have set: without the attribute in the
/// configuration it goes as a whole.
fn was_set_inside(attribute: &Attribute, prior: &Dynamic) -> bool {
    let AttributeKind::Nested(_, inner) = &attribute.kind else { return false };
    let set = |object: &Dynamic| {
        inner.iter().any(|attribute| {
            let part = object.attribute(&attribute.name);
            !part.is_null() && (!attribute.presence.is_computed() || was_set_inside(attribute, part))
        })
    };
    match prior {
        Dynamic::List(elements) | Dynamic::Set(elements) => elements.iter().any(set),
        Dynamic::Map(elements) => elements.values().any(set),
        object => set(object),
    }
}

/// Whether the prior member of a set may have come from a configured one: whatever it has is configured, or computed and
/// not configured. What is configured and not in the prior member is not looked at, where it is nested.
pub(super) fn may_come_from(attributes: &[Attribute], config: &Dynamic, prior: &Dynamic) -> bool {
    attributes.iter().all(|attribute| {
        let (config, prior) = (config.attribute(&attribute.name), prior.attribute(&attribute.name));
        let AttributeKind::Nested(_, inner) = &attribute.kind else {
            return same(config, prior) || (attribute.presence.is_computed() && config.is_null());
        };
        let element = |config: Option<&Dynamic>, prior: &Dynamic| {
            config.is_some_and(|config| same(config, prior) || may_come_from(inner, config, prior))
        };
        match (config, prior) {
            _ if same(config, prior) => true,
            (Dynamic::Set(_), _) | (_, Dynamic::Set(_)) => false,
            (_, Dynamic::Null) => true,
            (Dynamic::Object(_), Dynamic::Object(_)) => may_come_from(inner, config, prior),
            (Dynamic::List(configs), Dynamic::List(priors)) => {
                priors.iter().enumerate().all(|(position, prior)| element(configs.get(position), prior))
            }
            (Dynamic::Map(configs), Dynamic::Map(priors)) => {
                priors.iter().all(|(key, prior)| element(configs.get(key), prior))
            }
            (_, Dynamic::List(priors)) => priors.is_empty(),
            (_, Dynamic::Map(priors)) => priors.is_empty(),
            _ => false,
        }
    })
}
