//! Every value of a book beside its meaning.

use domain::book::{BadBook, values};

use super::markdown::{head, row, table};
use super::meanings::Meanings;

/// The page.
pub fn page(version: &str, text: &str) -> Result<String, BadBook> {
    let meanings = Meanings::read();
    let mut page = head("Mappings and rules", version);
    let mut section = String::new();
    for (key, value) in values(text)? {
        let of = key.split(['.', '[']).next().unwrap_or_default();
        if of != section {
            section = of.to_owned();
            page.push_str(&format!("\n## {section}\n\n{}\n", meanings.of(&section)));
            page.push_str(&table(&["key", "value", "meaning"]));
        }
        let (key_cell, value) = (format!("`{key}`"), format!("`{value}`"));
        page.push_str(&row(&[&key_cell, &value, &meanings.of(&key)]));
    }
    Ok(page)
}
