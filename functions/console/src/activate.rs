//! A book comes into force.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Activation {
    content: String,
}

impl Console {
    /// Checks a book and makes it the active one.
    pub(crate) async fn activate(&self, body: &str, person: &str) -> Result<Value, ConsoleError> {
        let Activation { content } = serde_json::from_str(body)?;
        let version = self
            .books
            .activate(&content, person, self.clock.now())
            .await?;
        tracing::info!(book = %version, "book activated");
        Ok(json!({"book": version}))
    }
}
