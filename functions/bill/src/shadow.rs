//! What a run would have billed, where the flow of invoices is only watched. Nothing is frozen and
//! nothing is taken: the run that bills in earnest begins from the same units.

use domain::billing::{Contract, Manifest};
use domain::command::Command;
use domain::judge::Planned;
use domain::{Hold, Record, Reference, State, Version};
use tracing::info;

use crate::{Bill, BillError};

impl Bill {
    /// Keeps what would have been billed, in place of what an earlier run would have.
    pub(crate) async fn shadow(
        &self,
        contract: &Contract,
        manifest: Option<&Manifest>,
        number: u32,
        book: &str,
    ) -> Result<(), BillError> {
        let reference = shadow_of(contract, number);
        let planned = match manifest {
            Some(manifest) => Some(self.shadow_record(contract, manifest, &reference, book)?),
            None => None,
        };
        let open = self.open_shadows(&reference).await?;
        let is_same = |open: &Record| {
            let fingerprint = planned.as_ref().map(|planned| &planned.fingerprint);
            Some(&open.fingerprint) == fingerprint
        };
        if open.iter().any(is_same) {
            return Ok(());
        }
        if let (Some(planned), Some(manifest)) = (&planned, manifest) {
            self.ledger.accept(planned).await?;
            info!(%reference, untaxed = %manifest.draft.expected_untaxed, "invoice in shadow");
        }
        self.forget(&open).await
    }

    /// A run in earnest takes the place of what was only watched.
    pub(crate) async fn end_shadow(
        &self,
        contract: &Contract,
        number: u32,
    ) -> Result<(), BillError> {
        let open = self.open_shadows(&shadow_of(contract, number)).await?;
        self.forget(&open).await
    }

    async fn open_shadows(&self, reference: &Reference) -> Result<Vec<Record>, BillError> {
        let mut versions = self.ledger.versions(reference).await?;
        versions.retain(|version| version.state == State::Held);
        Ok(versions)
    }

    async fn forget(&self, shadows: &[Record]) -> Result<(), BillError> {
        for shadow in shadows {
            self.ledger.supersede(shadow).await?;
        }
        Ok(())
    }

    fn shadow_record(
        &self,
        contract: &Contract,
        manifest: &Manifest,
        reference: &Reference,
        book: &str,
    ) -> Result<Record, BillError> {
        let now = self.clock.now();
        let planned = Planned {
            reference: reference.clone(),
            version: Version::at(now),
            shard: contract.shard(),
            waits_for: None,
            command: Command::DraftInvoice(manifest.draft.clone()),
        };
        let record = self.record(planned, manifest, book)?;
        Ok(record.hold_back(Hold::Shadow, now))
    }
}

/// The name under which it is kept what an invoice would have been.
fn shadow_of(contract: &Contract, number: u32) -> Reference {
    contract.invoice(number).sibling("invoice_shadow")
}
