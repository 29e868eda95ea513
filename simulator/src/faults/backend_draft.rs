//! A fault of backends as it is asked for, and what is checked before it can strike.

use std::num::NonZeroU64;
use std::time::Duration;

use super::backends::{AnswerEnd, BackendEffect, BackendFault, Impairment, Slowness};
use super::occasions::lasting;
use super::{AddressFilter, Occasions, OccasionsError};

/// The longest that a piece of a stream can be held back.
const LONGEST_DELAY: Duration = Duration::from_mins(1);
/// The longest that a connection can be given before it breaks.
const LONGEST_LIFE: Duration = Duration::from_hours(24);
/// The longest id, in characters.
const LONGEST_ID: usize = 100;

/// A fault as it is asked for. Texts that are empty and numbers that are absent or 0 were not given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BackendDraft {
    /// The listener's id.
    pub listener: String,
    /// The backend as the cloud knows it, `IP` or `IP:PORT`.
    pub backend: String,
    /// `dials`, `probes` or `both`.
    pub strikes: String,
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
    /// See [`BackendEffect`].
    pub refuse: bool,
    /// See [`BackendEffect`].
    pub no_answer: bool,
    /// See [`AnswerEnd`]; 0 for at once.
    pub reset_after_bytes: Option<u64>,
    /// See [`Impairment`], in seconds.
    pub reset_after_seconds: Option<f64>,
    /// See [`AnswerEnd`]; 0 for at once.
    pub end_after_bytes: Option<u64>,
    /// See [`AnswerEnd`].
    pub never_end: bool,
    /// See [`Slowness`], of what clients say.
    pub request_rate: u64,
    /// See [`Slowness`], of what clients say, in seconds.
    pub request_delay: f64,
    /// See [`Slowness`], of what the backend says.
    pub answer_rate: u64,
    /// See [`Slowness`], of what the backend says, in seconds.
    pub answer_delay: f64,
}

/// A fault that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendDraftError {
    /// It would do nothing.
    #[error(
        "the fault does nothing: give refuse, no_answer, reset_after_bytes, reset_after_seconds, end_after_bytes, \
         never_end, or a delay or bytes per second of requests or answers"
    )]
    Nothing,
    /// It would do two things.
    #[error("{0} and {1} exclude each other: a connection has one end")]
    Both(&'static str, &'static str),
    /// It never strikes, or nobody can tell when.
    #[error(transparent)]
    Occasions(#[from] OccasionsError),
    /// No id.
    #[error("listener_id is at most {LONGEST_ID} characters, such as lbl-abcd1234; leave it out for every listener")]
    Listener,
    /// No backend.
    #[error(
        "backend is an address as the cloud knows it, IP or IP:PORT such as 10.0.1.5:8080, not {0:?}; leave it out for \
         every backend"
    )]
    Backend(String),
    /// Neither.
    #[error("strikes is `dials`, `probes` or `both`")]
    Strikes,
    /// A probe looks whether somebody answers, and no further.
    #[error("probes can be refused or not be answered: with other faults leave strikes out, or say `dials`")]
    Probes,
    /// No delay.
    #[error("request_delay_seconds and answer_delay_seconds are numbers from 0 to {}", LONGEST_DELAY.as_secs())]
    Delay,
    /// No life.
    #[error("reset_after_seconds is a number from 0 to {}", LONGEST_LIFE.as_secs())]
    Life,
}

impl BackendDraft {
    /// The fault, when it is one.
    pub fn check(&self) -> Result<BackendFault, BackendDraftError> {
        let effect = self.effect()?;
        let (strikes_dials, strikes_probes) = self.strikes(&effect)?;
        if self.listener.chars().count() > LONGEST_ID {
            return Err(BackendDraftError::Listener);
        }
        Ok(BackendFault {
            listener: (!self.listener.is_empty()).then(|| self.listener.clone()),
            backend: self.backend()?,
            strikes_dials,
            strikes_probes,
            occasions: Occasions::read(self.after, self.count, self.probability, self.seed)?,
            lasting: lasting(self.lasting)?,
            effect,
        })
    }

    /// A backend that takes no connection fails its probes, too, unless it is said otherwise.
    fn strikes(&self, effect: &BackendEffect) -> Result<(bool, bool), BackendDraftError> {
        let is_probed = !matches!(effect, BackendEffect::Impair(_));
        match self.strikes.as_str() {
            "" => Ok((true, is_probed)),
            "dials" => Ok((true, false)),
            "probes" if is_probed => Ok((false, true)),
            "both" if is_probed => Ok((true, true)),
            "probes" | "both" => Err(BackendDraftError::Probes),
            _ => Err(BackendDraftError::Strikes),
        }
    }

    fn backend(&self) -> Result<Option<AddressFilter>, BackendDraftError> {
        let text = self.backend.as_str();
        let filter = (!text.is_empty()).then(|| text.parse()).transpose();
        filter.map_err(|_| BackendDraftError::Backend(text.chars().take(LONGEST_ID).collect()))
    }

    fn effect(&self) -> Result<BackendEffect, BackendDraftError> {
        let slowness = "requests or answers that are slow";
        let is_slow = self.request_rate != 0 || self.answer_rate != 0;
        // A delay that is no number was given, too.
        let is_delayed = self.request_delay != 0.0 || self.answer_delay != 0.0;
        let ends = [
            ("refuse", self.refuse),
            ("no_answer", self.no_answer),
            ("reset_after_bytes", self.reset_after_bytes.is_some()),
            ("reset_after_seconds", self.reset_after_seconds.is_some()),
            ("end_after_bytes", self.end_after_bytes.is_some()),
            ("never_end", self.never_end),
        ];
        let mut ends = ends.iter().filter(|(_, given)| *given).map(|(name, _)| *name);
        match (ends.next(), ends.next()) {
            (Some(one), Some(other)) => Err(BackendDraftError::Both(one, other)),
            (Some(name @ ("refuse" | "no_answer")), None) if is_slow || is_delayed => {
                Err(BackendDraftError::Both(name, slowness))
            }
            (Some("refuse"), None) => Ok(BackendEffect::Refuse),
            (Some("no_answer"), None) => Ok(BackendEffect::NoAnswer),
            (None, _) if !is_slow && !is_delayed => Err(BackendDraftError::Nothing),
            _ => Ok(BackendEffect::Impair(self.impairment()?)),
        }
    }

    fn impairment(&self) -> Result<Impairment, BackendDraftError> {
        let end = match (self.reset_after_bytes, self.end_after_bytes) {
            (Some(bytes), _) => AnswerEnd::ResetAfter(bytes),
            (None, Some(bytes)) => AnswerEnd::EndAfter(bytes),
            (None, None) if self.never_end => AnswerEnd::Never,
            (None, None) => AnswerEnd::AsItIs,
        };
        let life = |seconds| duration(seconds, LONGEST_LIFE).ok_or(BackendDraftError::Life);
        Ok(Impairment {
            requests: slowness(self.request_rate, self.request_delay)?,
            answers: slowness(self.answer_rate, self.answer_delay)?,
            end,
            reset_after: self.reset_after_seconds.map(life).transpose()?,
        })
    }
}

fn slowness(rate: u64, delay: f64) -> Result<Slowness, BackendDraftError> {
    let delay = duration(delay, LONGEST_DELAY).ok_or(BackendDraftError::Delay)?;
    Ok(Slowness { rate: NonZeroU64::new(rate), delay })
}

fn duration(seconds: f64, longest: Duration) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok().filter(|duration| *duration <= longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> BackendDraft {
        BackendDraft::default()
    }

    fn draft() -> BackendDraft {
        BackendDraft { refuse: true, ..nothing() }
    }

    fn refused(draft: &BackendDraft) -> BackendDraftError {
        draft.check().expect_err("refused")
    }

    #[test]
    fn every_effect_can_be_asked_for() {
        let effect = |draft: BackendDraft| draft.check().expect("a fault").effect;
        let impaired = |draft: BackendDraft| match effect(draft) {
            BackendEffect::Impair(impairment) => impairment,
            other => panic!("{other:?}"),
        };
        assert_eq!(effect(draft()), BackendEffect::Refuse);
        assert_eq!(effect(BackendDraft { no_answer: true, ..nothing() }), BackendEffect::NoAnswer);
        let end = |draft: BackendDraft| impaired(draft).end;
        assert_eq!(end(BackendDraft { reset_after_bytes: Some(0), ..nothing() }), AnswerEnd::ResetAfter(0));
        assert_eq!(end(BackendDraft { end_after_bytes: Some(9), ..nothing() }), AnswerEnd::EndAfter(9));
        assert_eq!(end(BackendDraft { never_end: true, ..nothing() }), AnswerEnd::Never);
        let reset = impaired(BackendDraft { reset_after_seconds: Some(1.5), answer_rate: 9, ..nothing() });
        assert_eq!(reset.reset_after, Some(Duration::from_millis(1500)));
        assert_eq!((reset.answers.rate, reset.requests.rate), (NonZeroU64::new(9), None));
        let slow = impaired(BackendDraft { request_delay: 0.5, ..nothing() });
        assert_eq!((slow.requests.delay, slow.answers.delay), (Duration::from_millis(500), Duration::ZERO));
    }

    #[test]
    fn probes_fail_too_where_nobody_answers_unless_it_is_said_otherwise() {
        let strikes = |draft: BackendDraft| {
            let fault = draft.check().expect("a fault");
            (fault.strikes_dials, fault.strikes_probes)
        };
        let asked = |strikes: &str| BackendDraft { strikes: strikes.into(), ..draft() };
        assert_eq!(strikes(draft()), (true, true));
        assert_eq!(strikes(asked("dials")), (true, false));
        assert_eq!(strikes(asked("probes")), (false, true));
        assert_eq!(strikes(asked("both")), (true, true));
        assert_eq!(strikes(BackendDraft { never_end: true, ..nothing() }), (true, false));
        assert_eq!(refused(&asked("all")), BackendDraftError::Strikes);
        let slow = BackendDraft { answer_rate: 1, strikes: "probes".into(), ..nothing() };
        assert_eq!(refused(&slow), BackendDraftError::Probes);
    }

    #[test]
    fn what_is_no_fault_is_refused_with_what_to_do() {
        assert_eq!(refused(&nothing()), BackendDraftError::Nothing);
        let both = BackendDraft { never_end: true, ..draft() };
        assert_eq!(refused(&both), BackendDraftError::Both("refuse", "never_end"));
        assert!(matches!(refused(&BackendDraft { answer_rate: 1, ..draft() }), BackendDraftError::Both("refuse", _)));
        for backend in ["web", "10.0.1.5:x", "10.0.0.0/16"] {
            let backend = BackendDraft { backend: backend.into(), ..draft() };
            assert!(matches!(refused(&backend), BackendDraftError::Backend(_)));
        }
        assert_eq!(refused(&BackendDraft { listener: "l".repeat(101), ..draft() }), BackendDraftError::Listener);
        for delay in [-1.0, 60.5, f64::NAN, f64::INFINITY] {
            assert_eq!(refused(&BackendDraft { answer_delay: delay, ..nothing() }), BackendDraftError::Delay);
        }
        for seconds in [-1.0, 86_401.0, f64::NAN] {
            let life = BackendDraft { reset_after_seconds: Some(seconds), ..nothing() };
            assert_eq!(refused(&life), BackendDraftError::Life);
        }
        let count = Some(0);
        assert_eq!(refused(&BackendDraft { count, ..draft() }), OccasionsError::Count.into());
    }
}
