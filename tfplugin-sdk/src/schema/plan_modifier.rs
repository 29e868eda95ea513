//! What a plan makes of one attribute, as declared. The steps of planning are `engine/plan.rs`.

use crate::Refinements;

/// What a plan makes of one attribute.
// Independent answers to independent questions, not states of one thing.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanModifiers {
    /// A change of it replaces the resource.
    pub replace: bool,
    /// Some changes of it do; the resource says which.
    pub may_replace: bool,
    /// An update keeps the value of the prior state instead of planning an unknown one.
    pub keep: bool,
    /// With `keep`: null is not kept, it becomes unknown.
    pub keep_non_null: bool,
    /// An update keeps the value unless one of these attributes beside it changes. Only at the root of a resource.
    pub computed_when: Vec<String>,
    /// What is known of it while it is unknown. Core keeps the provider to this.
    pub refinements: Refinements,
}
