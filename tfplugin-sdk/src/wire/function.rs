//! Functions: the arguments come by position, each of its parameter's type.

use super::call::{Call, Failed};
use crate::engine::{Engine, FunctionFailure};
use crate::generated::tfplugin6 as wire;
use crate::wire::{decode, encode};
use crate::{Report, Type};

impl Call for wire::call_function::Request {
    const RPC: &'static str = "CallFunction";
    type Answer = wire::call_function::Response;

    fn type_name(&self) -> &str {
        &self.name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let schema = engine.schema().functions.get(&self.name);
        let mut arguments = Vec::with_capacity(self.arguments.len());
        for (position, argument) in self.arguments.iter().enumerate() {
            let parameter = schema.and_then(|schema| schema.parameter(position));
            let of = parameter.map_or(Type::Dynamic, crate::schema::Attribute::value_type);
            let mut problems = Report::new();
            arguments.push(decode::value(Some(argument), &of, &mut problems));
            if let Some(problem) = problems.into_iter().next() {
                let text = format!("{}: {}", problem.summary, problem.detail);
                return Ok(failed(FunctionFailure { text, argument: Some(position) }));
            }
        }
        let result = match engine.call_function(&self.name, arguments) {
            Ok(result) => result,
            Err(failure) => return Ok(failed(failure)),
        };
        let of = schema.map_or(Type::Dynamic, |schema| schema.result.clone());
        let mut problems = Report::new();
        let result = Some(encode::value(&result, &of, &mut problems));
        if problems.has_errors() { Err(problems) } else { Ok(Self::Answer { result, error: None }) }
    }
}

fn failed(failure: FunctionFailure) -> wire::call_function::Response {
    let function_argument = failure.argument.and_then(|argument| i64::try_from(argument).ok());
    let error = wire::FunctionError { text: failure.text, function_argument };
    wire::call_function::Response { result: None, error: Some(error) }
}

impl Failed for wire::call_function::Response {
    fn failed(report: Report) -> Self {
        let texts: Vec<String> =
            report.into_iter().map(|found| format!("{}: {}", found.summary, found.detail)).collect();
        failed(FunctionFailure { text: texts.join("\n"), argument: None })
    }

    /// A function has an error of its own kind.
    fn diagnostics(&self) -> &[wire::Diagnostic] {
        &[]
    }
}
