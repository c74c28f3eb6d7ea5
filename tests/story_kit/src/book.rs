//! The book of a story: read, and with what is different in the story. The only place here that
//! knows how a book is written.

use std::path::Path;

use cli::commands::book_text;
use domain::book::Book;
use toml::{Table, Value};

use crate::json::Json;

/// The text of the book in a folder, or of an only file.
///
/// # Errors
/// When it cannot be read; says which file.
pub fn read(path: &Path) -> Result<String, String> {
    book_text(path).map_err(|error| error.to_string())
}

/// A book with something different in it: a table is merged, anything else takes the place of what is
/// there.
///
/// # Errors
/// When it is no book then; says why.
pub fn with(text: &str, overrides: Option<&Json>) -> Result<String, String> {
    let text = match overrides {
        None => text.to_owned(),
        Some(overrides) => {
            let mut book: Table = toml::from_str(text).map_err(|error| error.to_string())?;
            let other = serde_json::from_str(&overrides.text());
            merge(&mut book, other.map_err(|error| error.to_string())?);
            toml::to_string(&book).map_err(|error| error.to_string())?
        }
    };
    Book::parse(&text).map_err(|error| error.to_string())?;
    Ok(text)
}

fn merge(book: &mut Table, other: Table) {
    for (key, value) in other {
        match (book.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(other)) => merge(inner, other),
            (_, value) => drop(book.insert(key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_story_names_is_different_and_the_rest_stays() {
        let demo = domain::book::DEMO;
        let other = Json::parse(
            r#"{"entities": {"us": {"zone": "Europe/Paris"}}, "payment_terms": {"Net 10": "account.x"}}"#,
        );
        let text = with(demo, Some(&other.unwrap())).unwrap();
        let book = Book::parse(&text).unwrap();
        let us = &book.entities["us"];
        assert_eq!(
            (us.zone.as_str(), us.currency.as_str()),
            ("Europe/Paris", "USD")
        );
        assert_eq!(book.payment_terms.len(), 3);
        let wrong = Json::parse(r#"{"entitys": {}}"#).unwrap();
        assert!(with(demo, Some(&wrong)).unwrap_err().contains("entitys"));
    }
}
