//! `tenon source read`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use domain::book::Book;
use jiff::Timestamp;
use serde_json::json;
use sources::{Message, PULLED, Reading, Source};

use crate::commands::CommandError;
use crate::commands::book_text::book_text;
use crate::commands::source::{account, header, now};
use crate::commands::source_error::SourceError;

/// The book of the demo, for whoever has none at hand.
pub(super) const DEMO_BOOK: &str = domain::book::DEMO;

/// Options of `tenon source read`.
#[derive(Debug, Args)]
pub struct Read {
    /// The source's name.
    #[arg(value_name = "SOURCE")]
    source: String,
    /// The file with the bytes as they were sent.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// The account that they belong to; else the one that the message itself names.
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// A header that came with them; may be repeated.
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The file is an answer of the source's API, not a message that it sent.
    #[arg(long)]
    pulled: bool,
    /// The book whose words decide; else the demo's.
    #[arg(long, value_name = "FILE")]
    book: Option<PathBuf>,
    /// When it was received, for example 2026-11-22T12:00:00Z; else now.
    #[arg(long, value_name = "INSTANT")]
    received_at: Option<Timestamp>,
}

impl Read {
    /// Prints what the file says, and fails when a part of it cannot be read.
    pub fn run(&self) -> Result<(), CommandError> {
        let source = super::named(&self.source)?;
        let body = fs::read(&self.file).map_err(|error| unreadable(&self.file, error))?;
        let book = self.book()?;
        let headers = self.headers(source);
        let account = match &self.account {
            Some(account) => account.clone(),
            None => account::guess(source, &body),
        };
        let message = Message {
            account: &account,
            received_at: self.received_at.unwrap_or_else(now),
            headers: &headers,
            body: &body,
        };
        let (readings, is_answer) = readings(source, &book, message)?;
        if is_answer {
            eprintln!("read as an answer of the source's API: it is no message that is pushed");
        }
        let unread = readings.iter().filter(|one| is_unreadable(one)).count();
        for reading in &readings {
            println!("{}", line(reading)?);
        }
        match unread {
            0 => Ok(()),
            count => Err(SourceError::EventsUnread(count).into()),
        }
    }

    fn book(&self) -> Result<Book, CommandError> {
        let text = match &self.book {
            Some(book) => book_text(book)?,
            None => DEMO_BOOK.to_owned(),
        };
        Ok(Book::parse(&text)?)
    }

    /// Those that a delivery of this source keeps: others never come to the reading.
    fn headers(&self, source: &Source) -> BTreeMap<String, String> {
        let kept = |name: &String| source.keep_headers().contains(name);
        let given = self.headers.iter().filter(|(name, _)| kept(name)).cloned();
        given.chain(self.pulled.then(pulled)).collect()
    }
}

/// What marks an answer that was asked for.
fn pulled() -> (String, String) {
    (PULLED.to_owned(), String::new())
}

/// What a file says, and whether it is an answer of the source's API instead of a message that it
/// sends: whoever reads it here asked for it.
pub(super) fn readings(
    source: &Source,
    book: &Book,
    message: Message<'_>,
) -> Result<(Vec<Reading>, bool), SourceError> {
    let pushed = match sources::read(source, book, &message) {
        Err(error) => error,
        Ok(readings) => return Ok((readings, false)),
    };
    let headers = message.headers.clone().into_iter().chain([pulled()]);
    let asked = Message {
        headers: &headers.collect(),
        ..message
    };
    match sources::read(source, book, &asked) {
        Ok(readings) => Ok((readings, true)),
        Err(_) => Err(pushed.into()),
    }
}

fn unreadable(file: &std::path::Path, source: std::io::Error) -> CommandError {
    CommandError::Unreadable {
        file: file.to_owned(),
        source,
    }
}

const fn is_unreadable(reading: &Reading) -> bool {
    matches!(reading, Reading::Unreadable(_))
}

/// One reading as JSON. What is no event says so in its `event`.
pub(super) fn line(reading: &Reading) -> Result<String, SourceError> {
    let other = match reading {
        Reading::Event(event) => return Ok(serde_json::to_string(event)?),
        Reading::Fetch(fetch) => json!({"event": "fetch", "reference": fetch.reference}),
        Reading::Missed(what) => json!({"event": "missed", "what": what}),
        Reading::NotForUs(why) => json!({"event": "not_for_us", "why": why}),
        Reading::Unreadable(why) => json!({"event": "unreadable", "why": why.to_string()}),
    };
    Ok(other.to_string())
}
