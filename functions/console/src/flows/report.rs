//! Every flow of every entity: what the book says, and what is held back, with its money.

use std::collections::BTreeMap;

use domain::book::{Book, Criticality, FlowPolicy, Mode, Reconciliation, Trigger};
use domain::command::Command;
use domain::{Flow, Hold, Record, Reference};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;

use crate::Console;
use crate::error::ConsoleError;

/// How many records of one flow are listed; all of them are counted.
const LISTED: usize = 200;

#[derive(Debug, Serialize)]
struct Report {
    /// When it was asked, in UTC.
    at: Timestamp,
    flows: Vec<FlowOfEntity>,
}

/// One flow of one entity.
#[derive(Debug, Serialize)]
struct FlowOfEntity {
    flow: Flow,
    /// The entity's key; none for what is not known to belong to one.
    entity: Option<String>,
    mode: Mode,
    trigger: Trigger,
    /// When what comes now would have its turn.
    next: Option<Timestamp>,
    criticality: Criticality,
    latency_target_seconds: Option<i64>,
    approval: Option<String>,
    reconciliation: Reconciliation,
    /// How many records each kind of hold keeps back.
    held: BTreeMap<&'static str, usize>,
    /// What they would have brought, without tax, by currency.
    untaxed: BTreeMap<String, Decimal>,
    /// The hours that they would have brought.
    hours: Decimal,
    /// The records, at most 200.
    records: Vec<HeldRecord>,
}

/// One record that is held back.
#[derive(Debug, Serialize)]
struct HeldRecord {
    reference: Reference,
    version: domain::Version,
    hold: Hold,
    since: Option<Timestamp>,
    command: &'static str,
    untaxed: Option<Decimal>,
    currency: Option<String>,
    hours: Option<Decimal>,
}

/// The hold and the record.
type HeldBack = (Hold, Record);

impl Console {
    /// Every flow of every entity.
    pub(crate) async fn flows(&self) -> Result<Value, ConsoleError> {
        let now = self.clock.now();
        let book = self.books.active(now).await?;
        let mut flows = Vec::new();
        for flow in Flow::ALL {
            let mut held = self.all_held(flow, &book).await?;
            for (key, entity) in &book.entities {
                let zone = TimeZone::get(&entity.zone).unwrap_or(TimeZone::UTC);
                let of_it = held.remove(&Some(key.clone())).unwrap_or_default();
                let policy = book.flow(flow, Some(key));
                let row = row(
                    flow,
                    Some(key.clone()),
                    &policy,
                    policy.next_turn(now, &zone),
                );
                flows.push(self.filled(row, of_it).await?);
            }
            for (entity, of_it) in held {
                let row = row(flow, entity, &book.flow(flow, None), None);
                flows.push(self.filled(row, of_it).await?);
            }
        }
        serde_json::to_value(Report { at: now, flows }).map_err(ConsoleError::Unwritable)
    }

    async fn all_held(
        &self,
        flow: Flow,
        book: &Book,
    ) -> Result<BTreeMap<Option<String>, Vec<HeldBack>>, ConsoleError> {
        let mut held: BTreeMap<Option<String>, Vec<HeldBack>> = BTreeMap::new();
        for hold in Hold::ALL {
            let pointers = self.ledger.held_back(hold, flow).await?;
            let pointers: Vec<_> = pointers.into_iter().map(|held| held.pointer).collect();
            for record in self.ledger.records(&pointers).await? {
                if record.is_held_back() {
                    let entity = self.entity_key(&record, book).await?;
                    held.entry(entity).or_default().push((hold, record));
                }
            }
        }
        Ok(held)
    }

    async fn filled(
        &self,
        mut row: FlowOfEntity,
        held: Vec<HeldBack>,
    ) -> Result<FlowOfEntity, ConsoleError> {
        for (hold, record) in held {
            *row.held.entry(hold.name()).or_default() += 1;
            let listed = self.listed(hold, &record).await?;
            row.hours += listed.hours.unwrap_or_default();
            if let (Some(untaxed), Some(currency)) = (listed.untaxed, &listed.currency) {
                *row.untaxed.entry(currency.clone()).or_default() += untaxed;
            }
            if row.records.len() < LISTED {
                row.records.push(listed);
            }
        }
        Ok(row)
    }

    async fn listed(&self, hold: Hold, record: &Record) -> Result<HeldRecord, ConsoleError> {
        let (untaxed, currency) = match &record.command {
            Some(Command::CreateOrder(order)) => {
                (Some(order.expected_untaxed), Some(order.currency.clone()))
            }
            Some(Command::DraftInvoice(draft)) => {
                let currency = self.currency(&draft.order).await?;
                (Some(draft.expected_untaxed), currency)
            }
            Some(Command::PostInvoice(posting)) => {
                let currency = self.currency(&posting.draft.order).await?;
                (Some(posting.draft.expected_untaxed), currency)
            }
            Some(_) | None => (None, None),
        };
        let hours = match &record.command {
            Some(Command::LogTime(time)) => Some(time.worked),
            Some(Command::KeepAssignment(assignment)) => assignment.hours,
            Some(_) | None => None,
        };
        let command = record.command.as_ref();
        Ok(HeldRecord {
            reference: record.reference.clone(),
            version: record.version,
            hold,
            since: record.held_back.as_ref().map(|held| held.since),
            command: command.map_or("none", Command::name),
            untaxed,
            currency,
            hours,
        })
    }

    /// The currency of an order, as its deal said it last.
    async fn currency(&self, order: &Reference) -> Result<Option<String>, ConsoleError> {
        let versions = self.ledger.versions(order).await?;
        Ok(versions
            .into_iter()
            .find_map(|version| match version.command {
                Some(Command::CreateOrder(order)) => Some(order.currency),
                _ => None,
            }))
    }
}

fn row(
    flow: Flow,
    entity: Option<String>,
    policy: &FlowPolicy<'_>,
    next: Option<Timestamp>,
) -> FlowOfEntity {
    FlowOfEntity {
        flow,
        entity,
        mode: policy.mode,
        trigger: policy.trigger,
        next: next.filter(|_| policy.trigger != Trigger::Webhook),
        criticality: policy.criticality,
        latency_target_seconds: policy.latency_target.map(|target| target.as_secs()),
        approval: policy.approval.map(str::to_owned),
        reconciliation: policy.reconciliation,
        held: BTreeMap::new(),
        untaxed: BTreeMap::new(),
        hours: Decimal::ZERO,
        records: Vec::new(),
    }
}
