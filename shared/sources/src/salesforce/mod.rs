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

/// Whether two ids name the same: of the 18 characters of one, the last three repeat the case of
/// the 15 before them.
fn is_same(one: &str, other: &str) -> bool {
    let core = |id: &str| id.get(..15).map(str::to_owned);
    core(one).is_some() && core(one) == core(other)
}
