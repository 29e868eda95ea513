//! A fault as it is asked for, and what is checked before it can strike.

use std::time::Duration;

use super::{Calls, Effect, Fault, Occasions, OccasionsError, Outcome};

/// The longest that a call can be held back: beyond it clients have long given up.
const LONGEST_DELAY: Duration = Duration::from_mins(1);
/// The longest texts, in characters: names and codes, and messages.
const LONGEST_NAME: usize = 100;
const LONGEST_MESSAGE: usize = 1000;
/// What an error says when nobody said what.
const MESSAGE: &str = "An injected fault of the simulator.";

/// A fault as it is asked for. Texts that are empty and numbers that are absent were not given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultDraft {
    /// See [`Calls`].
    pub service: String,
    /// See [`Calls`].
    pub action: String,
    /// See [`Calls`].
    pub resource: String,
    /// See [`Calls`].
    pub world: String,
    /// See [`Occasions`].
    pub after: u64,
    /// See [`Occasions`].
    pub count: Option<u64>,
    /// See [`Occasions`].
    pub probability: Option<f64>,
    /// The seed of the dice; 0 when absent.
    pub seed: Option<u64>,
    /// See [`Effect`], in seconds.
    pub delay: f64,
    /// The code of an error to answer with.
    pub code: String,
    /// The message of that error.
    pub message: String,
    /// The status to answer with.
    pub status: Option<u32>,
    /// `before` or `after`: when the connection is closed without an answer.
    pub lose_answer: String,
    /// The failure that the call's task ends with.
    pub fail_task: String,
}

/// A fault that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// It would do nothing.
    #[error("the fault does nothing: give a code, http_status, lose_answer, fail_task or a delay")]
    Nothing,
    /// It would do two things.
    #[error("{0} and {1} exclude each other: a call has one outcome")]
    Both(&'static str, &'static str),
    /// A message for no error.
    #[error("message is the text of an error: give its code too")]
    MessageWithoutCode,
    /// It never strikes, or nobody can tell when.
    #[error(transparent)]
    Occasions(#[from] OccasionsError),
    /// No delay.
    #[error("delay is a number of seconds from 0 to {}", LONGEST_DELAY.as_secs())]
    Delay,
    /// No status.
    #[error("http_status is a number from 200 to 599 together with a code, and from 400 to 599 alone")]
    Status,
    /// No time.
    #[error("lose_answer is `before` or `after` the call has had its effect")]
    LoseAnswer,
    /// Too long, or a `*` that is not the last.
    #[error("{0} is not usable: it has at most {1} characters, and a `*` only at the end of action")]
    Text(&'static str, usize),
}

impl FaultDraft {
    /// The fault, when it is one.
    pub fn check(&self) -> Result<Fault, DraftError> {
        let occasions = Occasions::read(self.after, self.count, self.probability, self.seed)?;
        Ok(Fault { calls: self.calls()?, occasions, effect: self.effect()? })
    }

    fn calls(&self) -> Result<Calls, DraftError> {
        let beginning = self.action.strip_suffix('*').unwrap_or(&self.action);
        if beginning.contains('*') {
            return Err(DraftError::Text("action", LONGEST_NAME));
        }
        Ok(Calls {
            service: given(text("service", &self.service, LONGEST_NAME)?),
            action: given(text("action", &self.action, LONGEST_NAME)?),
            resource: given(text("resource", &self.resource, LONGEST_NAME)?),
            world: given(text("world", &self.world, LONGEST_NAME)?),
        })
    }

    fn effect(&self) -> Result<Effect, DraftError> {
        let delay = Duration::try_from_secs_f64(self.delay).ok().filter(|delay| *delay <= LONGEST_DELAY);
        let delay = delay.ok_or(DraftError::Delay)?;
        let outcome = self.outcome()?;
        if delay.is_zero() && outcome == Outcome::Served {
            return Err(DraftError::Nothing);
        }
        Ok(Effect { delay, outcome })
    }

    fn outcome(&self) -> Result<Outcome, DraftError> {
        let error = if self.code.is_empty() { "http_status" } else { "code" };
        let asked = [
            (error, !self.code.is_empty() || self.status.is_some()),
            ("lose_answer", !self.lose_answer.is_empty()),
            ("fail_task", !self.fail_task.is_empty()),
        ];
        let mut asked = asked.iter().filter(|(_, given)| *given).map(|(name, _)| *name);
        if let (Some(one), Some(other)) = (asked.next(), asked.next()) {
            return Err(DraftError::Both(one, other));
        }
        if self.code.is_empty() && !self.message.is_empty() {
            return Err(DraftError::MessageWithoutCode);
        }
        if !self.fail_task.is_empty() {
            return Ok(Outcome::TaskFails(text("fail_task", &self.fail_task, LONGEST_MESSAGE)?.to_owned()));
        }
        match self.lose_answer.as_str() {
            "" => self.error(),
            "before" => Ok(Outcome::LostBefore),
            "after" => Ok(Outcome::LostAfter),
            _ => Err(DraftError::LoseAnswer),
        }
    }

    fn error(&self) -> Result<Outcome, DraftError> {
        let least = if self.code.is_empty() { 400 } else { 200 };
        let status = match self.status {
            Some(status) => u16::try_from(status).ok().filter(|it| (least..=599).contains(it)),
            None => Some(200),
        };
        let status = status.ok_or(DraftError::Status)?;
        if self.code.is_empty() {
            return Ok(self.status.map_or(Outcome::Served, |_| Outcome::Status(status)));
        }
        let message = if self.message.is_empty() { MESSAGE } else { &self.message };
        Ok(Outcome::Refused {
            code: text("code", &self.code, LONGEST_NAME)?.to_owned(),
            message: text("message", message, LONGEST_MESSAGE)?.to_owned(),
            status,
        })
    }
}

fn text<'a>(name: &'static str, text: &'a str, longest: usize) -> Result<&'a str, DraftError> {
    if text.chars().count() > longest { Err(DraftError::Text(name, longest)) } else { Ok(text) }
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{DraftError, FaultDraft, OccasionsError, Outcome};

    fn refused(draft: &FaultDraft) -> DraftError {
        draft.check().expect_err("refused")
    }

    fn draft() -> FaultDraft {
        FaultDraft { code: "InternalError".into(), ..FaultDraft::default() }
    }

    #[test]
    fn every_outcome_can_be_asked_for() {
        let outcome = |draft: FaultDraft| draft.check().expect("a fault").effect.outcome;
        let status = Some(503);
        let Outcome::Refused { code, status: 503, .. } = outcome(FaultDraft { status, ..draft() }) else {
            panic!("an error with a status")
        };
        assert_eq!(code, "InternalError");
        assert_eq!(outcome(FaultDraft { status, ..FaultDraft::default() }), Outcome::Status(503));
        let lost = |when: &str| FaultDraft { lose_answer: when.into(), ..FaultDraft::default() };
        assert_eq!((outcome(lost("before")), outcome(lost("after"))), (Outcome::LostBefore, Outcome::LostAfter));
        let fails = FaultDraft { fail_task: "no".into(), ..FaultDraft::default() };
        assert_eq!(outcome(fails), Outcome::TaskFails("no".into()));
        let delayed = FaultDraft { delay: 1.5, ..FaultDraft::default() }.check().expect("a fault").effect;
        assert_eq!((delayed.delay, delayed.outcome), (Duration::from_millis(1500), Outcome::Served));
    }

    #[test]
    fn what_is_no_fault_is_refused_with_what_to_do() {
        assert_eq!(refused(&FaultDraft::default()), DraftError::Nothing);
        let both = FaultDraft { lose_answer: "after".into(), ..draft() };
        assert_eq!(refused(&both), DraftError::Both("code", "lose_answer"));
        let message = FaultDraft { message: "no".into(), delay: 1.0, ..FaultDraft::default() };
        assert_eq!(refused(&message), DraftError::MessageWithoutCode);
        assert_eq!(refused(&FaultDraft { seed: Some(1), ..draft() }), OccasionsError::SeedWithoutProbability.into());
        for probability in [Some(1.1), Some(-0.1), Some(f64::NAN)] {
            assert_eq!(refused(&FaultDraft { probability, ..draft() }), OccasionsError::Probability.into());
        }
        assert_eq!(refused(&FaultDraft { count: Some(0), ..draft() }), OccasionsError::Count.into());
        for delay in [-1.0, 61.0, f64::NAN, f64::INFINITY] {
            assert_eq!(refused(&FaultDraft { delay, ..draft() }), DraftError::Delay);
        }
        for status in [Some(200), Some(399), Some(600), Some(70_000)] {
            assert_eq!(refused(&FaultDraft { status, ..FaultDraft::default() }), DraftError::Status);
        }
        let lost = FaultDraft { lose_answer: "never".into(), ..FaultDraft::default() };
        assert_eq!(refused(&lost), DraftError::LoseAnswer);
        for action in ["Create*er".to_owned(), "A".repeat(101)] {
            assert!(matches!(refused(&FaultDraft { action, ..draft() }), DraftError::Text("action", 100)));
        }
    }
}
