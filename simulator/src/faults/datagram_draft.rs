//! A fault of datagrams as it is asked for, and what is checked before it can strike.

use std::time::Duration;

use super::datagrams::{DatagramEffect, DatagramFault, Datagrams, Direction};
use super::occasions::lasting;
use super::{AddressFilter, Occasions, OccasionsError};

/// The longest that a datagram can be held back, without jitter and with: QUIC has long sent another by then.
const LONGEST_DELAY: Duration = Duration::from_secs(10);
/// The most copies of one datagram.
pub const MOST_COPIES: u32 = 10;
/// The most datagrams that can pass one.
pub const MOST_BEHIND: u32 = 100;
/// The most bytes of a datagram.
const LONGEST_DATAGRAM: u32 = 65_527;
/// The longest id, in characters.
const LONGEST_ID: usize = 100;

/// A fault as it is asked for. Texts that are empty and numbers that are absent or 0 were not given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DatagramDraft {
    /// The listener's id.
    pub listener: String,
    /// The client, as `IP` or `IP:PORT`.
    pub client: String,
    /// `from_clients` or `to_clients`.
    pub direction: String,
    /// Only datagrams with more bytes.
    pub longer_than: Option<u32>,
    /// See [`Occasions`].
    pub after: u64,
    /// See [`Occasions`].
    pub count: Option<u64>,
    /// See [`Occasions`].
    pub probability: Option<f64>,
    /// The seed of the dice; 0 when absent.
    pub seed: Option<u64>,
    /// How long it lasts, in seconds.
    pub lasting: Option<f64>,
    /// See [`DatagramEffect`].
    pub lose: bool,
    /// See [`DatagramEffect`].
    pub duplicate: u32,
    /// See [`DatagramEffect`], in seconds.
    pub delay: f64,
    /// See [`DatagramEffect`], in seconds.
    pub jitter: f64,
    /// See [`DatagramEffect`].
    pub reorder: u32,
    /// See [`DatagramEffect`].
    pub rebind: bool,
}

/// A fault that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatagramDraftError {
    /// It would do nothing.
    #[error("the fault does nothing: give lose, duplicate, delay_seconds (or jitter_seconds), reorder or rebind")]
    Nothing,
    /// It would do two things.
    #[error("{0} and {1} are two faults: add one for each, they go together")]
    Both(&'static str, &'static str),
    /// It never strikes, or nobody can tell when.
    #[error(transparent)]
    Occasions(#[from] OccasionsError),
    /// No id.
    #[error("listener_id is at most {LONGEST_ID} characters, such as lbl-abcd1234; leave it out for every listener")]
    Listener,
    /// No client.
    #[error("client is an address, IP or IP:PORT, not {0:?}; leave it out for every client")]
    Client(String),
    /// No direction.
    #[error("direction is `from_clients` or `to_clients`; leave it out for both")]
    Direction,
    /// Clients have ports, and their datagrams show them.
    #[error("rebind is seen in datagrams from clients: leave direction out, or say `from_clients`")]
    RebindDirection,
    /// No size.
    #[error("longer_than is a number of bytes up to {LONGEST_DATAGRAM}, without the headers of IP and UDP")]
    LongerThan,
    /// Too many copies.
    #[error("duplicate is a number of copies up to {MOST_COPIES}")]
    Duplicate,
    /// No delay.
    #[error("delay_seconds and jitter_seconds are numbers from 0 to {}", LONGEST_DELAY.as_secs())]
    Delay,
    /// Too far.
    #[error("reorder is how many later datagrams pass a struck one, at most {MOST_BEHIND}")]
    Reorder,
}

impl DatagramDraft {
    /// The fault, when it is one.
    pub fn check(&self) -> Result<DatagramFault, DatagramDraftError> {
        let effect = self.effect()?;
        let datagrams = self.datagrams(&effect)?;
        let occasions = Occasions::read(self.after, self.count, self.probability, self.seed)?;
        Ok(DatagramFault { datagrams, occasions, lasting: lasting(self.lasting)?, effect })
    }

    fn datagrams(&self, effect: &DatagramEffect) -> Result<Datagrams, DatagramDraftError> {
        if self.listener.chars().count() > LONGEST_ID {
            return Err(DatagramDraftError::Listener);
        }
        let direction = match (self.direction.as_str(), effect) {
            ("" | "from_clients", DatagramEffect::Rebind) | ("from_clients", _) => Some(Direction::FromClients),
            ("to_clients", DatagramEffect::Rebind) => return Err(DatagramDraftError::RebindDirection),
            ("to_clients", _) => Some(Direction::ToClients),
            ("", _) => None,
            _ => return Err(DatagramDraftError::Direction),
        };
        let longer_than = match self.longer_than {
            Some(bytes) if bytes > LONGEST_DATAGRAM => return Err(DatagramDraftError::LongerThan),
            bytes => bytes.and_then(|bytes| usize::try_from(bytes).ok()),
        };
        let listener = (!self.listener.is_empty()).then(|| self.listener.clone());
        Ok(Datagrams { listener, client: self.client()?, direction, longer_than })
    }

    fn client(&self) -> Result<Option<AddressFilter>, DatagramDraftError> {
        let text = self.client.as_str();
        let filter = (!text.is_empty()).then(|| text.parse()).transpose();
        filter.map_err(|_| DatagramDraftError::Client(text.chars().take(LONGEST_ID).collect()))
    }

    fn effect(&self) -> Result<DatagramEffect, DatagramDraftError> {
        let asked = [
            ("lose", self.lose),
            ("duplicate", self.duplicate != 0),
            // A delay that is no number was given, too.
            ("delay_seconds", self.delay != 0.0 || self.jitter != 0.0),
            ("reorder", self.reorder != 0),
            ("rebind", self.rebind),
        ];
        let mut asked = asked.iter().filter(|(_, given)| *given).map(|(name, _)| *name);
        match (asked.next(), asked.next()) {
            (Some(one), Some(other)) => Err(DatagramDraftError::Both(one, other)),
            (Some("lose"), None) => Ok(DatagramEffect::Lose),
            (Some("duplicate"), None) if self.duplicate > MOST_COPIES => Err(DatagramDraftError::Duplicate),
            (Some("duplicate"), None) => Ok(DatagramEffect::Duplicate(self.duplicate)),
            (Some("delay_seconds"), None) => {
                Ok(DatagramEffect::Delay { by: delay(self.delay)?, jitter: delay(self.jitter)? })
            }
            (Some("reorder"), None) if self.reorder > MOST_BEHIND => Err(DatagramDraftError::Reorder),
            (Some("reorder"), None) => Ok(DatagramEffect::Reorder(self.reorder)),
            (Some(_), None) => Ok(DatagramEffect::Rebind),
            (None, _) => Err(DatagramDraftError::Nothing),
        }
    }
}

fn delay(seconds: f64) -> Result<Duration, DatagramDraftError> {
    let delay = Duration::try_from_secs_f64(seconds).ok().filter(|delay| *delay <= LONGEST_DELAY);
    delay.ok_or(DatagramDraftError::Delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> DatagramDraft {
        DatagramDraft { lose: true, ..DatagramDraft::default() }
    }

    fn refused(draft: &DatagramDraft) -> DatagramDraftError {
        draft.check().expect_err("refused")
    }

    #[test]
    fn every_effect_can_be_asked_for() {
        let effect = |draft: DatagramDraft| draft.check().expect("a fault").effect;
        let nothing = DatagramDraft::default;
        assert_eq!(effect(draft()), DatagramEffect::Lose);
        assert_eq!(effect(DatagramDraft { duplicate: 2, ..nothing() }), DatagramEffect::Duplicate(2));
        assert_eq!(effect(DatagramDraft { reorder: 3, ..nothing() }), DatagramEffect::Reorder(3));
        let delay = DatagramEffect::Delay { by: Duration::from_millis(20), jitter: Duration::from_millis(5) };
        assert_eq!(effect(DatagramDraft { delay: 0.02, jitter: 0.005, ..nothing() }), delay);
        let rebind = DatagramDraft { rebind: true, ..nothing() }.check().expect("a fault");
        assert_eq!((rebind.effect, rebind.datagrams.direction), (DatagramEffect::Rebind, Some(Direction::FromClients)));
        let client =
            |text: &str| DatagramDraft { client: text.into(), ..draft() }.check().expect("one").datagrams.client;
        assert_eq!(client("127.0.0.1"), "127.0.0.1".parse().ok());
        assert_eq!(client("[::1]:443"), "[::1]:443".parse().ok());
    }

    #[test]
    fn what_is_no_fault_is_refused_with_what_to_do() {
        assert_eq!(refused(&DatagramDraft::default()), DatagramDraftError::Nothing);
        let both = DatagramDraft { duplicate: 1, ..draft() };
        assert_eq!(refused(&both), DatagramDraftError::Both("lose", "duplicate"));
        assert_eq!(refused(&DatagramDraft { direction: "up".into(), ..draft() }), DatagramDraftError::Direction);
        let rebind = DatagramDraft { rebind: true, direction: "to_clients".into(), ..DatagramDraft::default() };
        assert_eq!(refused(&rebind), DatagramDraftError::RebindDirection);
        for client in ["localhost", "127.0.0.1:x", "127.0.0.0/8"] {
            let client = DatagramDraft { client: client.into(), ..draft() };
            assert!(matches!(refused(&client), DatagramDraftError::Client(_)));
        }
        assert_eq!(refused(&DatagramDraft { listener: "l".repeat(101), ..draft() }), DatagramDraftError::Listener);
        let longer_than = Some(65_528);
        assert_eq!(refused(&DatagramDraft { longer_than, ..draft() }), DatagramDraftError::LongerThan);
        let many = DatagramDraft { duplicate: 11, ..DatagramDraft::default() };
        assert_eq!(refused(&many), DatagramDraftError::Duplicate);
        let far = DatagramDraft { reorder: 101, ..DatagramDraft::default() };
        assert_eq!(refused(&far), DatagramDraftError::Reorder);
        for delay in [-1.0, 10.5, f64::NAN, f64::INFINITY] {
            assert_eq!(refused(&DatagramDraft { delay, ..DatagramDraft::default() }), DatagramDraftError::Delay);
            let jitter = DatagramDraft { jitter: delay, ..DatagramDraft::default() };
            assert_eq!(refused(&jitter), DatagramDraftError::Delay);
        }
        for seconds in [0.0, -1.0, 86_401.0, f64::NAN] {
            let lasting = Some(seconds);
            assert_eq!(refused(&DatagramDraft { lasting, ..draft() }), OccasionsError::Lasting.into());
        }
        let count = Some(0);
        assert_eq!(refused(&DatagramDraft { count, ..draft() }), OccasionsError::Count.into());
    }
}
