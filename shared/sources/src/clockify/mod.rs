//! Clockify: webhooks as hints, and approval requests, which alone make time approved.
//!
//! Neither body nor event type of a webhook is signed, and an entry has no version of its own. So
//! an entry counts as its approval request says, in the version of that request.
//! <https://docs.clockify.me/#tag/Approval>

mod approvals;

use domain::book::Book;
use domain::event::{Event, PsaProject};
use domain::{Reference, Version};

use crate::json::{self, Object, Unreadable};
use crate::reading::{Message, OneReading, Reading, each, fetch, removed};
use crate::work;

/// Names what a webhook is about; the vendor's example of its value is `NEW_TIME_ENTRY`.
const EVENT_TYPE: &str = "clockify-webhook-event-type";

/// Reads a webhook, or a page of approval requests or projects that was asked for.
pub(crate) fn read(
    book: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    if message.is_pulled() {
        return page(book, message, text);
    }
    json::strict(text)?;
    Ok(vec![webhook(message, &Object::parse(text)?)?])
}

fn page(book: &Book, message: &Message<'_>, text: &str) -> Result<Vec<Reading>, Unreadable> {
    let mut readings = Vec::new();
    for element in json::array(text)? {
        let requests = approvals::entries(book, message.account, element.get());
        match requests {
            Ok(Some(entries)) => readings.extend(entries),
            Ok(None) => readings.extend(each(vec![element.get()], |record| {
                project(book, message, record)
            })),
            Err(unreadable) => readings.push(Reading::Unreadable(unreadable)),
        }
    }
    Ok(readings)
}

fn webhook(message: &Message<'_>, record: &Object<'_>) -> OneReading {
    if record
        .optional_id("workspaceId")?
        .is_some_and(|id| id != message.account)
    {
        return Ok(Reading::NotForUs("an event of another account"));
    }
    let kind = message.headers.get(EVENT_TYPE).map_or("", String::as_str);
    // Without the header the shape tells: a hint may be wrong, it is only asked for.
    let entity = match kind {
        "TIME_ENTRY_DELETED" => {
            let entry = named(message, "time_entry", record.id("id")?);
            return Ok(removed(entry, Version::at(message.received_at)));
        }
        _ if record.raw("timeInterval").is_some() => "time_entry",
        _ if record.raw("dateRange").is_some() => "approval_request",
        _ if kind.contains("PROJECT") => "project",
        _ => return Ok(Reading::NotForUs("a kind of record that is not read")),
    };
    Ok(fetch(named(message, entity, record.id("id")?)))
}

fn named(message: &Message<'_>, entity: &str, id: String) -> Reference {
    Reference::new("clockify", message.account, entity, id)
}

fn project(book: &Book, message: &Message<'_>, record: &Object<'_>) -> OneReading {
    // Time entries are listed too, but without their approval they say nothing.
    if record.raw("clientId").is_none() && record.raw("clientName").is_none() {
        return Ok(Reading::NotForUs("a kind of record that is not read"));
    }
    let psa = book.psa_or_first("clockify", message.account);
    let mut deal_id = None;
    for field in record.objects("customFields")? {
        if field.optional_text("name")?.as_deref() == Some(psa.deal_id_field.as_str()) {
            deal_id = field.optional_id("value")?;
        }
    }
    Ok(Reading::Event(Event::Project(Box::new(PsaProject {
        reference: named(message, "project", record.id("id")?),
        // A project carries no time of its change: it is as new as the answer.
        version: Version::at(message.received_at),
        name: record.text("name")?,
        deal_id,
        customer: None,
        standing: work::active(record.optional_flag("archived")?.map(|gone| !gone), None),
    }))))
}
