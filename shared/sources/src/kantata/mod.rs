//! Kantata OX: it sends nothing. What changed is asked of its feed of events, which keeps them for
//! nine days, in no order and sometimes twice.
//!
//! <https://developer.kantata.com/kantata/specification/events>

use domain::book::Book;
use domain::event::{Event, Expense, Personal, PsaProject, Standing, TimeEntry, Withdrawn};
use domain::{Reference, Version};
use rust_decimal::Decimal;

use crate::json::{Object, Unreadable, missing, wrong};
use crate::reading::{Message, OneReading, Reading, each, removed, time};
use crate::work::{self, UNDECIDED};

/// Amounts are sent in hundredths of the currency.
const CENTS: u32 = 2;

const NOT_APPROVED: &str = "not approved";

/// Reads one page of the feed: the events by their ids.
pub(crate) fn read(
    book: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    // `results` beside it only says an order, which means nothing here: the newest version counts.
    let events = Object::parse(text)?.object("subscribed_events")?;
    Ok(each(events.values(), |event| {
        read_event(book, message.account, event)
    }))
}

fn read_event(book: &Book, account: &str, event: &Object<'_>) -> OneReading {
    let kind = event.text("event_type")?;
    let (subject, what) = kind.split_once(':').unwrap_or((kind.as_str(), ""));
    let entity = match subject {
        "time_entry" => "time_entry",
        "workspace" => "project",
        "expense" => "expense",
        _ => return Ok(Reading::NotForUs("a kind of record that is not read")),
    };
    let now = event.optional_object("current_payload")?;
    let id = match (event.optional_id("subject_id")?, &now) {
        (Some(id), _) => id,
        (None, Some(now)) => now.id("id")?,
        (None, None) => return Err(missing("subject_id")),
    };
    let reference = Reference::new("kantata", account, entity, id);
    let changed_at = Version::at(event.instant("subject_changed_at")?);
    if what == "deleted" {
        return Ok(removed(reference, changed_at));
    }
    let now = now.ok_or_else(|| missing("current_payload"))?;
    // The record's own time is what a plain listing shows too: both ways give one version.
    let version = now.optional_instant("updated_at")?.map(Version::at);
    let version = version.unwrap_or(changed_at);
    let before = event.optional_object("previous_payload")?;
    let was_approved = |before: &Object<'_>| before.raw("approved") == Some("true");
    let is_withdrawn =
        before.is_some_and(|before| was_approved(&before)) && now.raw("approved") == Some("false");
    match entity {
        "project" => project(book, reference, version, &now),
        _ if is_withdrawn => Ok(Reading::Event(Event::Withdrawn(Withdrawn {
            reference,
            version,
            status: NOT_APPROVED.to_owned(),
        }))),
        "time_entry" => time_entry(reference, version, &now),
        _ => expense(reference, version, &now),
    }
}

/// Where a record stands. It is approved with its timesheet or report, and says so itself; anything
/// but a plain yes or no says nothing.
fn status(record: &Object<'_>) -> String {
    let word = match (record.raw("invoice_id"), record.raw("approved")) {
        (Some(_), _) => "invoiced",
        (None, Some("true")) => "approved",
        (None, Some("false")) => NOT_APPROVED,
        (None, _) => "unknown",
    };
    word.to_owned()
}

fn workspace(like: &Reference, record: &Object<'_>) -> Result<Option<Reference>, Unreadable> {
    let id = record.optional_id("workspace_id")?;
    Ok(id.map(|id| Reference::new(like.system(), like.account(), "project", id)))
}

fn time_entry(reference: Reference, version: Version, record: &Object<'_>) -> OneReading {
    let worked = work::hours_of_minutes(record.decimal("time_in_minutes")?);
    let (member, date) = (record.id("user_id")?, record.day("date_performed")?);
    Ok(time(TimeEntry {
        project: workspace(&reference, record)?,
        work_role: record.optional_id("role_id")?,
        billing: work::billing(record.optional_flag("billable")?),
        status: status(record),
        notes: Personal(record.optional_text("notes")?.unwrap_or_default()),
        ..work::entry(reference, version, member, date, worked)
    }))
}

fn project(book: &Book, reference: Reference, version: Version, record: &Object<'_>) -> OneReading {
    let deal_id = match book.psa("kantata", reference.account()) {
        Some(psa) => record.optional_id(&psa.deal_id_field)?,
        None => None,
    };
    Ok(Reading::Event(Event::Project(Box::new(PsaProject {
        reference,
        version,
        name: record.text("title")?,
        deal_id,
        customer: None,
        standing: Standing {
            status: record.text_within("status", "message")?,
            ..Standing::default()
        },
    }))))
}

fn expense(reference: Reference, version: Version, record: &Object<'_>) -> OneReading {
    let cents: i64 = record
        .id("amount_in_cents")?
        .parse()
        .map_err(|_| wrong("amount_in_cents", "a whole number"))?;
    Ok(Reading::Event(Event::Expense(Box::new(Expense {
        project: workspace(&reference, record)?,
        reference,
        version,
        member: record.optional_id("user_id")?.map(Personal),
        date: record.day("date")?,
        amount: Decimal::new(cents, CENTS),
        currency: record.optional_text("currency")?,
        category: record.optional_text("category")?,
        billing: work::billing(record.optional_flag("billable")?),
        approval: UNDECIDED,
        status: status(record),
        notes: Personal(record.optional_text("notes")?.unwrap_or_default()),
    }))))
}
