//! The name a record is posted under.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The name a business fact is posted under, derived from the fact alone: source system, the
/// account of that system, entity and id.
///
/// Its text is the external id in Odoo (module `tenon`) and the key in the ledger, so it may
/// contain only `[a-z0-9_]`: Odoo refuses spaces in an external id and reads a dot as the end of
/// the module's name. Every other byte is written as `_` and two hexadecimal digits, and the four
/// parts are joined by `__`, which no part can contain: the text is reversible and two different
/// facts never share one.
///
/// ```
/// use domain::Reference;
/// let deal = Reference::new("hubspot", "48807704", "deal", "99");
/// assert_eq!(deal.to_string(), "hubspot__48807704__deal__99");
/// let odd = Reference::new("connectwise", "Cobalt", "time_entry", "7/8");
/// assert_eq!(odd.to_string(), "connectwise___43obalt__time_5fentry__7_2f8");
/// assert_eq!(odd.to_string().parse(), Ok(odd));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    system: String,
    account: String,
    entity: String,
    id: String,
}

/// The longest text of a reference, in bytes. Two of them make one sort key in DynamoDB, which takes
/// 1,024 bytes.
pub const LONGEST: usize = 480;

impl Reference {
    /// Names the fact `id` of kind `entity` in one `account` of a source `system`.
    pub fn new(
        system: impl Into<String>,
        account: impl Into<String>,
        entity: impl Into<String>,
        id: impl Into<String>,
    ) -> Self {
        Self {
            system: system.into(),
            account: account.into(),
            entity: entity.into(),
            id: id.into(),
        }
    }

    /// The source system, for example `hubspot`.
    pub fn system(&self) -> &str {
        &self.system
    }

    /// The account of the source system, exactly as it names itself.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The kind of thing, in our words, for example `deal`.
    pub fn entity(&self) -> &str {
        &self.entity
    }

    /// The id in the source system, exactly as sent.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The same system, account and id under another entity: a deal's project, a deal's signature.
    #[must_use]
    pub fn sibling(&self, entity: &str) -> Self {
        Self {
            entity: entity.to_owned(),
            ..self.clone()
        }
    }

    /// Whether its text is short enough for every key that it becomes part of.
    pub fn fits(&self) -> bool {
        self.to_string().len() <= LONGEST
    }

    /// The external id in Odoo, with its module.
    pub fn external_id(&self) -> String {
        format!("tenon.{self}")
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.system, &self.account, &self.entity, &self.id];
        for (position, part) in parts.into_iter().enumerate() {
            if position > 0 {
                f.write_str("__")?;
            }
            for byte in part.bytes() {
                match byte {
                    b'a'..=b'z' | b'0'..=b'9' => write!(f, "{}", char::from(byte))?,
                    other => write!(f, "_{other:02x}")?,
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reference({self})")
    }
}

/// A text that is not a reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a reference: expected system__account__entity__id, with every byte outside a-z and 0-9 written as _ and two hexadecimal digits"
)]
pub struct NotAReference {
    /// What was given.
    pub text: String,
}

impl FromStr for Reference {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        let refuse = || NotAReference {
            text: text.to_owned(),
        };
        let mut parts = vec![Vec::new()];
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' => parts.last_mut().ok_or_else(refuse)?.push(byte),
                b'_' => match (bytes.next(), bytes.clone().next()) {
                    (Some(b'_'), _) => parts.push(Vec::new()),
                    (Some(high), Some(low)) => {
                        bytes.next();
                        let code = hex_digit(high).zip(hex_digit(low)).ok_or_else(refuse)?;
                        parts
                            .last_mut()
                            .ok_or_else(refuse)?
                            .push(code.0 * 16 + code.1);
                    }
                    _ => return Err(refuse()),
                },
                _ => return Err(refuse()),
            }
        }
        let mut texts = parts.into_iter().map(String::from_utf8);
        let mut part = || texts.next().and_then(Result::ok).ok_or_else(refuse);
        let reference = Self {
            system: part()?,
            account: part()?,
            entity: part()?,
            id: part()?,
        };
        // A second spelling of the same name would be a second key for the same fact.
        if texts.next().is_some() || reference.to_string() != text {
            return Err(refuse());
        }
        Ok(reference)
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_id_survives_the_round_trip() {
        for id in [
            "",
            "1",
            "a_b",
            "a__b",
            "A",
            "é",
            "7/8",
            "_",
            "__",
            "_5f",
            "a b.c:d@e",
            "💶",
        ] {
            let reference = Reference::new("s", "a", "e", id);
            let text = reference.to_string();
            assert!(
                text.bytes()
                    .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')),
                "{text}"
            );
            assert_eq!(text.parse(), Ok(reference), "{text}");
        }
    }

    #[test]
    fn different_facts_never_share_a_name() {
        let parts = ["", "_", "__", "a", "a_", "_a", "5f", "_5f", "A"];
        let mut names = HashSet::new();
        for system in parts {
            for account in parts {
                for id in parts {
                    assert!(names.insert(Reference::new(system, account, "e", id).to_string()));
                }
            }
        }
    }

    #[test]
    fn what_is_not_a_reference_is_refused() {
        for text in [
            "",
            "a__b",
            "a__b__c__d__e",
            "a__b__c__D",
            "a__b__c__d_",
            "a__b__c___61",
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }
}
