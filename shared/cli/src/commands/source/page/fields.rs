//! Which of a source's fields become which of ours.
//!
//! Nobody writes it down: each field of an example is changed, and what is then read otherwise came
//! from it. So the table says what the reading does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use domain::book::Book;
use jiff::Timestamp;
use serde_json::Value;
use sources::{Message, Source};

use super::changes;
use crate::commands::source::{account, read};

/// Ours, by the event they belong to, and where each comes from.
type Fields = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// A body, with the headers that a delivery keeps.
struct Example {
    headers: BTreeMap<String, String>,
    body: Value,
}

/// One table per event; empty when no example can be read. `root` is the workspace's folder.
pub fn tables(source: &Source, root: &Path) -> io::Result<String> {
    let book = Book::parse(read::DEMO_BOOK).map_err(io::Error::other)?;
    let mut fields = Fields::new();
    for example in examples(source, root)? {
        observe(source, &book, &example, &mut fields);
    }
    let mut text = String::new();
    for (event, ours) in fields {
        // Writing into a String does not fail.
        let title = match event.as_str() {
            "fetch" => "a record that is to be fetched".to_owned(),
            "missed" => "a sign that messages were lost".to_owned(),
            event => event.replace('_', " "),
        };
        let _ = write!(text, "\n### {title}\n\n| ours | theirs |\n|---|---|\n");
        for (ours, theirs) in ours {
            let theirs: Vec<String> = theirs.iter().map(|at| format!("`{at}`")).collect();
            let ours = match ours.as_str() {
                "event" => "whether it is one".to_owned(),
                ours => format!("`{ours}`"),
            };
            let _ = writeln!(text, "| {ours} | {} |", theirs.join(", "));
        }
    }
    Ok(text)
}

/// The description's own, and the files that the tests read.
fn examples(source: &Source, root: &Path) -> io::Result<Vec<Example>> {
    let kept = |name: &String| source.keep_headers().contains(name);
    let described = source.facts.examples.iter().map(|example| {
        let headers = example.headers.clone().into_iter();
        let headers = headers.filter(|(name, _)| kept(name)).collect();
        (headers, example.body.clone())
    });
    let mut texts: Vec<(BTreeMap<String, String>, String)> = described.collect();
    for file in files(source.name(), root)? {
        texts.push((BTreeMap::new(), fs::read_to_string(file)?));
    }
    let json = |(headers, text): (_, String)| {
        let body = serde_json::from_str(&text).ok()?;
        Some(Example { headers, body })
    };
    Ok(texts.into_iter().filter_map(json).collect())
}

fn files(name: &str, root: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let own = root.join("shared/sources/fixtures").join(name);
    let begins = format!("{name}-");
    let mut files = Vec::new();
    for (folder, begins) in [(own, ""), (root.join("events"), begins.as_str())] {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(begins) {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn observe(source: &Source, book: &Book, example: &Example, fields: &mut Fields) {
    let text = example.body.to_string();
    let account = account::guess(source, text.as_bytes());
    let events = |body: &Value| {
        let body = body.to_string();
        let message = Message {
            account: &account,
            received_at: Timestamp::UNIX_EPOCH,
            headers: &example.headers,
            body: body.as_bytes(),
        };
        let (readings, _) = read::readings(source, book, message).ok()?;
        let lines = readings.iter().map(|one| read::line(one).ok());
        let parsed = lines.map(|line| serde_json::from_str::<Value>(&line?).ok());
        parsed.collect::<Option<Vec<Value>>>()
    };
    let Some(before) = events(&example.body) else {
        return;
    };
    for changed in changes::all(&example.body) {
        let Some(after) = events(&changed.value) else {
            continue;
        };
        // Another number of events means that a record was cut out: no field of ours says that.
        if after.len() != before.len() {
            continue;
        }
        for (before, after) in before.iter().zip(&after) {
            note(before, after, &changed.at, fields);
        }
    }
}

/// Notes what differs between two readings of one event.
fn note(before: &Value, after: &Value, at: &str, fields: &mut Fields) {
    let event = before["event"].as_str().unwrap_or_default();
    if after["event"] == "unreadable" || matches!(event, "not_for_us" | "unreadable") {
        return;
    }
    let (before, after) = (flat(before), flat(after));
    let ours = fields.entry(event.to_owned()).or_default();
    if before.get("event") != after.get("event") {
        let whether = ours.entry("event".to_owned()).or_default();
        whether.insert(at.to_owned());
        return;
    }
    for (name, value) in &after {
        if before.get(name) != Some(value) {
            ours.entry(name.clone()).or_default().insert(at.to_owned());
        }
    }
}

/// Every leaf by its place.
fn flat(value: &Value) -> BTreeMap<String, String> {
    let mut leaves = BTreeMap::new();
    gather(value, String::new(), &mut leaves);
    leaves
}

fn gather(value: &Value, at: String, leaves: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let at = if at.is_empty() {
                    name.clone()
                } else {
                    format!("{at}.{name}")
                };
                gather(value, at, leaves);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                gather(element, format!("{at}[]"), leaves);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let all = leaves.entry(at).or_default();
            all.push_str(&value.to_string());
        }
    }
}
