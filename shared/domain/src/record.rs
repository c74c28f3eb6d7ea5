//! What became of a reference, version by version.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::command::Command;
use crate::feedback::Feedback;
use crate::{Fingerprint, LaneShard, Reference};

/// The order of the states of one business fact: usually when the source last changed it, in
/// milliseconds since 1970. A larger one is newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

/// Where a reference and version stand.
///
/// `Claimed` and `Uncertain` are not written per record: they are derived from the lease of the
/// record's pending partition, which names what its owner sent and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// For another reference ([`Record::waits_for`]) or for its turn in Odoo; changes by itself.
    Waiting,
    /// By a rule ([`Record::reason`]); changes when the fact or the rule changes.
    Held,
    /// A worker owns it now.
    Claimed,
    /// It was sent and no answer was kept: Odoo is asked before anything is sent again.
    Uncertain,
    /// It is in Odoo.
    Posted,
    /// Odoo already had exactly this.
    Unchanged,
    /// It will not be posted.
    Rejected,
    /// A newer version took its place before it was posted.
    Superseded,
}

impl State {
    /// Whether nothing more will happen to this version.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Waiting | Self::Held | Self::Claimed | Self::Uncertain => false,
            Self::Posted | Self::Unchanged | Self::Rejected | Self::Superseded => true,
        }
    }

    /// The state's name, as in its JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Claimed => "claimed",
            Self::Uncertain => "uncertain",
            Self::Posted => "posted",
            Self::Unchanged => "unchanged",
            Self::Rejected => "rejected",
            Self::Superseded => "superseded",
        }
    }
}

/// What Odoo answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// The Odoo model, for example `sale.order`.
    pub model: String,
    /// The database id.
    pub id: i64,
    /// Further records of the same posting, for example the unbilled part of a time entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<i64>,
    /// The number or name that people see, when it has one that is not personal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// One version of one reference in the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The business fact.
    pub reference: Reference,
    /// Its version.
    pub version: Version,
    /// The digest of [`Self::command`], or of the fact when it is held without one.
    pub fingerprint: Fingerprint,
    /// Where it stands.
    pub state: State,
    /// What to do in Odoo; none while a rule holds the fact, and for facts that only travel back.
    pub command: Option<Command>,
    /// The pending partition it belongs to.
    #[serde(with = "shard_text")]
    pub shard: LaneShard,
    /// The reference whose posting releases it.
    pub waits_for: Option<Reference>,
    /// One sentence for people: why it waits, is held or was rejected.
    pub reason: Option<String>,
    /// What Odoo answered.
    pub posted: Option<Posted>,
    /// What goes back to the source because of this record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Feedback>,
    /// The correlation id of the delivery that brought it.
    pub correlation: String,
    /// The version of the book that judged it.
    pub book: String,
    /// When it last changed, in UTC.
    pub changed_at: Timestamp,
}

mod shard_text {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::LaneShard;

    pub fn serialize<S: Serializer>(shard: &LaneShard, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(shard)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LaneShard, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
