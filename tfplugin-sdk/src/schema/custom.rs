//! A rule of the author's own, for a value of a known Rust type.

use std::fmt;

use crate::Dynamic;

/// A rule of the author's own. It is asked only of values that are wholly known.
#[derive(Clone, Copy)]
pub struct Custom(fn(&Dynamic) -> Result<(), String>);

impl Custom {
    /// The rule: what is wrong with a value, as a sentence, if anything is.
    pub const fn new(rule: fn(&Dynamic) -> Result<(), String>) -> Self {
        Self(rule)
    }

    /// What is wrong with `value`.
    pub fn problem(&self, value: &Dynamic) -> Option<String> {
        if value.is_null() || !value.is_wholly_known() { None } else { (self.0)(value).err() }
    }
}

/// By address: two rules with the same code may or may not be the same.
impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::fn_addr_eq(self.0, other.0)
    }
}

impl Eq for Custom {}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Custom")
    }
}
