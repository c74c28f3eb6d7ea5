//! A book's text from where it is written: a folder of TOML files, or one file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::book::bundle;

use crate::commands::CommandError;

/// The text of the book in this folder, or of this only file.
pub fn book_text(book: &Path) -> Result<String, CommandError> {
    if !book.is_dir() {
        return read(book);
    }
    let entries = fs::read_dir(book).map_err(|error| unreadable(book, error))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let files: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    if files.is_empty() {
        return Err(CommandError::NoBook(book.to_owned()));
    }
    let mut texts = BTreeMap::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        texts.insert(name.into_owned(), read(&file)?);
    }
    Ok(bundle(&texts))
}

fn read(file: &Path) -> Result<String, CommandError> {
    fs::read_to_string(file).map_err(|error| unreadable(file, error))
}

fn unreadable(file: &Path, source: std::io::Error) -> CommandError {
    CommandError::Unreadable {
        file: file.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use domain::book::{Book, DEMO};

    use super::*;

    #[test]
    fn the_demos_folder_is_the_demos_book() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/books/demo");
        let text = book_text(&folder).unwrap();
        let version = |text: &str| Book::parse(text).unwrap().version;
        assert_eq!(
            version(&text),
            version(DEMO),
            "each of its files is built in"
        );
    }

    #[test]
    fn a_folder_without_a_book_is_told() {
        let error = book_text(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").as_path());
        assert!(error.unwrap_err().to_string().contains("no TOML file"));
    }
}
