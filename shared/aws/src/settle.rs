//! Moving a record from one state to the next, if its state still allows it.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::{Record, State, Version};
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;

use crate::item::{get_text, put_refused, text};
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
    pub async fn settle(&self, records: &[Record]) -> Result<(), StoreError> {
        self.settle_records(records).await?;
        self.remove_pending(records).await
    }

    /// Writes what became of pending records. Answers those that a newer version had superseded
    /// while they were under way: they are in Odoo all the same.
    ///
    /// A record that is posted stays posted: a late failure of a worker that lost its lease
    /// cannot take that back, and a late success of it says the same thing once more. Their pointers
    /// stay until [`Self::remove_pending`], so that whoever dies in between is followed by somebody.
    pub async fn settle_records<'a>(
        &self,
        records: &'a [Record],
    ) -> Result<Vec<&'a Record>, StoreError> {
        let settled: Vec<Option<&Record>> = futures::stream::iter(records)
            .map(async |record| {
                let before = self.settle_one(record).await?;
                // Refused means that it was posted before, perhaps by this very write, whose answer
                // was lost: then nobody has looked yet.
                let overtaken = before.is_none_or(|before| before == State::Superseded.name());
                Ok((overtaken && record.state == State::Posted).then_some(record))
            })
            .buffered(WRITES_AT_ONCE)
            .try_collect()
            .await?;
        Ok(settled.into_iter().flatten().collect())
    }

    /// The state before; none when nothing was written.
    async fn settle_one(&self, record: &Record) -> Result<Option<String>, StoreError> {
        match record.state {
            State::Posted => self.put(record, "<>", State::Posted).await,
            State::Waiting
            | State::Held
            | State::Claimed
            | State::Uncertain
            | State::Unchanged
            | State::Rejected
            | State::Superseded => self.put(record, "=", State::Waiting).await,
        }
    }

    /// Replaces a record, if the state it has now compares like this (`=` or `<>`) with `state`.
    pub(crate) async fn replace(
        &self,
        record: &Record,
        compares: &str,
        state: State,
    ) -> Result<Settled, StoreError> {
        Ok(match self.put(record, compares, state).await? {
            Some(_) => Settled::Written,
            None => Settled::MovedOn,
        })
    }

    /// The same; answers the state before.
    async fn put(
        &self,
        record: &Record,
        compares: &str,
        state: State,
    ) -> Result<Option<String>, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(record_item(record)?))
            .condition_expression(format!("#state {compares} :state"))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(state.name()))
            .return_values(ReturnValue::AllOld)
            .send()
            .await;
        match put {
            Ok(answer) => {
                let before = answer.attributes().and_then(|old| get_text(old, "state"));
                Ok(Some(before.unwrap_or_default().to_owned()))
            }
            Err(error) if put_refused(&error) => Ok(None),
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

    /// Marks a version that was not posted yet as superseded by a newer one. Its pointer to the
    /// pending list stays: a worker may have sent it, and whoever drains the list finds out.
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
        self.forget_waiter(record).await?;
        Ok(Settled::Written)
    }

    /// Removes the pointer by which a superseded version waited for another reference.
    pub async fn forget_waiter(&self, record: &Record) -> Result<(), StoreError> {
        match &record.waits_for {
            Some(awaited) => self.remove_pointer(keys::waiters(awaited), record).await,
            None => Ok(()),
        }
    }

    /// Puts a parked record back to work, because a person says that its cause is gone. False when
    /// it is not parked; what its flow holds back is not.
    pub async fn retry(&self, record: &Record, now: Timestamp) -> Result<bool, StoreError> {
        if record.state != State::Held || record.command.is_none() || record.is_held_back() {
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
