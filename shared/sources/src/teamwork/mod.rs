//! Teamwork: webhooks of version 2, which name a record and leave the rest to be fetched.
//!
//! What happened to it is told by the address that was called, so nothing is believed of it.
//! <https://apidocs.teamwork.com/guides/teamwork/webhooks>

use domain::Reference;
use domain::book::Book;

use crate::json::{self, Object, Unreadable};
use crate::reading::{Message, Reading, fetch};

/// What a message may be about: its key, and our word for it.
const KINDS: [(&str, &str); 3] = [
    ("time", "time_entry"),
    ("project", "project"),
    ("expense", "expense"),
];

/// Reads one webhook.
pub(crate) fn read(
    _: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    json::strict(text)?;
    let top = Object::parse(text)?;
    for (key, entity) in KINDS {
        if let Some(record) = top.optional_object(key)? {
            let id = record.id("id")?;
            let reference = Reference::new("teamwork", message.account, entity, id);
            return Ok(vec![fetch(reference)]);
        }
    }
    Ok(vec![Reading::NotForUs("a kind of record that is not read")])
}
