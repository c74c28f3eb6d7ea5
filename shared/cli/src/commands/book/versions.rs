//! Books that were published.

use std::path::Path;

use domain::book::diff as differences;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::From;
use crate::commands::CommandError;
use crate::commands::book_text::book_text;
use crate::commands::deployment::Deployment;
use crate::commands::people::word;

/// Prints what two books do not share.
pub async fn diff(
    newer: &str,
    older: Option<&str>,
    deployment: &Deployment,
) -> Result<(), CommandError> {
    let newer = text_of(newer, deployment).await?;
    let older = match older {
        Some(older) => text_of(older, deployment).await?,
        None => published(None, deployment).await?,
    };
    let found = differences(&older, &newer)?;
    let as_json: Vec<Value> = found
        .iter()
        .map(|one| json!({"key": one.key, "old": one.old, "new": one.new}))
        .collect();
    deployment.print(&Value::Array(as_json), |_| {
        for difference in &found {
            println!("{difference}");
        }
        if found.is_empty() {
            println!("nothing differs");
        }
    })
}

/// A book's text: that of a folder or file where there is one, else of a published version.
pub async fn text_of(book: &str, deployment: &Deployment) -> Result<String, CommandError> {
    match Path::new(book).exists() {
        true => book_text(Path::new(book)),
        false => published(Some(book), deployment).await,
    }
}

/// The text of a published version, or of the one that is valid now.
pub async fn published(
    version: Option<&str>,
    deployment: &Deployment,
) -> Result<String, CommandError> {
    let path = match version {
        Some(version) => {
            let version = utf8_percent_encode(version, NON_ALPHANUMERIC);
            format!("book?version={version}")
        }
        None => "book".to_owned(),
    };
    let answer = deployment.get(&path).await?;
    Ok(word(&answer, "content"))
}

/// Decides that a version is valid from then on.
pub async fn activate(
    version: &str,
    from: From,
    deployment: &Deployment,
) -> Result<(), CommandError> {
    let from = match from {
        From::Now => "now".to_owned(),
        From::At(instant) => instant.to_string(),
    };
    let body = json!({"book": version, "from": from});
    let answer = deployment.post("book/activate", &body).await?;
    deployment.print(&answer, |answer| {
        println!(
            "valid from {}: {}",
            word(answer, "from"),
            word(answer, "book")
        );
        for replaced in list(answer, "replaces") {
            let (book, since) = (word(replaced, "book"), word(replaced, "from"));
            println!("  and no longer {book}, which was to be valid from {since}");
        }
    })
}

/// Prints every version and every decision.
pub fn print(answer: &Value) {
    for version in list(answer, "versions") {
        let (book, author) = (word(version, "book"), word(version, "author"));
        let valid = match answer["valid"] == version["book"] {
            true => "  VALID NOW",
            false => "",
        };
        println!("{book}  {}  by {author}{valid}", word(version, "at"));
        let note = word(version, "note");
        if !note.is_empty() {
            println!("  {note}");
        }
        let approvers: Vec<&str> = list(version, "approvers")
            .filter_map(Value::as_str)
            .collect();
        match approvers.is_empty() {
            true => println!("  not approved yet"),
            false => println!("  approved by {}", approvers.join(", ")),
        }
    }
    println!("\ndecided:");
    for decision in list(answer, "decisions") {
        let what = match decision["rolls_back"] == true {
            true => "back to",
            false => "valid is",
        };
        println!(
            "{}  {what} {} from {} on, by {}",
            word(decision, "at"),
            word(decision, "book"),
            word(decision, "from"),
            word(decision, "by")
        );
    }
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}
