//! What Odoo shows of an invoice travels back to its source.

use domain::event::InvoiceStatus;
use domain::record::History;
use domain::{Lane, LaneShard, Record, State, Version, feedback};
use tracing::info;

use crate::error::ValidateError;
use crate::records::fingerprint;
use crate::{Case, Validate};

impl Validate {
    /// What Odoo shows of an invoice: nothing to post, but the source wants to know.
    pub(crate) async fn observe(
        &self,
        case: &Case<'_>,
        status: &InvoiceStatus,
    ) -> Result<(), ValidateError> {
        let reference = status.invoice.sibling("invoice_status");
        // The version is when we looked; only what was seen decides whether anything is new.
        let seen = InvoiceStatus {
            version: Version(0),
            ..status.clone()
        };
        let fingerprint = fingerprint(&reference, &seen)?;
        let newest = self.ledger.versions(&reference).await?.into_iter().next();
        let news = newest.is_none_or(|newest| {
            newest.version < status.version && newest.fingerprint != fingerprint
        });
        if !news {
            return Ok(());
        }
        let crm = case.book.crm(reference.system(), reference.account());
        let feedback = crm.and_then(|crm| feedback::of_invoice(status, &crm.properties));
        let now = self.clock.now();
        let shard = LaneShard::of(Lane::Billing, &reference);
        let record = Record {
            state: State::Posted,
            feedback,
            observed: Some(status.clone()),
            correlation: case.delivery.id.clone(),
            book: case.book.version.clone(),
            history: History::new(case.delivery.received_at, now),
            ..Record::new(reference.clone(), status.version, fingerprint, shard, now)
        };
        self.ledger.accept(&record).await?;
        info!(%reference, payment_state = %status.payment_state, "invoice observed");
        Ok(())
    }
}
