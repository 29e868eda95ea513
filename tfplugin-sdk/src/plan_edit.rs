//! What the `plan` hook of a resource sees and may change.

use std::future::Future;

use crate::operation::Cancellation;
use crate::{Codec, Dynamic, Path, Private, ProviderConfig, Report, Resource, Result};

/// A plan on its way to Terraform.
#[derive(Debug)]
pub struct PlanEdit<'a, R: Resource> {
    /// The connection; `None` while the provider's own configuration is not known.
    pub api: Option<&'a R::Api>,
    /// What the user wrote; all null when destroying.
    pub config: R::Config,
    /// The state before; `None` when creating, and in the second half of a replacement.
    pub prior: Option<R>,
    /// What will be: what is computed is `Unknown` where it may change. Changes to computed attributes the user did
    /// not set are taken over; others are refused. When destroying it shows the prior state, and changes are ignored.
    pub planned: R::Config,
    /// What the provider keeps with the resource beside its state. Changes reach create and update, and are stored with
    /// what these do.
    pub private: Private,
    /// What an earlier plan of the same change left in `private`, from a Terraform that keeps it (1.16). While applying,
    /// Terraform plans once more.
    pub earlier: Option<Private>,
    pub(crate) meta: Dynamic,
    pub(crate) destroy: bool,
    pub(crate) replace: Vec<Path>,
    pub(crate) cancellation: Cancellation,
    pub(crate) report: Report,
}

impl<R: Resource> PlanEdit<'_, R> {
    /// Whether it is created: for the first time, or again as the second half of a replacement.
    pub fn is_create(&self) -> bool {
        self.prior.is_none()
    }

    /// Whether it exists and stays (though it may yet be replaced).
    pub fn is_update(&self) -> bool {
        self.prior.is_some() && !self.destroy
    }

    /// Whether it is destroyed.
    pub fn is_destroy(&self) -> bool {
        self.destroy
    }

    /// Whether what stands at `path` is new, or will not be what it was. What is not known yet counts as a change, and so does
    /// everything when creating; nothing does when destroying.
    pub fn changes(&self, path: &Path) -> bool {
        let before = self.prior.as_ref().map(Codec::encode);
        before.is_none_or(|before| before.at(path) != self.planned.encode().at(path))
    }

    /// The attributes because of which the resource is going to be replaced: by what is declared of them, and by
    /// [`PlanEdit::replace`] so far.
    pub fn replacing(&self) -> &[Path] {
        &self.replace
    }

    /// Replaces the resource because of the attribute at `path`. Core heeds it only where the value changes.
    pub fn replace(&mut self, path: Path) {
        self.replace.push(path);
    }

    /// What the module says in its `provider_meta` block, as [`Operation::meta`](crate::Operation::meta) has it.
    ///
    /// # Errors
    ///
    /// When it breaks the rules of `M`.
    pub fn meta<M: ProviderConfig>(&self) -> Result<Option<M>> {
        crate::operation::meta::<M>(&self.meta)
    }

    /// Whether the user interrupted Terraform.
    pub fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// Ends when the user interrupts Terraform. Nothing is stopped by itself: return an error to stop.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + 'static {
        self.cancellation.clone().cancelled()
    }

    /// The result of `work`, or an error as soon as the user interrupts Terraform.
    ///
    /// # Errors
    ///
    /// When the user interrupts Terraform before `work` has ended.
    pub fn unless_cancelled<T>(&self, work: impl Future<Output = T> + Send) -> impl Future<Output = Result<T>> + Send {
        self.cancellation.clone().unless(work)
    }

    /// Refuses the plan.
    pub fn error(&mut self, path: Path, summary: impl Into<String>, detail: impl Into<String>) {
        self.report.error(path, summary, detail);
    }

    /// Tells the user something.
    pub fn warn(&mut self, path: Path, summary: impl Into<String>, detail: impl Into<String>) {
        self.report.warning(path, summary, detail);
    }
}
