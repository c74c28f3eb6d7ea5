//! Moving a record from one state to the next, if its state still allows it.

use domain::{Record, State, Version};
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;

use crate::item::{put_refused, text};
use crate::ledger::record_item;
use crate::{Ledger, StoreError, keys};

/// How many small writes of one batch are under way at once.
const WRITES_AT_ONCE: usize = 16;

/// Whether a settlement was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It was.
    Written,
    /// The record had moved on; nothing was written.
    MovedOn,
}

impl Ledger {
    /// Writes what became of pending records and removes their pointers.
    ///
    /// A record that is posted stays posted: a late failure of a worker that lost its lease
    /// cannot take that back, and a late success of it says the same thing once more.
    pub async fn settle(&self, records: &[Record]) -> Result<(), StoreError> {
        futures::stream::iter(records)
            .map(|record| self.settle_one(record))
            .buffer_unordered(WRITES_AT_ONCE)
            .try_collect::<Vec<Settled>>()
            .await?;
        // Last, so that a record whose settlement was lost is found again.
        self.remove_pending(records).await
    }

    async fn settle_one(&self, record: &Record) -> Result<Settled, StoreError> {
        match record.state {
            State::Posted => self.replace(record, "<>", State::Posted).await,
            State::Waiting
            | State::Held
            | State::Claimed
            | State::Uncertain
            | State::Unchanged
            | State::Rejected
            | State::Superseded => self.replace(record, "=", State::Waiting).await,
        }
    }

    /// Replaces a record, if the state it has now compares like this (`=` or `<>`) with `state`.
    pub(crate) async fn replace(
        &self,
        record: &Record,
        compares: &str,
        state: State,
    ) -> Result<Settled, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(record_item(record)?))
            .condition_expression(format!("#state {compares} :state"))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(state.name()))
            .send()
            .await;
        match put {
            Ok(_) => Ok(Settled::Written),
            Err(error) if put_refused(&error) => Ok(Settled::MovedOn),
            Err(error) => Err(StoreError::unavailable("ledger", "settle", error)),
        }
    }

    /// Notes that a pending version changes an earlier one; it stays pending.
    pub async fn follow(&self, record: &Record, earlier: Version) -> Result<Settled, StoreError> {
        let follows = Record {
            changes: Some(earlier),
            ..record.clone()
        };
        self.replace(&follows, "=", State::Waiting).await
    }

    /// Marks a version that was not posted yet as superseded by a newer one, and removes its
    /// pointer.
    pub async fn supersede(&self, record: &Record) -> Result<Settled, StoreError> {
        let update = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(record_item(&Record {
                state: State::Superseded,
                ..record.clone()
            })?))
            .condition_expression("#state IN (:waiting, :held)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":waiting", text(State::Waiting.name()))
            .expression_attribute_values(":held", text(State::Held.name()))
            .send()
            .await;
        match update {
            Ok(_) => {}
            Err(error) if put_refused(&error) => return Ok(Settled::MovedOn),
            Err(error) => return Err(StoreError::unavailable("ledger", "supersede", error)),
        }
        if let Some(awaited) = &record.waits_for {
            self.remove_pointer(keys::waiters(awaited), record).await?;
        }
        self.remove_pointer(keys::pending(record.shard), record)
            .await?;
        Ok(Settled::Written)
    }

    /// Puts a parked record back to work, because a person says that its cause is gone. False when
    /// it is not parked.
    pub async fn retry(&self, record: &Record, now: Timestamp) -> Result<bool, StoreError> {
        if record.state != State::Held || record.command.is_none() {
            return Ok(false);
        }
        let waiting = Record {
            state: State::Waiting,
            reason: None,
            changed_at: now,
            ..record.clone()
        };
        let settled = self.replace(&waiting, "=", State::Held).await?;
        self.place(&waiting).await?;
        Ok(settled == Settled::Written)
    }
}
