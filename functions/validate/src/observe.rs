//! What Odoo shows of an invoice travels back to its source.

use domain::event::InvoiceStatus;
use domain::judge::Objection;
use domain::record::History;
use domain::{ExceptionClass, Flow, Hold, Lane, LaneShard, Record, State, Version, feedback};
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
        self.posted_by_a_person(status).await?;
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
        let feedback = crm.and_then(|crm| feedback::of_invoice(status, crm));
        let is_known = crm.is_none_or(|crm| feedback::payment_word(status, crm).is_some());
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
        match is_known {
            true => {
                self.exceptions
                    .resolve_up_to(&reference, status.version)
                    .await?;
            }
            false => {
                let question = unmapped(status);
                self.raise(case, &reference, status.version, question)
                    .await?;
            }
        }
        info!(%reference, payment_state = %status.payment_state, "invoice observed");
        Ok(())
    }

    /// An invoice whose flow leaves drafts, and which a person has posted in Odoo: our own posting goes
    /// on, finds it posted, and says so, so that the order can be billed again.
    async fn posted_by_a_person(&self, status: &InvoiceStatus) -> Result<(), ValidateError> {
        let posting = status.invoice.sibling("invoice_posting");
        let mut versions = self.ledger.versions(&posting).await?;
        versions.retain(Record::is_held_back);
        let now = self.clock.now();
        let rung = self
            .ledger
            .let_go(Hold::Draft, Flow::Invoices, &versions, now)
            .await?;
        for shard in rung {
            self.bells.ring(shard).await?;
        }
        Ok(())
    }
}

fn unmapped(status: &InvoiceStatus) -> Objection {
    Objection {
        code: "unmapped_status",
        class: ExceptionClass::DataQuality,
        sentence: format!("Invoice {} has an unmapped payment state", status.number),
        items: vec![format!("payment state: {:?}", status.payment_state)],
        fix: "Say in the book under crm.invoice_states how the CRM calls it; it is told with the next \
              change of the invoice."
            .to_owned(),
        owner: "steward",
    }
}
