//! Salesforce: Outbound Messages and Change Data Capture as hints, and the query that completes an
//! opportunity.
//!
//! Nothing of an Outbound Message is signed, and a change event has only the fields that changed.

mod capture;
mod opportunity;
mod outbound;

use domain::book::Book;

use crate::json::{self, Object, Unreadable};
use crate::reading::{Message, Reading};

/// Reads a SOAP message, a change event, or the answer of a query.
pub(crate) fn read(
    book: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    if text.trim_start().starts_with('<') {
        return outbound::read(message, text);
    }
    json::strict(text)?;
    let top = Object::parse(text)?;
    match message.is_pulled() {
        true => opportunity::answer(book, message.account, &top),
        false => capture::read(message, &top),
    }
}

/// Whether two ids name the same: one has 15 characters, or 18 of which the last three repeat what
/// is upper case.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let short = |id: &str| match id.len() {
        15 | 18 => id.get(..15).map(str::to_owned),
        _ => None,
    };
    short(one).is_some() && short(one) == short(other)
}
