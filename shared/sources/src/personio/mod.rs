//! Personio: messages of version 2 that carry ids only. People and absences are asked for.
//!
//! The vendor's pages name the events. How a message spells them is shown to customers only, so the
//! spellings that are likely are read, and a message with another one is an error that somebody
//! sees.
//! <https://developer.personio.de/docs/event-driven-data-from-personio>

use domain::book::Book;
use domain::event::{Event, Person, TimeOff};
use domain::{Reference, Version};

use crate::json::{self, Object, Unreadable, missing};
use crate::reading::{Message, OneReading, Reading, each, fetch, removed};
use crate::work::UNDECIDED;

/// Reads one message, or a page of persons or absence periods.
pub(crate) fn read(
    _: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    let top = Object::parse(text)?;
    if top.raw("_data").is_some() {
        return Ok(each(top.elements("_data")?, |record| {
            listed(message.account, record)
        }));
    }
    json::strict(text)?;
    Ok(vec![event(message, &top)?])
}

fn event(message: &Message<'_>, top: &Object<'_>) -> OneReading {
    let kind = match top.optional_text("event_name")? {
        Some(kind) => kind,
        None => top.text("event")?,
    };
    let (subject, what) = kind.split_once('.').unwrap_or((kind.as_str(), ""));
    let (entity, field) = match subject {
        "person" => ("person", "person_id"),
        "employment" => ("person", "person_id"),
        "absence-period" => ("time_off", "absence_period_id"),
        _ => return Ok(Reading::NotForUs("a kind of record that is not read")),
    };
    let id = match top.optional_object("data")? {
        Some(data) => data.optional_id(field)?.or(data.optional_id("id")?),
        None => top.optional_id(field)?,
    };
    let id = id.ok_or_else(|| missing(field))?;
    let reference = Reference::new("personio", message.account, entity, id);
    // An employment that ended is not a person who is gone.
    if what == "deleted" && subject != "employment" {
        return Ok(removed(reference, Version::at(message.received_at)));
    }
    Ok(fetch(reference))
}

fn listed(account: &str, record: &Object<'_>) -> OneReading {
    let named = |entity, id| Reference::new("personio", account, entity, id);
    let id = record.id("id")?;
    let version = Version::at(record.instant("updated_at")?);
    if record.raw("starts_from").is_none() {
        return Ok(Reading::Event(Event::Person(Person {
            reference: named("person", id),
            version,
            status: record.optional_text("status")?,
        })));
    }
    let approval = record.object("approval")?;
    let status = approval.text("status")?;
    let from = record.object("starts_from")?.day("date_time")?;
    // An absence of one day may have no end of its own.
    let to = match record.optional_object("ends_at")? {
        Some(end) => end.day("date_time")?,
        None => from,
    };
    let person = record
        .id_within("person")?
        .ok_or_else(|| missing("person.id"))?;
    Ok(Reading::Event(Event::TimeOff(TimeOff {
        reference: named("time_off", id),
        version,
        person: named("person", person),
        from,
        to,
        approval: UNDECIDED,
        status,
    })))
}
