//! What a function takes and gives.

use super::Attribute;
use super::attribute_check::check_attributes;
use super::check::{NO_NAME, is_name};
use crate::Type;

/// The signature of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionSchema {
    /// What it does, in one line.
    pub summary: String,
    /// What it does, in Markdown.
    pub description: String,
    /// Why it should not be used any more, and what to use.
    pub deprecated: Option<String>,
    /// Parameters in their order. Their presence says whether null is taken.
    pub parameters: Vec<Attribute>,
    /// Takes all further arguments, one by one.
    pub variadic: Option<Attribute>,
    /// Type of the result.
    pub result: Type,
}

impl FunctionSchema {
    /// The parameter that takes the argument at `position`.
    pub fn parameter(&self, position: usize) -> Option<&Attribute> {
        self.parameters.get(position).or(self.variadic.as_ref())
    }

    /// Everything that is wrong with it, each as one sentence.
    pub(crate) fn problems(&self, name: &str) -> Vec<String> {
        let mut problems = Vec::new();
        if !is_name(name) {
            problems.push(NO_NAME.to_owned());
        }
        let all: Vec<Attribute> = self.parameters.iter().chain(&self.variadic).cloned().collect();
        check_attributes(&all, "", &mut problems);
        problems
    }
}
