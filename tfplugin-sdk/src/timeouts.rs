//! How long operations may take: what a user writes in a `timeouts` block, and what is declared for when there is none.
//!
//! Not here: what happens when the time is over ([`crate::Operation`]).

use std::time::Duration;

use tokio::time::Instant;

use crate::Dynamic;

/// The `timeouts` block of a resource or data source: `timeouts { create = "10m" }`.
///
/// The field is declared as `#[tf(timeouts(create = "5m", delete = "10m"))] timeouts: Option<Timeouts>`, with what holds
/// when the user says nothing; an operation without either has all the time there is. What the user writes is kept in the
/// state by itself: what an operation returns for this field does not matter, so `None` will do.
#[derive(Clone, Debug, Default, PartialEq, Eq, tfplugin_macros::Object)]
pub struct Timeouts {
    /// How long creating it may take, such as `10m`.
    pub create: Option<Duration>,
    /// How long reading it may take, such as `1m`.
    pub read: Option<Duration>,
    /// How long changing it in place may take, such as `10m`.
    pub update: Option<Duration>,
    /// How long deleting it may take, such as `10m`.
    pub delete: Option<Duration>,
}

/// What a `timeouts` block is called in a schema, and what holds without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeoutDefaults {
    /// Name of the block.
    pub block: String,
    /// Durations by operation: `create`, `read`, `update`, `delete`.
    pub defaults: Vec<(String, String)>,
}

impl TimeoutDefaults {
    /// How long `operation` may take on an object with this state or plan.
    pub(crate) fn limit(&self, operation: &'static str, object: &Dynamic) -> Option<Limit> {
        let given = match object.attribute(&self.block).attribute(operation) {
            Dynamic::String(text) => Some(text.as_str()),
            _ => None,
        };
        let default = || self.defaults.iter().find(|(name, _)| name == operation).map(|(_, text)| text.as_str());
        let text = given.or_else(default)?;
        let duration = crate::duration::parse(text)?;
        let deadline = Instant::now().checked_add(duration)?;
        Some(Limit { deadline, setting: format!("{}.{operation}", self.block), text: text.to_owned() })
    }

    /// `state` with the block that `from` has: it is the user's, and nothing that a platform could tell.
    pub(crate) fn kept(&self, mut state: Dynamic, from: &Dynamic) -> Dynamic {
        if let Dynamic::Object(attributes) = &mut state {
            attributes.insert(self.block.clone(), from.attribute(&self.block).clone());
        }
        state
    }

    /// Everything that is wrong with it, each as one sentence.
    pub(crate) fn problems(&self) -> Vec<String> {
        let known = |name: &str| ["create", "read", "update", "delete"].contains(&name);
        let wrong = self.defaults.iter().filter(|(name, text)| !known(name) || crate::duration::parse(text).is_none());
        wrong.map(|(name, text)| format!("timeouts({name} = {text:?}) is no operation with a duration")).collect()
    }
}

/// Until when an operation may take, and where the user can change that.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    pub(crate) deadline: Instant,
    pub(crate) setting: String,
    pub(crate) text: String,
}
