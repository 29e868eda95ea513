//! The name of an order: 23 digits, the date first (SDK). What the platform's other digits mean is not established.

use std::fmt;

use super::TaskId;
use crate::time::Timestamp;

/// The name of an order, such as `20220101660009831340631`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DealName(String);

impl From<String> for DealName {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl DealName {
    /// The order of that request: the day in Beijing, and fifteen digits that depend on nothing but the request.
    pub(crate) fn of(task: &TaskId, now: Timestamp) -> Self {
        let (year, month, day) = date(now);
        let digits = hash(task.as_str().as_bytes()) % 1_000_000_000_000_000;
        Self(format!("{:04}{month:02}{day:02}{digits:015}", year.min(9999)))
    }

    /// The name as the API writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DealName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// FNV-1a, 64 bits.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Year, month and day at GMT+8 (Howard Hinnant's civil-from-days, for days after the epoch).
fn date(now: Timestamp) -> (u64, u64, u64) {
    let days = (now.unix_seconds() + 8 * 3600) / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::{DealName, date};
    use crate::task::TaskId;
    use crate::time::Timestamp;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_millis(seconds * 1000)
    }

    #[test]
    fn the_day_is_that_of_beijing() {
        assert_eq!(date(at(0)), (1970, 1, 1));
        assert_eq!(date(at(951_753_600)), (2000, 2, 29));
        assert_eq!(date(at(1_700_000_000)), (2023, 11, 15));
        assert_eq!(date(at(1_704_038_399)), (2023, 12, 31));
        assert_eq!(date(at(1_704_038_400)), (2024, 1, 1));
    }

    #[test]
    fn a_name_is_23_digits_and_depends_on_the_request() {
        let name = |task: &str| DealName::of(&TaskId::from(task.to_owned()), at(1_700_000_000));
        assert_eq!(name("a").as_str().len(), 23);
        assert!(name("a").as_str().bytes().all(|byte| byte.is_ascii_digit()) && name("a") != name("b"));
        assert!(name("a").as_str().starts_with("20231115"));
    }
}
