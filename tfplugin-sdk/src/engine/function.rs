//! Functions: arguments by position become the author's struct, and errors find their argument.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use super::handler::decoded;
use super::panics::caught;
use super::tree::shaped;
use super::validate::{add_new, check_object};
use super::{Engine, failure};
use crate::schema::FunctionSchema;
use crate::tf_type::Codec as _;
use crate::{Dynamic, Function, FunctionModel, Path, Report, Step};

/// A function.
pub(crate) trait FunctionHandler: Send + Sync {
    /// Runs it on an object of its parameters.
    fn call(&self, arguments: &Dynamic) -> Result<Dynamic, Report>;
}

/// The function `F`.
pub(crate) struct TypedFunction<F>(PhantomData<fn() -> F>);

impl<F> Default for TypedFunction<F> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<F: Function> FunctionHandler for TypedFunction<F> {
    fn call(&self, arguments: &Dynamic) -> Result<Dynamic, Report> {
        let function: F = decoded(arguments)?;
        let result = caught(&format!("calling {}", <F as FunctionModel>::NAME), || function.call())??;
        Ok(result.encode())
    }
}

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionFailure {
    /// What is wrong.
    pub text: String,
    /// The argument concerned, counted from 0.
    pub argument: Option<usize>,
}

impl Engine {
    /// Calls a function; it needs no configuration.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the arguments, or what the author says.
    pub fn call_function(&self, name: &str, arguments: Vec<Dynamic>) -> Result<Dynamic, FunctionFailure> {
        let (Some(schema), Some(handler)) = (self.0.schema.functions.get(name), self.0.handlers.functions.get(name))
        else {
            let detail = format!("The provider {} has no function {name:?}.", self.address());
            return Err(first_of(None, failure("Unknown function", detail)));
        };
        let failed = |report| first_of(Some(schema), report);
        let takes_unknown = |(position, argument): (usize, &Dynamic)| {
            argument.is_wholly_known() || schema.parameter(position).is_some_and(|parameter| parameter.undecided)
        };
        // As core answers by itself.
        if !arguments.iter().enumerate().all(takes_unknown) {
            return Ok(Dynamic::unknown());
        }
        let arguments = bound(schema, arguments).map_err(failed)?;
        let mut report = Report::new();
        check_object(&schema.parameters, &arguments, &Path::root(), &mut report);
        check_variadic(schema, &arguments, &mut report);
        if report.has_errors() {
            return Err(failed(report));
        }
        let result = handler.call(&arguments).map_err(|found| {
            add_new(&mut report, |report| report.extend(found));
            failed(report.clone())
        })?;
        Ok(shaped(&schema.result, result, &Path::root(), &mut Report::new()))
    }
}

/// Arguments as an object of the parameters.
fn bound(schema: &FunctionSchema, arguments: Vec<Dynamic>) -> Result<Dynamic, Report> {
    let expected = schema.parameters.len();
    let given = arguments.len();
    if given < expected || (given > expected && schema.variadic.is_none()) {
        let detail = format!("It takes {expected} arguments; {given} were given.");
        return Err(failure("Wrong number of arguments", detail));
    }
    let mut arguments = arguments.into_iter();
    let mut object: BTreeMap<String, Dynamic> =
        schema.parameters.iter().map(|parameter| parameter.name.clone()).zip(arguments.by_ref()).collect();
    if let Some(variadic) = &schema.variadic {
        object.insert(variadic.name.clone(), Dynamic::List(arguments.collect()));
    }
    Ok(Dynamic::Object(object))
}

/// Every variadic argument is held to the rules of its parameter.
fn check_variadic(schema: &FunctionSchema, arguments: &Dynamic, report: &mut Report) {
    let Some(variadic) = &schema.variadic else { return };
    let Dynamic::List(given) = arguments.attribute(&variadic.name) else { return };
    for (position, argument) in given.iter().enumerate() {
        let object = Dynamic::Object(BTreeMap::from([(variadic.name.clone(), argument.clone())]));
        let mut found = Report::new();
        check_object(std::slice::from_ref(variadic), &object, &Path::root(), &mut found);
        for diagnostic in found {
            let path = Path::root().attribute(&variadic.name).index(position);
            report.push(diagnostic.at(path));
        }
    }
}

/// Functions have one error and no warnings.
fn first_of(schema: Option<&FunctionSchema>, report: Report) -> FunctionFailure {
    let Some(first) = report.into_iter().find(crate::Diagnostic::is_error) else {
        return FunctionFailure { text: "The function failed without saying why".to_owned(), argument: None };
    };
    let argument = schema.and_then(|schema| position(schema, first.path.steps()));
    let text = if first.detail.is_empty() { first.summary } else { format!("{}: {}", first.summary, first.detail) };
    FunctionFailure { text, argument }
}

fn position(schema: &FunctionSchema, steps: &[Step]) -> Option<usize> {
    let Some(Step::Attribute(name)) = steps.first() else { return None };
    if let Some(found) = schema.parameters.iter().position(|parameter| parameter.name == *name) {
        return Some(found);
    }
    let further = match steps.get(1) {
        Some(Step::Index(index)) => usize::try_from(*index).ok()?,
        _ => 0,
    };
    schema.variadic.as_ref().filter(|variadic| variadic.name == *name).map(|_| schema.parameters.len() + further)
}
