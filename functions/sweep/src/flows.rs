//! Lets records go on whose flow has its turn now, as the book of today says.

use std::collections::BTreeMap;

use aws::{HeldPointer, Pending, StoreError};
use domain::book::{Book, FlowPolicy, Mode};
use domain::command::Command;
use domain::{Flow, Hold, Record};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tracing::info;

use crate::Sweep;

impl Sweep {
    /// Goes through what waits for the turn of its flow. Answers how many records go on.
    ///
    /// Whatever it does not come to now is there in a minute: what has had its turn keeps it.
    pub(crate) async fn open_flows(&self, now: Timestamp) -> Result<usize, StoreError> {
        let mut let_go = 0;
        for flow in Flow::ALL {
            let waiting = self.ledger.held_back(Hold::Schedule, flow).await?;
            let Some(oldest) = waiting.iter().map(|held| held.since).min() else {
                continue;
            };
            let book = self.books.active(now).await?;
            // Most minutes nothing has its turn: then no record is read.
            if may_change(&book, flow, oldest, now) {
                let_go += self.open(&book, flow, &waiting, now).await?;
            }
        }
        Ok(let_go)
    }

    async fn open(
        &self,
        book: &Book,
        flow: Flow,
        waiting: &[HeldPointer],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let pointers: Vec<Pending> = waiting.iter().map(|held| held.pointer.clone()).collect();
        let records = self.ledger.records(&pointers).await?;
        let mut let_go = 0;
        for (company, records) in self.by_company(records).await? {
            let entity = company.and_then(|company| book.entity_of_company(company));
            if entity.is_none() && book.flow_differs_by_entity(flow) {
                // Nobody may go further than their own entity's book says.
                continue;
            }
            let policy = book.flow(flow, entity.map(|(key, _)| key));
            let zone = zone_of(book, entity.map(|(key, _)| key));
            let records = self.held_otherwise(&policy, records, now).await?;
            let since = records.iter().filter_map(|record| {
                let held_back = record.held_back.as_ref().filter(|_| record.is_held_back());
                held_back.map(|held| held.since)
            });
            let has_turn = since
                .min()
                .is_none_or(|since| policy.has_turn(since, now, &zone));
            if !has_turn {
                continue;
            }
            for shard in self
                .ledger
                .let_go(Hold::Schedule, flow, &records, now)
                .await?
            {
                self.bells.ring(shard).await?;
            }
            let_go += records.len();
            info!(%flow, company, records = records.len(), "flow has its turn");
        }
        Ok(let_go)
    }

    /// Records by the company in Odoo that they are written for. Time follows its project, and many
    /// entries have one.
    async fn by_company(
        &self,
        records: Vec<Record>,
    ) -> Result<BTreeMap<Option<i64>, Vec<Record>>, StoreError> {
        let mut projects = BTreeMap::new();
        let mut by_company: BTreeMap<Option<i64>, Vec<Record>> = BTreeMap::new();
        for record in records {
            let project = record.command.as_ref().and_then(Command::project);
            let company = match project.and_then(|project| projects.get(project)) {
                Some(company) => *company,
                None => {
                    let company = self.company_of(&record).await?;
                    projects.extend(project.map(|project| (project.clone(), company)));
                    company
                }
            };
            by_company.entry(company).or_default().push(record);
        }
        Ok(by_company)
    }

    async fn company_of(&self, record: &Record) -> Result<Option<i64>, StoreError> {
        match &record.command {
            Some(command) => self.ledger.company_of(command).await,
            None => Ok(None),
        }
    }

    /// What the book does not let go at all any more is held, and says so. Answers the others.
    async fn held_otherwise(
        &self,
        policy: &FlowPolicy<'_>,
        records: Vec<Record>,
        now: Timestamp,
    ) -> Result<Vec<Record>, StoreError> {
        let mut others = Vec::with_capacity(records.len());
        for record in records {
            let ends_a_draft = record
                .command
                .as_ref()
                .is_some_and(|command| command.ends_a_draft());
            match policy.hold(ends_a_draft) {
                Some(by @ (Hold::Off | Hold::Shadow | Hold::Draft)) if record.is_held_back() => {
                    let held = record.hold_back_otherwise(by, now);
                    self.ledger.hold_otherwise(&record, &held).await?;
                }
                Some(_) | None => others.push(record),
            }
        }
        Ok(others)
    }
}

/// Whether anything of the flow may have its turn, or is held otherwise now.
fn may_change(book: &Book, flow: Flow, oldest: Timestamp, now: Timestamp) -> bool {
    let entities = book.entities.keys().map(|key| Some(key.as_str()));
    entities.chain([None]).any(|entity| {
        let policy = book.flow(flow, entity);
        policy.mode != Mode::Live || policy.has_turn(oldest, now, &zone_of(book, entity))
    })
}

/// The zone of an entity; where it is not known, that of the first.
fn zone_of(book: &Book, entity: Option<&str>) -> TimeZone {
    let named = entity.and_then(|key| book.entities.get(key));
    let entity = named.or_else(|| book.entities.values().next());
    let zone = entity.and_then(|entity| TimeZone::get(&entity.zone).ok());
    zone.unwrap_or(TimeZone::UTC)
}
