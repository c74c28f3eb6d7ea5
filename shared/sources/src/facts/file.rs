//! What a file may be that is dropped where we read it.

use serde::Deserialize;

/// What a file may be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileFacts {
    /// How it may be written.
    pub forms: Vec<Form>,
    /// The columns that no row of a table can do without.
    #[serde(default)]
    pub columns: Vec<String>,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A table with a header: values separated by commas, semicolons or tabs.
    Csv,
    /// A JSON array of objects, or one object after the other.
    Json,
}

impl Form {
    /// What a file's name says.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" | "jsonl" | "ndjson" => Some(Self::Json),
            _ => None,
        }
    }
}
