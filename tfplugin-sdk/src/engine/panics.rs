//! Author code that panics becomes a diagnostic; the process lives on, and so does what was checkpointed.
//!
//! A panic that becomes a diagnostic is only logged where it happens: Terraform would show it a second time, as a crash
//! that there was not. One that nobody catches, or that ends the process, must be shown at once: `serve` asks here.

use std::any::Any;
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use crate::{Error, Result};

thread_local! {
    static WATCH: RefCell<Watch> = const { RefCell::new(Watch::Off) };
}

/// Whether this thread runs author code, and what it has seen there.
enum Watch {
    Off,
    On,
    Panicked { place: String, text: String },
}

/// Where a panic will be read.
pub(crate) enum Shown {
    /// In a diagnostic.
    InADiagnostic,
    /// Nowhere, unless it is shown now; with the text of the panic that it came on top of, if any.
    Nowhere { before: Option<String> },
}

/// For the panic hook: `text` tells of a panic at `place` in this thread.
pub(crate) fn noticed(place: &str, text: &str) -> Shown {
    // Where panics abort, nothing is caught.
    if cfg!(panic = "abort") {
        return Shown::Nowhere { before: None };
    }
    let notice = |watch: &RefCell<Watch>| match watch.replace(Watch::Off) {
        Watch::Off => Shown::Nowhere { before: None },
        Watch::On => {
            watch.replace(Watch::Panicked { place: place.to_owned(), text: text.to_owned() });
            Shown::InADiagnostic
        }
        // It may have come in the clean-up after the first one; then the process ends, and with it the diagnostic.
        Watch::Panicked { text, .. } => Shown::Nowhere { before: Some(text) },
    };
    // A thread that is ending runs no author code.
    WATCH.try_with(notice).unwrap_or(Shown::Nowhere { before: None })
}

/// Runs author code that is not async.
pub(super) fn caught<T>(doing: &str, work: impl FnOnce() -> T) -> Result<T> {
    let outside = WATCH.replace(Watch::On);
    // What the code was changing is reported as failed afterwards, never used as if it were whole.
    let result = catch_unwind(AssertUnwindSafe(work));
    let seen = WATCH.replace(outside);
    result.map_err(|panic| error(doing, panic.as_ref(), &seen))
}

/// Runs async author code.
pub(super) async fn caught_async<T>(doing: &str, work: impl Future<Output = Result<T>> + Send) -> Result<T> {
    let mut work = pin!(work);
    poll_fn(|cx| match caught(doing, || work.as_mut().poll(cx)) {
        Ok(poll) => poll,
        Err(error) => Poll::Ready(Err(error)),
    })
    .await
}

fn error(doing: &str, panic: &(dyn Any + Send), seen: &Watch) -> Error {
    let place = if let Watch::Panicked { place, .. } = seen { format!(", at {place}") } else { String::new() };
    Error::new("The provider panicked").detail(format!(
        "This is a bug in the provider, met while {doing}{place}: {}\n\nWhat was done before is in the state as far as \
         it was written down. With RUST_BACKTRACE=1 and TF_LOG=debug the log says how it came to this.",
        message(panic)
    ))
}

/// What a panic said.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
