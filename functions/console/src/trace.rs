//! What became of an identifier.

use domain::Reference;
use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;
use crate::status::summary;

impl Console {
    /// All versions of a reference, and what else it is known as. Also takes an identifier of
    /// Odoo, `odoo~<model>~<id>`, because `#` cannot stand in a path.
    pub(crate) async fn trace(&self, identifier: &str) -> Result<Value, ConsoleError> {
        let identifier = identifier.replace('~', "#");
        let links = self.crosswalk.of(&identifier).await?;
        let mut versions = Vec::new();
        if !identifier.starts_with("odoo#") {
            let reference: Reference = identifier.parse()?;
            versions = self
                .ledger
                .versions(&reference)
                .await?
                .iter()
                .map(summary)
                .collect();
        }
        Ok(json!({"identifier": identifier, "versions": versions, "links": links}))
    }
}
