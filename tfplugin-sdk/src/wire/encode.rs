//! Engine → messages: diagnostics, paths, schemas and values.

use std::collections::{BTreeMap, HashMap};

use super::pack;
use crate::generated::tfplugin6 as wire;
use crate::schema::{Attribute, AttributeKind, FunctionSchema, IdentitySchema, Nesting, Presence, Schema, Validator};
use crate::{Diagnostic, Dynamic, Path, Report, Severity, Step, Type};

/// A value by its type. What does not fit is added to `report`.
pub(super) fn value(value: &Dynamic, of: &Type, report: &mut Report) -> wire::DynamicValue {
    let (msgpack, problems) = pack::encode(value, of);
    report.extend(problems);
    wire::DynamicValue { msgpack, json: Vec::new() }
}

/// Everything of a report, in order.
pub(super) fn diagnostics(report: Report) -> Vec<wire::Diagnostic> {
    report.into_iter().map(diagnostic).collect()
}

fn diagnostic(diagnostic: Diagnostic) -> wire::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => wire::diagnostic::Severity::Error,
        Severity::Warning => wire::diagnostic::Severity::Warning,
    };
    wire::Diagnostic {
        severity: severity.into(),
        summary: diagnostic.summary,
        detail: diagnostic.detail,
        attribute: (!diagnostic.path.is_root()).then(|| path(&source_of(&diagnostic.path))),
    }
}

/// The part of a path by which core finds the line to show: it looks for nested attributes among the blocks, does not
/// find them, and then shows the first line of the resource. So a path ends at its first attribute; the text of the
/// message has the rest.
fn source_of(path: &Path) -> Path {
    path.steps().iter().take(1).cloned().collect()
}

/// A path from the root of a value.
pub(super) fn path(path: &Path) -> wire::AttributePath {
    use wire::attribute_path::{Step as WireStep, step::Selector};
    let step = |step: &Step| WireStep {
        selector: Some(match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(*index),
        }),
    };
    wire::AttributePath { steps: path.steps().iter().map(step).collect() }
}

/// The schema of a resource or of the provider block.
pub(super) fn schema(schema: &Schema) -> wire::Schema {
    let block = wire::schema::Block {
        version: schema.version,
        description: schema.description.clone(),
        deprecated: schema.deprecated.is_some(),
        deprecation_message: schema.deprecated.clone().unwrap_or_default(),
        ..block(&schema.attributes)
    };
    wire::Schema { version: schema.version, block: Some(block) }
}

/// What stands in a block: attributes, and blocks.
fn block(attributes: &[Attribute]) -> wire::schema::Block {
    let (blocks, attributes): (Vec<&Attribute>, Vec<&Attribute>) =
        attributes.iter().partition(|attribute| attribute.block);
    wire::schema::Block {
        attributes: attributes.into_iter().map(attribute).collect(),
        block_types: blocks.into_iter().filter_map(nested_block).collect(),
        description_kind: wire::StringKind::Markdown.into(),
        ..Default::default()
    }
}

/// `None` for a block without attributes, which `Provider::assert_valid` finds.
fn nested_block(attribute: &Attribute) -> Option<wire::schema::NestedBlock> {
    use wire::schema::nested_block::NestingMode;
    let AttributeKind::Nested(nesting, inner) = &attribute.kind else { return None };
    let (fewest, most) = attribute.validators.iter().find_map(Validator::bounds).unwrap_or((0, 0));
    let (nesting, min_items, max_items) = match nesting {
        Nesting::Single => {
            let required = i64::from(attribute.presence == Presence::Required);
            (NestingMode::Single, required, required)
        }
        Nesting::List => (NestingMode::List, fewest, most),
        Nesting::Set => (NestingMode::Set, fewest, most),
        Nesting::Map => (NestingMode::Map, 0, 0),
    };
    let block = wire::schema::Block {
        description: attribute.description.clone(),
        deprecated: attribute.deprecated.is_some(),
        deprecation_message: attribute.deprecated.clone().unwrap_or_default(),
        computed: attribute.presence.is_computed(),
        ..block(inner)
    };
    let type_name = attribute.name.clone();
    Some(wire::schema::NestedBlock { type_name, block: Some(block), nesting: nesting.into(), min_items, max_items })
}

/// Exactly one of `type` and `nested_type` is set: core refuses a provider that sets both.
fn attribute(attribute: &Attribute) -> wire::schema::Attribute {
    let (plain, nested) = match &attribute.kind {
        AttributeKind::Plain(of) => (type_expression(of), None),
        AttributeKind::Nested(nesting, attributes) => (Vec::new(), Some(object(*nesting, attributes))),
    };
    wire::schema::Attribute {
        name: attribute.name.clone(),
        r#type: plain,
        nested_type: nested,
        description: attribute.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
        required: attribute.presence == Presence::Required,
        optional: matches!(attribute.presence, Presence::Optional | Presence::OptionalComputed),
        computed: attribute.presence.is_computed(),
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
        deprecated: attribute.deprecated.is_some(),
        deprecation_message: attribute.deprecated.clone().unwrap_or_default(),
    }
}

fn object(nesting: Nesting, attributes: &[Attribute]) -> wire::schema::Object {
    use wire::schema::object::NestingMode;
    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    wire::schema::Object {
        nesting: nesting.into(),
        attributes: attributes.iter().map(attribute).collect(),
        ..Default::default()
    }
}

/// The functions by name.
pub(super) fn functions(functions: &BTreeMap<String, FunctionSchema>) -> HashMap<String, wire::Function> {
    functions.iter().map(|(name, of)| (name.clone(), function(of))).collect()
}

fn function(schema: &FunctionSchema) -> wire::Function {
    wire::Function {
        parameters: schema.parameters.iter().map(parameter).collect(),
        variadic_parameter: schema.variadic.as_ref().map(parameter),
        r#return: Some(wire::function::Return { r#type: type_expression(&schema.result) }),
        summary: schema.summary.clone(),
        description: schema.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
        deprecation_message: schema.deprecated.clone().unwrap_or_default(),
    }
}

fn parameter(parameter: &Attribute) -> wire::function::Parameter {
    wire::function::Parameter {
        name: parameter.name.clone(),
        r#type: type_expression(&parameter.value_type()),
        allow_null_value: parameter.presence != Presence::Required,
        allow_unknown_values: parameter.undecided,
        description: parameter.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
    }
}

fn type_expression(of: &Type) -> Vec<u8> {
    of.to_json().to_string().into_bytes()
}

/// The identities of the resources that have one, by type name.
pub(super) fn identities(resources: &BTreeMap<String, Schema>) -> HashMap<String, wire::ResourceIdentitySchema> {
    let with_identity = |(name, schema): (&String, &Schema)| Some((name.clone(), identity(schema.identity.as_ref()?)));
    resources.iter().filter_map(with_identity).collect()
}

fn identity(identity: &IdentitySchema) -> wire::ResourceIdentitySchema {
    let attribute = |attribute: &Attribute| wire::resource_identity_schema::IdentityAttribute {
        name: attribute.name.clone(),
        r#type: type_expression(&attribute.value_type()),
        required_for_import: attribute.presence == Presence::Required,
        optional_for_import: attribute.presence != Presence::Required,
        description: attribute.description.clone(),
    };
    wire::ResourceIdentitySchema {
        version: identity.version,
        identity_attributes: identity.attributes.iter().map(attribute).collect(),
    }
}
