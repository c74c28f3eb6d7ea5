//! Harvest: it sends nothing, so these are answers of its API, asked for with `updated_since`.
//!
//! <https://help.getharvest.com/api-v2/timesheets-api/timesheets/time-entries/>

use domain::book::Book;
use domain::event::{Event, Expense, Personal, PsaProject, TimeEntry};
use domain::{Reference, Version};

use crate::json::{Object, Unreadable, missing};
use crate::reading::{Message, OneReading, Reading, each, time};
use crate::work::{self, UNDECIDED};

/// Reads one page of time entries, projects or expenses.
pub(crate) fn read(
    book: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    let page = Object::parse(text)?;
    let account = message.account;
    let mut readings = each(page.elements("time_entries")?, |entry| {
        time_entry(account, entry)
    });
    let projects = page.elements("projects")?;
    readings.extend(each(projects, |record| project(book, account, record)));
    let expenses = page.elements("expenses")?;
    readings.extend(each(expenses, |record| expense(account, record)));
    let is_page = ["time_entries", "projects", "expenses"]
        .iter()
        .any(|list| page.raw(list).is_some());
    match is_page {
        true => Ok(readings),
        false => Err(missing("time_entries, projects or expenses")),
    }
}

fn version(record: &Object<'_>) -> Result<Version, Unreadable> {
    Ok(Version::at(record.instant("updated_at")?))
}

/// The record's project, and the one who worked or spent.
fn project_and_member(
    account: &str,
    record: &Object<'_>,
) -> Result<(Reference, String), Unreadable> {
    let project = record.object("project")?.id("id")?;
    let project = Reference::new("harvest", account, "project", project);
    Ok((project, record.object("user")?.id("id")?))
}

/// The status word. What is on an invoice of Harvest has gone beyond approval.
fn status(record: &Object<'_>) -> Result<String, Unreadable> {
    match record.optional_flag("is_billed")? {
        Some(true) => Ok("billed".to_owned()),
        Some(false) | None => Ok(record.optional_text("approval_status")?.unwrap_or_default()),
    }
}

fn time_entry(account: &str, entry: &Object<'_>) -> OneReading {
    if entry.optional_flag("is_running")? == Some(true) {
        return Ok(Reading::NotForUs("a timer that still runs"));
    }
    let (project, member) = project_and_member(account, entry)?;
    let worked = entry.decimal("hours")?;
    let reference = Reference::new("harvest", account, "time_entry", entry.id("id")?);
    let date = entry.day("spent_date")?;
    Ok(time(TimeEntry {
        project: Some(project),
        work_role: entry.text_within("task", "name")?,
        // What Harvest would bill: the account may round up.
        billable: entry.optional_decimal("rounded_hours")?.unwrap_or(worked),
        billing: work::billing(entry.optional_flag("billable")?),
        status: status(entry)?,
        notes: Personal(entry.optional_text("notes")?.unwrap_or_default()),
        ..work::entry(reference, version(entry)?, member, date, worked)
    }))
}

fn project(book: &Book, account: &str, record: &Object<'_>) -> OneReading {
    // Harvest has no custom fields; a firm may use one of its own, such as the code.
    let deal_id = match book.psa("harvest", account) {
        Some(psa) => record.optional_id(&psa.deal_id_field)?,
        None => None,
    };
    Ok(Reading::Event(Event::Project(Box::new(PsaProject {
        reference: Reference::new("harvest", account, "project", record.id("id")?),
        version: version(record)?,
        name: record.text("name")?,
        deal_id,
        customer: record
            .id_within("client")?
            .map(|id| Reference::new("harvest", account, "company", id)),
        standing: work::active(
            record.optional_flag("is_active")?,
            record.optional_text("code")?,
        ),
    }))))
}

fn expense(account: &str, record: &Object<'_>) -> OneReading {
    let (project, member) = project_and_member(account, record)?;
    Ok(Reading::Event(Event::Expense(Box::new(Expense {
        reference: Reference::new("harvest", account, "expense", record.id("id")?),
        version: version(record)?,
        project: Some(project),
        member: Some(Personal(member)),
        date: record.day("spent_date")?,
        amount: record.decimal("total_cost")?,
        currency: record.text_within("client", "currency")?,
        category: record.text_within("expense_category", "name")?,
        billing: work::billing(record.optional_flag("billable")?),
        approval: UNDECIDED,
        status: status(record)?,
        notes: Personal(record.optional_text("notes")?.unwrap_or_default()),
    }))))
}
