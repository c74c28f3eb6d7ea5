//! What the ledger's items say, as digests: what the audit keeps of them.

use domain::{Fingerprint, Record, Reference, State, Version};

use crate::item::{Item, document, get_text};
use crate::{Ledger, StoreError};

impl Ledger {
    /// Of every version of a fact its state and the digest of its item's document, newest first.
    pub async fn contents(
        &self,
        reference: &Reference,
    ) -> Result<Vec<(Version, State, Fingerprint)>, StoreError> {
        let content = |item: &Item| {
            let record: Record = document(item)?;
            let text = get_text(item, "doc").unwrap_or_default();
            Ok((record.version, record.state, Fingerprint::of(text)))
        };
        self.items_of(reference)
            .await?
            .iter()
            .map(content)
            .collect()
    }
}
