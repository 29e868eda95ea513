//! How long tasks take: a default and exceptions by action. Whether something takes time is the simulator's weather, so it
//! is one table for all accounts; what a pace means is the model's business.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clb_model::task::Pace;

/// Actions whose request id is the id of a task that ends later (SDK; the last three by what official clients do).
pub const ASYNCHRONOUS: [&str; 17] = [
    "CreateLoadBalancer",
    "ModifyLoadBalancerAttributes",
    "DeleteLoadBalancer",
    "CreateListener",
    "ModifyListener",
    "DeleteListener",
    "DeleteLoadBalancerListeners",
    "RegisterTargets",
    "DeregisterTargets",
    "BatchModifyTargetWeight",
    "ModifyTargetPort",
    "ModifyTargetWeight",
    "SetLoadBalancerStartStatus",
    "ModifyLoadBalancerSla",
    "SetLoadBalancerSecurityGroups",
    "ModifyLoadBalancersProject",
    "SetLoadBalancerClsLog",
];

/// The longest that a task can be told to take.
const LONGEST: Duration = Duration::from_hours(24);
/// The most questions that a task can be told to wait for.
const MOST_POLLS: u32 = 10_000;

/// How long tasks take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaceTable {
    /// Of actions that have no pace of their own.
    default: Pace,
    by_action: BTreeMap<String, Pace>,
}

/// A pace that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaceError {
    /// The text is none.
    #[error(
        "`{0}` is no pace: write `now`, a time such as `500ms` or `10s` (a day at most), or `3polls` (10000 at most)"
    )]
    Text(String),
    /// The action starts no task that ends later.
    #[error("`{0}` is no action whose task ends later; such are {list}", list = ASYNCHRONOUS.join(", "))]
    Action(String),
}

/// Whether the action's task ends later.
pub fn is_asynchronous(action: &str) -> bool {
    ASYNCHRONOUS.contains(&action)
}

impl PaceTable {
    /// The pace of an action; at once for one that is over when it answers.
    pub fn of(&self, action: &str) -> Pace {
        if !is_asynchronous(action) {
            return Pace::AtOnce;
        }
        self.by_action.get(action).copied().unwrap_or(self.default)
    }

    /// Sets the pace of an action, or the default.
    pub fn set(&mut self, action: Option<&str>, pace: Pace) -> Result<(), PaceError> {
        match action {
            None => self.default = pace,
            Some(action) if is_asynchronous(action) => {
                self.by_action.insert(action.to_owned(), pace);
            }
            Some(other) => return Err(PaceError::Action(other.to_owned())),
        }
        Ok(())
    }

    /// Sets what a text such as `10s` or `CreateLoadBalancer=3polls` says.
    pub fn set_from_text(&mut self, text: &str) -> Result<(), PaceError> {
        let (action, pace) = match text.split_once('=') {
            Some((action, pace)) => (Some(action.trim()), pace),
            None => (None, text),
        };
        self.set(action, pace.parse::<WrittenPace>()?.0)
    }

    /// The default, and the actions that have a pace of their own.
    pub fn view(&self) -> (Pace, impl Iterator<Item = (&str, Pace)>) {
        (self.default, self.by_action.iter().map(|(action, pace)| (action.as_str(), *pace)))
    }
}

/// A pace as people write it: `now`, `500ms`, `10s`, `2m`, `3polls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenPace(pub Pace);

impl FromStr for WrittenPace {
    type Err = PaceError;

    fn from_str(text: &str) -> Result<Self, PaceError> {
        let text = text.trim();
        if text == "now" {
            return Ok(Self(Pace::AtOnce));
        }
        let refused = || PaceError::Text(text.to_owned());
        let unit_at = text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(refused)?;
        let (number, unit) = text.split_at(unit_at);
        let number: u64 = number.parse().map_err(|_| refused())?;
        let time = match unit {
            "polls" | "poll" => {
                let count = u32::try_from(number).ok().filter(|count| *count <= MOST_POLLS);
                return count.map(|count| Self(Pace::Polls(count))).ok_or_else(refused);
            }
            "ms" => Duration::from_millis(number),
            "s" => Duration::from_secs(number),
            "m" => number.checked_mul(60).map(Duration::from_secs).ok_or_else(refused)?,
            _ => return Err(refused()),
        };
        if time > LONGEST { Err(refused()) } else { Ok(Self(Pace::After(time))) }
    }
}

impl fmt::Display for WrittenPace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Pace::AtOnce => f.write_str("now"),
            Pace::After(time) if time.subsec_millis() == 0 => write!(f, "{}s", time.as_secs()),
            Pace::After(time) => write!(f, "{}ms", time.as_millis()),
            Pace::Polls(count) => write!(f, "{count}polls"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clb_model::task::Pace;

    use super::{PaceError, PaceTable, WrittenPace};

    #[test]
    fn paces_are_written_as_they_are_read() {
        for (text, pace) in [
            ("now", Pace::AtOnce),
            ("250ms", Pace::After(Duration::from_millis(250))),
            ("10s", Pace::After(Duration::from_secs(10))),
            ("3polls", Pace::Polls(3)),
        ] {
            assert_eq!(text.parse(), Ok(WrittenPace(pace)));
            assert_eq!(WrittenPace(pace).to_string(), text);
        }
        for wrong in ["", "10", "s", "-1s", "1.5s", "25h", "100000s", "99999999999999999999s", "10001polls"] {
            assert_eq!(wrong.parse::<WrittenPace>(), Err(PaceError::Text(wrong.into())), "{wrong}");
        }
    }

    #[test]
    fn an_action_has_its_own_pace_or_the_default_and_synchronous_ones_have_none() {
        let mut paces = PaceTable::default();
        paces.set_from_text("2s").expect("a pace");
        paces.set_from_text("CreateLoadBalancer=3polls").expect("a pace");
        assert_eq!(paces.of("CreateLoadBalancer"), Pace::Polls(3));
        assert_eq!(paces.of("CreateListener"), Pace::After(Duration::from_secs(2)));
        assert_eq!(paces.of("BatchRegisterTargets"), Pace::AtOnce);
        for wrong in ["BatchRegisterTargets", "DescribeListeners", ""] {
            assert_eq!(paces.set(Some(wrong), Pace::AtOnce), Err(PaceError::Action(wrong.into())));
        }
    }
}
