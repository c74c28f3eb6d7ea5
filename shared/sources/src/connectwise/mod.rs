//! ConnectWise PSA: callbacks that carry the whole record.
//!
//! The record is JSON inside a string, in the shapes of the REST API:
//! <https://developer.connectwise.com/Products/ConnectWise_PSA/REST>

pub mod creation;
pub mod feedback;
pub mod key;

use domain::book::Book;
use domain::event::{
    BillingOption, Coded, Event, Expense, Personal, PsaProject, Standing, Ticket, TimeEntry,
};
use domain::{Reference, Version};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::json::{self, Object, Unreadable, wrong};
use crate::reading::{self, Message, OneReading, Reading, each};
use crate::work::{self, UNDECIDED};

/// The kinds of record that are read.
#[derive(Clone, Copy)]
enum Kind {
    Project,
    TimeEntry,
    Expense,
    Ticket,
}

impl Kind {
    /// The callback's type; the developer guide writes `Time Entry`, callbacks are registered and
    /// sent as `time`.
    fn of(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().replace(' ', "").as_str() {
            "project" => Some(Self::Project),
            "time" | "timeentry" => Some(Self::TimeEntry),
            "expense" => Some(Self::Expense),
            "ticket" => Some(Self::Ticket),
            _ => None,
        }
    }

    const fn entity(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::TimeEntry => "time_entry",
            Self::Expense => "expense",
            Self::Ticket => "ticket",
        }
    }
}

/// Reads one callback, or the records that a listing answered.
pub(crate) fn read(
    book: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    if message.is_pulled() {
        let records = json::array(text)?.into_iter().map(|record| record.get());
        return Ok(each(records.collect(), |record| {
            listed(book, message.account, record)
        }));
    }
    json::strict(text)?;
    let callback = Object::parse(text)?;
    let Some(kind) = Kind::of(&callback.text("Type")?) else {
        return Ok(vec![Reading::NotForUs("a kind of record that is not read")]);
    };
    let id = callback.id("ID")?;
    let reference = Reference::new("connectwise", message.account, kind.entity(), id);
    match callback.text("Action")?.to_ascii_lowercase().as_str() {
        // A removal carries no time of its own, so it is as new as its arrival.
        "deleted" => {
            let arrival = Version::at(message.received_at);
            Ok(vec![reading::removed(reference, arrival)])
        }
        "added" | "updated" => {
            let record = callback.text("Entity")?;
            json::strict(&record)?;
            let record = Object::parse(&record)?;
            // Two ids for one record: the envelope is what we are told about.
            if record.id("id")? != reference.id() {
                return Err(wrong("Entity.id", "the same as ID"));
            }
            Ok(vec![event(book, kind, reference, &record)?])
        }
        _ => Ok(vec![Reading::NotForUs("an action that is not read")]),
    }
}

/// A listed record has the shape of a callback's `Entity`. Projects have hours of their own, but
/// only an entry has a beginning.
fn listed(book: &Book, account: &str, record: &Object<'_>) -> OneReading {
    let kind = match record.raw("timeStart") {
        Some(_) => Kind::TimeEntry,
        None => Kind::Project,
    };
    let reference = Reference::new("connectwise", account, kind.entity(), record.id("id")?);
    event(book, kind, reference, record)
}

fn event(book: &Book, kind: Kind, reference: Reference, record: &Object<'_>) -> OneReading {
    Ok(match kind {
        Kind::Project => {
            Reading::Event(Event::Project(Box::new(project(book, reference, record)?)))
        }
        Kind::TimeEntry => reading::time(time_entry(book, reference, record)?),
        Kind::Expense => Reading::Event(Event::Expense(Box::new(expense(reference, record)?))),
        Kind::Ticket => Reading::Event(Event::Ticket(Ticket {
            version: version(record)?,
            status: record.object("status")?.text("name")?,
            reference,
        })),
    })
}

fn version(record: &Object<'_>) -> Result<Version, Unreadable> {
    Ok(Version::at(record.object("_info")?.instant("lastUpdated")?))
}

fn project(
    book: &Book,
    reference: Reference,
    record: &Object<'_>,
) -> Result<PsaProject, Unreadable> {
    let psa = book.psa_or_first("connectwise", reference.account());
    let (mut deal_id, mut code) = (None, None);
    for field in record.objects("customFields")? {
        let caption = field.optional_text("caption")?;
        if caption.as_deref() == Some(psa.deal_id_field.as_str()) {
            deal_id = field.optional_id("value")?;
        }
        if caption.is_some() && caption == psa.projects.code_field {
            code = field.optional_id("value")?;
        }
    }
    let deal_id = deal_id.map(|id| id.trim().to_owned());
    // A day, which is written like an instant.
    let closed_on = match record.optional_text("actualEnd")? {
        Some(_) => Some(record.day("actualEnd")?),
        None => None,
    };
    Ok(PsaProject {
        customer: customer(&reference, record)?,
        reference,
        version: version(record)?,
        name: record.text("name")?,
        deal_id: deal_id.filter(|id| !id.is_empty()),
        standing: Standing {
            status: record.text_within("status", "name")?,
            closed_on,
            // A project has no other number than its id.
            code: code.or_else(|| record.optional_id("id").ok().flatten()),
        },
    })
}

/// For whom a record is.
fn customer(of: &Reference, record: &Object<'_>) -> Result<Option<Reference>, Unreadable> {
    let id = record.id_within("company")?;
    Ok(id.map(|id| Reference::new(of.system(), of.account(), "company", id)))
}

fn time_entry(
    book: &Book,
    reference: Reference,
    record: &Object<'_>,
) -> Result<TimeEntry, Unreadable> {
    let name = |field: &str| -> Result<Option<String>, Unreadable> {
        match record.optional_object(field)? {
            Some(object) => object.optional_text("name"),
            None => Ok(None),
        }
    };
    let project = match record.optional_object("project")? {
        Some(object) => Some(Reference::new(
            reference.system(),
            reference.account(),
            "project",
            object.id("id")?,
        )),
        None => None,
    };
    let worked = record.decimal("actualHours")?;
    let status = record.optional_text("status")?.unwrap_or_default();
    Ok(TimeEntry {
        version: version(record)?,
        project,
        customer: customer(&reference, record)?,
        member: Personal(record.object("member")?.text("identifier")?),
        work_role: name("workRole")?,
        date: worked_on(book, &reference, record)?,
        worked,
        // Nobody has changed the hours to bill until the field is there.
        billable: record.optional_decimal("hoursBilled")?.unwrap_or(worked),
        covered: record
            .optional_decimal("agreementHours")?
            .unwrap_or_default(),
        agreement: name("agreement")?,
        billing: billing(&record.text("billableOption")?),
        approval: UNDECIDED,
        status,
        notes: Personal(record.optional_text("notes")?.unwrap_or_default()),
        coded: coded(book, &reference, record)?,
        reference,
    })
}

/// What the firm's own fields of an entry say, where the book names them.
fn coded(book: &Book, entry: &Reference, record: &Object<'_>) -> Result<Coded, Unreadable> {
    let psa = book.psa_or_first("connectwise", entry.account());
    let mut coded = Coded::default();
    for field in record.objects("customFields")? {
        let caption = field.optional_text("caption")?;
        if caption.is_some() && caption == psa.tax_field {
            coded.tax_percent = field.optional_decimal("value")?;
        }
        if caption.is_some() && caption == psa.cost_center_field {
            coded.cost_center = field.optional_id("value")?;
        }
    }
    Ok(coded)
}

fn expense(reference: Reference, record: &Object<'_>) -> Result<Expense, Unreadable> {
    let project = record.id_within("project")?;
    let named = |id| Reference::new(reference.system(), reference.account(), "project", id);
    Ok(Expense {
        version: version(record)?,
        project: project.map(named),
        member: Some(Personal(record.object("member")?.text("identifier")?)),
        date: record.day("date")?,
        amount: record.decimal("amount")?,
        currency: record.text_within("currency", "currencyCode")?,
        category: record.text_within("type", "name")?,
        billing: billing(&record.text("billableOption")?),
        approval: UNDECIDED,
        status: record.optional_text("status")?.unwrap_or_default(),
        notes: Personal(record.optional_text("notes")?.unwrap_or_default()),
        reference,
    })
}

fn billing(word: &str) -> BillingOption {
    match word {
        "Billable" => BillingOption::Billable,
        "NoCharge" => BillingOption::NoCharge,
        "DoNotBill" => BillingOption::DoNotBill,
        _ => BillingOption::Unknown,
    }
}

/// The civil day of the work: its beginning, which is sent in UTC, seen in the members' zone.
fn worked_on(book: &Book, entry: &Reference, record: &Object<'_>) -> Result<Date, Unreadable> {
    let start: Timestamp = record.instant("timeStart")?;
    let written = TimeZone::UTC.to_datetime(start);
    // Hours entered for a day without a beginning and an end come as midnight: that is the day
    // itself, and no zone may shift it.
    if record.optional_text("timeEnd")?.is_none() && written.time() == Time::midnight() {
        return Ok(written.date());
    }
    work::day_of(book, entry, start)
}

#[cfg(test)]
mod tests;
