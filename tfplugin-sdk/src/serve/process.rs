//! The process between its parent and the terminal: signals, the parent's death, panics.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, Write as _};
use std::os::unix::process::parent_id;
use std::panic;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::engine::panics::{self, Shown};

/// The signals a plugin process handles. From when this exists, none of them ends it by itself.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    parent_died: Signal,
    parent: u32,
}

impl Signals {
    /// Takes the signals over, and on Linux asks to be told of the parent's death.
    pub(super) fn take() -> io::Result<Self> {
        let signals = Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            parent_died: signal(SignalKind::user_defined2())?,
            parent: parent_id(),
        };
        ask_for_death_signal()?;
        Ok(signals)
    }

    /// Waits for a reason to end by itself. Ctrl-C is none: it reaches the whole process group, and Terraform then
    /// says through `StopProvider` what it wants; until it has the id of what is being created, nothing may end.
    pub(super) async fn reason_to_end(&mut self) -> Ending {
        loop {
            // Asked before the first wait too: the parent may have died before the signal was ordered. And the signal
            // alone proves nothing: it also comes when only the parent's thread that started this process ended.
            if parent_id() != self.parent {
                return Ending::Orphaned;
            }
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => return Ending::Asked,
                _ = self.parent_died.recv() => {}
            }
        }
    }
}

/// Why a process ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// By SIGTERM: what is under way is asked to end, and answered.
    Asked,
    /// Terraform is gone: nobody waits for an answer.
    Orphaned,
}

#[cfg(target_os = "linux")]
fn ask_for_death_signal() -> io::Result<()> {
    // SAFETY: prctl with PR_SET_PDEATHSIG takes a signal number and touches no memory of ours.
    #[allow(unsafe_code, reason = "the standard library has no call for it")]
    let result = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGUSR2) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(not(target_os = "linux"))]
fn ask_for_death_signal() -> io::Result<()> {
    // An orphan is noticed when its last connection has been closed for a while.
    Ok(())
}

/// Makes panics visible. Terraform shows what follows a line that begins with `panic: `, even with logging off; what
/// becomes a diagnostic is only logged.
pub(super) fn show_panics() {
    panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message").replace('\n', "\n\t");
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let text = format!("{message}\n\nat {place}");
        // The backtrace comes last: of a crash, Terraform shows 100 lines.
        let text = match panics::noticed(&place, &text) {
            Shown::InADiagnostic => format!("[ERROR] the provider panicked: {text}"),
            Shown::Nowhere { before: None } => format!("panic: {text}"),
            Shown::Nowhere { before: Some(before) } => format!("panic: {before}\n\nand then: {text}"),
        };
        let shown = format!("{text}\n{}\n", backtrace());
        // Where stderr is gone there is nobody to tell.
        let _ = io::stderr().lock().write_all(shown.as_bytes());
    }));
}

/// Only where RUST_BACKTRACE asks for it, and the binary still has the names.
fn backtrace() -> String {
    let backtrace = Backtrace::capture();
    let text = if backtrace.status() == BacktraceStatus::Captured { backtrace.to_string() } else { String::new() };
    if text.contains(": <unknown>") { String::new() } else { text }
}

/// Waits for Ctrl-C or SIGTERM, for a process that a person started.
pub(super) async fn interrupted() -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
