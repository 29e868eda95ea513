//! What an author writes for one data source: how it is read.
//!
//! Not here: when it is called and what is checked around it (`engine`).

use std::future::Future;

use crate::{Declaration, Operation, Report, Result};

/// A data source: something that is looked up and never changed. The struct itself is what was found, what the user
/// set included.
///
/// ```
/// use tfplugin_sdk::{DataSource, Error, Operation, Result, path};
///
/// /// Postal codes by town.
/// pub struct Register;
///
/// /// The postal code of a town.
/// #[derive(Clone, Debug, PartialEq, DataSource)]
/// #[tf(name = "post_code")]
/// pub struct PostCode {
///     /// Name of the town.
///     #[tf(length(1..))]
///     pub town: String,
///     /// Its code.
///     #[tf(computed)]
///     pub code: String,
/// }
///
/// impl DataSource for PostCode {
///     type Api = Register;
///
///     async fn read(_: &mut Operation<'_, Register>, input: PostCodeInput) -> Result<Self> {
///         let code = match input.town.as_str() {
///             "York" => "YO1".to_owned(),
///             _ => return Err(Error::new("No such town").at(path!(Self: town))),
///         };
///         Ok(Self { town: input.town, code })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a data source of this provider",
    note = "`impl DataSource` for it, with the connection of the provider as `Api`"
)]
pub trait DataSource: Declaration {
    /// The connection that the provider's `configure` makes.
    type Api: Send + Sync + 'static;

    /// Looks it up. What does not exist is an error: Terraform has no data source without a value.
    ///
    /// # Errors
    ///
    /// Why it could not be looked up; shown to the user.
    fn read(operation: &mut Operation<'_, Self::Api>, input: Self::Input) -> impl Future<Output = Result<Self>> + Send;

    /// Rules that concern several attributes. No network: it also runs when the provider is not configured.
    fn validate(config: &Self::Config, report: &mut Report) {
        let _ = (config, report);
    }
}
