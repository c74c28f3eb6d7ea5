//! A book comes into force.

use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;

impl Console {
    /// Checks a book and makes it the active one.
    pub(crate) async fn activate(&self, text: &str, person: &str) -> Result<Value, ConsoleError> {
        let version = self.books.activate(text, person, self.clock.now()).await?;
        tracing::info!(book = %version, "book activated");
        Ok(json!({"book": version}))
    }
}
