//! Zendesk: ticket events, pushed, and tickets as the incremental export lists them.
//!
//! <https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/>

use domain::book::Book;
use domain::event::{Event, Ticket};
use domain::{Reference, Version};

use crate::json::{self, Object, Unreadable};
use crate::reading::{Message, OneReading, Reading, each, removed};

const PREFIX: &str = "zen:event-type:ticket.";

/// Reads one event, or a page of tickets.
pub(crate) fn read(
    _: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    let top = Object::parse(text)?;
    if top.raw("tickets").is_some() {
        return Ok(each(top.elements("tickets")?, |record| {
            ticket(message.account, record, "updated_at", record)
        }));
    }
    json::strict(text)?;
    Ok(vec![event(message.account, &top)?])
}

fn event(account: &str, top: &Object<'_>) -> OneReading {
    if top.id("account_id")? != account {
        return Ok(Reading::NotForUs("an event of another account"));
    }
    let kind = top.text("type")?;
    let Some(what) = kind.strip_prefix(PREFIX) else {
        return Ok(Reading::NotForUs("a kind of record that is not read"));
    };
    let detail = top.object("detail")?;
    match what {
        "soft_deleted" | "permanently_deleted" => {
            let reference = Reference::new("zendesk", account, "ticket", detail.id("id")?);
            Ok(removed(reference, Version::at(top.instant("time")?)))
        }
        // The ticket's own time is what a listing shows too: both ways give one version.
        _ if detail.raw("updated_at").is_some() => ticket(account, &detail, "updated_at", &detail),
        _ => ticket(account, &detail, "time", top),
    }
}

/// A ticket, changed at the instant in this field of an object.
fn ticket(account: &str, record: &Object<'_>, field: &str, at: &Object<'_>) -> OneReading {
    let reference = Reference::new("zendesk", account, "ticket", record.id("id")?);
    let version = Version::at(at.instant(field)?);
    let status = record.text("status")?.to_ascii_lowercase();
    if status == "deleted" {
        return Ok(removed(reference, version));
    }
    Ok(Reading::Event(Event::Ticket(Ticket {
        reference,
        version,
        status,
    })))
}
