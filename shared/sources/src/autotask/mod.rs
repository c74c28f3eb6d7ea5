//! Autotask PSA: webhooks that say what changed, and the API's answers, which alone know time.
//!
//! Webhooks: <https://www.autotask.net/help/DeveloperHelp/Content/APIs/Webhooks/WEBHOOKS.htm>

mod records;

use domain::book::Book;
use domain::{Reference, Version};

use crate::json::{self, Object, Unreadable};
use crate::reading::{Message, OneReading, Reading, fetch, removed};

/// Reads a webhook, or one answer: the items of a query, beside the tasks that they name.
pub(crate) fn read(
    book: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    let top = Object::parse(text)?;
    match top.raw("Action") {
        Some(_) => {
            json::strict(text)?;
            Ok(vec![webhook(message.account, &top)?])
        }
        None => records::read(book, message.account, &top),
    }
}

fn webhook(account: &str, top: &Object<'_>) -> OneReading {
    let action = top.text("Action")?;
    if action == "Deactivated" {
        return Ok(Reading::NotForUs(
            "the source says that it switched the webhook off",
        ));
    }
    if top.text("EntityType")? != "Ticket" {
        return Ok(Reading::NotForUs("a kind of record that is not read"));
    }
    let ticket = Reference::new("autotask", account, "ticket", top.id("Id")?);
    match action.as_str() {
        // The fields that come along are those that were chosen, not the whole ticket.
        "Create" | "Update" => Ok(fetch(ticket)),
        "Delete" => Ok(removed(ticket, Version::at(top.instant("EventTime")?))),
        _ => Ok(Reading::NotForUs("an action that is not read")),
    }
}
