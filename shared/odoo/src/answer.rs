//! The shapes of Odoo's answers.

use rust_decimal::Decimal;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// Odoo answers `false` for an empty field of any type.
///
/// It reads the raw text, because a decimal inside must be read from its digits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct OrFalse<T>(pub(crate) Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for OrFalse<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        match raw.get() {
            "false" | "null" => Ok(Self(None)),
            text => serde_json::from_str(text)
                .map(|value| Self(Some(value)))
                .map_err(D::Error::custom),
        }
    }
}

/// A number with exactly these digits: where Odoo compares before it converts, a text will not do.
pub(crate) fn number(value: Decimal) -> Value {
    let digits = value.normalize().to_string();
    serde_json::from_str(&digits).unwrap_or(Value::String(digits))
}

/// Odoo's numbers are binary floats: 0.1 + 0.2 arrives as 0.30000000000000004. Six digits are more
/// than any of its precisions and fewer than that noise.
pub(crate) fn same(left: Decimal, right: Decimal) -> bool {
    left.round_dp(6) == right.round_dp(6)
}
