//! Write Terraform providers in Rust: plugin protocol 6, with typed config, plan and state from one struct.

mod diagnostics;
mod generated;
mod number;
pub mod path;
mod types;
mod value;
mod wire;

pub use diagnostics::{Diagnostic, Error, Report, Result, Severity};
pub use number::{NotANumber, Number};
pub use path::{Path, Step};
pub use types::Type;
pub use value::{Dynamic, Planned, Refinements, Value};
