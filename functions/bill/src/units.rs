//! From postings to what can be billed.

use aws::{UnitDue, read_message};
use domain::billing::{Contract, Unit, UnitKind};
use domain::command::{Command, ConfirmOrder, CreateOrder, LineBilling, LogTime};
use domain::{Record, Reference};
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
        };
        self.billing.put_unit(&deal, &unit).await?;
        info!(reference = %record.reference, order = %deal, "time can be billed");
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
