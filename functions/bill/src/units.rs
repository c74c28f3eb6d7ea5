//! From postings to what can be billed.

use aws::{UnitDue, read_message};
use domain::billing::{Contract, Unit, UnitKind};
use domain::command::{Command, CreateOrder, LineBilling, LogTime};
use domain::judge::units_of;
use domain::{Record, Reference, Version};
use rust_decimal::Decimal;
use tracing::info;

use crate::{Bill, BillError};

impl Bill {
    /// Keeps what a posting makes billable. Repeating it changes nothing.
    pub(crate) async fn keep_unit(&self, body: &str) -> Result<(), BillError> {
        let due: UnitDue = read_message(body)?;
        let Some(record) = self.ledger.read(&due.reference, due.version).await? else {
            return Ok(());
        };
        match &record.command {
            Some(Command::ConfirmOrder(confirmed)) => {
                self.keep_contract(&record, &confirmed.order).await
            }
            Some(Command::CreateOrder(_)) => self.keep_changed(&record).await,
            Some(Command::LogTime(time)) => self.keep_time(&record, time).await,
            _ => Ok(()),
        }
    }

    /// A contract that changed after it was confirmed. A draft bills nothing yet.
    async fn keep_changed(&self, record: &Record) -> Result<(), BillError> {
        let deal = &record.reference;
        let signature = self.ledger.posted(&deal.sibling("signature")).await?;
        match signature {
            Some(_) => self.keep_contract(record, deal).await,
            None => Ok(()),
        }
    }

    async fn keep_contract(&self, record: &Record, deal: &Reference) -> Result<(), BillError> {
        let order = self.order(&record.reference, deal).await?;
        let units = units_of(&order, record.version);
        for unit in &units {
            self.billing.put_unit(deal, unit).await?;
        }
        self.leave_what_is_not_sold(deal, &units, record.version)
            .await?;
        let contract = Contract {
            order: deal.clone(),
            company: order.company.clone(),
            currency: order.currency.clone(),
            lines: order.lines.clone(),
        };
        self.billing.put_contract(&contract).await?;
        info!(reference = %deal, lines = contract.lines.len(), "contract bills from now on");
        Ok(())
    }

    /// Instalments that a newer version of the contract has no more are worth nothing. What is on an
    /// invoice stays there: such a line is never taken off.
    async fn leave_what_is_not_sold(
        &self,
        deal: &Reference,
        sold: &[Unit],
        version: Version,
    ) -> Result<(), BillError> {
        let known = self.billing.order(deal).await?.units.into_iter();
        let is_sold = |unit: &Unit| sold.iter().any(|sold| sold.reference == unit.reference);
        for unit in known.filter(|unit| unit.kind == UnitKind::Instalment && !is_sold(unit)) {
            let nothing = Unit {
                quantity: Decimal::ZERO,
                version,
                ..unit
            };
            self.billing.put_unit(deal, &nothing).await?;
        }
        Ok(())
    }

    /// Hours that nobody pays are kept as a unit of nothing: no run takes it, and the contract knows
    /// all of its entries.
    async fn keep_time(&self, record: &Record, time: &LogTime) -> Result<(), BillError> {
        let deal = self.deal(&record.reference, &time.project).await?;
        let order = self.order(&record.reference, &deal).await?;
        let line = order.line_for(time).ok_or_else(|| BillError::Incomplete {
            reference: record.reference.to_string(),
            missing: format!("an order line for {}", time.service),
        })?;
        let unit = Unit {
            reference: record.reference.clone(),
            line: line.reference.clone(),
            day: time.date,
            quantity: match line.billing {
                LineBilling::TimeAndMaterials => order.in_odoo(time.clone()).billable,
                // A retainer is paid before it is worked.
                LineBilling::Instalment { .. }
                | LineBilling::Milestone { .. }
                | LineBilling::Retainer { .. }
                | LineBilling::Recurring { .. } => Decimal::ZERO,
            },
            kind: UnitKind::Time,
            version: record.version,
        };
        self.billing.put_unit(&deal, &unit).await?;
        self.leave_other_orders(record, &deal, &unit).await?;
        info!(reference = %record.reference, order = %deal, "time can be billed");
        Ok(())
    }

    /// Time that was moved to another contract can no longer be billed on the one before.
    async fn leave_other_orders(
        &self,
        record: &Record,
        deal: &Reference,
        unit: &Unit,
    ) -> Result<(), BillError> {
        if record.changes.is_none() {
            return Ok(());
        }
        let nothing = Unit {
            quantity: Decimal::ZERO,
            ..unit.clone()
        };
        let versions = self.ledger.versions(&record.reference).await?;
        for version in versions.iter().filter(|version| version.state.is_in_odoo()) {
            let Some(Command::LogTime(time)) = &version.command else {
                continue;
            };
            let before = self.deal(&record.reference, &time.project).await?;
            if before != *deal && self.billing.unit(&before, &unit.reference).await?.is_some() {
                self.billing.put_unit(&before, &nothing).await?;
            }
        }
        Ok(())
    }

    async fn deal(&self, of: &Reference, project: &Reference) -> Result<Reference, BillError> {
        let link = self
            .ledger
            .posted(project)
            .await?
            .and_then(|record| record.command);
        match link {
            Some(Command::LinkProject(link)) => Ok(link.deal),
            _ => Err(incomplete(of, project)),
        }
    }

    async fn order(&self, of: &Reference, order: &Reference) -> Result<CreateOrder, BillError> {
        let record = self
            .ledger
            .posted(order)
            .await?
            .and_then(|record| record.command);
        match record {
            Some(Command::CreateOrder(order)) => Ok(order),
            _ => Err(incomplete(of, order)),
        }
    }
}

fn incomplete(reference: &Reference, missing: &Reference) -> BillError {
    BillError::Incomplete {
        reference: reference.to_string(),
        missing: missing.to_string(),
    }
}
