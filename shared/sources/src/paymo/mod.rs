//! Paymo: the whole record per message, and only its id when it was deleted.
//!
//! Its kind is told by its shape: the header that names the event is not signed. Only a deletion is
//! told by that header, and it posts nothing.
//! <https://github.com/paymoapp/api/blob/master/sections/webhooks.md>

use domain::book::Book;
use domain::event::{Event, Personal, PsaProject, TimeEntry};
use domain::{Reference, Version};

use crate::json::{self, Object, Unreadable, missing};
use crate::reading::{Message, OneReading, Reading, each, fetch, removed, time};
use crate::work;

const EVENT: &str = "x-paymo-event";

/// Reads one record, or a page of entries or projects.
pub(crate) fn read(
    book: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    let top = Object::parse(text)?;
    for list in ["entries", "projects"] {
        if top.raw(list).is_some() {
            return Ok(each(top.elements(list)?, |record| {
                read_record(book, message.account, record)
            }));
        }
    }
    json::strict(text)?;
    let event = message.headers.get(EVENT).map_or("", String::as_str);
    let gone = match event.strip_prefix("model.delete.") {
        Some("Entry") => "time_entry",
        Some("Project") => "project",
        Some(_) => return Ok(vec![Reading::NotForUs("a kind of record that is not read")]),
        None => return Ok(vec![read_record(book, message.account, &top)?]),
    };
    let reference = Reference::new("paymo", message.account, gone, top.id("id")?);
    let at = Version::at(message.received_at);
    Ok(vec![removed(reference, at)])
}

fn read_record(book: &Book, account: &str, record: &Object<'_>) -> OneReading {
    let named = |entity| Ok(Reference::new("paymo", account, entity, record.id("id")?));
    match (record.raw("duration"), record.raw("tasks_order")) {
        (Some(_), _) => time_entry(book, named("time_entry")?, record),
        (None, Some(_)) => Ok(Reading::Event(Event::Project(Box::new(PsaProject {
            reference: named("project")?,
            version: version(record)?,
            name: record.text("name")?,
            deal_id: None,
            customer: None,
            standing: work::active(
                record.optional_flag("active")?,
                record.optional_text("code")?,
            ),
        })))),
        // A deletion without its header: whoever asks for the record learns that it is gone.
        (None, None) if record.raw("updated_on").is_none() => Ok(fetch(named("time_entry")?)),
        (None, None) => Ok(Reading::NotForUs("a kind of record that is not read")),
    }
}

fn version(record: &Object<'_>) -> Result<Version, Unreadable> {
    Ok(Version::at(record.instant("updated_on")?))
}

fn time_entry(book: &Book, reference: Reference, record: &Object<'_>) -> OneReading {
    let status = match record.optional_flag("billed")? {
        Some(true) => "billed",
        Some(false) => "recorded",
        None => "unknown",
    };
    // Either a day was entered, or a beginning and an end.
    let date = match (record.raw("date"), record.optional_instant("start_time")?) {
        (Some(_), _) => record.day("date")?,
        (None, Some(start)) => work::day_of(book, &reference, start)?,
        (None, None) => return Err(missing("date or start_time")),
    };
    let named = |id| Reference::new("paymo", reference.account(), "project", id);
    let project = record.optional_id("project_id")?.map(named);
    let (member, version) = (record.id("user_id")?, version(record)?);
    let worked = work::hours_of_seconds(record.decimal("duration")?);
    // Whether it is billed is the task's affair: unknown where the task was not asked for.
    let billable = match record.optional_object("task")? {
        Some(task) => task.optional_flag("billable")?,
        None => None,
    };
    Ok(time(TimeEntry {
        project,
        work_role: record.text_within("task", "name")?,
        billing: work::billing(billable),
        status: status.to_owned(),
        notes: Personal(record.optional_text("description")?.unwrap_or_default()),
        ..work::entry(reference, version, member, date, worked)
    }))
}
