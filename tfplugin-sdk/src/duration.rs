//! Durations as users write them: `30s`, `5m`, `1h30m`, `1.5h`; the form of Go, which all of Terraform speaks.

use std::time::Duration;

/// The units from the longest to the shortest, with their nanoseconds.
const UNITS: [(&str, u64); 6] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Reads a duration; `None` when it is none, negative, or longer than 292 years.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text;
    let mut nanoseconds = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, after) = rest.split_at(digits);
        let unit_end = after.find(|letter: char| letter.is_ascii_digit() || letter == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let unit = if unit == "µs" { "us" } else { unit };
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
        nanoseconds = nanoseconds.checked_add(scaled(number, *scale)?)?;
        rest = after;
    }
    (!text.is_empty() && i64::try_from(nanoseconds).is_ok()).then(|| Duration::from_nanos(nanoseconds))
}

/// `number`, perhaps with a fraction, times `scale`; what is below a nanosecond is cut off.
fn scaled(number: &str, scale: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
    let mut part = 0_u64;
    let mut unit = scale;
    for digit in fraction.bytes() {
        unit /= 10;
        part = part.checked_add(u64::from(digit - b'0') * unit)?;
    }
    whole.checked_mul(scale)?.checked_add(part)
}

/// Writes a duration in the shortest form that [`parse`] reads back: `1h30m`, `500ms`.
pub(crate) fn text(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    if rest == 0 {
        return "0s".to_owned();
    }
    let parts = UNITS.iter().filter_map(|(name, scale)| {
        let count = rest / scale;
        rest %= scale;
        (count > 0).then(|| format!("{count}{name}"))
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read_in_gos_form_and_written_back() {
        for (written, milliseconds, short) in [
            ("30s", 30_000, "30s"),
            ("1h30m", 5_400_000, "1h30m"),
            ("1.5h", 5_400_000, "1h30m"),
            (".5s", 500, "500ms"),
            ("90m", 5_400_000, "1h30m"),
            ("0", 0, "0s"),
            ("1m0.25s", 60_250, "1m250ms"),
        ] {
            let duration = parse(written);
            assert_eq!(duration, Some(Duration::from_millis(milliseconds)), "{written}");
            assert_eq!(duration.map(text).as_deref(), Some(short), "{written}");
        }
        assert_eq!(parse("3µs"), Some(Duration::from_micros(3)));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for wrong in ["", "5", "s", "5 s", "-1s", "1d", ".s", "1.2.3s", "99999999999999999999s", "9999999h", "1é"] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }
}
