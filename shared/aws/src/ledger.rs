//! The ledger: what has to be posted, and what became of it.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use domain::{Record, Reference, State, Version};
use futures::{StreamExt, TryStreamExt};

use crate::checked_clock::CheckedClock;
use crate::item::{Item, document, key, put_refused, text, to_document};
use crate::{Connection, StoreError, keys};

/// How many items one BatchGetItem may ask for.
const BATCH_GET: usize = 100;

/// How many of those are under way at once.
const BATCHES_AT_ONCE: usize = 4;

/// The ledger table.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub(crate) client: Client,
    pub(crate) table: String,
    pub(crate) clock: Option<Arc<CheckedClock>>,
}

/// What became of a version that was offered.
#[derive(Debug, Clone, PartialEq)]
pub enum Accepted {
    /// It is new: it is pending, waiting or held now.
    New,
    /// A rule, or its flow, held this version; judged again it may go ahead, and took its own place.
    Reconsidered,
    /// The same version with the same content is already here.
    Redelivered(Box<Record>),
    /// The same version with other content is already here; nothing was written.
    Conflict(Box<Record>),
    /// It is here now, and so is a version that the caller did not know of. Nobody works on it yet:
    /// the caller places it once more.
    Beside,
}

/// A pointer to one version of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The fact.
    pub reference: Reference,
    /// Its version.
    pub version: Version,
}

impl Ledger {
    /// The ledger in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            client: connection.dynamodb(),
            table: table.into(),
            clock: connection.checked_clock(),
        }
    }

    /// Every version of a fact, newest first. Strongly consistent.
    pub async fn versions(&self, reference: &Reference) -> Result<Vec<Record>, StoreError> {
        self.items_of(reference)
            .await?
            .iter()
            .map(document)
            .collect()
    }

    /// The version of a fact that is in Odoo, if one is.
    pub async fn posted(&self, reference: &Reference) -> Result<Option<Record>, StoreError> {
        let versions = self.versions(reference).await?;
        Ok(versions
            .into_iter()
            .find(|record| record.state.is_in_odoo()))
    }

    /// Takes a version into the work list. A record without command is stored as it is (held,
    /// rejected or observed); one that waits for a reference becomes a waiter of it; any other
    /// becomes pending.
    ///
    /// Safe to repeat: a redelivered version that was interrupted half-way is completed.
    pub async fn accept(&self, record: &Record) -> Result<Accepted, StoreError> {
        self.take_in(record, None).await
    }

    /// The same for a version that was judged by what was known. Two that are judged at the same
    /// moment do not know of each other: whichever is written second sees the first one, and is
    /// nobody's work before it has been placed beside it.
    pub async fn accept_knowing(
        &self,
        record: &Record,
        known: &[Record],
    ) -> Result<Accepted, StoreError> {
        self.take_in(record, Some(known)).await
    }

    async fn take_in(
        &self,
        record: &Record,
        known: Option<&[Record]>,
    ) -> Result<Accepted, StoreError> {
        let record = &self.without_needless_wait(record).await?;
        match self.put_new(record).await? {
            None if self.is_beside_others(record, known).await? => Ok(Accepted::Beside),
            None => {
                self.place(record).await?;
                Ok(Accepted::New)
            }
            // Held for the want of something that is there by now, a mapping for example.
            Some(existing)
                if existing.state == State::Held
                    && existing.command.is_none()
                    && record.command.is_some() =>
            {
                self.replace(record, "=", State::Held).await?;
                self.place(record).await?;
                Ok(Accepted::Reconsidered)
            }
            // Its flow held it back, and now goes further, or otherwise.
            Some(existing) if is_otherwise_held_back(&existing, record) => {
                self.hold_otherwise(&existing, record).await?;
                Ok(Accepted::Reconsidered)
            }
            Some(existing) if existing.fingerprint != record.fingerprint => {
                Ok(Accepted::Conflict(Box::new(existing)))
            }
            // An answer that was lost on the way makes the first attempt look like an earlier one.
            Some(existing)
                if !knows(known, existing.version)
                    && self.is_beside_others(record, known).await? =>
            {
                Ok(Accepted::Beside)
            }
            Some(existing) => {
                // The first attempt may have died between the record and its pointer.
                self.place(&existing).await?;
                Ok(Accepted::Redelivered(Box::new(existing)))
            }
        }
    }

    async fn is_beside_others(
        &self,
        record: &Record,
        known: Option<&[Record]>,
    ) -> Result<bool, StoreError> {
        if known.is_none() {
            return Ok(false);
        }
        let versions = self.versions(&record.reference).await?;
        let mut others = versions.iter().filter(|v| v.version != record.version);
        Ok(others.any(|other| !knows(known, other.version)))
    }

    /// Most records stand on something that was posted long ago. Seen before anything is written,
    /// that saves the five writes of waiting and being released.
    async fn without_needless_wait(&self, record: &Record) -> Result<Record, StoreError> {
        let record = record.clone();
        let Some(awaited) = record.waits_for.as_ref().filter(|_| !record.is_held_back()) else {
            return Ok(record);
        };
        match self.posted(awaited).await? {
            Some(_) => Ok(record.set_free_at_once()),
            None => Ok(record),
        }
    }

    async fn put_new(&self, record: &Record) -> Result<Option<Record>, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(record_item(record)?))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match put {
            Ok(_) => Ok(None),
            Err(error) if put_refused(&error) => self.read(&record.reference, record.version).await,
            Err(error) => Err(StoreError::unavailable("ledger", "accept", error)),
        }
    }

    /// One version of a fact. Strongly consistent.
    pub async fn read(
        &self,
        reference: &Reference,
        version: Version,
    ) -> Result<Option<Record>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(keys::record(reference), keys::version(version))))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("ledger", "read", error))?;
        answer.item().map(document).transpose()
    }

    /// Puts the pointer that belongs to a record: pending, waiter, or none.
    pub(crate) async fn place(&self, record: &Record) -> Result<(), StoreError> {
        let is_held_back = record.is_held_back();
        let is_open = matches!(record.state, State::Waiting | State::Held);
        if record.state != State::Waiting && !(is_open && is_held_back) {
            return Ok(());
        }
        let Some(awaited) = &record.waits_for else {
            return self.put_pointer(keys::pending(record.shard), record).await;
        };
        self.put_pointer(keys::waiters(awaited), record).await?;
        if is_held_back {
            // Nothing is ever posted under a flow's name.
            return Ok(());
        }
        // Posted between our decision to wait and the waiter's write? Its release has looked
        // already, so nobody else would.
        match self.posted(awaited).await? {
            Some(_) => self.release_one(record, awaited, record.changed_at).await,
            None => Ok(()),
        }
    }

    /// The records behind some pointers, in the pointers' order. Strongly consistent.
    pub async fn records(&self, pointers: &[Pending]) -> Result<Vec<Record>, StoreError> {
        let chunks: Vec<Vec<Record>> = futures::stream::iter(pointers.chunks(BATCH_GET))
            .map(|chunk| self.records_chunk(chunk))
            .buffered(BATCHES_AT_ONCE)
            .try_collect()
            .await?;
        let mut records: Vec<Record> = chunks.into_iter().flatten().collect();
        records.sort_by(|a: &Record, b| (&a.reference, a.version).cmp(&(&b.reference, b.version)));
        Ok(records)
    }

    async fn records_chunk(&self, chunk: &[Pending]) -> Result<Vec<Record>, StoreError> {
        let keys = chunk
            .iter()
            .map(|p| key(keys::record(&p.reference), keys::version(p.version)));
        let mut wanted = keys_and_attributes(keys.collect())?;
        let mut records = Vec::with_capacity(chunk.len());
        loop {
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.table, wanted)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("ledger", "records", error))?;
            let items = answer
                .responses()
                .and_then(|tables| tables.get(&self.table));
            for item in items.into_iter().flatten() {
                records.push(document(item)?);
            }
            let mut left = answer.unprocessed_keys.unwrap_or_default();
            match left.remove(&self.table) {
                Some(rest) => wanted = rest,
                None => return Ok(records),
            }
        }
    }
}

/// Whether the caller had seen this version when it judged another.
fn knows(known: Option<&[Record]>, version: Version) -> bool {
    known.is_some_and(|known| known.iter().any(|known| known.version == version))
}

/// Whether a version that its flow holds back is offered as one that goes on, or waits for something
/// else of its flow.
fn is_otherwise_held_back(existing: &Record, offered: &Record) -> bool {
    let by = |record: &Record| record.held_back.as_ref().map(|held| held.by);
    existing.is_held_back()
        && existing.fingerprint == offered.fingerprint
        && offered.command.is_some()
        && matches!(existing.state, State::Waiting | State::Held)
        && by(existing) != by(offered)
}

fn keys_and_attributes(keys: Vec<Item>) -> Result<KeysAndAttributes, StoreError> {
    KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .consistent_read(true)
        .build()
        .map_err(|error| StoreError::unavailable("ledger", "records", error))
}

pub(crate) fn record_item(record: &Record) -> Result<Item, StoreError> {
    let mut item = key(
        keys::record(&record.reference),
        keys::version(record.version),
    );
    item.insert("state".to_owned(), text(record.state.name()));
    item.insert("doc".to_owned(), to_document(record)?);
    item.insert("correlation".to_owned(), text(&record.correlation));
    // The stream's filter and the relay read these without opening the document.
    if let Some(command) = &record.command {
        item.insert("command".to_owned(), text(command.name()));
    }
    if record.feedback.is_some() {
        item.insert("feedback".to_owned(), text("due"));
    }
    let waits = record.state == State::Waiting && record.waits_for.is_some();
    if waits || record.state == State::Held {
        item.insert("attention".to_owned(), text(record.state.name()));
        item.insert("since".to_owned(), text(record.changed_at.to_string()));
    }
    Ok(item)
}

#[cfg(test)]
mod tests {
    use domain::command::{Command, LogTime};
    use domain::event::Personal;
    use domain::record::{History, Posted};
    use domain::{Lane, LaneShard};
    use jiff::Timestamp;

    use super::*;

    /// What DynamoDB charges for: the bytes of all names and values.
    fn size(item: &Item) -> usize {
        let value = |value: &aws_sdk_dynamodb::types::AttributeValue| value.as_s().unwrap().len();
        item.iter().map(|(name, v)| name.len() + value(v)).sum()
    }

    /// Accepted and posted: both are written.
    #[test]
    fn an_ordinary_time_entry_costs_one_write_unit() {
        let reference = Reference::new("connectwise", "Cobalt", "time_entry", "1234567");
        let project = Reference::new("connectwise", "Cobalt", "project", "1234");
        let command = Command::LogTime(LogTime {
            project: project.clone(),
            service: "senior_consultant".to_owned(),
            employee: "hr_demo.alice".to_owned(),
            date: jiff::civil::date(2026, 11, 3),
            worked: "7.50".parse().unwrap(),
            billable: "7.50".parse().unwrap(),
            unbilled_because: None,
            coding: domain::command::Coding::default(),
            narration: Personal("Workshop on the data model with the customer's team".to_owned()),
        });
        // As a clock tells it: with its nanoseconds.
        let now = Timestamp::new(1_780_000_000, 123_456_789).unwrap();
        let fingerprint = command.fingerprint().unwrap();
        let (shard, version) = (
            LaneShard::of(Lane::Work, &project),
            Version(1_780_000_000_000),
        );
        let record = Record {
            command: Some(command),
            correlation: "6a0b7f6e-3f6e-4f0c-9e4e-0123456789ab".to_owned(),
            book: "0123456789ab".to_owned(),
            history: History::new(now, now),
            ..Record::new(reference, version, fingerprint, shard, now)
        };
        let posted = Record {
            state: State::Posted,
            posted: Some(Posted {
                model: "account.analytic.line".to_owned(),
                id: 1_234_567,
                others: vec![1_234_568],
                name: None,
                customer: domain::customer::Noted::default(),
            }),
            ..record.clone()
        };
        for record in [record, posted] {
            let bytes = size(&record_item(&record).unwrap());
            assert!(bytes <= 1024, "{bytes} bytes");
        }
    }

    #[test]
    fn an_item_of_an_earlier_build_is_read() {
        let earlier = r#"{"reference":"s__a__e__1","version":7,"fingerprint":"00",
            "state":"posted","command":null,"shard":"work#0","waits_for":null,"reason":null,
            "posted":{"model":"m","id":1},"correlation":"c","book":"b",
            "changed_at":"2026-11-22T12:00:00Z"}"#;
        let record: Record = serde_json::from_str(earlier).unwrap();
        assert_eq!(record.history, History::default());
    }
}
