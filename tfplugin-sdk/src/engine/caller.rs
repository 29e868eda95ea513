//! Who asks: what of Terraform and of the calling module goes with a request, beside what it is about.

use crate::Dynamic;

/// Who asks. By default a Terraform of today in a module without a `provider_meta` block.
#[derive(Clone, Debug, PartialEq)]
pub struct Caller {
    /// The `provider_meta` block of the module; null when there is none.
    pub meta: Dynamic,
    /// Whether "not yet" is taken for an answer.
    pub may_defer: bool,
    /// Whether write-only values are known there. An older Terraform (before 1.11) would store them.
    pub knows_write_only: bool,
}

impl Default for Caller {
    fn default() -> Self {
        Self { meta: Dynamic::Null, may_defer: false, knows_write_only: true }
    }
}
