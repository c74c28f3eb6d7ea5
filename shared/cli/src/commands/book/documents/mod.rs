//! What a book means, written for people who audit it. Nothing here repeats the book: every value is
//! taken from it, every meaning from the description of its key.

mod mappings;
mod markdown;
mod meanings;
mod ownership;
mod retention;

use std::path::Path;

use domain::book::Book;

use crate::commands::CommandError;
use crate::commands::book_text::book_text;

/// Writes the documents of a book into a folder.
pub fn write(book: &Path, to: &Path) -> Result<(), CommandError> {
    let text = book_text(book)?;
    let not_placed = |source| CommandError::NotPlaced {
        file: to.to_owned(),
        source,
    };
    std::fs::create_dir_all(to).map_err(not_placed)?;
    for (name, content) in documents(&text)? {
        let file = to.join(name);
        std::fs::write(&file, content).map_err(not_placed)?;
        println!("{}", file.display());
    }
    Ok(())
}

/// The documents of a book, by their file names.
fn documents(text: &str) -> Result<[(&'static str, String); 3], domain::book::BadBook> {
    let book = Book::parse(text)?;
    Ok([
        ("mappings.md", mappings::page(&book.version, text)?),
        ("ownership.md", ownership::page(&book)),
        ("retention.md", retention::page(&book.version)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_the_book_is_in_the_documents_with_its_meaning() {
        let text = domain::book::DEMO;
        let [(_, mappings), (_, ownership), (_, retention)] = documents(text).unwrap();
        for (key, value) in domain::book::values(text).unwrap() {
            let line = mappings
                .lines()
                .find(|line| line.contains(&format!("| `{key}` |")));
            let line = line.unwrap_or_else(|| panic!("{key} is missing"));
            assert!(line.contains(&value.replace('|', "\\|")), "{line}");
            let meaning = line
                .trim_end_matches(" |")
                .rsplit("| ")
                .next()
                .unwrap_or_default();
            assert!(!meaning.trim().is_empty(), "{key} has no meaning");
        }
        let version = Book::parse(text).unwrap().version;
        for page in [&mappings, &ownership, &retention] {
            assert!(page.contains(&version));
        }
    }

    #[test]
    fn another_book_makes_other_documents() {
        let other = domain::book::DEMO.replace("SVC-ARCH", "ARCH-2");
        let [(_, mappings), ..] = documents(&other).unwrap();
        assert!(mappings.contains("ARCH-2") && !mappings.contains("SVC-ARCH"));
        let owned = format!(
            "{}#: z.toml\n[policies.time_entry]\nhours = \"owner_wins\"\n\
            [ownership.customer]\nvat = {{ owner = \"odoo\", rule = \"manual\" }}\n",
            domain::book::DEMO
        );
        let [_, (_, before), _] = documents(domain::book::DEMO).unwrap();
        let [_, (_, after), _] = documents(&owned).unwrap();
        assert!(before.contains("| hours | the PSA | manual |"), "{before}");
        assert!(
            after.contains("| hours | the PSA | owner wins |"),
            "{after}"
        );
    }
}
