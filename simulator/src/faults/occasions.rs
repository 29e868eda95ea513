//! Which of the events that a fault is for it strikes: after so many, so many times, with so much chance. The same
//! events with the same seed are struck again.

use std::time::Duration;

use clb_model::chance::Chance;

/// The longest that a fault can be asked to last.
const LONGEST_LASTING: Duration = Duration::from_hours(24);

/// Which of its events a fault strikes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Occasions {
    /// How many to let pass first.
    pub after: u64,
    /// How many to strike then; `None` for all.
    pub count: Option<u64>,
    /// The share of events, from 0 to 1, that is struck, and the seed of the dice; `None` for all.
    pub share: Option<(f64, u64)>,
}

/// Occasions that are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OccasionsError {
    /// A seed for no dice.
    #[error("seed is the seed of a probability: give that too")]
    SeedWithoutProbability,
    /// No share.
    #[error("probability is a number from 0 to 1")]
    Probability,
    /// It never strikes.
    #[error("count is 1 or more; leave it out to strike every one")]
    Count,
    /// No time, or too much.
    #[error("for_seconds is a number above 0 and at most {}; leave it out for a fault that stays", LONGEST_LASTING.as_secs())]
    Lasting,
}

impl Occasions {
    /// As they are asked for; the seed is 0 when it is absent.
    pub fn read(
        after: u64,
        count: Option<u64>,
        probability: Option<f64>,
        seed: Option<u64>,
    ) -> Result<Self, OccasionsError> {
        if count == Some(0) {
            return Err(OccasionsError::Count);
        }
        let share = match (probability, seed) {
            (None, None) => None,
            (None, Some(_)) => return Err(OccasionsError::SeedWithoutProbability),
            (Some(share), seed) if (0.0..=1.0).contains(&share) => Some((share, seed.unwrap_or_default())),
            (Some(_), _) => return Err(OccasionsError::Probability),
        };
        Ok(Self { after, count, share })
    }
}

/// How long a fault lasts, as it is asked for in seconds; `None` until it is removed.
pub fn lasting(seconds: Option<f64>) -> Result<Option<Duration>, OccasionsError> {
    let Some(seconds) = seconds else { return Ok(None) };
    let lasting = Duration::try_from_secs_f64(seconds).ok();
    let lasting = lasting.filter(|lasting| !lasting.is_zero() && *lasting <= LONGEST_LASTING);
    lasting.map(Some).ok_or(OccasionsError::Lasting)
}

/// The counts and the dice of a fault.
#[derive(Clone, Debug)]
pub struct Tally {
    occasions: Occasions,
    chance: Chance,
    /// How many events the fault was for.
    pub matched: u64,
    /// How many it has struck.
    pub hits: u64,
}

impl Tally {
    /// Nothing has happened yet.
    pub fn new(occasions: &Occasions) -> Self {
        let chance = Chance::seeded(occasions.share.map_or(0, |(_, seed)| seed));
        Self { occasions: occasions.clone(), chance, matched: 0, hits: 0 }
    }

    /// Counts an event that the fault is for, and says whether it is struck. The dice are thrown for every event that
    /// could be struck, so that the count changes nothing about them.
    pub fn strikes(&mut self) -> bool {
        let Occasions { after, share, .. } = self.occasions;
        self.matched += 1;
        let due = self.matched > after && !self.is_spent();
        let struck = due && share.is_none_or(|(share, _)| unit(self.chance.bits()) < share);
        self.hits += u64::from(struck);
        struck
    }

    /// Whether it has struck as often as it may.
    pub fn is_spent(&self) -> bool {
        self.occasions.count.is_some_and(|count| self.hits >= count)
    }

    /// Further dice, of the same seed.
    pub fn chance(&mut self) -> &mut Chance {
        &mut self.chance
    }
}

/// 53 of the bits as a number from 0 to below 1.
#[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
pub fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
