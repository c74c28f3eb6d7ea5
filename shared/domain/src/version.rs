//! Which state of a business fact is newer.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The order of the states of one business fact: usually when the source last changed it, in
/// milliseconds since 1970. A larger one is newer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    /// The version of something last changed at this instant.
    pub fn at(instant: Timestamp) -> Self {
        Self(u64::try_from(instant.as_millisecond()).unwrap_or_default())
    }
}

impl fmt::Display for Version {
    /// Twenty digits, so that text order is version order.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}", self.0)
    }
}
