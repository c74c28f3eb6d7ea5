//! From a source's words to ours.

use std::collections::BTreeMap;

use domain::book::Book;
use domain::event::{Approval, Event, Removed, TimeEntry};
use domain::{Reference, Version};
use jiff::Timestamp;

use crate::json::{self, Object};
use crate::{Source, Unreadable};

/// The header that our own pull puts on an answer of a source's API. No source's message keeps it, so
/// nobody outside can write it: what came this way was asked for, over a connection of ours.
pub const PULLED: &str = "tenon-pulled";

/// What [`PULLED`] says where our own pull found out what is gone, instead of an answer.
pub const REMOVED: &str = "removed";

/// What [`PULLED`] says where a message goes on with the records that could not be fetched yet.
pub const LEFT: &str = "left";

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

impl Message<'_> {
    /// Whether this is an answer that we asked for. Where a source signs no body, only such an
    /// answer may say what is worth money; what is pushed is a hint.
    pub(crate) fn is_pulled(&self) -> bool {
        self.headers.contains_key(PULLED)
    }
}

/// What one event of a message turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// A whole fact.
    Event(Event),
    /// A hint: the record has to be fetched.
    Fetch(Fetch),
    /// The source says that it lost events, and which.
    Missed(&'static str),
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
    match message.headers.get(PULLED).map(String::as_str) {
        Some(REMOVED) => {
            let at = Version::at(message.received_at);
            return ids(source, message, text, |reference| removed(reference, at));
        }
        Some(LEFT) => return ids(source, message, text, fetch),
        Some(_) | None => {}
    }
    let readings = (source.read)(book, message, text)?;
    let decided = readings.into_iter().map(|one| decided(source, book, one));
    Ok(decided.collect())
}

/// The body of a delivery of our own that only names records: what [`PULLED`] says of it is true of
/// each.
#[must_use]
pub fn named(entity: &str, ids: &[String]) -> String {
    serde_json::json!({ "entity": entity, "ids": ids }).to_string()
}

/// What [`named`] says.
fn ids(
    source: &Source,
    message: &Message<'_>,
    text: &str,
    reading: impl Fn(Reference) -> Reading,
) -> Result<Vec<Reading>, Unreadable> {
    let top = Object::parse(text)?;
    let entity = top.text("entity")?;
    let one = |id: &str| {
        let id: String = serde_json::from_str(id).map_err(|_| json::wrong("ids", "texts"))?;
        let reference = Reference::new(source.name(), message.account, entity.as_str(), id);
        Ok(reading(reference))
    };
    top.elements("ids")?.into_iter().map(one).collect()
}

/// The reading with what its status word means. Only this decides that something is approved.
fn decided(source: &Source, book: &Book, mut reading: Reading) -> Reading {
    let Reading::Event(event) = &mut reading else {
        return reading;
    };
    let account = event.reference().account().to_owned();
    let (entity, status, approval) = match event {
        Event::TimeEntry(entry) => ("time_entry", &entry.status, &mut entry.approval),
        Event::Expense(expense) => ("expense", &expense.status, &mut expense.approval),
        Event::TimeOff(time_off) => ("time_off", &time_off.status, &mut time_off.approval),
        Event::Deal(_)
        | Event::Project(_)
        | Event::Assignment(_)
        | Event::Removed(_)
        | Event::Withdrawn(_)
        | Event::Person(_)
        | Event::Ticket(_)
        | Event::InvoiceStatus(_) => return reading,
    };
    *approval = meaning(source, book, &account, entity, status);
    reading
}

/// What a status word of an entity means. The book's list is complete for an account that it names;
/// the words of any other account mean what its source's description says. A word that is not there is for
/// review, whatever it may say.
fn meaning(source: &Source, book: &Book, account: &str, entity: &str, word: &str) -> Approval {
    let described = source.facts.approval.get(entity);
    let known = match book.psa(source.name(), account) {
        Some(psa) => psa.approval.get(word).copied(),
        None => described.map(|words| words.meaning(word)),
    };
    known.unwrap_or(Approval::Review)
}

/// A reading of one event that may fail.
pub(crate) type OneReading = Result<Reading, Unreadable>;

/// One reading per element of a list, each by itself: a bad one does not hold the others.
pub(crate) fn each<'a>(
    elements: Vec<&'a str>,
    mut read: impl FnMut(&Object<'a>) -> OneReading,
) -> Vec<Reading> {
    let mut one = |json| {
        json::strict(json)?;
        read(&Object::parse(json)?)
    };
    elements
        .into_iter()
        .map(|json| one(json).unwrap_or_else(Reading::Unreadable))
        .collect()
}

/// A country that is a code of two capitals; what else may stand in a free text is left.
pub(crate) fn country_code(text: Option<String>) -> Option<String> {
    text.filter(|text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// A hint at a record.
pub(crate) const fn fetch(reference: Reference) -> Reading {
    Reading::Fetch(Fetch { reference })
}

/// A record that is gone.
pub(crate) const fn removed(reference: Reference, version: Version) -> Reading {
    Reading::Event(Event::Removed(Removed { reference, version }))
}

/// Somebody's work.
pub(crate) fn time(entry: TimeEntry) -> Reading {
    Reading::Event(Event::TimeEntry(Box::new(entry)))
}
