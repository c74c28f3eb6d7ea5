//! Dynamics 365 and Dataverse: webhooks as hints, and what the Web API answers about
//! opportunities, time and projects.
//!
//! A webhook proves itself by a header alone and leaves its record out when it is large.
//! <https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks>

mod opportunity;

use domain::book::Book;
use domain::event::{BillingOption, Event, Personal, PsaProject, Standing, TimeEntry};
use domain::{Reference, Version};
use jiff::Timestamp;

use crate::json::{self, Object, Unreadable, missing, wrong};
use crate::reading::{Message, OneReading, Reading, each, fetch, removed, time};
use crate::work;

/// Choices of `msdyn_billingtype`.
const NOT_CHARGEABLE: &str = "192350000";
const CHARGEABLE: &str = "192350001";

/// Reads a webhook, or one page of an answer.
pub(crate) fn read(
    book: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    let top = Object::parse(text)?;
    if message.is_pulled() {
        let rows = top.raw("value").ok_or_else(|| missing("value"))?;
        let rows = json::array(rows).map_err(|_| wrong("value", "an array"))?;
        let rows = rows.into_iter().map(|row| row.get()).collect();
        return Ok(each(rows, |row| read_row(book, message.account, row)));
    }
    json::strict(text)?;
    Ok(vec![webhook(message.account, &top)?])
}

fn webhook(account: &str, top: &Object<'_>) -> OneReading {
    let entity = match top.text("PrimaryEntityName")?.as_str() {
        "opportunity" => "deal",
        "msdyn_timeentry" => "time_entry",
        "msdyn_project" => "project",
        _ => return Ok(Reading::NotForUs("a kind of record that is not read")),
    };
    let reference = Reference::new("dataverse", account, entity, top.id("PrimaryEntityId")?);
    match top.text("MessageName")?.as_str() {
        "Create" | "Update" => Ok(fetch(reference)),
        "Delete" => Ok(removed(reference, Version::at(operation_time(top)?))),
        _ => Ok(Reading::NotForUs("an action that is not read")),
    }
}

/// From `/Date(1795190400000)/`, which may name a zone after the number: the number is in UTC.
fn operation_time(top: &Object<'_>) -> Result<Timestamp, Unreadable> {
    let field = "OperationCreatedOn";
    let text = top.text(field)?;
    let inner = text
        .strip_prefix("/Date(")
        .and_then(|rest| rest.strip_suffix(")/"));
    let digits = inner.and_then(|inner| inner.split(['+', '-']).next());
    let milliseconds = digits.and_then(|digits| digits.parse().ok());
    milliseconds
        .and_then(|at| Timestamp::from_millisecond(at).ok())
        .ok_or_else(|| wrong(field, "a time like /Date(1795190400000)/"))
}

fn read_row(book: &Book, account: &str, row: &Object<'_>) -> OneReading {
    let keys = ["msdyn_timeentryid", "msdyn_projectid", "opportunityid"];
    match keys.into_iter().find(|key| row.raw(key).is_some()) {
        Some("msdyn_timeentryid") => time_entry(account, row),
        Some("msdyn_projectid") => project(book, account, row),
        Some(_) => opportunity::deal(book, account, row),
        None => Ok(Reading::NotForUs("a kind of record that is not read")),
    }
}

fn time_entry(account: &str, row: &Object<'_>) -> OneReading {
    let named = |entity, id| Reference::new("dataverse", account, entity, id);
    let reference = named("time_entry", row.id("msdyn_timeentryid")?);
    let version = Version::at(row.instant("modifiedon")?);
    let status = row.id("msdyn_entrystatus")?;
    let worked = work::hours_of_minutes(row.decimal("msdyn_duration")?);
    let member = row.id("_msdyn_bookableresource_value")?;
    let project = row.optional_id("_msdyn_project_value")?;
    Ok(time(TimeEntry {
        project: project.map(|id| named("project", id)),
        work_role: row.optional_id("_msdyn_resourcecategory_value")?,
        billing: match row.optional_id("msdyn_billingtype")?.as_deref() {
            Some(CHARGEABLE) => BillingOption::Billable,
            Some(NOT_CHARGEABLE) => BillingOption::DoNotBill,
            Some(_) | None => BillingOption::Unknown,
        },
        status,
        notes: Personal(
            row.optional_text("msdyn_externaldescription")?
                .unwrap_or_default(),
        ),
        ..work::entry(reference, version, member, row.day("msdyn_date")?, worked)
    }))
}

fn project(book: &Book, account: &str, row: &Object<'_>) -> OneReading {
    let deal_id = match book.psa("dataverse", account) {
        Some(psa) => row.optional_id(&psa.deal_id_field)?,
        None => None,
    };
    Ok(Reading::Event(Event::Project(Box::new(PsaProject {
        reference: Reference::new("dataverse", account, "project", row.id("msdyn_projectid")?),
        version: Version::at(row.instant("modifiedon")?),
        name: row.text("msdyn_subject")?,
        deal_id,
        customer: None,
        standing: Standing {
            // A number of the table's own list of reasons.
            status: row.optional_id("statuscode")?,
            ..Standing::default()
        },
    }))))
}
