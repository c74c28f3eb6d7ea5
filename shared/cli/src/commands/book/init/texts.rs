//! Lines of a first book.

use std::fmt::Write as _;

use domain::book::GAP;
use toml::Value;

pub(super) const SCHEMA: &str = "# The keys that a book may have: tenon book schema > book.schema.json\n#:schema book.schema.json\n\n";

pub(super) fn external(
    text: &mut String,
    name: &str,
    id: Option<&String>,
    (what, number): (&str, i64),
) {
    match id {
        Some(id) => line(text, name, id),
        None => {
            let missing = format!(
                "the external id of {what} {number}; it has none yet: --name-all, or an export in Odoo with that column, gives it one"
            );
            gap(text, name, &missing);
        }
    }
}

pub(super) fn line(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name} = {}", quoted(value));
}

pub(super) fn gap(text: &mut String, name: &str, question: &str) {
    line(text, name, &format!("{GAP}{question}"));
}

/// Behind the line that was written last.
pub(super) fn remark(text: &mut String, words: &str) {
    text.truncate(text.trim_end().len());
    let _ = writeln!(text, " # {words}");
}

pub(super) fn listed(text: &mut String, what: &str, names: &[String]) {
    if !names.is_empty() {
        let names: Vec<String> = names.iter().map(|name| one_line(name)).collect();
        let _ = writeln!(text, "# {what}: {}", names.join(", "));
    }
}

/// A name as a key that needs no quotes.
pub(super) fn key(name: &str, id: i64) -> String {
    let mut key = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => key.push(c),
            _ if !key.is_empty() && !key.ends_with('_') => key.push('_'),
            _ => {}
        }
    }
    match key.trim_matches('_') {
        "" => format!("odoo_{id}"),
        key => key.to_owned(),
    }
}

pub(super) fn quoted(value: &str) -> String {
    Value::String(value.to_owned()).to_string()
}

pub(super) fn one_line(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}
