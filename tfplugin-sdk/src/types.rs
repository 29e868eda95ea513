//! The type of a Terraform value, as the schema states it and as it travels (a JSON type expression).
//!
//! Not here: Rust types (see [`crate::TfType`]) and values (see [`crate::value`]).

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

/// A Terraform type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Unicode text.
    String,
    /// An exact decimal number of any size.
    Number,
    /// True or false.
    Bool,
    /// A value that carries its own type.
    Dynamic,
    /// Ordered elements of one type.
    List(Box<Type>),
    /// Unordered, distinct elements of one type.
    Set(Box<Type>),
    /// Elements of one type by name.
    Map(Box<Type>),
    /// Attributes, each with its own type.
    Object(BTreeMap<String, Type>),
    /// Ordered elements, each with its own type.
    Tuple(Vec<Type>),
}

impl Type {
    /// A list of `element`.
    pub fn list(element: Type) -> Self {
        Self::List(Box::new(element))
    }

    /// A set of `element`.
    pub fn set(element: Type) -> Self {
        Self::Set(Box::new(element))
    }

    /// A map of `element`.
    pub fn map(element: Type) -> Self {
        Self::Map(Box::new(element))
    }

    /// The JSON type expression of the wire: `"string"`, `["list","string"]`, `["object",{"port":"number"}]`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::String => json!("string"),
            Self::Number => json!("number"),
            Self::Bool => json!("bool"),
            Self::Dynamic => json!("dynamic"),
            Self::List(element) => json!(["list", element.to_json()]),
            Self::Set(element) => json!(["set", element.to_json()]),
            Self::Map(element) => json!(["map", element.to_json()]),
            Self::Object(attributes) => {
                let attributes: serde_json::Map<_, _> =
                    attributes.iter().map(|(name, of)| (name.clone(), of.to_json())).collect();
                json!(["object", attributes])
            }
            Self::Tuple(elements) => {
                json!(["tuple", elements.iter().map(Self::to_json).collect::<Vec<_>>()])
            }
        }
    }

    /// Reads a JSON type expression; `None` when it is not one.
    pub fn from_json(json: &Json) -> Option<Self> {
        match json {
            Json::String(name) => match name.as_str() {
                "string" => Some(Self::String),
                "number" => Some(Self::Number),
                "bool" => Some(Self::Bool),
                "dynamic" => Some(Self::Dynamic),
                _ => None,
            },
            Json::Array(parts) => match parts.as_slice() {
                [Json::String(kind), of] => Self::from_constructor(kind, of),
                // Objects with optional attributes carry their names as a third part.
                [Json::String(kind), of, Json::Array(_)] if kind == "object" => Self::from_constructor(kind, of),
                _ => None,
            },
            _ => None,
        }
    }

    fn from_constructor(kind: &str, of: &Json) -> Option<Self> {
        match kind {
            "list" => Self::from_json(of).map(Self::list),
            "set" => Self::from_json(of).map(Self::set),
            "map" => Self::from_json(of).map(Self::map),
            "object" => {
                let attributes = of.as_object()?;
                let attributes = attributes
                    .iter()
                    .map(|(name, of)| Some((name.clone(), Self::from_json(of)?)))
                    .collect::<Option<_>>()?;
                Some(Self::Object(attributes))
            }
            "tuple" => of.as_array()?.iter().map(Self::from_json).collect::<Option<_>>().map(Self::Tuple),
            _ => None,
        }
    }
}
