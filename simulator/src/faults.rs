//! Faults: what goes wrong on request. Which calls a fault is for, which of them it strikes, and how often it has; the
//! same for [`datagrams`] of clients and for connections to [`backends`].
//!
//! Pure matching and counting: what a struck call comes to is carried out where calls are answered, what becomes of a
//! datagram or a backend's connection in the data plane. There are none until one is added, and the same faults with
//! the same events strike the same events.

mod address_filter;
mod backend_draft;
pub mod backends;
mod datagram_draft;
pub mod datagrams;
mod draft;
mod occasions;
mod standing;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use address_filter::AddressFilter;
pub use draft::{DraftError, FaultDraft};
pub use occasions::{Occasions, OccasionsError, Tally};
pub use standing::{Listed, MOST, TooMany};

use standing::Standing;

/// The faults, oldest first. Of those that are for a call the oldest that strikes is carried out; later ones do not see
/// that call.
#[derive(Debug, Default)]
pub struct Faults {
    table: Mutex<Standing<Fault>>,
}

/// What goes wrong with traffic.
#[derive(Debug, Default)]
pub struct TrafficFaults {
    /// Between clients and load balancers.
    pub datagrams: datagrams::DatagramFaults,
    /// Between load balancers and backends.
    pub backends: backends::BackendFaults,
}

/// A fault that can be carried out: made from a [`FaultDraft`] that was checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The calls it is for.
    pub calls: Calls,
    /// Which of those it strikes.
    pub occasions: Occasions,
    /// What a struck call comes to.
    pub effect: Effect,
}

/// Which calls a fault is for; what is `None` is for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Such as `clb`.
    pub service: Option<String>,
    /// An action's name, or its beginning and `*`.
    pub action: Option<String>,
    /// An id that has to stand somewhere among the arguments.
    pub resource: Option<String>,
    /// The account's name.
    pub world: Option<String>,
}

/// What a struck call comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// How long it is held back first, in real time.
    pub delay: Duration,
    /// And then.
    pub outcome: Outcome,
}

/// The outcome of a struck call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// It is served as ever.
    #[default]
    Served,
    /// It changes nothing and is answered with this error.
    Refused {
        /// The error's code.
        code: String,
        /// Its message.
        message: String,
        /// The status of HTTP; 200 on the platform.
        status: u16,
    },
    /// It changes nothing and is answered with this status of HTTP and no JSON, as by a gateway.
    Status(u16),
    /// It changes nothing, and the connection is closed without an answer.
    LostBefore,
    /// It is carried out, and the connection is closed without an answer.
    LostAfter,
    /// It is accepted, and its task ends with this failure.
    TaskFails(String),
}

/// A call that a fault could be for.
pub struct Attempt<'a> {
    /// Such as `clb`.
    pub service: &'a str,
    /// Such as `CreateListener`.
    pub action: &'a str,
    /// The account's name.
    pub world: &'a str,
    /// Whether a text stands among the arguments.
    pub mentions: &'a dyn Fn(&str) -> bool,
}

/// A fault that strikes a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strike {
    /// The fault.
    pub id: u64,
    /// What to do.
    pub effect: Effect,
}

impl Faults {
    /// Adds a fault; gives its id, which no other gets.
    pub fn add(&self, fault: Fault) -> Result<u64, TooMany> {
        let tally = Tally::new(&fault.occasions);
        self.lock().add(fault, tally, None)
    }

    /// The fault that strikes this call, if one does.
    pub fn strike(&self, attempt: &Attempt<'_>) -> Option<Strike> {
        let mut table = self.lock();
        let mut concerned = table.rows().filter(|it| it.fault.calls.include(attempt));
        let struck = concerned.find_map(|it| it.tally.strikes().then_some(it))?;
        Some(Strike { id: struck.id, effect: struck.fault.effect.clone() })
    }

    /// Every fault, oldest first.
    pub fn list(&self) -> Vec<Listed<Fault>> {
        self.lock().list()
    }

    /// Removes one; false when there is none with that id.
    pub fn remove(&self, id: u64) -> bool {
        self.lock().remove(id)
    }

    /// Removes all; gives how many there were.
    pub fn clear(&self) -> usize {
        self.lock().clear()
    }

    /// Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Standing<Fault>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    fn include(&self, attempt: &Attempt<'_>) -> bool {
        let is = |wanted: &Option<String>, given: &str| wanted.as_deref().is_none_or(|wanted| wanted == given);
        is(&self.service, attempt.service)
            && self.action.as_deref().is_none_or(|pattern| fits(pattern, attempt.action))
            && is(&self.world, attempt.world)
            && self.resource.as_deref().is_none_or(attempt.mentions)
    }
}

/// Whether a name is the pattern, or begins with what stands before its `*`.
pub fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempt, Calls, Fault, Faults, MOST, Occasions, Outcome, TooMany};

    fn fault(calls: Calls, occasions: Occasions) -> Fault {
        let effect = super::Effect { outcome: Outcome::LostBefore, ..super::Effect::default() };
        Fault { calls, occasions, effect }
    }

    fn strikes(faults: &Faults, action: &str) -> Option<u64> {
        let mentions = |text: &str| text == "lb-1";
        let attempt = Attempt { service: "clb", action, world: "demo", mentions: &mentions };
        faults.strike(&attempt).map(|strike| strike.id)
    }

    fn with(occasions: Occasions) -> Faults {
        let faults = Faults::default();
        faults.add(fault(Calls::default(), occasions)).expect("room");
        faults
    }

    fn struck(faults: &Faults, calls: usize) -> Vec<bool> {
        (0..calls).map(|_| strikes(faults, "A").is_some()).collect()
    }

    #[test]
    fn a_fault_is_for_the_calls_that_it_names() {
        let named = |calls: Calls, action: &str| {
            let faults = Faults::default();
            faults.add(fault(calls, Occasions::default())).expect("room");
            strikes(&faults, action).is_some()
        };
        let text = |text: &str| Some(text.to_owned());
        assert!(named(Calls::default(), "CreateListener"));
        assert!(named(Calls { action: text("Create*"), ..Calls::default() }, "CreateListener"));
        assert!(named(Calls { action: text("CreateListener"), ..Calls::default() }, "CreateListener"));
        assert!(!named(Calls { action: text("Create"), ..Calls::default() }, "CreateListener"));
        assert!(named(Calls { resource: text("lb-1"), world: text("demo"), ..Calls::default() }, "A"));
        assert!(!named(Calls { resource: text("lb-2"), ..Calls::default() }, "A"));
        assert!(!named(Calls { world: text("other"), ..Calls::default() }, "A"));
        assert!(!named(Calls { service: text("vpc"), ..Calls::default() }, "A"));
    }

    #[test]
    fn some_pass_first_and_then_some_are_struck() {
        assert_eq!(struck(&with(Occasions::default()), 3), [true, true, true]);
        let third = Occasions { after: 2, count: Some(1), ..Occasions::default() };
        assert_eq!(struck(&with(third), 4), [false, false, true, false]);
        let two = Occasions { count: Some(2), ..Occasions::default() };
        assert_eq!(struck(&with(two), 4), [true, true, false, false]);
    }

    #[test]
    fn dice_fall_the_same_way_with_the_same_seed() {
        let share = |share, seed| with(Occasions { share: Some((share, seed)), ..Occasions::default() });
        let first = struck(&share(0.25, 7), 1000);
        assert_eq!(struck(&share(0.25, 7), 1000), first);
        assert_ne!(struck(&share(0.25, 8), 1000), first);
        let hits = first.iter().filter(|hit| **hit).count();
        assert!((200..300).contains(&hits), "{hits}");
        assert_eq!(struck(&share(0.0, 7), 100), [false; 100]);
        assert_eq!(struck(&share(1.0, 7), 100), [true; 100]);
    }

    #[test]
    fn the_oldest_that_strikes_is_carried_out_and_all_are_counted() {
        let faults = with(Occasions { count: Some(1), ..Occasions::default() });
        let second = faults.add(fault(Calls::default(), Occasions::default())).expect("room");
        assert_eq!((strikes(&faults, "A"), strikes(&faults, "A")), (Some(1), Some(second)));
        let counts: Vec<(u64, u64)> = faults.list().iter().map(|it| (it.tally.matched, it.tally.hits)).collect();
        assert_eq!(counts, [(2, 1), (1, 1)]);
        assert!(faults.remove(1) && !faults.remove(1));
        assert_eq!(faults.clear(), 1);
        assert_eq!(strikes(&faults, "A"), None);
        assert_eq!(faults.add(fault(Calls::default(), Occasions::default())), Ok(3), "ids are not given twice");
    }

    #[test]
    fn there_is_a_bound() {
        let faults = Faults::default();
        let add = || faults.add(fault(Calls::default(), Occasions::default()));
        for _ in 0..MOST {
            add().expect("room");
        }
        assert_eq!(add(), Err(TooMany));
    }
}
