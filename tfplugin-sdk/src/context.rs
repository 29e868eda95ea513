//! What an operation of a resource has at hand: the connection, the checkpoint, warnings, and the news that
//! Terraform was interrupted.

use std::future::Future;
use std::sync::Mutex;

use tokio::sync::watch;

use crate::{Error, Path, Report, Resource, Result};

/// What an operation of a resource has at hand.
#[derive(Debug)]
pub struct Context<'a, R: Resource> {
    api: &'a R::Api,
    config: Option<R::Config>,
    start: Option<R::Plan>,
    checkpoint: Option<R::Plan>,
    warnings: Report,
    cancellation: Cancellation,
}

impl<'a, R: Resource> Context<'a, R> {
    pub(crate) fn new(api: &'a R::Api, cancellation: Cancellation) -> Self {
        Self { api, config: None, start: None, checkpoint: None, warnings: Report::new(), cancellation }
    }

    /// The configuration, and the state a checkpoint starts from.
    pub(crate) fn starting(mut self, config: Option<R::Config>, start: R::Plan) -> Self {
        self.config = config;
        self.start = Some(start);
        self
    }

    /// The connection that the provider's `configure` made.
    pub fn api(&self) -> &'a R::Api {
        self.api
    }

    /// The configuration; only while creating and updating.
    pub fn config(&self) -> Option<&R::Config> {
        self.config.as_ref()
    }

    /// Writes down what is certainly true by now. It starts as the plan when creating and as the prior state when
    /// updating or deleting; later checkpoints go on from earlier ones. Should the operation fail, panic or be
    /// cancelled, Terraform stores this (what is still unknown as null) together with the error, so that an object
    /// that exists is never forgotten. Reading and importing store nothing and ignore it.
    pub fn checkpoint(&mut self, write: impl FnOnce(&mut R::Plan)) {
        // On a copy: should `write` panic, what was written down before must still be there.
        if let Some(mut state) = self.checkpoint.as_ref().or(self.start.as_ref()).cloned() {
            write(&mut state);
            self.checkpoint = Some(state);
        }
    }

    /// Tells the user something without failing; [`Path::root`] when it concerns the whole resource.
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
    pub async fn unless_cancelled<T>(&self, work: impl Future<Output = T> + Send) -> Result<T> {
        tokio::select! {
            biased;
            () = self.cancelled() => Err(Error::new("Interrupted")
                .detail("Terraform was told to stop while this operation was waiting. What was done is in the state.")),
            result = work => Ok(result),
        }
    }

    pub(crate) fn into_parts(self) -> (Option<R::Plan>, Report) {
        (self.checkpoint, self.warnings)
    }
}

/// Learns that the user interrupted Terraform.
#[derive(Clone, Debug)]
pub(crate) struct Cancellation(watch::Receiver<bool>);

impl Cancellation {
    fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    async fn cancelled(mut self) {
        if self.0.wait_for(|cancelled| *cancelled).await.is_err() {
            // The engine is gone and can tell no more.
            std::future::pending::<()>().await;
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
