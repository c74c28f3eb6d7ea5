//! A billing run: per contract, what is left to bill is frozen and handed to the ledger.

use domain::Record;
use domain::billing::{Contract, Manifest};
use domain::book::Entity;
use domain::judge::{Planned, plan_invoice, steps_of};
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Invoices handed to the ledger, new or once more.
    pub invoices: usize,
    /// Contracts with nothing to bill, or with an invoice still under way.
    pub without: usize,
    /// Contracts that could not be billed now; the log says why.
    pub failed: usize,
}

impl Bill {
    /// Bills every contract. One that fails does not stop the others.
    pub(crate) async fn run(&self, due: &Due) -> Result<Summary, BillError> {
        let book = self.books.active(self.clock.now()).await?;
        let mut summary = Summary {
            invoices: 0,
            without: 0,
            failed: 0,
        };
        for entity in book.entities.values() {
            let cut_off = self.cut_off(due, entity)?;
            for contract in self.billing.contracts(entity.odoo_company).await? {
                match self.bill(&contract, cut_off, &book.version).await {
                    Ok(true) => summary.invoices += 1,
                    Ok(false) => summary.without += 1,
                    Err(failure) => {
                        error!(reference = %contract.order, error = %aws::Chain(&failure), "contract not billed");
                        summary.failed += 1;
                    }
                }
            }
        }
        info!(?summary, bill = %due.bill, "billing run");
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

    /// Freezes and hands over the contract's next invoice; false when there is none to make.
    async fn bill(
        &self,
        contract: &Contract,
        cut_off: Date,
        book: &str,
    ) -> Result<bool, BillError> {
        let order = self.billing.order(&contract.order).await?;
        if let Some(last) = order.manifests.last()
            && !self.is_posted(contract, last).await?
        {
            // Never two invoices of one order under way: the second would count what the first
            // has taken but Odoo does not show yet. The first may have died here, so it is
            // completed.
            self.billing.allocate(last).await?;
            self.hand_over(contract, last, book).await?;
            return Ok(true);
        }
        let number = u32::try_from(order.manifests.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let run = format!("{cut_off}");
        let (units, taken) = (&order.units, &order.allocations);
        let Some(manifest) = plan_invoice(contract, units, taken, number, &run, cut_off) else {
            return Ok(false);
        };
        let frozen = self.billing.freeze(&manifest).await?;
        self.hand_over(contract, &frozen, book).await?;
        Ok(true)
    }

    async fn is_posted(&self, contract: &Contract, last: &Manifest) -> Result<bool, BillError> {
        let posting = contract.invoice(last.number).sibling("invoice_posting");
        Ok(self.ledger.posted(&posting).await?.is_some())
    }

    async fn hand_over(
        &self,
        contract: &Contract,
        manifest: &Manifest,
        book: &str,
    ) -> Result<(), BillError> {
        for step in steps_of(contract, manifest) {
            self.ledger
                .accept(&self.record(step, manifest, book)?)
                .await?;
        }
        self.bells.ring(contract.shard()).await?;
        info!(reference = %contract.invoice(manifest.number), untaxed = %manifest.draft.expected_untaxed, units = manifest.allocations.len(), "invoice handed over");
        Ok(())
    }

    fn record(&self, step: Planned, manifest: &Manifest, book: &str) -> Result<Record, BillError> {
        let reference = step.reference.to_string();
        let now = self.clock.now();
        let correlation = format!("billing run {}", manifest.run);
        step.record(&correlation, book, now, now)
            .map_err(|cause| BillError::Unstorable { reference, cause })
    }
}
