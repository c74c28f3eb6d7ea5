//! Lanes keep kinds of work apart, so that one failing kind blocks no other.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Reference;

/// Pending partitions per lane. A record's shard never changes, so raising this needs drained lanes.
pub const SHARDS: u8 = 4;

/// A kind of work with its own queue, its own Odoo user and its own failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Customers, contracts, projects, links.
    Master,
    /// Time, expenses and costs.
    Work,
    /// Invoices, step by step.
    Billing,
}

impl Lane {
    /// Every lane, in the order in which a record travels.
    pub const ALL: [Self; 3] = [Self::Master, Self::Work, Self::Billing];

    /// The name in keys, queue names and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Work => "work",
            Self::Billing => "billing",
        }
    }
}

/// One pending partition of a lane: what is posted by one worker at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LaneShard {
    /// The kind of work.
    pub lane: Lane,
    /// `0..SHARDS`.
    pub shard: u8,
}

impl LaneShard {
    /// The partition for everything that belongs to one contract: records that would touch the
    /// same sale order share a shard, hence one worker, hence no lock conflict inside Odoo.
    pub fn of(lane: Lane, contract: &Reference) -> Self {
        // FNV-1a: stable across builds and machines, unlike the standard library's hasher.
        let hash = contract
            .to_string()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        let shard = u8::try_from(hash % u64::from(SHARDS)).unwrap_or_default();
        Self { lane, shard }
    }

    /// The partition in which every customer is made. One worker at a time looks whether a customer
    /// is there and makes it, so that two deals of one customer cannot both find nothing.
    pub const fn of_customers() -> Self {
        Self {
            lane: Lane::Master,
            shard: 0,
        }
    }

    /// Every partition there is.
    pub fn all() -> impl Iterator<Item = Self> {
        Lane::ALL
            .into_iter()
            .flat_map(|lane| (0..SHARDS).map(move |shard| Self { lane, shard }))
    }
}

impl fmt::Display for LaneShard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.lane.name(), self.shard)
    }
}

/// A text that names no partition of a lane.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} names no lane partition: expected, for example, work#0")]
pub struct NotALaneShard {
    /// What was given.
    pub text: String,
}

impl FromStr for LaneShard {
    type Err = NotALaneShard;

    fn from_str(text: &str) -> Result<Self, NotALaneShard> {
        Self::all()
            .find(|shard| shard.to_string() == text)
            .ok_or_else(|| NotALaneShard {
                text: text.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_survives_its_text() {
        for shard in LaneShard::all() {
            assert_eq!(shard.to_string().parse(), Ok(shard));
        }
        assert!("work#9".parse::<LaneShard>().is_err());
    }

    #[test]
    fn contracts_spread_over_all_shards() {
        let shards: std::collections::BTreeSet<_> = (0..100)
            .map(|n| LaneShard::of(Lane::Work, &Reference::new("s", "a", "deal", n.to_string())))
            .collect();
        assert_eq!(shards.len(), usize::from(SHARDS));
    }
}
