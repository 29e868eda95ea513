//! Functions in the miniature core.

use std::fmt;
use std::marker::PhantomData;

use super::Core;
use crate::engine::{Engine, FunctionFailure};
use crate::tf_type::Codec;
use crate::{Dynamic, Function, FunctionModel, Path, Report};

/// One function.
pub struct Callable<F> {
    engine: Engine,
    of: PhantomData<fn() -> F>,
}

impl Core {
    /// A function.
    pub fn function<F: Function>(&self) -> Callable<F> {
        Callable { engine: self.engine.clone(), of: PhantomData }
    }
}

impl<F: Function> Callable<F> {
    /// Calls it as Terraform does: twice, because it must be pure.
    ///
    /// # Errors
    ///
    /// What the function reports.
    ///
    /// # Panics
    ///
    /// When the second call gives something else, or when the result does not fit its own type.
    pub fn call(&self, arguments: &F) -> Result<F::Output, FunctionFailure> {
        let result = self.call_with(self.positional(arguments))?;
        let mut report = Report::new();
        let typed = F::Output::decode(&result, &Path::root(), &mut report);
        Ok(typed.unwrap_or_else(|| panic!("the result of {} does not fit its type: {report:?}", F::NAME)))
    }

    /// Calls it with any arguments, also such as do not fit or are not known yet.
    ///
    /// # Errors
    ///
    /// What the function reports.
    ///
    /// # Panics
    ///
    /// When the second call gives something else.
    pub fn call_with(&self, arguments: Vec<Dynamic>) -> Result<Dynamic, FunctionFailure> {
        let name = <F as FunctionModel>::NAME;
        let first = self.engine.call_function(name, arguments.clone());
        let second = self.engine.call_function(name, arguments);
        assert!(
            first == second,
            "Provider produced inconsistent function result: {name} gave {first:?}, then {second:?}"
        );
        first
    }

    /// The fields by position.
    fn positional(&self, arguments: &F) -> Vec<Dynamic> {
        let schema = &self.engine.schema().functions[<F as FunctionModel>::NAME];
        let object = arguments.encode();
        let mut positional: Vec<Dynamic> =
            schema.parameters.iter().map(|parameter| object.attribute(&parameter.name).clone()).collect();
        if let Some(variadic) = &schema.variadic
            && let Dynamic::List(further) = object.attribute(&variadic.name)
        {
            positional.extend(further.iter().cloned());
        }
        positional
    }
}

impl<F> fmt::Debug for Callable<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callable").finish_non_exhaustive()
    }
}
