//! Whoever has no connector: our own words, as signed JSON, as a CloudEvent, or as a file that is
//! dropped (JSON, or a table of values separated by commas).
//!
//! CloudEvents: <https://github.com/cloudevents/spec/blob/main/cloudevents/spec.md>

mod table;
mod words;

use domain::book::Book;

use crate::json::{self, Object, Unreadable};
use crate::reading::{Message, OneReading, Reading, each};

const GENERIC: &str = "generic";
const STANDARD: &str = "standard-webhooks";

/// Reads JSON events, CloudEvents in either form, or a table.
pub(crate) fn read(
    _: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    let begin = text.trim_start();
    if begin.starts_with('[') {
        let events = json::array(text)?.into_iter().map(|event| event.get());
        return Ok(each(events.collect(), |event| one(message, event)));
    }
    if begin.starts_with('{') {
        json::strict(text)?;
        return Ok(vec![one(message, &Object::parse(text)?)?]);
    }
    let read = |row: Result<String, Unreadable>| {
        let row = row?;
        json::strict(&row)?;
        words::event(GENERIC, message, &Object::parse(&row)?)
    };
    let rows = table::rows(text)?.into_iter();
    Ok(rows
        .map(|row| read(row).unwrap_or_else(Reading::Unreadable))
        .collect())
}

/// An event in our words, alone or as the data of a CloudEvent. What a CloudEvent says around it is
/// for the transport: the data says what happened.
fn one(message: &Message<'_>, event: &Object<'_>) -> OneReading {
    match event.raw("specversion") {
        Some(_) => words::event(GENERIC, message, &event.object("data")?),
        None => words::event(GENERIC, message, event),
    }
}

/// Reads a message of Standard Webhooks: `type`, `timestamp` and, as `data`, an event in our words.
///
/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
pub(crate) fn read_standard(
    _: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    json::strict(text)?;
    let top = Object::parse(text)?;
    top.text("type")?;
    let data = top.object("data")?;
    Ok(vec![words::event(STANDARD, message, &data)?])
}
