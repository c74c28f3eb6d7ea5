//! Toggl Track: time entries, pushed one by one or listed.
//!
//! <https://engineering.toggl.com/docs/webhooks_start>

use domain::book::Book;
use domain::event::{Event, Personal, PsaProject, TimeEntry};
use domain::{Reference, Version};

use crate::json::{self, Object, Unreadable};
use crate::reading::{Message, OneReading, Reading, each, removed, time};
use crate::work;

/// Reads one event, or the array that the API answers.
pub(crate) fn read(
    book: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    if text.trim_start().starts_with('[') {
        let records = json::array(text)?.into_iter().map(|record| record.get());
        return Ok(each(records.collect(), |record| {
            listed(book, message.account, record)
        }));
    }
    json::strict(text)?;
    Ok(vec![event(book, message.account, &Object::parse(text)?)?])
}

fn event(book: &Book, account: &str, event: &Object<'_>) -> OneReading {
    // The test that a new subscription begins with carries a word instead of a record.
    if event
        .raw("payload")
        .is_some_and(|payload| payload.starts_with('"'))
    {
        return Ok(Reading::NotForUs("a test of the subscription"));
    }
    let (meta, payload) = (event.object("metadata")?, event.object("payload")?);
    let workspace = match meta.optional_id("workspace_id")? {
        Some(workspace) => workspace,
        None => payload.id("workspace_id")?,
    };
    if workspace != account {
        return Ok(Reading::NotForUs("an event of another account"));
    }
    let model = meta.text("model")?;
    let entity = match model.as_str() {
        "time_entry" => "time_entry",
        "project" => "project",
        _ => return Ok(Reading::NotForUs("a kind of record that is not read")),
    };
    let reference = Reference::new("toggl", account, entity, payload.id("id")?);
    if meta.text("action")? == "deleted" {
        return Ok(removed(reference, Version::at(event.instant("timestamp")?)));
    }
    match entity {
        "time_entry" => time_entry(book, reference, &payload),
        _ => project(reference, &payload),
    }
}

fn listed(book: &Book, account: &str, record: &Object<'_>) -> OneReading {
    let reference = |entity| Ok(Reference::new("toggl", account, entity, record.id("id")?));
    if record.id("workspace_id")? != account {
        return Ok(Reading::NotForUs("a record of another account"));
    }
    match (record.raw("duration"), record.raw("name")) {
        (Some(_), _) => match record.optional_instant("server_deleted_at")? {
            Some(at) => Ok(removed(reference("time_entry")?, Version::at(at))),
            None => time_entry(book, reference("time_entry")?, record),
        },
        (None, Some(_)) => project(reference("project")?, record),
        (None, None) => Ok(Reading::NotForUs("a kind of record that is not read")),
    }
}

fn time_entry(book: &Book, reference: Reference, record: &Object<'_>) -> OneReading {
    let seconds = record.decimal("duration")?;
    if seconds.is_sign_negative() {
        return Ok(Reading::NotForUs("a timer that still runs"));
    }
    let project = record.optional_id("project_id")?;
    let project = project.map(|id| reference_of(&reference, id));
    let version = Version::at(record.instant("at")?);
    let date = work::day_of(book, &reference, record.instant("start")?)?;
    let (member, worked) = (record.id("user_id")?, work::hours_of_seconds(seconds));
    // Webhooks know no approval, only a lock. Whether `recorded` is enough is the firm's decision,
    // in the book.
    let status = "recorded".to_owned();
    Ok(time(TimeEntry {
        project,
        work_role: record.optional_id("task_id")?,
        billing: work::billing(record.optional_flag("billable")?),
        status,
        notes: Personal(record.optional_text("description")?.unwrap_or_default()),
        ..work::entry(reference, version, member, date, worked)
    }))
}

fn reference_of(like: &Reference, project: String) -> Reference {
    Reference::new(like.system(), like.account(), "project", project)
}

fn project(reference: Reference, record: &Object<'_>) -> OneReading {
    Ok(Reading::Event(Event::Project(Box::new(PsaProject {
        reference,
        version: Version::at(record.instant("at")?),
        name: record.text("name")?,
        deal_id: None,
        customer: None,
        standing: work::active(record.optional_flag("active")?, None),
    }))))
}
