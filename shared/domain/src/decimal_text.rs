//! Numbers from JSON without a detour through floating point.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A decimal read from the literal digits of a JSON number, or from a JSON string of digits.
///
/// `serde_json` would turn `0.1` into a binary float before anyone can object; this reads the raw
/// text. An exponent, `NaN`, a comma, or more digits than a decimal can hold without rounding are
/// refused instead of being bent into a number.
///
/// It reads from JSON text only (not from a `serde_json::Value`, which has no digits any more).
///
/// ```
/// use domain::DecimalText;
/// let read = |json| serde_json::from_str::<DecimalText>(json).map(|d| d.0.to_string());
/// assert_eq!(read("7.50").unwrap(), "7.50");
/// assert_eq!(read("\"1200.00\"").unwrap(), "1200.00");
/// assert!(read("1e400").is_err());
/// assert!(read("\"8,5\"").is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct DecimalText(pub Decimal);

impl DecimalText {
    /// Reads plain digits with an optional sign and one optional point.
    pub fn parse(text: &str) -> Result<Self, NotADecimal> {
        let refuse = || NotADecimal {
            text: text.chars().take(40).collect(),
        };
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(fraction) {
            return Err(refuse());
        }
        Decimal::from_str_exact(text)
            .map(Self)
            .map_err(|_| refuse())
    }
}

/// A text that is not a plain decimal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a plain decimal number: use digits with a point, without exponent")]
pub struct NotADecimal {
    /// The beginning of what was given.
    pub text: String,
}

impl FromStr for DecimalText {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        Self::parse(text)
    }
}

impl<'de> Deserialize<'de> for DecimalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        let unquoted: String = match text.starts_with('"') {
            true => serde_json::from_str(text).map_err(D::Error::custom)?,
            false => text.to_owned(),
        };
        Self::parse(&unquoted).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept_and_anything_else_is_refused() {
        for good in ["0", "-1.5", "7.123456789", "0.1", "9007199254740993"] {
            assert_eq!(
                DecimalText::parse(good).map(|d| d.0.to_string()),
                Ok(good.to_owned())
            );
        }
        let long = "0.12345678901234567890123456789012";
        for bad in [
            "", "-", ".5", "5.", "1e3", "NaN", "8,5", "+1", " 1", "0x1", "1.2.3", long,
        ] {
            assert!(DecimalText::parse(bad).is_err(), "{bad}");
        }
    }
}
