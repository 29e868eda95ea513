//! A fuse in an author's API client: it makes a call fail, panic, or be interrupted, exactly where a test wants it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Core;

/// A fuse that the calls of an API client pass through, so that tests can find out what happens when one of them goes
/// wrong. One line per call; without a test it does nothing.
///
/// ```
/// use tfplugin_sdk::testing::Fuse;
///
/// #[derive(Default)]
/// struct Board {
///     fuse: Fuse,
/// }
///
/// impl Board {
///     async fn pin(&self, text: &str) -> tfplugin_sdk::Result<String> {
///         self.fuse.burn()?;
///         Ok(format!("note-{text}"))
///     }
/// }
/// ```
///
/// The line stands where a call can go wrong: before the request is sent. A second one behind it stands for an answer that
/// is lost after the platform has done what was asked. [`Core::faults`] lights it at every call in turn.
#[derive(Clone, Default)]
pub struct Fuse(Arc<Wiring>);

#[derive(Default)]
struct Wiring {
    lit: AtomicBool,
    state: Mutex<Burning>,
}

/// What happens at which call.
#[derive(Default)]
struct Burning {
    calls: u64,
    at: u64,
    trouble: Option<(Fault, Core)>,
}

/// What goes wrong at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails.
    Error,
    /// It fails, and all later ones do.
    Outage,
    /// It panics.
    Panic,
    /// It goes through, but the user interrupts Terraform.
    Interruption,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Error, Self::Outage, Self::Panic, Self::Interruption];
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "failing",
            Self::Outage => "and all later ones failing",
            Self::Panic => "panicking",
            Self::Interruption => "interrupted by the user",
        })
    }
}

/// A call that a test made fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("call {0} was made to fail by a test")]
pub struct Blown(u64);

impl Fuse {
    /// Goes through, unless a test wants this call to fail, to panic or to be interrupted.
    ///
    /// # Errors
    ///
    /// When a test wants it to.
    ///
    /// # Panics
    ///
    /// When a test wants it to.
    pub fn burn(&self) -> Result<(), Blown> {
        if !self.0.lit.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (call, trouble) = {
            let mut burning = self.burning();
            burning.calls += 1;
            let (call, at) = (burning.calls, burning.at);
            let met = |fault: Fault| call == at || (fault == Fault::Outage && call > at);
            (call, burning.trouble.clone().filter(|(fault, _)| met(*fault)))
        };
        match trouble {
            None => Ok(()),
            Some((Fault::Error | Fault::Outage, _)) => Err(Blown(call)),
            Some((Fault::Panic, _)) => panic!("call {call} was made to panic by a test"),
            Some((Fault::Interruption, core)) => {
                core.interrupt();
                Ok(())
            }
        }
    }

    /// Lets something go wrong at a call, counted from 1 and from now.
    pub fn light(&self, core: &Core, call: u64, fault: Fault) {
        *self.burning() = Burning { calls: 0, at: call, trouble: Some((fault, core.clone())) };
        self.0.lit.store(true, Ordering::Relaxed);
    }

    /// Puts it out. Whether it got as far as to the call where something was to go wrong.
    pub fn put_out(&self) -> bool {
        self.0.lit.store(false, Ordering::Relaxed);
        let burnt = std::mem::take(&mut *self.burning());
        burnt.trouble.is_some() && burnt.calls >= burnt.at
    }

    /// It is whole after a panic: only counted in and replaced.
    fn burning(&self) -> MutexGuard<'_, Burning> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Fuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fuse").field("lit", &self.0.lit).finish()
    }
}
