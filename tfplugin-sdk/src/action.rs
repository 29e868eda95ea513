//! What an author writes for one action: something a user asks for by name, beside creating and deleting.
//!
//! Not here: when it is called (Terraform says), and what is checked around it (`engine`).

use std::future::Future;

use tokio::sync::mpsc;

use crate::{Declaration, Operation, Report, Result};

/// Messages that wait for Terraform; an action that has more to say waits until some were taken.
const QUEUE: usize = 16;

/// An action: it changes something outside and has no state. Needs Terraform 1.14.
///
/// ```
/// use tfplugin_sdk::{Action, Operation, Progress, Result};
///
/// /// A house with windows.
/// pub struct House;
///
/// /// Airs the house.
/// #[derive(Clone, Debug, PartialEq, Action)]
/// #[tf(name = "house_air")]
/// pub struct Air {
///     /// How many windows to open.
///     #[tf(range(1..=9))]
///     pub windows: u8,
/// }
///
/// impl Action for Air {
///     type Api = House;
///
///     async fn invoke(_: &mut Operation<'_, House>, input: AirInput, progress: &Progress) -> Result<()> {
///         for window in 1..=input.windows {
///             progress.report(format!("opening window {window}")).await;
///         }
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an action of this provider",
    note = "`impl Action` for it, with the connection of the provider as `Api`"
)]
pub trait Action: Declaration {
    /// The connection that the provider's `configure` makes.
    type Api: Send + Sync + 'static;

    /// Does it. It runs to its end even when Terraform goes away, unless the author returns early (see
    /// [`Operation::cancelled`]).
    ///
    /// # Errors
    ///
    /// Why it could not be done; shown to the user.
    fn invoke(
        operation: &mut Operation<'_, Self::Api>,
        input: Self::Input,
        progress: &Progress,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Looks at what is going to be done while Terraform plans; nothing may be changed yet. It is not asked while the
    /// provider's own configuration is not known.
    ///
    /// # Errors
    ///
    /// Why it cannot be done; shown to the user. By default there is nothing to look at.
    fn plan(operation: &mut Operation<'_, Self::Api>, config: Self::Config) -> impl Future<Output = Result<()>> + Send {
        let _ = (operation, config);
        async { Ok(()) }
    }

    /// Rules that concern several attributes. No network: it also runs when the provider is not configured.
    fn validate(config: &Self::Config, report: &mut Report) {
        let _ = (config, report);
    }
}

/// Tells the user how far an action has come.
#[derive(Debug)]
pub struct Progress(mpsc::Sender<String>);

impl Progress {
    pub(crate) fn new() -> (Self, mpsc::Receiver<String>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(sender), receiver)
    }

    /// Shows `message` to the user. Waits while Terraform is slow to take messages; when it is gone, nobody is told.
    pub async fn report(&self, message: impl Into<String> + Send) {
        // An error says that nobody listens any more, which is no reason to stop.
        let _ = self.0.send(message.into()).await;
    }
}
