//! One page: its head, what the thing is, an example, and everything its schema says.

use super::examples::Examples;
use super::kind::{FUNCTION, Kind};
use super::markdown::{FrontMatter, block, first_paragraph};
use super::type_name::{type_name, type_parts, type_title};
use super::{attributes, import};
use crate::Dynamic;
use crate::schema::{Attribute, AttributeKind, FunctionSchema, Schema};

/// The provider's own page.
pub(super) fn index(provider: &str, schema: &Schema, examples: &mut Examples<'_>) -> String {
    let title = format!("{provider} Provider");
    let head = FrontMatter { title: title.clone(), is_index: true, description: &schema.description };
    let example = examples.required("examples/provider/provider.tf", "the provider block");
    let mut blocks = vec![head.text(), format!("# {title}"), schema.description.clone()];
    blocks.extend(usage(&example));
    blocks.extend(attributes::section(&schema.attributes, &schema.constraints));
    joined(blocks)
}

/// The page of a thing with a schema.
pub(super) fn thing(kind: Kind, provider: &str, name: &str, schema: &Schema, examples: &mut Examples<'_>) -> String {
    let title = format!("{name} {} - {provider}", kind.title);
    let head = FrontMatter { title, is_index: false, description: &schema.description };
    let mut blocks = vec![head.text(), format!("# {name} ({})", kind.title)];
    blocks.extend(about(kind, provider, name, schema.deprecated.as_deref(), &schema.description));
    let example = example(kind, name, examples);
    blocks.extend(usage(&example));
    blocks.extend(attributes::section(&timed(kind, schema), &schema.constraints));
    blocks.extend(import::section(kind, name, schema, &example, examples));
    joined(blocks)
}

/// The page of a function.
pub(super) fn function(provider: &str, name: &str, schema: &FunctionSchema, examples: &mut Examples<'_>) -> String {
    let title = format!("{name} {} - {provider}", FUNCTION.title);
    let head = FrontMatter { title, is_index: false, description: &schema.summary };
    let mut blocks = vec![head.text(), format!("# {}: {name}", FUNCTION.title)];
    let (first, _) = first_paragraph(&schema.description);
    let summary = if first == schema.summary { String::new() } else { format!("{}\n\n", schema.summary) };
    let description = summary + &schema.description;
    blocks.extend(about(FUNCTION, provider, name, schema.deprecated.as_deref(), &description));
    blocks.extend(usage(&example(FUNCTION, name, examples)));
    blocks.push("## Signature".to_owned());
    blocks.push(block("text", &signature(name, schema)));
    blocks.extend(arguments(schema));
    blocks.push("## Return Type".to_owned());
    blocks.push(match type_parts(&schema.result, "") {
        plain if plain.is_empty() => type_title(&schema.result),
        parts => format!("{} with:\n{parts}", type_title(&schema.result)),
    });
    joined(blocks)
}

fn arguments(schema: &FunctionSchema) -> Vec<String> {
    let fixed = schema.parameters.iter().map(|parameter| attributes::parameter(parameter, false));
    let variadic = schema.variadic.iter().map(|parameter| attributes::parameter(parameter, true));
    let lines: Vec<String> = fixed.chain(variadic).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec!["## Arguments".to_owned(), lines.join("\n")];
    let parameters: Vec<Attribute> = schema.parameters.iter().chain(&schema.variadic).cloned().collect();
    let nested = attributes::nested_sections(&parameters);
    if !nested.is_empty() {
        let sentence = "An object given to a function has all of its attributes; null leaves out one that is optional.";
        blocks.push(sentence.to_owned());
        blocks.extend(nested);
    }
    blocks
}

/// What it is, and what must be known before.
fn about(kind: Kind, provider: &str, name: &str, deprecated: Option<&str>, description: &str) -> Vec<String> {
    let deprecated = deprecated.map(|text| format!("~> **Deprecated:** {text}")).unwrap_or_default();
    let note = match kind.note {
        "" => String::new(),
        note => format!("-> {}", note.replace("{name}", name).replace("{provider}", provider)),
    };
    vec![deprecated, description.to_owned(), note]
}

fn example(kind: Kind, name: &str, examples: &mut Examples<'_>) -> String {
    examples.required(&kind.example(name, kind.example), &format!("the {} {name}", kind.title.to_lowercase()))
}

fn usage(example: &str) -> [String; 2] {
    ["## Example Usage".to_owned(), block("terraform", example)]
}

fn signature(name: &str, schema: &FunctionSchema) -> String {
    let parameter = |parameter: &Attribute| format!("{} {}", parameter.name, type_name(&parameter.value_type()));
    let fixed = schema.parameters.iter().map(parameter);
    let variadic = schema.variadic.iter().map(|variadic| format!("{}...", parameter(variadic)));
    let parameters: Vec<String> = fixed.chain(variadic).collect();
    format!("{name}({}) {}", parameters.join(", "), type_name(&schema.result))
}

/// The attributes, with what holds for the operations of the `timeouts` block where the user says nothing.
fn timed(kind: Kind, schema: &Schema) -> Vec<Attribute> {
    let mut attributes = schema.attributes.clone();
    let Some(timeouts) = &schema.timeouts else { return attributes };
    for block in attributes.iter_mut().filter(|attribute| attribute.name == timeouts.block) {
        let AttributeKind::Nested(_, operations) = &mut block.kind else { continue };
        operations.retain(|operation| kind.timed.contains(&operation.name.as_str()));
        for operation in operations {
            operation.validators.clear();
            match timeouts.defaults.iter().find(|(name, _)| *name == operation.name) {
                Some((_, default)) => operation.default = Some(Dynamic::String(default.clone())),
                None => operation.description += " Without it there is no limit.",
            }
        }
    }
    attributes
}

fn joined(blocks: Vec<String>) -> String {
    let blocks: Vec<String> = blocks.into_iter().filter(|block| !block.is_empty()).collect();
    blocks.join("\n\n") + "\n"
}
