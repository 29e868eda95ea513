//! The part of `terraform providers schema -json` that a page shows.

use std::collections::BTreeMap;

use serde_json::Value;

/// A provider's schemas.
pub struct ProviderSchema {
    /// The provider block.
    pub provider: Schema,
    /// Resources by type name.
    pub resources: BTreeMap<String, Schema>,
}

/// A provider block or a resource.
pub struct Schema {
    /// What it is.
    pub description: String,
    /// Its attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
}

/// One attribute.
pub struct Attribute {
    /// What it is.
    pub description: String,
    /// Its type in words, as registry pages write it: `String`, `Set of Number`, `Attributes List`.
    pub kind: String,
    /// Who sets it.
    pub presence: Presence,
    /// Marks in brackets: `Sensitive`, `Write-only`, `Deprecated`.
    pub marks: Vec<&'static str>,
    /// Attributes inside, for a nested attribute.
    pub nested: BTreeMap<String, Attribute>,
}

/// Who sets an attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The user must.
    Required,
    /// The user may.
    Optional,
    /// The provider does.
    ReadOnly,
}

impl ProviderSchema {
    /// Reads Terraform's answer for its only provider.
    pub fn parse(answer: &Value) -> Result<Self, String> {
        let schemas = answer["provider_schemas"].as_object().ok_or("no provider_schemas in Terraform's answer")?;
        let schema = schemas.values().next().ok_or("Terraform knows no provider")?;
        let resources = schema["resource_schemas"].as_object().cloned().unwrap_or_default();
        Ok(Self {
            provider: Schema::parse(&schema["provider"]),
            resources: resources.iter().map(|(name, schema)| (name.clone(), Schema::parse(schema))).collect(),
        })
    }
}

impl Schema {
    fn parse(schema: &Value) -> Self {
        let block = &schema["block"];
        Self { description: text(&block["description"]), attributes: attributes(&block["attributes"]) }
    }
}

fn attributes(object: &Value) -> BTreeMap<String, Attribute> {
    let attributes = object.as_object().cloned().unwrap_or_default();
    attributes.iter().map(|(name, value)| (name.clone(), Attribute::parse(value))).collect()
}

impl Attribute {
    fn parse(attribute: &Value) -> Self {
        let is = |flag: &str| attribute[flag].as_bool().unwrap_or(false);
        let nested = &attribute["nested_type"];
        let kind = match nested["nesting_mode"].as_str() {
            Some("single") => "Attributes".to_owned(),
            Some(mode) => format!("Attributes {}", capital(mode)),
            None => type_name(&attribute["type"]),
        };
        let presence = match (is("required"), is("optional")) {
            (true, _) => Presence::Required,
            (_, true) => Presence::Optional,
            _ => Presence::ReadOnly,
        };
        let marks = [("sensitive", "Sensitive"), ("write_only", "Write-only"), ("deprecated", "Deprecated")];
        Self {
            description: text(&attribute["description"]),
            kind,
            presence,
            marks: marks.into_iter().filter(|(flag, _)| is(flag)).map(|(_, mark)| mark).collect(),
            nested: attributes(&nested["attributes"]),
        }
    }
}

/// `"string"` is String; `["set", "number"]` is Set of Number; objects and tuples only by their kind.
fn type_name(value: &Value) -> String {
    match value {
        Value::String(name) => capital(name),
        Value::Array(parts) => match (parts.first().and_then(Value::as_str), parts.get(1)) {
            (Some(outer @ ("list" | "set" | "map")), Some(inner)) => {
                format!("{} of {}", capital(outer), type_name(inner))
            }
            (Some(outer), _) => capital(outer),
            _ => "Dynamic".to_owned(),
        },
        _ => "Dynamic".to_owned(),
    }
}

fn capital(word: &str) -> String {
    if word == "bool" {
        return "Boolean".to_owned();
    }
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().to_owned()
}
