//! A part of a story that is handed on as it was written.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::value::Value;

/// Any value, with the digits of its numbers.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// The JSON itself, on one line. Within a text a line break is escaped.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.get().replace('\n', "")
    }

    /// What it says: the content of a text, or the JSON of anything else.
    #[must_use]
    pub fn content(&self) -> String {
        serde_json::from_str(self.0.get()).unwrap_or_else(|_| self.text())
    }

    /// The value, to be compared. A number too long for a decimal counts as nothing.
    #[must_use]
    pub fn value(&self) -> Value {
        Value::read(self.0.get()).unwrap_or(Value::Null)
    }

    /// A text as JSON.
    ///
    /// # Errors
    /// When the text is no JSON.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}
