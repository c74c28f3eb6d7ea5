//! Everything the tables say about one fact, and whose turn it is.

use aws::Partition;
use domain::record::Attempt;
use domain::{Exception, Record, Reference, State};
use jiff::Timestamp;

use crate::Console;
use crate::error::ConsoleError;

/// One fact: its versions, and what people must decide about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The fact.
    pub reference: Reference,
    /// Its versions, newest first.
    pub versions: Vec<Record>,
    /// What is open about it.
    pub exceptions: Vec<Exception>,
    /// Its pending partition, while its newest version is pending.
    pub partition: Option<Partition>,
}

/// Whose turn it is, for something that is pending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// It is in the list and nobody works there now.
    Next {
        /// For example `work#2`.
        partition: String,
    },
    /// A worker has it.
    Sending,
    /// Odoo could not be reached, or was busy.
    Resting {
        /// Until when it is left alone.
        until: Timestamp,
        /// What it answered last.
        answer: Option<String>,
    },
    /// It was sent, and no answer was kept.
    Uncertain {
        /// When it was sent.
        sent_at: Timestamp,
    },
}

impl Known {
    /// The newest version.
    pub fn newest(&self) -> Option<&Record> {
        self.versions.first()
    }

    /// The version that is in Odoo.
    pub fn posted(&self) -> Option<&Record> {
        self.versions
            .iter()
            .find(|record| record.state.is_in_odoo())
    }

    /// Whether anything at all is known of it.
    pub fn is_known(&self) -> bool {
        !self.versions.is_empty() || !self.exceptions.is_empty()
    }

    /// Who must act on it.
    pub fn owner(&self) -> Option<&str> {
        self.exceptions
            .first()
            .map(|exception| exception.owner.as_str())
    }

    /// What was tried for its newest version and did not end in Odoo, oldest first.
    pub fn attempts(&self) -> Vec<Attempt> {
        let Some(newest) = self.newest() else {
            return Vec::new();
        };
        let under_way = self.partition.iter();
        let under_way = under_way.flat_map(|partition| partition.tries.concerning(newest));
        newest
            .history
            .attempts
            .iter()
            .cloned()
            .chain(under_way)
            .collect()
    }

    /// Whose turn it is.
    pub fn turn(&self, now: Timestamp) -> Turn {
        let (Some(newest), Some(partition)) = (self.newest(), &self.partition) else {
            return Turn::Next {
                partition: "its lane".to_owned(),
            };
        };
        let pointer = aws::keys::pointer(&newest.reference, newest.version);
        let is_in = |sent: &&aws::Sent| sent.from <= pointer && pointer <= sent.to;
        if let Some(sent) = partition.uncertain(now).filter(is_in) {
            return Turn::Uncertain { sent_at: sent.at };
        }
        if let Some(until) = partition.resting_until
            && until > now
        {
            let last = partition.tries.last();
            let answer = last.map(|last| last.answer.clone());
            return Turn::Resting { until, answer };
        }
        match partition.is_held(now) && partition.sent.as_ref().is_some_and(|sent| is_in(&sent)) {
            true => Turn::Sending,
            false => Turn::Next {
                partition: newest.shard.to_string(),
            },
        }
    }
}

impl Console {
    /// Reads what is known of a fact. Strongly consistent.
    pub(crate) async fn known(&self, reference: &Reference) -> Result<Known, ConsoleError> {
        let versions = self.ledger.versions(reference).await?;
        let pending = versions.first().filter(|newest| {
            newest.state == State::Waiting && newest.waits_for.is_none() && newest.command.is_some()
        });
        let partition = match pending {
            Some(newest) => Some(self.ledger.partition(newest.shard, 1).await?),
            None => None,
        };
        Ok(Known {
            reference: reference.clone(),
            exceptions: self.exceptions.of(reference).await?,
            versions,
            partition,
        })
    }
}
