//! From a source's words to ours.

use std::collections::BTreeMap;

use domain::Reference;
use domain::book::Book;
use domain::event::Event;
use jiff::Timestamp;

use crate::{Source, Unreadable, json};

/// A delivered message whose origin was checked when it arrived. It has no `Debug`.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The account whose secret verified it.
    pub account: &'a str,
    /// When it was received: the version of a removal, which carries no time of its own.
    pub received_at: Timestamp,
    /// The kept headers, by lower-case name.
    pub headers: &'a BTreeMap<String, String>,
    /// The bytes as received.
    pub body: &'a [u8],
}

/// What one event of a message turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// A whole fact.
    Event(Event),
    /// A hint: the record has to be fetched.
    Fetch(Fetch),
    /// Nothing for us, and why; it is counted.
    NotForUs(&'static str),
    /// This event cannot be read; the others of its message can.
    Unreadable(Unreadable),
}

/// A record to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Its name: system, account, entity and id say what to ask whom.
    pub reference: Reference,
}

/// Reads a message into one reading per event, in its order. A message that cannot even be taken
/// apart is an error; a single bad event is a reading of its own.
pub fn read(
    source: &Source,
    book: &Book,
    message: &Message<'_>,
) -> Result<Vec<Reading>, Unreadable> {
    let text = json::text_of(message.body)?;
    (source.read)(book, message, text)
}
