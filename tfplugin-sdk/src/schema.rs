//! What a provider declares: attributes with their types, rules and texts, free of any protocol.
//!
//! Not here: how a schema is sent (`wire`), and the Rust types it is made from ([`crate::TfType`]).

mod attribute;
mod attribute_check;
mod check;
mod condition;
mod constraint;
mod custom;
mod format;
mod function;
mod identity;
mod plan_modifier;
mod validator;

use std::collections::BTreeMap;

pub use attribute::{Attribute, AttributeKind, Nesting, Presence};
pub use condition::Condition;
pub use constraint::Constraint;
pub use custom::Custom;
pub use format::Format;
pub use function::FunctionSchema;
pub use identity::IdentitySchema;
pub use plan_modifier::PlanModifiers;
pub use validator::{Pattern, Validator};

pub(crate) use check::{NO_NAME, SchemaOwner, is_name};
pub(crate) use condition::value_of;

use crate::{Dynamic, TimeoutDefaults, Type};

/// The schema of a resource or of the provider's own configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// Version of the state's shape; states of older versions are upgraded.
    pub version: i64,
    /// What it is, in Markdown.
    pub description: String,
    /// Why it should not be used any more, and what to use.
    pub deprecated: Option<String>,
    /// Attributes in the order they were declared.
    pub attributes: Vec<Attribute>,
    /// Rules between attributes.
    pub constraints: Vec<Constraint>,
    /// How long operations may take, where there is a block for it.
    pub timeouts: Option<TimeoutDefaults>,
    /// What identifies it for ever; only of resources.
    pub identity: Option<IdentitySchema>,
    /// The form of the id it is imported by, such as `{load_balancer_id}/{listener_id}`; only of resources.
    pub import: Option<String>,
    /// Further forms of that id which are read too, such as those of another provider.
    pub import_also: Vec<String>,
}

impl Schema {
    /// The type of a whole value: an object of all attributes.
    pub fn value_type(&self) -> Type {
        object_type(&self.attributes)
    }

    /// The attribute `name`.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The value in which every attribute is null.
    pub(crate) fn null_object(&self) -> Dynamic {
        Dynamic::Object(self.attributes.iter().map(|attribute| (attribute.name.clone(), Dynamic::Null)).collect())
    }
}

/// The schemas of a provider and of everything it has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderSchema {
    /// The provider block.
    pub provider: Schema,
    /// The `provider_meta` block of modules, if there is one.
    pub provider_meta: Option<Schema>,
    /// Resources by type name.
    pub resources: BTreeMap<String, Schema>,
    /// Data sources by type name.
    pub data_sources: BTreeMap<String, Schema>,
    /// Ephemeral resources by type name.
    pub ephemeral_resources: BTreeMap<String, Schema>,
    /// Functions by name.
    pub functions: BTreeMap<String, FunctionSchema>,
    /// Actions by type name.
    pub actions: BTreeMap<String, Schema>,
    /// List resources by the type name of the resource they find.
    pub list_resources: BTreeMap<String, Schema>,
}

fn object_type(attributes: &[Attribute]) -> Type {
    Type::Object(attributes.iter().map(|attribute| (attribute.name.clone(), attribute.value_type())).collect())
}
