//! A person has the ledger rebuilt from Odoo.

use aws::Rebuild;
use domain::Lane;
use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;

impl Console {
    /// Asks every lane to note what Odoo has of it.
    pub(crate) async fn rebuild(&self, person: &str) -> Result<Value, ConsoleError> {
        let book = self.books.active(self.clock.now()).await?;
        let companies: Vec<i64> = book.entities.values().map(|e| e.odoo_company).collect();
        for lane in Lane::ALL {
            self.bells
                .rebuild(&Rebuild::new(lane, companies.clone()))
                .await?;
        }
        tracing::info!(person, "ledger is rebuilt from Odoo");
        Ok(json!({"lanes": Lane::ALL.map(Lane::name), "companies": companies}))
    }
}
