//! A JSON value with the digits of its numbers: what Odoo answers and what a story expects.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde_json::value::RawValue;

/// A value. Two numbers are equal when their amounts are: 7.5 and 7.50.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Yes(bool),
    /// A number.
    Number(Decimal),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Object(BTreeMap<String, Self>),
}

impl Value {
    /// Reads JSON. What is no JSON, or a number beyond 28 digits, is no value.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        let json = json.trim();
        let read = |raw: &RawValue| Self::read(raw.get());
        match json.as_bytes().first()? {
            b'{' => {
                let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).ok()?;
                let fields = fields
                    .into_iter()
                    .map(|(name, raw)| Some((name, read(&raw)?)));
                fields.collect::<Option<_>>().map(Self::Object)
            }
            b'[' => {
                let items: Vec<Box<RawValue>> = serde_json::from_str(json).ok()?;
                items
                    .iter()
                    .map(|raw| read(raw))
                    .collect::<Option<_>>()
                    .map(Self::List)
            }
            b'"' => serde_json::from_str(json).ok().map(Self::Text),
            b't' | b'f' => serde_json::from_str(json).ok().map(Self::Yes),
            b'n' => Some(Self::Null),
            _ => number(json).map(Self::Number),
        }
    }

    /// A field of an object.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.get(name),
            Self::Null | Self::Yes(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// What is at a path such as `/versions/0/state`.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Self> {
        let parts = path.split('/').filter(|part| !part.is_empty());
        parts.into_iter().try_fold(self, |value, part| match value {
            Self::Object(fields) => fields.get(part),
            Self::List(items) => items.get(part.parse::<usize>().ok()?),
            Self::Null | Self::Yes(_) | Self::Number(_) | Self::Text(_) => None,
        })
    }

    /// A text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Yes(_) | Self::Number(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// A list.
    #[must_use]
    pub fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            Self::Null | Self::Yes(_) | Self::Number(_) | Self::Text(_) | Self::Object(_) => None,
        }
    }

    /// The amount of a number, or of a text that is one.
    #[must_use]
    pub fn amount(&self) -> Option<Decimal> {
        match self {
            Self::Number(amount) => Some(*amount),
            Self::Text(text) => number(text),
            Self::Null | Self::Yes(_) | Self::List(_) | Self::Object(_) => None,
        }
    }
}

fn number(text: &str) -> Option<Decimal> {
    let plain = Decimal::from_str_exact(text).ok();
    plain.or_else(|| Decimal::from_scientific(text).ok())
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Yes(yes) => write!(f, "{yes}"),
            Self::Number(amount) => write!(f, "{amount}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::List(items) => {
                f.write_str("[")?;
                for (place, item) in items.iter().enumerate() {
                    let comma = if place > 0 { ", " } else { "" };
                    write!(f, "{comma}{item}")?;
                }
                f.write_str("]")
            }
            Self::Object(fields) => {
                f.write_str("{")?;
                for (place, (name, value)) in fields.iter().enumerate() {
                    let comma = if place > 0 { ", " } else { "" };
                    write!(f, "{comma}{name}: {value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_equal_whatever_their_digits() {
        let read = |json: &str| Value::read(json).unwrap();
        assert_eq!(read("7.50"), read("7.5"));
        assert_eq!(read("[1e2]"), read("[100.00]"));
        assert_ne!(read("0.1"), read("0.10000000000000001"));
        assert_eq!(read(r#"{"a": [7, null]}"#).at("/a/0"), Some(&read("7")));
        assert_eq!(Value::read("{"), None);
    }
}
