//! A pending partition as it is: what is in it, and who works there.

use domain::LaneShard;
use jiff::Timestamp;

use crate::item::{Item, get_text, text};
use crate::lease::{instant, sent, too_late, tries};
use crate::pointers::read_pointer;
use crate::{Ledger, Pending, Sent, StoreError, Tries, keys};

/// What is pending in a partition, and what its lease says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Partition {
    /// What is pending, at most as many as were asked for.
    pub pending: Vec<Pending>,
    /// Since when the oldest of them is pending.
    pub oldest: Option<Timestamp>,
    /// Until when a worker owns it.
    pub worker_until: Option<Timestamp>,
    /// Until when Odoo is left alone.
    pub resting_until: Option<Timestamp>,
    /// What was sent and is not settled yet.
    pub sent: Option<Sent>,
    /// What was tried without success since it was last empty, oldest first.
    pub tries: Tries,
    /// When something of it last went into Odoo.
    pub posted_at: Option<Timestamp>,
}

impl Partition {
    /// Whether a worker owns it now.
    pub fn is_held(&self, now: Timestamp) -> bool {
        lies_ahead(self.worker_until, now)
    }

    /// Whether Odoo is left alone now.
    pub fn is_resting(&self, now: Timestamp) -> bool {
        lies_ahead(self.resting_until, now)
    }

    /// What was sent without an answer being kept: its worker said so, or its lease has ended.
    pub fn uncertain(&self, now: Timestamp) -> Option<&Sent> {
        let sent = self.sent.as_ref()?;
        let last = self.tries.last();
        let noted = last.is_some_and(|last| last.last_at() == sent.at);
        (noted || !self.is_held(now)).then_some(sent)
    }
}

fn lies_ahead(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_some_and(|until| until > now && until <= too_late(now))
}

impl Ledger {
    /// A partition with at most `most` of what is pending. Strongly consistent.
    pub async fn partition(&self, shard: LaneShard, most: i32) -> Result<Partition, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(keys::pending(shard)))
            .consistent_read(true)
            // The lease sorts first.
            .limit(most.saturating_add(1))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("ledger", "partition", error))?;
        let is_lease = |item: &&Item| get_text(item, "sk") == Some(keys::LEASE);
        let (leases, pointers): (Vec<&Item>, Vec<&Item>) =
            answer.items().iter().partition(is_lease);
        let most = usize::try_from(most).unwrap_or_default();
        let pointers = pointers.get(..most.min(pointers.len())).unwrap_or_default();
        let since = |item: &&Item| get_text(item, "since")?.parse::<Timestamp>().ok();
        let partition = Partition {
            pending: pointers
                .iter()
                .map(|item| read_pointer(item))
                .collect::<Result<_, _>>()?,
            oldest: pointers.iter().filter_map(since).min(),
            ..Partition::default()
        };
        Ok(match leases.first() {
            Some(lease) => Partition {
                worker_until: instant(lease, "lease_until"),
                resting_until: instant(lease, "resting_until"),
                sent: sent(lease),
                tries: tries(lease),
                posted_at: instant(lease, "posted_at"),
                ..partition
            },
            None => partition,
        })
    }
}
