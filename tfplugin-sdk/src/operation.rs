//! What any operation has at hand, whatever it works on: the connection, warnings, and the news that Terraform was
//! interrupted.
//!
//! Not here: what only operations of resources have ([`crate::Context`]).

use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::engine::validated;
use crate::timeouts::Limit;
use crate::{Dynamic, Error, Path, ProviderConfig, Report, Result};

/// What any operation has at hand. `A` is the connection that the provider's `configure` makes.
#[derive(Debug)]
pub struct Operation<'a, A> {
    api: &'a A,
    warnings: Report,
    cancellation: Cancellation,
    meta: Dynamic,
}

impl<'a, A> Operation<'a, A> {
    pub(crate) fn new(api: &'a A, cancellation: Cancellation, meta: Dynamic) -> Self {
        Self { api, warnings: Report::new(), cancellation, meta }
    }

    /// The connection that the provider's `configure` made.
    pub fn api(&self) -> &'a A {
        self.api
    }

    /// Tells the user something without failing; [`Path::root`] when it concerns the whole.
    pub fn warn(&mut self, path: Path, summary: impl Into<String>, detail: impl Into<String>) {
        self.warnings.warning(path, summary, detail);
    }

    /// What the module says in its `provider_meta` block, of the type given to [`Provider::meta`](crate::Provider::meta);
    /// `None` when it has none, or none that is known yet. Only operations of resources and data sources are told.
    ///
    /// # Errors
    ///
    /// When it breaks the rules of `M`. Terraform does not have it checked before.
    pub fn meta<M: ProviderConfig>(&self) -> Result<Option<M>> {
        meta::<M>(&self.meta)
    }

    /// Whether the user interrupted Terraform.
    pub fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// Ends when the user interrupts Terraform. Nothing is stopped by itself: return an error to stop.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + 'static {
        self.cancellation.clone().cancelled()
    }

    /// Until when the operation may take, by the `timeouts` of the resource; `None` when there is no limit. Nothing is
    /// stopped by itself.
    pub fn deadline(&self) -> Option<std::time::Instant> {
        self.cancellation.limit.as_ref().map(|limit| limit.deadline.into_std())
    }

    /// How long the operation may still take; `None` when there is no limit.
    pub fn remaining(&self) -> Option<Duration> {
        let limit = self.cancellation.limit.as_ref()?;
        Some(limit.deadline.saturating_duration_since(Instant::now()))
    }

    /// Asks `question` every so often until it has an answer: for things that a platform does in the background.
    ///
    /// # Errors
    ///
    /// What `question` says; or that the user interrupted Terraform, or that the time of the operation is over.
    pub async fn wait_until<T, F>(&self, every: Duration, mut question: impl FnMut() -> F + Send) -> Result<T>
    where
        T: Send,
        F: Future<Output = Result<Option<T>>> + Send,
    {
        let asking = async {
            loop {
                if let Some(answer) = question().await? {
                    return Ok(answer);
                }
                tokio::time::sleep(every).await;
            }
        };
        self.unless_cancelled(asking).await?
    }

    /// The result of `work`, or an error as soon as the user interrupts Terraform or the time of the operation is over.
    /// For waiting, not for requests that change something: these should be seen to their end.
    ///
    /// # Errors
    ///
    /// When the user interrupts Terraform, or the time is over, before `work` has ended.
    pub async fn unless_cancelled<T>(&self, work: impl Future<Output = T> + Send) -> Result<T> {
        self.cancellation.clone().unless(work).await
    }

    pub(crate) fn into_warnings(self) -> Report {
        self.warnings
    }
}

/// What a module says in its `provider_meta` block.
pub(crate) fn meta<M: ProviderConfig>(block: &Dynamic) -> Result<Option<M>> {
    if block.is_null() || !block.is_wholly_known() {
        return Ok(None);
    }
    let mut report = validated(&M::schema(), block, |_| {});
    let meta = if report.has_errors() { None } else { M::decode(block, &Path::root(), &mut report) };
    meta.map(Some).ok_or_else(|| {
        // Its attributes are not those of the object, so no path would be right.
        let details: Vec<String> = report.into_iter().map(|found| found.detail).collect();
        Error::new("The provider_meta block of the module is wrong").detail(details.join("\n"))
    })
}

/// Learns that the user interrupted Terraform, and knows until when the operation may take.
#[derive(Clone, Debug)]
pub(crate) struct Cancellation {
    interrupted: watch::Receiver<bool>,
    limit: Option<Limit>,
}

impl Cancellation {
    pub(crate) fn is_cancelled(&self) -> bool {
        *self.interrupted.borrow()
    }

    pub(crate) async fn cancelled(mut self) {
        if self.interrupted.wait_for(|cancelled| *cancelled).await.is_err() {
            // The engine is gone and can tell no more.
            std::future::pending::<()>().await;
        }
    }

    /// The same for an operation with this limit.
    pub(crate) fn limited(self, limit: Option<Limit>) -> Self {
        Self { limit, ..self }
    }

    /// The result of `work`, or an error as soon as the user interrupts Terraform or the time is over.
    pub(crate) async fn unless<T>(self, work: impl Future<Output = T> + Send) -> Result<T> {
        let limit = self.limit.clone();
        tokio::select! {
            biased;
            () = self.cancelled() => Err(Error::new("Interrupted")
                .detail("Terraform was told to stop while this operation was waiting. What was done is in the state.")),
            error = over(limit) => Err(error),
            result = work => Ok(result),
        }
    }
}

/// Ends with an error when the time is over, and not at all where there is no limit.
async fn over(limit: Option<Limit>) -> Error {
    let Some(Limit { deadline, setting, text }) = limit else { return std::future::pending().await };
    tokio::time::sleep_until(deadline).await;
    Error::new("Timeout").detail(format!(
        "This took longer than {text}. What was done is in the state. Set a longer time with `{setting}`, or find out what \
         it waited for."
    ))
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
        Cancellation { interrupted: self.sender().subscribe(), limit: None }
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
