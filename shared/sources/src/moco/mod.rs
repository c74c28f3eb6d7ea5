//! MOCO: the whole record per message. Its kind is told by its shape, because the headers that name
//! kind and event are not signed; only a deletion is told by a header, and it posts nothing.
//!
//! <https://github.com/everii-Group/mocoapp-api-docs/blob/master/webhooks.md>

use domain::book::Book;
use domain::event::{Event, Expense, Personal, PsaProject, TimeEntry};
use domain::{Reference, Version};

use crate::json::{self, Object, Unreadable};
use crate::reading::{Message, OneReading, Reading, each, removed, time};
use crate::work::{self, UNDECIDED};

const TARGET: &str = "x-moco-target";
const EVENT: &str = "x-moco-event";

/// Reads one record, or the array that the API answers.
pub(crate) fn read(
    book: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    if text.trim_start().starts_with('[') {
        let records = json::array(text)?.into_iter().map(|record| record.get());
        return Ok(each(records.collect(), |record| {
            read_record(book, message, record)
        }));
    }
    json::strict(text)?;
    Ok(vec![read_record(book, message, &Object::parse(text)?)?])
}

fn read_record(book: &Book, message: &Message<'_>, record: &Object<'_>) -> OneReading {
    let header = |name| message.headers.get(name).map_or("", String::as_str);
    let entity = match header(TARGET) {
        _ if record.raw("hours").is_some() && record.raw("task").is_some() => "time_entry",
        _ if record.raw("identifier").is_some() && record.raw("name").is_some() => "project",
        _ if record.raw("unit_price").is_some() && record.raw("project").is_some() => "expense",
        "Activity" => "time_entry",
        "Project" => "project",
        "Expense" => "expense",
        _ => return Ok(Reading::NotForUs("a kind of record that is not read")),
    };
    let reference = Reference::new("moco", message.account, entity, record.id("id")?);
    if header(EVENT) == "delete" {
        return Ok(removed(reference, Version::at(message.received_at)));
    }
    match entity {
        "time_entry" => time_entry(reference, record),
        "project" => project(book, reference, record),
        _ => expense(reference, record),
    }
}

fn version(record: &Object<'_>) -> Result<Version, Unreadable> {
    Ok(Version::at(record.instant("updated_at")?))
}

fn project_of(like: &Reference, record: &Object<'_>) -> Result<Option<Reference>, Unreadable> {
    let id = record.id_within("project")?;
    Ok(id.map(|id| Reference::new(like.system(), like.account(), "project", id)))
}

/// Nobody approves anything in MOCO. What is on an invoice of it has gone beyond that.
fn status(record: &Object<'_>) -> Result<String, Unreadable> {
    let word = match record.optional_flag("billed")? {
        Some(true) => "billed",
        Some(false) => "recorded",
        None => "unknown",
    };
    Ok(word.to_owned())
}

fn time_entry(reference: Reference, record: &Object<'_>) -> OneReading {
    let member = record.object("user")?.id("id")?;
    let (date, worked) = (record.day("date")?, record.decimal("hours")?);
    Ok(time(TimeEntry {
        project: project_of(&reference, record)?,
        work_role: record.text_within("task", "name")?,
        billing: work::billing(record.optional_flag("billable")?),
        status: status(record)?,
        notes: Personal(record.optional_text("description")?.unwrap_or_default()),
        ..work::entry(reference, version(record)?, member, date, worked)
    }))
}

fn project(book: &Book, reference: Reference, record: &Object<'_>) -> OneReading {
    let custom = record.optional_object("custom_properties")?;
    let deal_id = match custom {
        Some(custom) => match book.psa("moco", reference.account()) {
            Some(psa) => custom.optional_id(&psa.deal_id_field)?,
            None => None,
        },
        _ => None,
    };
    Ok(Reading::Event(Event::Project(Box::new(PsaProject {
        reference,
        version: version(record)?,
        name: record.text("name")?,
        deal_id,
        customer: None,
        standing: work::active(
            record.optional_flag("active")?,
            record.optional_text("identifier")?,
        ),
    }))))
}

fn expense(reference: Reference, record: &Object<'_>) -> OneReading {
    Ok(Reading::Event(Event::Expense(Box::new(Expense {
        project: project_of(&reference, record)?,
        version: version(record)?,
        reference,
        member: record.id_within("user")?.map(Personal),
        date: record.day("date")?,
        amount: record.decimal("cost")?,
        currency: record.optional_text("currency")?,
        category: None,
        billing: work::billing(record.optional_flag("billable")?),
        approval: UNDECIDED,
        status: status(record)?,
        notes: Personal(record.optional_text("title")?.unwrap_or_default()),
    }))))
}
