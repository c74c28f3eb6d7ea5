//! What became of a reference, version by version.

mod held_back;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::command::Command;
use crate::customer::Noted;
use crate::event::InvoiceStatus;
use crate::feedback::Feedback;
use crate::flow::HeldBack;
use crate::policy::{CustomerOwnership, TimePolicies};
use crate::{Fingerprint, LaneShard, Reference, Version};

/// Where a reference and version stand.
///
/// `Claimed` and `Uncertain` are not written per record: they are derived from the lease of the
/// record's pending partition, which names what its owner sent and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

impl Posted {
    /// What is kept here and has no record in Odoo.
    pub fn here() -> Self {
        Self {
            model: HERE.to_owned(),
            id: 0,
            others: Vec::new(),
            name: None,
            customer: Noted::default(),
        }
    }

    /// Whether it has no record in Odoo.
    pub fn is_here(&self) -> bool {
        self.model == HERE
    }
}

/// In place of a model: it is kept here.
const HERE: &str = "tenon";

impl State {
    /// Whether nothing more will happen to this version.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Waiting | Self::Held | Self::Claimed | Self::Uncertain => false,
            Self::Posted | Self::Unchanged | Self::Rejected | Self::Superseded => true,
        }
    }

    /// Whether what this version says is in Odoo.
    pub const fn is_in_odoo(self) -> bool {
        matches!(self, Self::Posted | Self::Unchanged)
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
    /// For a customer: what is remembered of it.
    #[serde(default, skip_serializing_if = "Noted::is_empty")]
    pub customer: Noted,
}

/// One try to post a record that did not end in Odoo, or several of them with the same answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it was first tried, in UTC.
    pub at: Timestamp,
    /// When it was last tried with this answer, if that was later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// How often.
    pub times: u32,
    /// What came back, without personal data.
    pub answer: String,
}

impl Attempt {
    /// When it was tried for the last time.
    pub fn last_at(&self) -> Timestamp {
        self.until.unwrap_or(self.at)
    }
}

/// When things happened to a version, and what was tried. Items of an earlier build have none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct History {
    /// When its delivery was received.
    #[serde(
        default,
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub received_at: Option<Timestamp>,
    /// When it was judged and taken into the ledger.
    #[serde(
        default,
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub judged_at: Option<Timestamp>,
    /// The last tries that did not end in Odoo, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
}

/// How many different answers a record remembers.
pub const ATTEMPTS_KEPT: usize = 5;

impl History {
    /// Received then, judged now, and not tried yet.
    pub const fn new(received_at: Timestamp, judged_at: Timestamp) -> Self {
        Self {
            received_at: Some(received_at),
            judged_at: Some(judged_at),
            attempts: Vec::new(),
        }
    }

    /// Remembers a try; the oldest are forgotten.
    pub fn remember(&mut self, attempt: Attempt) {
        if self.attempts.len() >= ATTEMPTS_KEPT {
            self.attempts.remove(0);
        }
        self.attempts.push(attempt);
    }
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
    /// For an invoice that was looked at: what Odoo showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<InvoiceStatus>,
    /// The correlation id of the delivery that brought it.
    pub correlation: String,
    /// The version of the book that judged it.
    pub book: String,
    /// When it last changed, in UTC.
    pub changed_at: Timestamp,
    /// When it came, and what was tried.
    #[serde(default)]
    pub history: History,
    /// The version before this one, when that is in Odoo or may have been sent there: this version
    /// changes what Odoo has, and creates nothing that is there already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Version>,
    /// For a change of posted time: who decides where a person has changed the line too.
    #[serde(default, skip_serializing_if = "TimePolicies::is_default")]
    pub policies: TimePolicies,
    /// That its flow holds it back, or will do so as soon as what it stands on is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_back: Option<HeldBack>,
    /// For a customer: who owns its fields.
    #[serde(default, skip_serializing_if = "CustomerOwnership::is_default")]
    pub ownership: CustomerOwnership,
}

impl Record {
    /// A version that waits for its turn, with nothing else known about it.
    pub fn new(
        reference: Reference,
        version: Version,
        fingerprint: Fingerprint,
        shard: LaneShard,
        changed_at: Timestamp,
    ) -> Self {
        Self {
            reference,
            version,
            fingerprint,
            state: State::Waiting,
            command: None,
            shard,
            waits_for: None,
            reason: None,
            posted: None,
            feedback: None,
            observed: None,
            correlation: String::new(),
            book: String::new(),
            changed_at,
            history: History::default(),
            changes: None,
            policies: TimePolicies::default(),
            held_back: None,
            ownership: CustomerOwnership::default(),
        }
    }
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
