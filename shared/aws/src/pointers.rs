//! Pointers to records: what is pending, and what waits for what.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use domain::flow::HeldBack;
use domain::{LaneShard, Record, Reference, State, Version};
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;

use crate::item::{Item, get_text, key, text};
use crate::{Ledger, Pending, StoreError, keys};

/// How many items one BatchWriteItem may write.
const BATCH_WRITE: usize = 25;

/// How many of those are under way at once.
const BATCHES_AT_ONCE: usize = 4;

impl Ledger {
    pub(crate) async fn put_pointer(&self, pk: String, record: &Record) -> Result<(), StoreError> {
        let mut item = key(pk, keys::pointer(&record.reference, record.version));
        // How long the oldest of a partition waits is then seen without its records: by people, and by
        // who opens a flow.
        let held_back = record.held_back.as_ref().filter(|_| record.is_held_back());
        let since = held_back.map_or(record.changed_at, |held| held.since);
        item.insert("since".to_owned(), text(since.to_string()));
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("ledger", "point", error))?;
        Ok(())
    }

    pub(crate) async fn remove_pointer(
        &self,
        pk: String,
        record: &Record,
    ) -> Result<(), StoreError> {
        self.remove(pk, &record.reference, record.version).await
    }

    /// Removes a pointer whose record does not exist, or has moved on; the record stays as it is.
    pub async fn forget_pending(
        &self,
        shard: LaneShard,
        pointer: &Pending,
    ) -> Result<(), StoreError> {
        self.remove(keys::pending(shard), &pointer.reference, pointer.version)
            .await
    }

    async fn remove(
        &self,
        pk: String,
        reference: &Reference,
        version: Version,
    ) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key(pk, keys::pointer(reference, version))))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("ledger", "unpoint", error))?;
        Ok(())
    }

    /// Removes the pointers of settled records, many in one request.
    pub async fn remove_pending(&self, records: &[Record]) -> Result<(), StoreError> {
        futures::stream::iter(records.chunks(BATCH_WRITE))
            .map(|chunk| self.remove_pending_chunk(chunk))
            .buffer_unordered(BATCHES_AT_ONCE)
            .try_collect::<Vec<()>>()
            .await?;
        Ok(())
    }

    async fn remove_pending_chunk(&self, records: &[Record]) -> Result<(), StoreError> {
        let failed = |error| StoreError::unavailable("ledger", "unpoint", error);
        let removals = records.iter().map(|record| {
            let pointer = keys::pointer(&record.reference, record.version);
            let key = key(keys::pending(record.shard), pointer);
            let removal = DeleteRequest::builder().set_key(Some(key)).build()?;
            Ok(WriteRequest::builder().delete_request(removal).build())
        });
        let removals: Result<Vec<WriteRequest>, BuildError> = removals.collect();
        let mut left = removals.map_err(failed)?;
        while !left.is_empty() {
            let answer = self
                .client
                .batch_write_item()
                .request_items(&self.table, left)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("ledger", "unpoint", error))?;
            let mut unprocessed = answer.unprocessed_items.unwrap_or_default();
            left = unprocessed.remove(&self.table).unwrap_or_default();
        }
        Ok(())
    }

    /// Releases everything that waits for a reference; answers the partitions to ring.
    pub async fn release(
        &self,
        awaited: &Reference,
        now: Timestamp,
    ) -> Result<Vec<LaneShard>, StoreError> {
        let mut rung = std::collections::BTreeSet::new();
        for pointer in self.all_pointers(keys::waiters(awaited)).await? {
            let Some(record) = self.read(&pointer.reference, pointer.version).await? else {
                continue;
            };
            self.release_one(&record, awaited, now).await?;
            if record.held_back.is_none() {
                rung.insert(record.shard);
            }
        }
        Ok(rung.into_iter().collect())
    }

    /// Lets a record go on that waits for this reference: to work, or to what it waits for next.
    pub(crate) async fn release_one(
        &self,
        record: &Record,
        awaited: &Reference,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let waits = record.waits_for.as_ref() == Some(awaited);
        let is_open = record.state == State::Waiting || record.is_held_back();
        if waits && is_open {
            let released = record.set_free(now);
            let next = match &released.waits_for {
                Some(next) => keys::waiters(next),
                None => keys::pending(released.shard),
            };
            self.put_pointer(next, &released).await?;
            self.replace(&released, "=", record.state).await?;
        } else if record.state == State::Waiting && comes_to(record, awaited) {
            // Its pointer was put before the record was written, and that is under way.
            return Ok(());
        }
        // Where it waits for something else, an earlier release ended between record and pointer.
        self.remove_pointer(keys::waiters(awaited), record).await
    }

    /// The pointers of a pending partition after one of them (or from the first), in version order
    /// per reference, at most `most` and at most what one query answers (1 MB). Strongly consistent.
    pub async fn pending(
        &self,
        shard: LaneShard,
        after: Option<&Pending>,
        most: i32,
    ) -> Result<Vec<Pending>, StoreError> {
        let after = after.map(|p| keys::pointer(&p.reference, p.version));
        let after = after.unwrap_or_else(|| keys::LEASE.to_owned());
        let answer = self
            .pointer_query(keys::pending(shard), after)
            .limit(most)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("ledger", "pending", error))?;
        answer.items().iter().map(read_pointer).collect()
    }

    /// The first of those that wait for a reference, at most `most`. Strongly consistent.
    pub async fn waiters(
        &self,
        awaited: &Reference,
        most: i32,
    ) -> Result<Vec<Pending>, StoreError> {
        let answer = self
            .pointer_query(keys::waiters(awaited), keys::LEASE.to_owned())
            .limit(most)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("ledger", "waiters", error))?;
        answer.items().iter().map(read_pointer).collect()
    }

    pub(crate) async fn all_pointers(&self, pk: String) -> Result<Vec<Pending>, StoreError> {
        let pages = self
            .pointer_query(pk, keys::LEASE.to_owned())
            .into_paginator()
            .items()
            .send();
        let items: Vec<Item> = pages
            .try_collect()
            .await
            .map_err(|error| StoreError::unavailable("ledger", "waiters", error))?;
        items.iter().map(read_pointer).collect()
    }

    pub(crate) fn pointer_query(&self, pk: String, after: String) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk > :after")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":after", text(after))
            .consistent_read(true)
    }
}

/// Whether a record still waits for something else before its flow, named here, holds it back.
fn comes_to(record: &Record, awaited: &Reference) -> bool {
    let held_back = record.held_back.as_ref().map(HeldBack::reference);
    held_back.as_ref() == Some(awaited) && !record.is_held_back()
}

pub(crate) fn read_pointer(item: &Item) -> Result<Pending, StoreError> {
    let sk = get_text(item, "sk").unwrap_or_default();
    let (reference, version) =
        keys::read_pointer(sk).ok_or_else(|| StoreError::unreadable(sk, "not a pointer"))?;
    Ok(Pending { reference, version })
}
