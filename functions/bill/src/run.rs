//! A billing run: per contract, what is left to bill is frozen and handed to the ledger.

use domain::billing::{Contract, Manifest};
use domain::book::{Book, Entity, FlowPolicy, Mode, Trigger as BookTrigger};
use domain::command::Command;
use domain::judge::{Planned, plan_invoice, steps_of};
use domain::{Flow, Hold, Record};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tracing::{error, info};

use crate::{Bill, BillError};

/// The schedule's input.
#[derive(Debug, Clone, Deserialize)]
pub struct Due {
    /// Which contracts: `all`.
    pub bill: String,
    /// The last day whose work is billed; today in each entity's zone when missing.
    #[serde(default)]
    pub cut_off: Option<Date>,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// Invoices handed to the ledger, new or once more.
    pub invoices: usize,
    /// Contracts with nothing to bill, or with an invoice still under way.
    pub without: usize,
    /// Contracts that could not be billed now; the log says why.
    pub failed: usize,
    /// Contracts that are only watched.
    pub shadowed: usize,
    /// Entities that are billed at another time, or not at all, as their book says.
    pub left_out: usize,
}

/// One run over the contracts of an entity.
pub(crate) struct Run {
    /// Its name, which every manifest that it freezes carries.
    pub name: String,
    /// The last day whose work is billed.
    pub cut_off: Date,
    /// Whether a contract gets one invoice of it at most, however often it is started.
    pub is_once: bool,
}

impl Summary {
    /// Adds what another run did.
    pub(crate) const fn add(&mut self, other: &Self) {
        self.invoices += other.invoices;
        self.without += other.without;
        self.failed += other.failed;
        self.shadowed += other.shadowed;
        self.left_out += other.left_out;
    }
}

/// What became of one contract in a run.
enum Billed {
    Invoice,
    Nothing,
    Shadow,
}

impl Bill {
    /// Bills every contract of the entities whose book leaves that to the deployment's schedule. One
    /// that fails does not stop the others.
    pub(crate) async fn run(&self, due: &Due) -> Result<Summary, BillError> {
        let book = self.books.active(self.clock.now()).await?;
        let mut summary = Summary::default();
        for (key, entity) in &book.entities {
            let cut_off = self.cut_off(due, entity)?;
            let run = Run {
                name: format!("{cut_off}"),
                cut_off,
                is_once: false,
            };
            match book.flow(Flow::Invoices, Some(key)).trigger {
                BookTrigger::Webhook => {
                    summary.add(&self.run_entity(&book, key, entity, &run).await?);
                }
                BookTrigger::MicroBatch | BookTrigger::Batch | BookTrigger::Manual => {
                    summary.left_out += 1;
                }
            }
        }
        info!(?summary, bill = %due.bill, "billing run");
        Ok(summary)
    }

    /// Bills every contract of an entity, as far as its book lets the flow go.
    pub(crate) async fn run_entity(
        &self,
        book: &Book,
        key: &str,
        entity: &Entity,
        run: &Run,
    ) -> Result<Summary, BillError> {
        let mut summary = Summary::default();
        let policy = book.flow(Flow::Invoices, Some(key));
        if policy.mode == Mode::Off {
            summary.left_out += 1;
            return Ok(summary);
        }
        for contract in self.billing.contracts(entity.odoo_company).await? {
            match self.bill(&contract, run, &policy, &book.version).await {
                Ok(Billed::Invoice) => summary.invoices += 1,
                Ok(Billed::Nothing) => summary.without += 1,
                Ok(Billed::Shadow) => summary.shadowed += 1,
                Err(failure) => {
                    error!(reference = %contract.order, error = %aws::Chain(&failure), "contract not billed");
                    summary.failed += 1;
                }
            }
        }
        Ok(summary)
    }

    fn cut_off(&self, due: &Due, entity: &Entity) -> Result<Date, BillError> {
        if let Some(day) = due.cut_off {
            return Ok(day);
        }
        let no_zone = |_| BillError::NoZone {
            zone: entity.zone.clone(),
        };
        let zone = TimeZone::get(&entity.zone).map_err(no_zone)?;
        Ok(self.clock.now().to_zoned(zone).date())
    }

    /// Freezes and hands over the contract's next invoice, if there is one to make.
    async fn bill(
        &self,
        contract: &Contract,
        run: &Run,
        policy: &FlowPolicy<'_>,
        book: &str,
    ) -> Result<Billed, BillError> {
        let order = self.billing.order(&contract.order).await?;
        if let Some(last) = order.manifests.last() {
            if !self.is_posted(contract, last).await? {
                return self.complete(contract, last, policy, book).await;
            }
            if run.is_once && last.run == run.name {
                return Ok(Billed::Nothing);
            }
        }
        let number = u32::try_from(order.manifests.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let (units, taken) = (&order.units, &order.allocations);
        let manifest = plan_invoice(contract, units, taken, number, &run.name, run.cut_off);
        if policy.mode == Mode::Shadow {
            let planned = manifest.as_ref();
            self.shadow(contract, planned, number, book).await?;
            return Ok(planned.map_or(Billed::Nothing, |_| Billed::Shadow));
        }
        self.end_shadow(contract, number).await?;
        let Some(manifest) = manifest else {
            return Ok(Billed::Nothing);
        };
        let frozen = self.billing.freeze(&manifest).await?;
        self.hand_over(contract, &frozen, policy, book).await?;
        Ok(Billed::Invoice)
    }

    /// Never two invoices of one order under way: the second would count what the first has taken but
    /// Odoo does not show yet. The first may have died here, so it is completed.
    async fn complete(
        &self,
        contract: &Contract,
        last: &Manifest,
        policy: &FlowPolicy<'_>,
        book: &str,
    ) -> Result<Billed, BillError> {
        self.billing.allocate(last).await?;
        if policy.mode == Mode::Shadow {
            // It was frozen in earnest, and goes on when the flow does.
            return Ok(Billed::Nothing);
        }
        self.hand_over(contract, last, policy, book).await?;
        Ok(Billed::Invoice)
    }

    async fn is_posted(&self, contract: &Contract, last: &Manifest) -> Result<bool, BillError> {
        let posting = contract.invoice(last.number).sibling("invoice_posting");
        Ok(self.ledger.posted(&posting).await?.is_some())
    }

    async fn hand_over(
        &self,
        contract: &Contract,
        manifest: &Manifest,
        policy: &FlowPolicy<'_>,
        book: &str,
    ) -> Result<(), BillError> {
        for step in steps_of(contract, manifest) {
            let record = self.record(step, manifest, book)?;
            let ends_a_draft = record.command.as_ref().is_some_and(Command::ends_a_draft);
            // The run itself was the flow's turn.
            let hold = policy
                .hold(ends_a_draft)
                .filter(|hold| *hold != Hold::Schedule);
            let record = match hold {
                Some(hold) => record.hold_back(hold, self.clock.now()),
                None => record,
            };
            self.ledger.accept(&record).await?;
        }
        self.bells.ring(contract.shard()).await?;
        info!(reference = %contract.invoice(manifest.number), untaxed = %manifest.draft.expected_untaxed, units = manifest.allocations.len(), "invoice handed over");
        Ok(())
    }

    pub(crate) fn record(
        &self,
        step: Planned,
        manifest: &Manifest,
        book: &str,
    ) -> Result<Record, BillError> {
        let reference = step.reference.to_string();
        let now = self.clock.now();
        let correlation = format!("billing run {}", manifest.run);
        step.record(&correlation, book, now, now)
            .map_err(|cause| BillError::Unstorable { reference, cause })
    }
}
