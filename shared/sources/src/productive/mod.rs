//! Productive: one record of its JSON:API per message, and pages of the same.
//!
//! What happened to it is told by which webhook it is, not by the message. What is deleted is
//! found by listing a window.
//! <https://developer.productive.io/reference/resources/time-entries>

use domain::book::Book;
use domain::event::{
    Assignment, BillingOption, Event, Expense, Personal, PsaProject, Standing, TimeEntry,
};
use domain::{Reference, Version};
use rust_decimal::Decimal;

use crate::json::{self, Object, Unreadable, missing};
use crate::reading::{Message, OneReading, Reading, each, removed, time};
use crate::work::{self, UNDECIDED};

/// Amounts are sent in hundredths of the currency.
const CENTS: u32 = 2;

/// Reads one record or a page of them.
pub(crate) fn read(
    _: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    let top = Object::parse(text)?;
    let data = top.raw("data").ok_or_else(|| missing("data"))?;
    let records = match data.starts_with('[') {
        true => top.elements("data")?,
        false => vec![data],
    };
    let included = top.elements("included")?;
    for one in &included {
        json::strict(one)?;
    }
    let included: Vec<Object<'_>> = top.objects("included")?;
    Ok(each(records, |record| {
        read_record(message.account, record, &included)
    }))
}

fn read_record(account: &str, record: &Object<'_>, included: &[Object<'_>]) -> OneReading {
    let named = |entity| {
        Ok(Reference::new(
            "productive",
            account,
            entity,
            record.id("id")?,
        ))
    };
    let attributes = record.object("attributes")?;
    let version = || Ok(Version::at(attributes.instant("updated_at")?));
    match record.text("type")?.as_str() {
        "time_entries" => {
            let project = project_of(record, included)?;
            let project = project.map(|id| Reference::new("productive", account, "project", id));
            let reference = named("time_entry")?;
            time_entry(reference, version()?, record, project)
        }
        "projects" => Ok(Reading::Event(Event::Project(Box::new(PsaProject {
            reference: named("project")?,
            version: version()?,
            name: attributes.text("name")?,
            deal_id: None,
            customer: None,
            standing: Standing {
                code: attributes.optional_text("project_number")?,
                ..work::active(
                    Some(attributes.optional_instant("archived_at")?.is_none()),
                    None,
                )
            },
        })))),
        "bookings" => booking(named("assignment")?, version()?, record, included),
        "expenses" => expense(named("expense")?, version()?, record),
        _ => Ok(Reading::NotForUs("a kind of record that is not read")),
    }
}

/// The id that a record names under a relationship.
fn related(record: &Object<'_>, name: &str) -> Result<Option<String>, Unreadable> {
    let Some(relations) = record.optional_object("relationships")? else {
        return Ok(None);
    };
    match relations.optional_object(name)? {
        Some(relation) => relation.id_within("data"),
        None => Ok(None),
    }
}

/// Time is booked on a service, which belongs to a budget, which belongs to a project: the message
/// includes them when the webhook or the query asks for it.
fn project_of(record: &Object<'_>, included: &[Object<'_>]) -> Result<Option<String>, Unreadable> {
    let mut at = related(record, "service")?;
    for (kind, next) in [("services", "deal"), ("deals", "project")] {
        let Some(id) = at else {
            return Ok(None);
        };
        let mut found = None;
        for one in included {
            if one.text("type")? == kind && one.id("id")? == id {
                found = related(one, next)?;
            }
        }
        at = found;
    }
    Ok(at)
}

/// What the flags of a record say together; one that is missing where it decides says nothing.
fn status(attributes: &Object<'_>) -> Result<String, Unreadable> {
    let is = |flag| Ok::<_, Unreadable>(attributes.optional_flag(flag)? == Some(true));
    let word = match attributes.optional_flag("approved")? {
        _ if is("invoiced")? => "invoiced",
        _ if is("rejected")? => "rejected",
        Some(true) => "approved",
        Some(false) => "not approved",
        None => "unknown",
    };
    Ok(word.to_owned())
}

fn time_entry(
    reference: Reference,
    version: Version,
    record: &Object<'_>,
    project: Option<Reference>,
) -> OneReading {
    let attributes = record.object("attributes")?;
    let member = related(record, "person")?.ok_or_else(|| missing("relationships.person"))?;
    let worked = work::hours_of_minutes(attributes.decimal("time")?);
    let billable = attributes.optional_decimal("billable_time")?;
    let date = attributes.day("date")?;
    Ok(time(TimeEntry {
        project,
        work_role: related(record, "service")?,
        billable: billable.map_or(worked, work::hours_of_minutes),
        billing: work::billing(billable.map(|minutes| !minutes.is_zero())),
        status: status(&attributes)?,
        notes: Personal(attributes.optional_text("note")?.unwrap_or_default()),
        ..work::entry(reference, version, member, date, worked)
    }))
}

/// A booking on a service plans work; one on an event is an absence, which is not read here.
/// <https://developer.productive.io/reference/resources/bookings>
fn booking(
    reference: Reference,
    version: Version,
    record: &Object<'_>,
    included: &[Object<'_>],
) -> OneReading {
    let Some(service) = related(record, "service")? else {
        return Ok(Reading::NotForUs("an absence and no plan of work"));
    };
    let attributes = record.object("attributes")?;
    if attributes.optional_flag("canceled")? == Some(true) {
        return Ok(removed(reference, version));
    }
    let project = project_of(record, included)?;
    let named = |id| Reference::new("productive", reference.account(), "project", id);
    // Minutes in all; hours a day or a percentage say too little without a calendar.
    let planned = attributes.optional_decimal("total_time")?;
    Ok(Reading::Event(Event::Assignment(Box::new(Assignment {
        version,
        project: project.map(named),
        task: related(record, "task")?,
        member: related(record, "person")?.map(Personal),
        work_role: Some(service),
        from: Some(attributes.day("started_on")?),
        to: Some(attributes.day("ended_on")?),
        hours: planned.map(work::hours_of_minutes),
        cost_rate: None,
        bill_rate: None,
        is_tentative: attributes.optional_flag("draft")? == Some(true),
        reference,
    }))))
}

fn expense(reference: Reference, version: Version, record: &Object<'_>) -> OneReading {
    let attributes = record.object("attributes")?;
    let cents = attributes.decimal("amount")?;
    Ok(Reading::Event(Event::Expense(Box::new(Expense {
        reference,
        version,
        project: None,
        member: related(record, "person")?.map(Personal),
        date: attributes.day("date")?,
        amount: (cents / Decimal::from(10_u32.pow(CENTS))).normalize(),
        currency: attributes.optional_text("currency")?,
        category: None,
        billing: BillingOption::Unknown,
        approval: UNDECIDED,
        status: status(&attributes)?,
        notes: Personal(attributes.optional_text("name")?.unwrap_or_default()),
    }))))
}
