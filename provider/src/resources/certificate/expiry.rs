//! How long a certificate is still good.
//!
//! The platform takes an expired one (no source says otherwise); clients do not. So it is a warning, with every plan.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tfplugin_sdk::{Path, PlanEdit, Resource};

use super::pem::Chain;

/// How long before the end a plan warns.
const NOTICE: Duration = Duration::from_hours(14 * 24);

/// Warns of a certificate in PEM form that is not good for long, or not any more.
pub(crate) fn warn_of_expiry<R: Resource>(plan: &mut PlanEdit<'_, R>, path: Path, pem: &str) {
    let end = Chain::parse(pem).ok().and_then(|chain| chain.not_after());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    if let Some(summary) = end.and_then(|end| expiring(end, now)) {
        plan.warn(
            path,
            summary,
            "Clients refuse connections that show an expired certificate. Put the renewed certificate and its key here, and raise \
             private_key_wo_version; with create_before_destroy the listener is never without one.",
        );
    }
}

/// What is to be said of a certificate that is good until `end`; both since 1970.
fn expiring(end: Duration, now: Duration) -> Option<String> {
    let Some(left) = end.checked_sub(now).filter(|left| !left.is_zero()) else {
        let days = (now.saturating_sub(end)).as_secs() / DAY;
        return Some(format!("The certificate expired {} ago", in_days(days)));
    };
    (left <= NOTICE).then(|| format!("The certificate expires in {}", in_days(left.as_secs() / DAY)))
}

const DAY: u64 = 24 * 60 * 60;

fn in_days(days: u64) -> String {
    match days {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{DAY, expiring};

    #[test]
    fn the_last_two_weeks_and_all_that_comes_after_are_told() {
        let now = Duration::from_secs(1000 * DAY);
        let said = |end: u64| expiring(Duration::from_secs(end), now);
        assert_eq!(said(1014 * DAY + 1), None);
        assert_eq!(said(1014 * DAY).as_deref(), Some("The certificate expires in 14 days"));
        assert_eq!(said(1000 * DAY + 5).as_deref(), Some("The certificate expires in less than a day"));
        assert_eq!(said(1000 * DAY).as_deref(), Some("The certificate expired less than a day ago"));
        assert_eq!(said(999 * DAY).as_deref(), Some("The certificate expired 1 day ago"));
    }
}
