//! Reading the facts of a file, and refusing those that open a hole.

use toml::de::{DeTable, DeValue};

use super::Facts;
use super::hole::Hole;
use super::rules::first_hole;

/// Facts that cannot be used. File and line come first, so that the place is found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// Not TOML, an unknown key, a missing one, or an unknown word.
    #[error("{file}:{line}: {message}")]
    Unreadable {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What the reader says; it lists what may stand there.
        message: String,
    },
    /// A fact that contradicts another one or opens a hole.
    #[error("{file}:{line}: {field}: {fix}")]
    Unsafe {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The field, with the numbers of list elements from 0.
        field: String,
        /// What to write instead.
        fix: String,
    },
}

impl FactsError {
    /// A field of this text, with its line.
    pub(crate) fn in_text(file: &str, text: &str, field: String, fix: String) -> Self {
        Self::Unsafe {
            file: file.to_owned(),
            line: line_of(text, &field),
            field,
            fix,
        }
    }
}

impl Facts {
    /// Reads and checks the facts of one file.
    pub fn parse(file: &str, text: &str) -> Result<Self, FactsError> {
        let facts: Self = toml::from_str(text).map_err(|error| FactsError::Unreadable {
            file: file.to_owned(),
            line: line_at(text, error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        })?;
        match first_hole(&facts) {
            Some(Hole { field, fix }) => Err(FactsError::in_text(file, text, field, fix)),
            None => Ok(facts),
        }
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The line of a field, or of the nearest thing around it that is written down.
fn line_of(text: &str, field: &str) -> usize {
    let Ok(table) = DeTable::parse(text) else {
        return 1;
    };
    let mut offset = 0;
    let mut words = field.split('.');
    let mut value = words.next().and_then(|word| {
        let (key, value) = table.get_ref().get_key_value(word)?;
        offset = key.span().start;
        Some(value.get_ref())
    });
    for word in words {
        value = match value {
            Some(DeValue::Table(table)) => table.get_key_value(word).map(|(key, inner)| {
                offset = key.span().start;
                inner.get_ref()
            }),
            Some(DeValue::Array(array)) => {
                let element = word.parse().ok().and_then(|index: usize| array.get(index));
                element.map(|inner| {
                    offset = inner.span().start;
                    inner.get_ref()
                })
            }
            _ => None,
        };
    }
    line_at(text, offset)
}
