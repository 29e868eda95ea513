//! What any operation has at hand, whatever it works on: the connection, warnings, and the news that Terraform was
//! interrupted.
//!
//! Not here: what only operations of resources have ([`crate::Context`]).

use std::future::Future;
use std::sync::Mutex;

use tokio::sync::watch;

use crate::{Error, Path, Report, Result};

/// What any operation has at hand. `A` is the connection that the provider's `configure` makes.
#[derive(Debug)]
pub struct Operation<'a, A> {
    api: &'a A,
    warnings: Report,
    cancellation: Cancellation,
}

impl<'a, A> Operation<'a, A> {
    pub(crate) fn new(api: &'a A, cancellation: Cancellation) -> Self {
        Self { api, warnings: Report::new(), cancellation }
    }

    /// The connection that the provider's `configure` made.
    pub fn api(&self) -> &'a A {
        self.api
    }

    /// Tells the user something without failing; [`Path::root`] when it concerns the whole.
    pub fn warn(&mut self, path: Path, summary: impl Into<String>, detail: impl Into<String>) {
        self.warnings.warning(path, summary, detail);
    }

    /// Whether the user interrupted Terraform.
    pub fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// Ends when the user interrupts Terraform. Nothing is stopped by itself: return an error to stop.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + 'static {
        self.cancellation.clone().cancelled()
    }

    /// The result of `work`, or an error as soon as the user interrupts Terraform. For waiting, not for requests
    /// that change something: these should be seen to their end.
    ///
    /// # Errors
    ///
    /// When the user interrupts Terraform before `work` has ended.
    pub async fn unless_cancelled<T>(&self, work: impl Future<Output = T> + Send) -> Result<T> {
        self.cancellation.clone().unless(work).await
    }

    pub(crate) fn into_warnings(self) -> Report {
        self.warnings
    }
}

/// Learns that the user interrupted Terraform.
#[derive(Clone, Debug)]
pub(crate) struct Cancellation(watch::Receiver<bool>);

impl Cancellation {
    pub(crate) fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    pub(crate) async fn cancelled(mut self) {
        if self.0.wait_for(|cancelled| *cancelled).await.is_err() {
            // The engine is gone and can tell no more.
            std::future::pending::<()>().await;
        }
    }

    /// The result of `work`, or an error as soon as the user interrupts Terraform.
    pub(crate) async fn unless<T>(self, work: impl Future<Output = T> + Send) -> Result<T> {
        tokio::select! {
            biased;
            () = self.cancelled() => Err(Error::new("Interrupted")
                .detail("Terraform was told to stop while this operation was waiting. What was done is in the state.")),
            result = work => Ok(result),
        }
    }
}

/// Tells all operations under way that the user interrupted Terraform; later operations start afresh.
#[derive(Debug)]
pub(crate) struct Canceller(Mutex<watch::Sender<bool>>);

impl Default for Canceller {
    fn default() -> Self {
        Self(Mutex::new(watch::Sender::new(false)))
    }
}

impl Canceller {
    pub(crate) fn cancellation(&self) -> Cancellation {
        Cancellation(self.sender().subscribe())
    }

    pub(crate) fn cancel(&self) {
        let mut sender = self.sender();
        sender.send_replace(true);
        *sender = watch::Sender::new(false);
    }

    /// A panic while it was held left the sender whole: it is only ever replaced.
    fn sender(&self) -> std::sync::MutexGuard<'_, watch::Sender<bool>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
