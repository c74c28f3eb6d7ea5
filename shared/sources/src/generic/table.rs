//! A table with a header, each row as the JSON object that it stands for.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, Trim};

use crate::json::Unreadable;

/// The rows, in the file's order. Empty values are left out: they are not there.
pub(super) fn rows(text: &str) -> Result<Vec<String>, Unreadable> {
    let mut reader = ReaderBuilder::new()
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| not_table(&error))?.clone();
    let mut names: Vec<&str> = header.iter().collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(Unreadable::DuplicateKey);
    }
    // Without these no row can be an event; a text that is no table at all ends here.
    if !["event", "id"].iter().all(|name| names.contains(name)) {
        return Err(Unreadable::NotTable { line: 1 });
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| not_table(&error))?;
        let row: BTreeMap<&str, &str> = header
            .iter()
            .zip(record.iter())
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let line = record.position().map_or(0, csv::Position::line);
        rows.push(serde_json::to_string(&row).map_err(|_| Unreadable::NotTable { line })?);
    }
    Ok(rows)
}

fn not_table(error: &csv::Error) -> Unreadable {
    Unreadable::NotTable {
        line: error.position().map_or(0, csv::Position::line),
    }
}
