//! Which state of a business fact is newer.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The beginning of the year 2000, in milliseconds since 1970.
const YEAR_2000: i64 = 946_684_800_000;
/// The beginning of the year 2200.
const YEAR_2200: i64 = 7_258_118_400_000;

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

    /// When the source last changed it, where its versions are times: some sources count instead,
    /// and no count is a time between 2000 and 2200.
    pub fn instant(self) -> Option<Timestamp> {
        let milliseconds = i64::try_from(self.0).ok()?;
        let is_time = (YEAR_2000..YEAR_2200).contains(&milliseconds);
        is_time.then(|| Timestamp::from_millisecond(milliseconds).ok())?
    }
}

impl fmt::Display for Version {
    /// Twenty digits, so that text order is version order.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_from_a_count() {
        let time: Timestamp = "2026-11-03T10:00:00.123Z".parse().unwrap();
        assert_eq!(Version::at(time).instant(), Some(time));
        for count in [0, 7, 1_745_500_706_683_617_281, u64::MAX] {
            assert_eq!(Version(count).instant(), None, "{count}");
        }
    }
}
