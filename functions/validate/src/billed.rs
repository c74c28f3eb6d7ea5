//! What a person is asked about a change after posting: also on which invoice it stands already.

use domain::command::Command;
use domain::judge::{Objection, changed_after_billing, changed_after_posting};
use domain::{Record, Reference};
use rust_decimal::Decimal;

use crate::Validate;
use crate::error::ValidateError;

impl Validate {
    /// The question that a version raises which Odoo does not follow by itself.
    pub(crate) async fn question_about(
        &self,
        record: &Record,
        posted: &Record,
    ) -> Result<Objection, ValidateError> {
        let invoices = self.invoices_of(posted).await?;
        Ok(match invoices.is_empty() {
            true => changed_after_posting(record, posted),
            false => changed_after_billing(record, posted, &invoices),
        })
    }

    /// The invoices on which posted time stands, by the names that people know.
    async fn invoices_of(&self, posted: &Record) -> Result<Vec<String>, ValidateError> {
        let Some(Command::LogTime(time)) = &posted.command else {
            return Ok(Vec::new());
        };
        let link = self.ledger.posted(&time.project).await?;
        let Some(Command::LinkProject(link)) = link.and_then(|link| link.command) else {
            return Ok(Vec::new());
        };
        let unit = &posted.reference;
        let allocations = self.billing.allocations(&link.deal, unit).await?;
        let left: Decimal = allocations.iter().map(|one| one.quantity).sum();
        let mut names = Vec::new();
        if left > Decimal::ZERO {
            for allocation in allocations
                .iter()
                .filter(|one| one.quantity > Decimal::ZERO)
            {
                names.push(self.name_of(&allocation.invoice).await?);
            }
        }
        Ok(names)
    }

    async fn name_of(&self, invoice: &Reference) -> Result<String, ValidateError> {
        let posting = invoice.sibling("invoice_posting");
        let posted = self.ledger.posted(&posting).await?;
        let name = posted.and_then(|record| record.posted?.name);
        Ok(name.unwrap_or_else(|| format!("{invoice}, which is not posted yet")))
    }
}
