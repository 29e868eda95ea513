//! What an object is like where a rule between its attributes holds.

use super::Attribute;
use crate::Dynamic;

/// What an object is like where a rule holds: these attributes have these values. What is not set has its default; what
/// is not known yet is not like that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Attributes, and the value of each.
    pub values: Vec<(String, Dynamic)>,
    /// Why the rule is one, to follow "because".
    pub because: Option<String>,
}

impl Condition {
    pub(super) fn holds(&self, attributes: &[Attribute], object: &Dynamic) -> bool {
        self.values.iter().all(|(name, value)| value_of(attributes, object, name) == value)
    }

    /// "`type` is "tcp" and `enabled` is true".
    pub(super) fn phrase(values: &[(String, Dynamic)]) -> String {
        let parts: Vec<String> = values.iter().map(|(name, value)| format!("`{name}` is {}", written(value))).collect();
        parts.join(" and ")
    }

    /// The end of the rule's sentence.
    pub(super) fn reason(&self) -> String {
        self.because.as_ref().map(|because| format!(", because {because}")).unwrap_or_default()
    }

    /// How the object could be changed so that the rule does not hold: "change `type`, which is "tcp" by default".
    pub(super) fn way_out(&self, object: &Dynamic) -> String {
        let Some((name, value)) = self.values.last() else { return String::new() };
        match object.attribute(name) {
            Dynamic::Null => format!("set `{name}`, which is {} by default", written(value)),
            _ => format!("change `{name}`"),
        }
    }
}

/// What `object` has for an attribute: what is set, or its default.
pub(crate) fn value_of<'a>(attributes: &'a [Attribute], object: &'a Dynamic, name: &str) -> &'a Dynamic {
    let value = object.attribute(name);
    let default = || attributes.iter().find(|attribute| attribute.name == name)?.default.as_ref();
    if value.is_null() { default().unwrap_or(value) } else { value }
}

/// A value as the author has written it into the rule.
pub(super) fn written(value: &Dynamic) -> String {
    match value {
        Dynamic::String(text) => format!("{text:?}"),
        Dynamic::Number(number) => number.to_string(),
        Dynamic::Bool(answer) => answer.to_string(),
        _ => "so".to_owned(),
    }
}
