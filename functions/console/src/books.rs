//! Books are published, approved and come into force.

use aws::PublishedBook;
use domain::book::{Book, Decision};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::info;

use crate::Console;
use crate::error::ConsoleError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Publication {
    content: String,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approval {
    book: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Activation {
    book: String,
    /// `now`, or an instant.
    from: String,
}

impl Console {
    /// Checks a book and keeps it, unchangeable, under the digest of its text.
    pub(crate) async fn publish(&self, body: &str, person: &str) -> Result<Value, ConsoleError> {
        let Publication { content, note } = serde_json::from_str(body)?;
        let book = Book::parse(&content)?;
        let now = self.clock.now();
        let file = format!("{}.toml", book.version);
        self.archive.keep(&file, &content).await?;
        let version = self.books.publish(&content, person, &note, now).await?;
        info!(book = %version, "book published");
        Ok(json!({"book": version}))
    }

    /// Somebody agrees to a book that somebody else wrote.
    pub(crate) async fn approve(&self, body: &str, person: &str) -> Result<Value, ConsoleError> {
        let Approval { book } = serde_json::from_str(body)?;
        let published = self.books.approve(&book, person, self.clock.now()).await?;
        info!(book, "book approved");
        Ok(json!({"book": book, "author": published.author, "approvers": published.approvers}))
    }

    /// A book that was approved is valid from an instant on.
    pub(crate) async fn activate(&self, body: &str, person: &str) -> Result<Value, ConsoleError> {
        let Activation { book, from } = serde_json::from_str(body)?;
        let now = self.clock.now();
        let from = match from.as_str() {
            "now" => now,
            instant => instant.parse::<Timestamp>().map_err(ConsoleError::NoTime)?,
        };
        let replaced = self.books.activate(&book, from, person, now).await?;
        info!(book, %from, "book activated");
        let replaced: Vec<Value> = replaced.iter().map(decision).collect();
        Ok(json!({"book": book, "from": from, "replaces": replaced}))
    }

    /// The book before the one that is valid now is valid again.
    pub(crate) async fn roll_back(&self, person: &str) -> Result<Value, ConsoleError> {
        let back = self.books.roll_back(person, self.clock.now()).await?;
        info!(book = back.version, "book rolled back");
        Ok(json!({"book": back.version, "from": back.from}))
    }

    /// Every version, and what was decided about them.
    pub(crate) async fn book_versions(&self) -> Result<Value, ConsoleError> {
        let now = self.clock.now();
        let (versions, timeline) = tokio::try_join!(self.books.versions(), self.books.timeline())?;
        let valid = timeline.at(now).map(|valid| valid.version.clone());
        let decisions: Vec<Value> = timeline.decisions.iter().map(decision).collect();
        let versions: Vec<Value> = versions.iter().map(version).collect();
        Ok(json!({"valid": valid, "versions": versions, "decisions": decisions}))
    }

    /// The text of a version; of the one that is valid now when none is named.
    pub(crate) async fn book_text(&self, version: Option<&str>) -> Result<Value, ConsoleError> {
        let version = match version {
            Some(version) => version.to_owned(),
            None => self.books.active(self.clock.now()).await?.version.clone(),
        };
        let content = self.books.text(&version).await?;
        let content = content.ok_or_else(|| aws::BookRefusal::Unknown(version.clone()))?;
        Ok(json!({"book": version, "content": content}))
    }
}

fn version(published: &PublishedBook) -> Value {
    let PublishedBook {
        version,
        author,
        at,
        note,
        approvers,
    } = published;
    json!({"book": version, "author": author, "at": at, "note": note, "approvers": approvers})
}

fn decision(decision: &Decision) -> Value {
    let Decision {
        version,
        from,
        by,
        at,
        rolls_back,
    } = decision;
    json!({"book": version, "from": from, "by": by, "at": at, "rolls_back": rolls_back})
}
