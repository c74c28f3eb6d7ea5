//! What differs between two versions of a book, key by key.

use std::collections::BTreeMap;
use std::fmt;

use toml::Value;

use super::Book;
use super::flaw::BadBook;

/// The keys whose values say which entry of a list this is.
const NAMES: [&str; 7] = [
    "key",
    "source",
    "account",
    "psa_account",
    "psa_member",
    "name",
    "from",
];

/// A value that two versions of a book do not share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookDifference {
    /// The key, from the top; entries of lists by what they are called, for example
    /// `services[architect].sku`.
    pub key: String,
    /// What the older version says; nothing when it says nothing.
    pub old: Option<String>,
    /// What the newer version says.
    pub new: Option<String>,
}

/// What the newer version says otherwise than the older one, in the order of the keys. Order,
/// remarks and the division into files count for nothing.
pub fn diff(older: &str, newer: &str) -> Result<Vec<BookDifference>, BadBook> {
    let (older, mut newer) = (values(older)?, values(newer)?);
    let mut differences = Vec::new();
    for (key, old) in older {
        let new = newer.remove(&key);
        if new.as_ref() != Some(&old) {
            let old = Some(old);
            differences.push(BookDifference { key, old, new });
        }
    }
    let added = newer.into_iter().map(|(key, new)| BookDifference {
        key,
        old: None,
        new: Some(new),
    });
    differences.extend(added);
    differences.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(differences)
}

/// Every single value of a book, by its key from the top; entries of lists by what they are called,
/// for example `services[architect].sku`.
pub fn values(text: &str) -> Result<BTreeMap<String, String>, BadBook> {
    Book::parse(text)?;
    let table: toml::Table = toml::from_str(text).unwrap_or_default();
    let mut values = BTreeMap::new();
    for (key, value) in &table {
        collect(key, value, &mut values);
    }
    Ok(values)
}

fn collect(key: &str, value: &Value, values: &mut BTreeMap<String, String>) {
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                collect(&format!("{key}.{name}"), value, values);
            }
        }
        Value::Array(entries) if entries.iter().any(Value::is_table) => {
            for (n, entry) in entries.iter().enumerate() {
                let named = format!("{key}[{}]", called(entry));
                let taken = values.keys().any(|known| known.starts_with(&named));
                let named = match taken {
                    true => format!("{key}[{} {}]", called(entry), n + 1),
                    false => named,
                };
                collect(&named, entry, values);
            }
        }
        Value::Array(_)
        | Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => {
            values.insert(key.to_owned(), value.to_string());
        }
    }
}

/// What an entry of a list is called.
fn called(entry: &Value) -> String {
    let names = NAMES.iter().filter_map(|name| entry.get(name));
    let names: Vec<String> = names
        .map(|name| {
            name.as_str()
                .map_or_else(|| name.to_string(), str::to_owned)
        })
        .collect();
    names.join(" ")
}

impl fmt::Display for BookDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, old, new } = self;
        match (old, new) {
            (Some(old), Some(new)) => write!(f, "~ {key}: {old} → {new}"),
            (Some(old), None) => write!(f, "- {key}: {old}"),
            (None, Some(new)) => write!(f, "+ {key}: {new}"),
            (None, None) => f.write_str(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::DEMO;
    use super::*;

    fn lines(newer: &str) -> Vec<String> {
        let differences = diff(DEMO, newer).unwrap();
        differences.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_differs_is_named_by_what_entries_are_called() {
        let newer = DEMO.replace("sku = \"SVC-ARCH\"", "sku = \"ARCH-2\"");
        assert_eq!(
            lines(&newer),
            ["~ services[architect].sku: \"SVC-ARCH\" → \"ARCH-2\""]
        );
        let hired = "#: new.toml\n[[employees]]\npsa_member = \"C\"\nodoo = \"hr.c\"\n";
        assert_eq!(
            lines(&format!("{DEMO}{hired}")),
            [
                "+ employees[C].odoo: \"hr.c\"",
                "+ employees[C].psa_member: \"C\""
            ]
        );
        let left = DEMO.replace(
            "\"Immediate\" = \"account.account_payment_term_immediate\"\n",
            "",
        );
        let gone = "- payment_terms.Immediate: \"account.account_payment_term_immediate\"";
        assert_eq!(lines(&left), [gone]);
    }

    #[test]
    fn order_remarks_and_files_make_no_difference() {
        let (first, second) = DEMO.split_once("#: people.toml\n").unwrap();
        let (people, sources) = second.split_once("#: sources.toml\n").unwrap();
        let other = format!("#: a.toml\n{people}# a remark\n#: b.toml\n{sources}{first}");
        assert_eq!(lines(&other), Vec::<String>::new());
    }
}
