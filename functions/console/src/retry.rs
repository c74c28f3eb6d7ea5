//! A person says that the cause of a parked record is gone.

use domain::Reference;
use domain::command::Command;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retry {
    reference: String,
}

impl Console {
    /// Puts the newest version of a parked record back to work.
    pub(crate) async fn retry(&self, body: &str) -> Result<Value, ConsoleError> {
        let Retry { reference } = serde_json::from_str(body)?;
        let reference: Reference = reference.parse()?;
        let versions = self.ledger.versions(&reference).await?;
        let is_in_odoo = versions.iter().any(|record| record.state.is_in_odoo());
        let newest = versions.into_iter().next();
        let not_parked = || ConsoleError::NotParked {
            reference: reference.to_string(),
        };
        let record = newest.ok_or_else(not_parked)?;
        if record.is_held_back() {
            return Err(ConsoleError::HeldBack {
                reference: reference.to_string(),
                reason: record.reason.unwrap_or_default(),
            });
        }
        // Insert-once would answer with the record that is there, and its new content would look
        // posted although Odoo still has the old one.
        let command = record.command.as_ref();
        if is_in_odoo && !command.is_some_and(Command::follows_its_source) {
            return Err(ConsoleError::InOdooAlready {
                reference: reference.to_string(),
            });
        }
        if !self.ledger.retry(&record, self.clock.now()).await? {
            return Err(not_parked());
        }
        self.exceptions.resolve(&reference).await?;
        self.bells.ring(record.shard).await?;
        tracing::info!(%reference, "parked record is tried again");
        Ok(json!({"reference": reference, "correlation": record.correlation}))
    }
}
