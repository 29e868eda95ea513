//! Author code that panics becomes a diagnostic; the process lives on, and so does what was checkpointed.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use crate::{Error, Result};

/// Runs author code that is not async.
pub(super) fn caught<T>(doing: &str, work: impl FnOnce() -> T) -> Result<T> {
    // What the code was changing is reported as failed afterwards, never used as if it were whole.
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| error(doing, panic.as_ref()))
}

/// Runs async author code.
pub(super) async fn caught_async<T>(doing: &str, work: impl Future<Output = Result<T>> + Send) -> Result<T> {
    let mut work = pin!(work);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(poll) => poll,
        Err(panic) => Poll::Ready(Err(error(doing, panic.as_ref()))),
    })
    .await
}

fn error(doing: &str, panic: &(dyn Any + Send)) -> Error {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    Error::new("The provider panicked").detail(format!(
        "This is a bug in the provider, met while {doing}: {message}\n\nWhat was done before is in the state as far as \
         it was written down. The provider's log (TF_LOG=debug) says where it happened."
    ))
}
