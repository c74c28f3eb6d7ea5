//! The JSON Schema of a book's files.

use domain::book::Book;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The schema of each file of a book. A file may hold any part of it, so that nothing is required
/// of one; that nothing is missing in the whole is for `tenon book check`.
pub fn of_files() -> Value {
    let schema = SchemaSettings::draft07().into_generator();
    let mut schema = schema.into_root_schema_for::<Book>().to_value();
    if let Some(root) = schema.as_object_mut() {
        root.remove("required");
        root.insert("title".to_owned(), "A file of a book of Tenon".into());
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_that_editors_find_is_the_one_of_this_book() {
        let published = include_str!("../../../../../infra/books/book.schema.json");
        let published: Value = serde_json::from_str(published).unwrap();
        let remedy = "cargo tenon book schema > infra/books/book.schema.json";
        assert_eq!(published, of_files(), "{remedy}");
    }

    #[test]
    fn the_schema_refuses_what_the_book_refuses() {
        let schema = of_files();
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema.get("required"), None, "a file may hold any part");
        let entity = &schema["definitions"]["Entity"];
        assert_eq!(entity["additionalProperties"], false);
        assert!(
            entity["required"]
                .as_array()
                .unwrap()
                .contains(&"zone".into())
        );
    }
}
