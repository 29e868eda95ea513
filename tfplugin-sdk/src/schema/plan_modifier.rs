//! What a plan makes of one attribute, as declared. The steps of planning are `engine/plan.rs`.

use crate::Refinements;

/// What a plan makes of one attribute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanModifiers {
    /// A change of it replaces the resource.
    pub replace: bool,
    /// An update keeps the value of the prior state instead of planning an unknown one.
    pub keep: bool,
    /// What is known of it while it is unknown. Core keeps the provider to this.
    pub refinements: Refinements,
}
