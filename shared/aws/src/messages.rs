//! The messages between our own functions. Each carries a version; an older one stays readable
//! until the queues have drained.

use domain::{Lane, LaneShard, Reference, Version};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The version that this build writes.
const V: u8 = 1;

/// Rings for a pending partition: something may be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bell {
    v: u8,
    shard: String,
}

impl Bell {
    /// A bell for this partition.
    pub fn new(shard: LaneShard) -> Self {
        Self {
            v: V,
            shard: shard.to_string(),
        }
    }

    /// The partition.
    pub fn shard(&self) -> Result<LaneShard, MessageError> {
        self.shard.parse().map_err(|_| MessageError::Unreadable {
            problem: "no partition".into(),
        })
    }
}

/// The lane's part of the ledger is to be rebuilt from Odoo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebuild {
    v: u8,
    /// `ledger`: what is rebuilt. Its presence tells this message from a bell.
    rebuild: String,
    /// The lane, whose user reads.
    pub lane: Lane,
    /// The Odoo companies to read.
    pub companies: Vec<i64>,
    /// How many models of the lane are done.
    pub models_done: usize,
    /// The last database id of the next model that is done.
    pub after: i64,
}

/// A reference was posted: what waits for it may go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    v: u8,
    /// What was posted.
    pub reference: Reference,
    /// Which version of it.
    pub version: Version,
}

/// Something billable was posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitDue {
    v: u8,
    /// What was posted.
    pub reference: Reference,
    /// Which version of it.
    pub version: Version,
}

/// A source is to be told about a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackDue {
    v: u8,
    /// The record; its newest version says what to write.
    pub reference: Reference,
}

/// A source signs with a key that we do not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRefresh {
    v: u8,
    /// The source.
    pub source: String,
    /// Its account.
    pub account: String,
    /// Where the key is, as the message said and the allow-list accepted.
    pub key_url: String,
}

impl Rebuild {
    /// From the lane's first record on.
    pub fn new(lane: Lane, companies: Vec<i64>) -> Self {
        Self {
            v: V,
            rebuild: "ledger".to_owned(),
            lane,
            companies,
            models_done: 0,
            after: 0,
        }
    }
}

impl Released {
    /// Says that this version was posted.
    pub fn new(reference: Reference, version: Version) -> Self {
        Self {
            v: V,
            reference,
            version,
        }
    }
}

impl UnitDue {
    /// Says that this version was posted.
    pub fn new(reference: Reference, version: Version) -> Self {
        Self {
            v: V,
            reference,
            version,
        }
    }
}

impl FeedbackDue {
    /// Asks to tell the source.
    pub fn new(reference: Reference) -> Self {
        Self { v: V, reference }
    }
}

impl KeyRefresh {
    /// Asks for a key.
    pub fn new(source: &str, account: &str, key_url: &str) -> Self {
        Self {
            v: V,
            source: source.to_owned(),
            account: account.to_owned(),
            key_url: key_url.to_owned(),
        }
    }
}

/// A message that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Not JSON, or not what this queue carries.
    #[error("the message cannot be read: {problem}")]
    Unreadable {
        /// What is wrong; never the message itself.
        problem: String,
    },
    /// Written by a newer build.
    #[error("the message has version {v}; this build reads up to {V}")]
    TooNew {
        /// The version.
        v: u8,
    },
}

#[derive(Deserialize)]
struct Versioned {
    v: u8,
}

/// Reads a message of ours.
pub fn read<T: DeserializeOwned>(body: &str) -> Result<T, MessageError> {
    let unreadable = |error: serde_json::Error| MessageError::Unreadable {
        problem: format!("line {} column {}", error.line(), error.column()),
    };
    let Versioned { v } = serde_json::from_str(body).map_err(unreadable)?;
    if v > V {
        return Err(MessageError::TooNew { v });
    }
    serde_json::from_str(body).map_err(unreadable)
}
