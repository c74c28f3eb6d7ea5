//! From postings to what can be billed.

use aws::{UnitDue, read_message};
use domain::billing::{Contract, Unit, UnitKind};
use domain::command::{Command, ConfirmOrder, CreateOrder, LineBilling, LogTime};
use domain::{Record, Reference};
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
            Some(Command::ConfirmOrder(confirmed)) => self.keep_contract(&record, confirmed).await,
            Some(Command::LogTime(time)) => self.keep_time(&record, time).await,
            _ => Ok(()),
        }
    }

    async fn keep_contract(
        &self,
        record: &Record,
        confirmed: &ConfirmOrder,
    ) -> Result<(), BillError> {
        let order = self.order(&record.reference, &confirmed.order).await?;
        for line in &order.lines {
            let LineBilling::Instalment { due } = &line.billing else {
                continue;
            };
            let unit = Unit {
                reference: line.reference.clone(),
                line: line.reference.clone(),
                day: *due,
                quantity: line.quantity,
                kind: UnitKind::Instalment,
                version: record.version,
            };
            self.billing.put_unit(&confirmed.order, &unit).await?;
        }
        let contract = Contract {
            order: confirmed.order.clone(),
            company: order.company.clone(),
            currency: order.currency.clone(),
            lines: order.lines.clone(),
        };
        self.billing.put_contract(&contract).await?;
        info!(reference = %confirmed.order, lines = contract.lines.len(), "contract bills from now on");
        Ok(())
    }

    /// Hours that nobody pays are kept as a unit of nothing: no run takes it, and the contract knows
    /// all of its entries.
    async fn keep_time(&self, record: &Record, time: &LogTime) -> Result<(), BillError> {
        let deal = self.deal(&record.reference, &time.project).await?;
        let order = self.order(&record.reference, &deal).await?;
        let of_service = |line: &&domain::command::OrderLine| line.service == time.service;
        let line = order
            .lines
            .iter()
            .find(of_service)
            .ok_or_else(|| BillError::Incomplete {
                reference: record.reference.to_string(),
                missing: format!("an order line for {}", time.service),
            })?;
        let unit = Unit {
            reference: record.reference.clone(),
            line: line.reference.clone(),
            day: time.date,
            quantity: time.billable,
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
