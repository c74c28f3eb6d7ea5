//! A book's files as one text, and back: which line of it is which line of which file.
//!
//! The text is the files one after another in the order of their names, each behind a comment that
//! names it. So it is TOML itself: it can be kept, hashed and read as one, and what two files both
//! say is found as what one file says twice.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::flaw::{Flaw, Mistake, Place};

/// What stands before a file's name, in a line of its own.
const MARK: &str = "#: ";

/// The file that a text without any name counts as.
const ONLY: &str = "book.toml";

/// The text of a book that consists of these files, by their names (`people.toml`).
pub fn bundle(files: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (name, content) in files {
        text.push_str(MARK);
        text.push_str(name);
        text.push('\n');
        text.push_str(content);
        if !content.ends_with('\n') {
            text.push('\n');
        }
    }
    text
}

/// The files that a book's text consists of, by their names.
pub fn files(text: &str) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut name = ONLY;
    for line in text.split_inclusive('\n') {
        match line.strip_prefix(MARK) {
            Some(next) => name = next.trim(),
            None => files.entry(name.to_owned()).or_default().push_str(line),
        }
    }
    files
}

/// Where something stands that begins at this byte of a book's text.
pub(super) fn place(text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let (mut file, mut line) = (ONLY, 0);
    for this in before.split_inclusive('\n') {
        match this.strip_prefix(MARK) {
            Some(name) => (file, line) = (name.trim(), 0),
            None => line += usize::from(this.ends_with('\n')),
        }
    }
    Place {
        file: file.to_owned(),
        line: line + 1,
    }
}

/// What would mean something else behind another file than alone: a file begins with a table's
/// name, and continues no table of the file before it.
pub(super) fn each_file_alone(text: &str) -> Vec<Flaw> {
    let whole = DeTable::parse(text).ok();
    let whole = whole.as_ref().map(Spanned::get_ref);
    let mut flaws = Vec::new();
    for (file, content) in files(text) {
        let Ok(alone) = DeTable::parse(&content) else {
            continue;
        };
        for (key, value) in alone.get_ref() {
            let is_part = match value.get_ref() {
                DeValue::Table(_) => !whole
                    .and_then(|whole| whole.get(key.get_ref().as_ref()))
                    .is_some_and(|value| value.get_ref().is_array()),
                DeValue::Array(tables) => tables.iter().all(|table| table.get_ref().is_table()),
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_) => false,
            };
            if !is_part {
                let line = content.get(..key.span().start).unwrap_or_default();
                let line = line.matches('\n').count() + 1;
                flaws.push(Flaw {
                    place: Place {
                        file: file.clone(),
                        line,
                    },
                    key: key.get_ref().to_string(),
                    mistake: Mistake::Outside,
                });
            }
        }
    }
    flaws
}

/// One step from a table to what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The value under a key.
    Key(String),
    /// The n-th of an array, from 0.
    Nth(usize),
}

/// Where a key's value begins, or as much of the way to it as there is.
pub(super) fn offset(text: &str, path: &[Step]) -> usize {
    let Ok(table) = DeTable::parse(text) else {
        return 0;
    };
    let mut at = 0;
    let mut value: Option<&DeValue<'_>> = None;
    for step in path {
        let next = match (step, value) {
            (Step::Key(key), None) => table.get_ref().get_key_value(key.as_str()),
            (Step::Key(key), Some(DeValue::Table(table))) => table.get_key_value(key.as_str()),
            (Step::Nth(n), Some(DeValue::Array(array))) => {
                let Some(element) = array.get(*n) else { break };
                (at, value) = (element.span().start, Some(element.get_ref()));
                continue;
            }
            _ => None,
        };
        let Some((key, found)) = next else { break };
        (at, value) = (key.span().start, Some(found.get_ref()));
    }
    at
}

/// The key, from the top, of what stands at this byte; the word there in what is no TOML.
pub(super) fn key_at(text: &str, offset: usize) -> String {
    let Ok(table) = DeTable::parse(text) else {
        let rest = text.get(offset..).unwrap_or_default().chars();
        let is_word = |c: &char| c.is_alphanumeric() || *c == '_' || *c == '-';
        return rest.take_while(is_word).collect();
    };
    let mut names = Vec::new();
    inside_table(table.get_ref(), offset, &mut names);
    names.join(".")
}

/// Whether something of the table stands there; then its name is the last one.
fn inside_table(table: &DeTable<'_>, offset: usize, names: &mut Vec<String>) -> bool {
    for (key, value) in table {
        names.push(key.get_ref().to_string());
        let is_it = key.span().contains(&offset) || inside_value(value, offset, names);
        if is_it {
            return true;
        }
        names.pop();
    }
    false
}

fn inside_value(value: &Spanned<DeValue<'_>>, offset: usize, names: &mut Vec<String>) -> bool {
    let inside = match value.get_ref() {
        DeValue::Table(table) => inside_table(table, offset, names),
        DeValue::Array(array) => array.iter().any(|value| inside_value(value, offset, names)),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => false,
    };
    inside || value.span().contains(&offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> BTreeMap<String, String> {
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        BTreeMap::from([
            file("a.toml", "# first\n[x]\none = 1"),
            file("b.toml", "\n[[y]]\ntwo = 2\nthree = \"3\"\n"),
        ])
    }

    #[test]
    fn files_become_one_text_and_come_back() {
        let text = bundle(&two());
        assert!(toml::from_str::<toml::Table>(&text).is_ok(), "{text}");
        let mut back = files(&text);
        assert_eq!(back.remove("b.toml"), two().remove("b.toml"));
        assert_eq!(back["a.toml"].trim_end(), two()["a.toml"]);
        let alone = files("[x]\none = 1\n");
        assert_eq!(alone["book.toml"], "[x]\none = 1\n");
    }

    #[test]
    fn a_key_is_found_in_its_file_and_line() {
        let text = bundle(&two());
        let path = [
            Step::Key("y".to_owned()),
            Step::Nth(0),
            Step::Key("three".to_owned()),
        ];
        let at = offset(&text, &path);
        assert_eq!(place(&text, at).to_string(), "b.toml:4");
        assert_eq!(key_at(&text, at), "y.three");
        let lost = [Step::Key("x".to_owned()), Step::Key("nine".to_owned())];
        assert_eq!(place(&text, offset(&text, &lost)).to_string(), "a.toml:2");
    }

    #[test]
    fn a_file_that_continues_another_ones_table_is_refused() {
        let mut files = two();
        files.insert("c.toml".to_owned(), "\nloose = 1\n".to_owned());
        let flaws = each_file_alone(&bundle(&files));
        assert_eq!(flaws.len(), 1);
        assert_eq!(flaws[0].place.to_string(), "c.toml:2");
        files.insert("c.toml".to_owned(), "[y.more]\nfour = 4\n".to_owned());
        let flaws = each_file_alone(&bundle(&files));
        assert_eq!((flaws.len(), flaws[0].key.as_str()), (1, "y"));
        assert!(each_file_alone(&bundle(&two())).is_empty());
    }
}
