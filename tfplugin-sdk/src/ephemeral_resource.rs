//! What an author writes for one ephemeral resource: how it is opened, renewed and closed.
//!
//! Not here: when each is called (Terraform says), and what is checked around it (`engine`).

use std::future::Future;
use std::time::SystemTime;

use crate::{Declaration, Operation, Report, Result};

/// An ephemeral resource: a value that lives while Terraform runs, such as a token or a lock, and is stored nowhere.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tfplugin_sdk::{EphemeralResource, Opened, Operation, Renewed, Result, Secret};
///
/// /// A service that gives out tokens.
/// pub struct Office;
///
/// /// A token of the office.
/// #[derive(Clone, Debug, PartialEq, EphemeralResource)]
/// #[tf(name = "office_token")]
/// pub struct Token {
///     /// Who asks.
///     pub user: String,
///     /// The token.
///     #[tf(computed)]
///     pub token: Secret<String>,
/// }
///
/// impl EphemeralResource for Token {
///     type Api = Office;
///
///     async fn open(_: &mut Operation<'_, Office>, input: TokenInput) -> Result<Opened<Self>> {
///         let token = format!("token of {}", input.user);
///         let private = token.clone().into_bytes();
///         let opened = Opened::new(Self { user: input.user, token: Secret::new(token) });
///         Ok(opened.private(private).renew_at(SystemTime::now() + Duration::from_secs(60)))
///     }
///
///     async fn renew(_: &mut Operation<'_, Office>, private: Vec<u8>) -> Result<Renewed> {
///         Ok(Renewed::new(private).renew_at(SystemTime::now() + Duration::from_secs(60)))
///     }
///
///     async fn close(_: &mut Operation<'_, Office>, private: Vec<u8>) -> Result<()> {
///         drop(private);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an ephemeral resource of this provider",
    note = "`impl EphemeralResource` for it, with the connection of the provider as `Api`"
)]
pub trait EphemeralResource: Declaration {
    /// The connection that the provider's `configure` makes.
    type Api: Send + Sync + 'static;

    /// Makes it, and says what the other operations need and when it must be renewed.
    ///
    /// # Errors
    ///
    /// Why it could not be made; shown to the user. What was made before must be given back first: without a result
    /// nothing is closed.
    fn open(
        operation: &mut Operation<'_, Self::Api>,
        input: Self::Input,
    ) -> impl Future<Output = Result<Opened<Self>>> + Send;

    /// Keeps it alive. Called at the time that `open` or the last renewal said, with their private bytes.
    ///
    /// # Errors
    ///
    /// Why it could not be kept; shown to the user. By default: that there is nothing to renew.
    fn renew(
        operation: &mut Operation<'_, Self::Api>,
        private: Vec<u8>,
    ) -> impl Future<Output = Result<Renewed>> + Send {
        let _ = (operation, private);
        async {
            Err(crate::Error::new(format!("A {} cannot be renewed", Self::NAME))
                .detail("This is a bug in the provider: it says when to renew it, and not how."))
        }
    }

    /// Gives it back; with the private bytes of `open` or the last renewal. It also runs when Terraform is interrupted.
    ///
    /// # Errors
    ///
    /// Why it could not be given back; shown to the user. By default there is nothing to do.
    fn close(operation: &mut Operation<'_, Self::Api>, private: Vec<u8>) -> impl Future<Output = Result<()>> + Send {
        let _ = (operation, private);
        async { Ok(()) }
    }

    /// Rules that concern several attributes. No network: it also runs when the provider is not configured.
    fn validate(config: &Self::Config, report: &mut Report) {
        let _ = (config, report);
    }
}

/// An ephemeral resource that was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened<E> {
    pub(crate) value: E,
    pub(crate) renewal: Renewed,
}

impl<E> Opened<E> {
    /// With this value; it need not be renewed.
    pub fn new(value: E) -> Self {
        Self { value, renewal: Renewed::default() }
    }

    /// What renewing and closing need; Terraform keeps it in memory and gives it back.
    #[must_use]
    pub fn private(mut self, private: Vec<u8>) -> Self {
        self.renewal.private = private;
        self
    }

    /// When it must be renewed at the latest.
    #[must_use]
    pub fn renew_at(mut self, at: SystemTime) -> Self {
        self.renewal.at = Some(at);
        self
    }
}

/// An ephemeral resource that goes on.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Renewed {
    pub(crate) private: Vec<u8>,
    pub(crate) at: Option<SystemTime>,
}

impl Renewed {
    /// With these private bytes for the next renewal and for closing; it need not be renewed again.
    pub fn new(private: Vec<u8>) -> Self {
        Self { private, at: None }
    }

    /// When it must be renewed again at the latest.
    #[must_use]
    pub fn renew_at(mut self, at: SystemTime) -> Self {
        self.at = Some(at);
        self
    }

    /// The private bytes.
    pub fn private(&self) -> &[u8] {
        &self.private
    }

    /// When it must be renewed.
    pub fn at(&self) -> Option<SystemTime> {
        self.at
    }
}

/// Private bytes may be secrets.
impl std::fmt::Debug for Renewed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renewed").field("at", &self.at).finish_non_exhaustive()
    }
}
