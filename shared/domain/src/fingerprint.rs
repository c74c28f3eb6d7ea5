//! Telling a redelivery from a change.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A digest of a record's canonical content. Two versions with the same fingerprint would write
/// the same values to Odoo.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The digest of canonical text, as lowercase hexadecimal SHA-256.
    pub fn of(canonical: &str) -> Self {
        Self(hex(&Sha256::digest(canonical.as_bytes())))
    }

    /// A digest that was kept as text; nothing proves that it is one.
    pub fn kept(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The hexadecimal text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lowercase hexadecimal text of some bytes.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}
