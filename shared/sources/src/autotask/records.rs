//! What queries of Autotask's API answer: time entries, projects, tickets.
//!
//! Entities: <https://www.autotask.net/help/DeveloperHelp/Content/APIs/REST/Entities/TimeEntriesEntity.htm>

use std::collections::BTreeMap;

use domain::book::Book;
use domain::event::{Event, Personal, PsaProject, Standing, Ticket, TimeEntry};
use domain::{Reference, Version};
use rust_decimal::Decimal;

use crate::json::{Object, Unreadable, missing, wrong};
use crate::reading::{OneReading, Reading, each, time};
use crate::work;

/// The items of an answer. A time entry names its task only: the query for those tasks is beside
/// it, under `tasks`, as the API answered it.
pub(super) fn read(
    book: &Book,
    account: &str,
    top: &Object<'_>,
) -> Result<Vec<Reading>, Unreadable> {
    if top.raw("items").is_none() {
        return Err(missing("items"));
    }
    let mut projects = BTreeMap::new();
    if let Some(tasks) = top.optional_object("tasks")? {
        for task in tasks.objects("items")? {
            projects.insert(task.id("id")?, task.id("projectID")?);
        }
    }
    Ok(each(top.elements("items")?, |item| {
        let kind = ["hoursWorked", "projectName", "ticketNumber"]
            .into_iter()
            .find(|field| item.raw(field).is_some());
        match kind {
            Some("hoursWorked") => time_entry(account, item, &projects),
            Some("projectName") => project(book, account, item),
            Some(_) => ticket(account, item),
            None => Ok(Reading::NotForUs("a kind of record that is not read")),
        }
    }))
}

fn time_entry(account: &str, item: &Object<'_>, projects: &BTreeMap<String, String>) -> OneReading {
    let named = |entity, id: &str| Reference::new("autotask", account, entity, id);
    let task = item.optional_id("taskID")?;
    let project = task.and_then(|task| projects.get(&task));
    let changed = item.instant("lastModifiedDateTime")?;
    // That an entry was posted may be newer than its last edit.
    let posted = item.optional_instant("billingApprovalDateTime")?;
    let version = Version::at(posted.map_or(changed, |posted| posted.max(changed)));
    let worked = item.decimal("hoursWorked")?;
    let reference = named("time_entry", &item.id("id")?);
    let (member, date) = (item.id("resourceID")?, item.day("dateWorked")?);
    let not_billable = item.optional_flag("isNonBillable")?;
    Ok(time(TimeEntry {
        project: project.map(|id| named("project", id)),
        work_role: item.optional_id("roleID")?,
        billable: item.optional_decimal("hoursToBill")?.unwrap_or(worked),
        billing: work::billing(not_billable.map(|not| !not)),
        status: status(item)?,
        notes: Personal(item.optional_text("summaryNotes")?.unwrap_or_default()),
        ..work::entry(reference, version, member, date, worked)
    }))
}

/// An entry has no status word. It is posted when somebody approved it for billing at the last
/// level; a level without that is a part of the way.
fn status(item: &Object<'_>) -> Result<String, Unreadable> {
    let level = item.optional_decimal("billingApprovalLevelMostRecent")?;
    let level = level.unwrap_or_default();
    if level < Decimal::ZERO || !level.fract().is_zero() {
        return Err(wrong("billingApprovalLevelMostRecent", "a level from 0 on"));
    }
    let word = match item.optional_instant("billingApprovalDateTime")? {
        Some(_) => "posted",
        None if level.is_zero() => "not posted",
        None => "partly posted",
    };
    Ok(word.to_owned())
}

fn project(book: &Book, account: &str, item: &Object<'_>) -> OneReading {
    let psa = book.psa_or_first("autotask", account);
    let mut deal_id = None;
    for field in item.objects("userDefinedFields")? {
        if field.optional_text("name")?.as_deref() == Some(psa.deal_id_field.as_str()) {
            deal_id = field.optional_id("value")?;
        }
    }
    Ok(Reading::Event(Event::Project(Box::new(PsaProject {
        reference: Reference::new("autotask", account, "project", item.id("id")?),
        version: Version::at(item.instant("lastActivityDateTime")?),
        name: item.text("projectName")?,
        deal_id,
        customer: item
            .optional_id("companyID")?
            .map(|id| Reference::new("autotask", account, "company", id)),
        standing: Standing {
            // A number: the picklist's words are the firm's own.
            status: item.optional_id("status")?,
            closed_on: None,
            code: item.optional_text("projectNumber")?,
        },
    }))))
}

fn ticket(account: &str, item: &Object<'_>) -> OneReading {
    Ok(Reading::Event(Event::Ticket(Ticket {
        reference: Reference::new("autotask", account, "ticket", item.id("id")?),
        version: Version::at(item.instant("lastActivityDate")?),
        status: item.id("status")?,
    })))
}
