//! Creations whose answer is lost: what they made is found again, so that it is neither left behind nor made twice.
//!
//! Only a load balancer can be asked for again with the same token; a security group and a certificate have nothing that only one
//! of them can have. What a creation made is told from other things by what it is (the resource's own `look`), by its age, and by
//! not being the answer to another creation. Two things that cannot be told apart are left alone.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clb_cloud_api::{Action, Answered, CallError};
use tokio::time::sleep;

use super::Platform;
use crate::errors::Failure;

/// The pauses before what a creation made is looked for: whoever cut the connection may have passed the call on.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(2)];

/// The platform writes times in GMT+8.
const EAST: u64 = 8 * 60 * 60;

/// What this process has created, and whose turn it is to create more of the same kind.
#[derive(Debug, Default)]
pub(super) struct Creations {
    /// Ids that were answered, or found again.
    made: Mutex<BTreeSet<String>>,
    /// Twins are created one after the other, so that none is on its way while another one's is looked for. Holds no more lines
    /// than there are creations under way, plus those that ended since the last one came.
    lines: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// How a creation ended well.
#[derive(Debug)]
pub enum Created<R> {
    /// With an answer.
    Answered(Answered<R>),
    /// Without one; what it made has this id.
    Found(String),
}

/// Something that exists: its id, and when it was created, as the platform writes it.
pub type Lookalike = (String, String);

impl Platform {
    /// Makes a call that creates something. `kind` is the same for creations that only their answers could tell apart; `id` reads
    /// the answer; `look` finds everything that this creation could have made, and may leave out what is older than the time it is given.
    pub async fn create<A: Action, L>(
        &self,
        kind: &str,
        action: &A,
        id: impl FnOnce(&A::Reply) -> Option<String>,
        look: impl Fn(String) -> L,
    ) -> Result<Created<A::Reply>, CallError>
    where
        L: Future<Output = Result<Vec<Lookalike>, CallError>>,
    {
        let line = self.creations.line(kind);
        let _turn = line.lock().await;
        let since = written(SystemTime::now());
        let lost = match self.call(action).await {
            Ok(answered) => {
                self.creations.remember(id(&answered.reply));
                return Ok(Created::Answered(answered));
            }
            Err(error) => error,
        };
        if !Failure::Call(lost.clone()).outcome_is_open() {
            return Err(lost);
        }
        for pause in PAUSES {
            sleep(pause).await;
            let Ok(seen) = look(since.clone()).await else { continue };
            if let Some(found) = self.creations.only_new_one(seen, &since) {
                tracing::warn!(action = A::NAME, id = found, error = %lost, "no answer, but what was created is there");
                self.creations.remember(Some(found.clone()));
                return Ok(Created::Found(found));
            }
        }
        Err(lost)
    }
}

impl Creations {
    fn line(&self, kind: &str) -> Arc<tokio::sync::Mutex<()>> {
        // A panic while it was held left the map whole.
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|_, line| Arc::strong_count(line) > 1);
        Arc::clone(lines.entry(kind.to_owned()).or_default())
    }

    fn remember(&self, id: Option<String>) {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).extend(id);
    }

    /// The one that was created since then, by nobody that is known; `None` when there are several.
    fn only_new_one(&self, seen: Vec<Lookalike>, since: &str) -> Option<String> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new = seen.into_iter().filter(|(id, at)| at.as_str() >= since && !made.contains(id));
        let (id, _) = new.next()?;
        new.next().is_none().then_some(id)
    }
}

/// A time as the platform writes it: `YYYY-MM-DD hh:mm:ss` in GMT+8. Two such texts compare like their times.
fn written(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() + EAST;
    let (day, second) = (seconds / 86_400, seconds % 86_400);
    // Days since 0000-03-01, in eras of 400 years (Howard Hinnant, "chrono-compatible low-level date algorithms").
    let shifted = day + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let (hour, minute) = (second / 3_600, second % 3_600 / 60);
    format!("{:04}-{month:02}-{of_month:02} {hour:02}:{minute:02}:{:02}", year + era * 400 + next, second % 60)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{Creations, written};

    #[test]
    fn times_are_written_as_the_platform_writes_them() {
        let at = |seconds| written(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01 08:00:00");
        assert_eq!(at(951_782_399), "2000-02-29 07:59:59");
        assert_eq!(at(951_840_000), "2000-03-01 00:00:00");
        assert_eq!(at(1_735_660_800), "2025-01-01 00:00:00");
        assert_eq!(at(4_107_513_600), "2100-03-01 00:00:00", "2100 has no 29 February");
    }

    #[test]
    fn only_what_is_new_unknown_and_alone_is_found() {
        let creations = Creations::default();
        let seen = |ids: &[(&str, &str)]| ids.iter().map(|(id, at)| ((*id).to_owned(), (*at).to_owned())).collect();
        let since = "2026-01-02 03:04:05";
        let find = |ids: &[(&str, &str)]| creations.only_new_one(seen(ids), since);
        assert_eq!(find(&[]), None);
        assert_eq!(find(&[("old", "2026-01-02 03:04:04")]), None);
        assert_eq!(find(&[("old", "2026-01-02 03:04:04"), ("new", since)]).as_deref(), Some("new"));
        assert_eq!(find(&[("new", since), ("twin", since)]), None, "either may be somebody else's");
        creations.remember(Some("twin".to_owned()));
        assert_eq!(find(&[("new", since), ("twin", since)]).as_deref(), Some("new"));
    }
}
