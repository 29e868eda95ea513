//! Exact decimal numbers, as Terraform has them: `0.1` stays `0.1`, and no integer is too large.
//!
//! Not arithmetic: a provider reads, compares and writes numbers; it does not calculate with them here.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// An exact decimal number: `±0.DIGITS × 10^exponent`, in one form per value, so equality is equality of value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    negative: bool,
    /// Significant digits without leading or trailing zeros; empty for zero.
    digits: String,
    /// Power of ten the digits, read as a fraction `0.DIGITS`, are scaled by.
    exponent: i64,
}

/// The text is not a decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number")]
pub struct NotANumber;

/// Exponents beyond this are refused, so that writing a number out cannot be made to fill the memory.
const MAX_EXPONENT: u64 = 100_000;

impl Number {
    /// The exact value of a binary float; `None` for infinities and NaN.
    ///
    /// `0.1_f64` is not one tenth, and this says so: `0.1000000000000000055…`. Use `try_from` for the number the
    /// author of a float meant.
    pub fn from_f64_exact(value: f64) -> Option<Self> {
        // 1074 fractional digits hold the smallest subnormal exactly.
        value.is_finite().then(|| format!("{value:.1074}").parse().expect("a formatted float is a decimal"))
    }

    /// The nearest binary float.
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// Whether it has no fraction.
    pub fn is_integer(&self) -> bool {
        i64::try_from(self.digits.len()).is_ok_and(|digits| digits <= self.exponent) || self.digits.is_empty()
    }

    /// The integer, if it is one and fits.
    pub fn to_i128(&self) -> Option<i128> {
        if self.is_integer() { self.to_string().parse().ok() } else { None }
    }
}

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, power) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, power.parse::<i64>().map_err(|_| NotANumber)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) || power.unsigned_abs() > MAX_EXPONENT {
            return Err(NotANumber);
        }
        let significant = all.trim_start_matches('0');
        let leading_zeros = all.len() - significant.len();
        let digits = significant.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Ok(Self { negative: false, digits, exponent: 0 });
        }
        let scale = i64::try_from(whole.len()).map_err(|_| NotANumber)?;
        let leading = i64::try_from(leading_zeros).map_err(|_| NotANumber)?;
        Ok(Self { negative, digits, exponent: scale - leading + power })
    }
}

/// Plain decimal notation, never with an exponent.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        if self.negative {
            f.write_str("-")?;
        }
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
        let length = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        if self.exponent <= 0 {
            write!(f, "0.{}{}", zeros(-self.exponent), self.digits)
        } else if self.exponent >= length {
            write!(f, "{}{}", self.digits, zeros(self.exponent - length))
        } else {
            let (whole, fraction) = self.digits.split_at(usize::try_from(self.exponent).unwrap_or(0));
            write!(f, "{whole}.{fraction}")
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = |number: &Self| (number.digits.is_empty(), number.exponent);
        let by_size = || match (magnitude(self), magnitude(other)) {
            ((true, _), (true, _)) => Ordering::Equal,
            ((true, _), _) => Ordering::Less,
            (_, (true, _)) => Ordering::Greater,
            ((_, a), (_, b)) => a.cmp(&b).then_with(|| self.digits.cmp(&other.digits)),
        };
        match (self.negative, other.negative) {
            (false, false) => by_size(),
            (true, true) => by_size().reverse(),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

macro_rules! from_integer {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Number {
            fn from(value: $integer) -> Self {
                value.to_string().parse().expect("an integer is a decimal")
            }
        }
    )*};
}
from_integer!(u8, u16, u32, u64, i8, i16, i32, i64, i128, usize);

/// The number a float is written as: `0.1_f64` is one tenth.
impl TryFrom<f64> for Number {
    type Error = NotANumber;

    fn try_from(value: f64) -> Result<Self, NotANumber> {
        if value.is_finite() { value.to_string().parse() } else { Err(NotANumber) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().expect(text)
    }

    #[test]
    fn one_value_has_one_form() {
        assert_eq!(number("1.50"), number("15e-1"));
        assert_eq!(number("-0"), number("0.000"));
        assert_eq!(number("1e3").to_string(), "1000");
        assert_eq!(number("0.00120").to_string(), "0.0012");
        assert_eq!(number("-12.5").to_string(), "-12.5");
    }

    #[test]
    fn no_digit_is_lost() {
        let large = "123456789012345678901234567890.000000000000000000000000001";
        assert_eq!(number(large).to_string(), large);
        assert_eq!(number("9007199254740993").to_i128(), Some(9_007_199_254_740_993));
    }

    #[test]
    fn a_float_from_the_wire_is_exact_and_one_from_an_author_is_what_was_meant() {
        assert_eq!(Number::try_from(0.1), Ok(number("0.1")));
        assert_ne!(Number::from_f64_exact(0.1), Some(number("0.1")));
        assert_eq!(Number::from_f64_exact(0.5), Some(number("0.5")));
        assert_eq!(Number::from_f64_exact(f64::NAN), None);
    }

    #[test]
    fn numbers_are_ordered_by_value() {
        let ordered = ["-100", "-2.5", "-2", "0", "0.001", "0.01", "9", "10", "10.5", "200"];
        for pair in ordered.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn text_that_is_no_number_is_refused() {
        for text in ["", "-", ".", "1.2.3", "0x10", "1e", "1e999999999", "0.01e-9223372036854775808", "NaN", "１"] {
            assert_eq!(text.parse::<Number>(), Err(NotANumber), "{text:?}");
        }
    }
}
