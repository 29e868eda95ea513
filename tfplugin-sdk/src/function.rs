//! What an author writes for one function: what it makes of its arguments.
//!
//! Not here: how arguments are checked before (`engine`).

use crate::schema::FunctionSchema;
use crate::tf_type::{Codec, TfType};
use crate::{Result, Type};

/// What `#[derive(Function)]` makes of a struct: the name in Terraform and the parameters.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared as a function",
    note = "put `#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Function)]` on the struct"
)]
pub trait FunctionModel: Codec {
    /// Name in Terraform, after `provider::name::`.
    const NAME: &'static str;

    /// The schema of a function with this result.
    fn schema(result: Type) -> FunctionSchema;
}

/// A function: the struct itself is its arguments.
///
/// It must be pure: the same arguments give the same result, whatever the time, the machine and the provider's
/// configuration (there is none). Terraform compares what it gave while planning with what it gives at apply.
///
/// ```
/// use tfplugin_sdk::{Error, Function, Result, path};
///
/// /// Joins the parts of an id.
/// #[derive(Clone, Debug, PartialEq, Function)]
/// #[tf(name = "join_id")]
/// pub struct JoinId {
///     /// The first part.
///     pub first: String,
///     /// The others.
///     #[tf(variadic, length(1..))]
///     pub others: Vec<String>,
/// }
///
/// impl Function for JoinId {
///     type Output = String;
///
///     fn call(self) -> Result<String> {
///         if self.first.contains('/') {
///             return Err(Error::new("A part has no slash").at(path!(Self: first)));
///         }
///         Ok(std::iter::once(self.first).chain(self.others).collect::<Vec<_>>().join("/"))
///     }
/// }
/// ```
///
/// A parameter takes null if it is an `Option`, and what is not known yet if it is a [`Value`](crate::Value); otherwise
/// Terraform answers for the function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a function",
    note = "`impl Function` for it says what it makes of its arguments"
)]
pub trait Function: FunctionModel {
    /// What it gives.
    type Output: TfType;

    /// Runs it.
    ///
    /// # Errors
    ///
    /// Why there is no result. At the path of a parameter it is shown at the argument.
    fn call(self) -> Result<Self::Output>;
}
