//! Records that their flow holds back.

use domain::command::Command;
use domain::{Flow, Hold, LaneShard, Record};
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;

use crate::item::{Item, get_text};
use crate::pointers::read_pointer;
use crate::{Ledger, Pending, StoreError, keys};

/// How many records are let go at once.
const AT_ONCE: usize = 16;

/// A pointer to a record that its flow holds back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPointer {
    /// Which version of which fact.
    pub pointer: Pending,
    /// Since when it is held back, in UTC.
    pub since: Timestamp,
}

impl Ledger {
    /// What a flow holds back like this, as pointers. Strongly consistent.
    pub async fn held_back(&self, hold: Hold, flow: Flow) -> Result<Vec<HeldPointer>, StoreError> {
        let pages = self
            .pointer_query(keys::waiters(&hold.of(flow)), keys::LEASE.to_owned())
            .into_paginator()
            .items()
            .send();
        let items: Vec<Item> = pages
            .try_collect()
            .await
            .map_err(|error| StoreError::unavailable("ledger", "held back", error))?;
        items.iter().map(held_pointer).collect()
    }

    /// Lets records go on that a flow holds back like this; answers the partitions to ring. The pointer
    /// of a record that moved on meanwhile is cleared away.
    pub async fn let_go(
        &self,
        hold: Hold,
        flow: Flow,
        records: &[Record],
        now: Timestamp,
    ) -> Result<Vec<LaneShard>, StoreError> {
        let awaited = &hold.of(flow);
        let shards: Vec<Option<LaneShard>> = futures::stream::iter(records)
            .map(async |record| {
                self.release_one(record, awaited, now).await?;
                let waited = record.waits_for.as_ref() == Some(awaited);
                if waited {
                    self.go_on(&record.set_free(now), now).await?;
                }
                Ok::<_, StoreError>(waited.then_some(record.shard))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let shards: std::collections::BTreeSet<_> = shards.into_iter().flatten().collect();
        Ok(shards.into_iter().collect())
    }

    /// What a record waits for next may be there already.
    async fn go_on(&self, free: &Record, now: Timestamp) -> Result<(), StoreError> {
        let Some(next) = &free.waits_for else {
            return Ok(());
        };
        if self.posted(next).await?.is_none() {
            return Ok(());
        }
        match self.read(&free.reference, free.version).await? {
            Some(record) => self.release_one(&record, next, now).await,
            None => Ok(()),
        }
    }

    /// The company in Odoo that a command writes for; none for what follows a project that nobody has linked to
    /// a contract yet.
    pub async fn company_of(&self, command: &Command) -> Result<Option<i64>, StoreError> {
        let Some(project) = command.project() else {
            return Ok(command.company().map(|company| company.id));
        };
        let versions = self.versions(project).await?;
        Ok(versions.iter().find_map(|version| match &version.command {
            Some(Command::LinkProject(link)) => Some(link.company.id),
            _ => None,
        }))
    }

    /// The same fact and version, held back otherwise or not at all any more.
    pub async fn hold_otherwise(
        &self,
        existing: &Record,
        record: &Record,
    ) -> Result<(), StoreError> {
        if record.is_held_back() {
            // Whoever dies now leaves a pointer too many, and not one too few.
            self.place(record).await?;
        }
        self.replace(record, "=", existing.state).await?;
        self.place(record).await?;
        match &existing.waits_for {
            Some(before) if existing.waits_for != record.waits_for => {
                self.remove_pointer(keys::waiters(before), existing).await
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn held_pointer(item: &Item) -> Result<HeldPointer, StoreError> {
    let pointer = read_pointer(item)?;
    let since = get_text(item, "since").unwrap_or_default();
    let since = since
        .parse()
        .map_err(|error| StoreError::unreadable(pointer.reference.to_string(), error))?;
    Ok(HeldPointer { pointer, since })
}
