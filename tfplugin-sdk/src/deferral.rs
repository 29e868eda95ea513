//! Not yet: why an operation is put off to a later run of Terraform.
//!
//! Not here: when that may be said (`engine`: only to a Terraform that can take it for an answer).

/// Why an operation must wait for a later run.
///
/// An author says so with [`Error::or_deferred`](crate::Error::or_deferred). A Terraform that knows deferral (it is
/// started with `-allow-deferral`) then plans everything else and comes back to this later; any other one shows the
/// error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deferral {
    /// The configuration of the object itself is not known enough.
    ConfigUnknown,
    /// The provider's configuration is not known. The SDK says this by itself.
    ProviderConfigUnknown,
    /// Something that must be there before is not there yet.
    PrerequisiteAbsent,
}
