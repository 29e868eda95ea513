//! Write Terraform providers in Rust: plugin protocol 6, with typed config, plan and state from one struct.
//!
//! ```text
//! Terraform <-> serve (a go-plugin process) -> wire (bytes <-> values) -> engine (one operation a file) -> author code
//!                                                                 schema, tf_type <- derives
//! ```
//!
#![doc = include_str!("../README.md")]

// The derives name the crate as authors do.
extern crate self as tfplugin_sdk;

mod action;
#[cfg(test)]
mod chance;
mod context;
mod data_source;
mod declaration;
mod deferral;
mod diagnostics;
mod duration;
pub mod engine;
mod ephemeral_resource;
mod foreign_state;
mod function;
#[cfg(fuzzing)]
pub mod fuzzing;
#[cfg(all(test, not(fuzzing)))]
mod fuzzing;
mod generated;
mod import_id;
mod list_resource;
#[doc(hidden)]
pub mod macro_support;
mod number;
mod operation;
pub mod path;
mod plan_edit;
mod private;
mod provider;
pub mod registry_docs;
mod resource;
pub mod schema;
mod secret;
mod serve;
// Its place for authors is `testing::terraform`.
#[doc(hidden)]
pub mod terraform;
pub mod testing;
mod tf_type;
mod timeouts;
mod types;
mod value;
mod wire;

pub use action::{Action, Progress};
pub use context::Context;
pub use data_source::DataSource;
pub use declaration::Declaration;
pub use deferral::Deferral;
pub use diagnostics::{Diagnostic, Error, Report, Result, Severity};
pub use engine::Engine;
pub use ephemeral_resource::{EphemeralResource, Opened, Renewed};
pub use foreign_state::ForeignState;
pub use function::{Function, FunctionModel};
pub use list_resource::{ListModel, ListResource, Listing};
pub use number::{NotANumber, Number};
pub use operation::Operation;
pub use path::{Path, Step};
pub use plan_edit::PlanEdit;
pub use private::Private;
pub use provider::{Provider, ProviderConfig};
pub use resource::{ImportId, NoIdentity, NoImport, Resource, ResourceModel};
pub use secret::Secret;
pub use serve::{Reattach, reattach, serve};
pub use tf_type::{Codec, Facts, Form, TfType};
pub use tfplugin_macros::{
    Action, DataSource, Enum, EphemeralResource, Function, ListResource, Newtype, Object, ProviderConfig, Resource,
};
pub use timeouts::{TimeoutDefaults, Timeouts, TimeoutsConfig};
pub use types::Type;
pub use value::{Dynamic, Planned, Refinements, Value};
