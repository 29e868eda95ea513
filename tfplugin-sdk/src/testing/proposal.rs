//! Core's merge of a configuration with the prior state, before a provider is asked.
//!
//! After `plans/objchange/objchange.go` of Terraform: what is computed and not set keeps its prior value, everything
//! else is what the configuration says; the same inside nested attributes, whose elements are paired by position,
//! by key, or (sets) by what the configuration sets in them.

use crate::Dynamic;
use crate::engine::members::comes_from;
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
    if attribute.is_unset(config) && attribute.presence.is_computed() && !prior.is_null() {
        return prior.clone();
    }
    if config.is_null() {
        return Dynamic::Null;
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
                let found = rest.iter().position(|prior| comes_from(inner, config, prior));
                merged.push(element(found.map(|found| rest.swap_remove(found)), config));
            }
            // Terraform's sets come in an order of their own, not in that of the configuration.
            merged.reverse();
            Dynamic::Set(merged)
        }
        other => other.clone(),
    }
}
