//! The items of a fact in the ledger, and what they say as digests: what the audit keeps of them.

use domain::{Fingerprint, Record, Reference, State, Version};

use crate::item::{Item, document, get_text, text};
use crate::{Ledger, StoreError, keys};

impl Ledger {
    /// Of every version of a fact its state and the digest of its item's document, newest first.
    pub async fn contents(
        &self,
        reference: &Reference,
    ) -> Result<Vec<(Version, State, Fingerprint)>, StoreError> {
        let content = |item: &Item| {
            let record: Record = document(item)?;
            let doc = get_text(item, "doc").unwrap_or_default();
            Ok((record.version, record.state, Fingerprint::of(doc)))
        };
        self.items_of(reference)
            .await?
            .iter()
            .map(content)
            .collect()
    }

    /// The items of all versions of a fact, newest first.
    pub(crate) async fn items_of(&self, reference: &Reference) -> Result<Vec<Item>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(keys::record(reference)))
            .scan_index_forward(false)
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("ledger", "versions", error))?;
        Ok(answer.items.unwrap_or_default())
    }
}
