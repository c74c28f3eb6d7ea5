//! A table with a header, each row as the JSON object that it stands for.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::file::delimiter;
use crate::json::Unreadable;

/// The rows, in the file's order, each by itself: one of another length than the header does not hold
/// the others. Empty values are left out: they are not there.
pub(super) fn rows(text: &str) -> Result<Vec<Result<String, Unreadable>>, Unreadable> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(text.lines().next().unwrap_or_default()))
        .flexible(true)
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
        rows.push(object(&header, &record.map_err(|error| not_table(&error))?));
    }
    Ok(rows)
}

fn object(header: &StringRecord, record: &StringRecord) -> Result<String, Unreadable> {
    if record.len() != header.len() {
        return Err(Unreadable::RowLength {
            values: record.len(),
            columns: header.len(),
        });
    }
    let row: BTreeMap<&str, &str> = header
        .iter()
        .zip(record.iter())
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let line = record.position().map_or(0, csv::Position::line);
    serde_json::to_string(&row).map_err(|_| Unreadable::NotTable { line })
}

fn not_table(error: &csv::Error) -> Unreadable {
    Unreadable::NotTable {
        line: error.position().map_or(0, csv::Position::line),
    }
}
