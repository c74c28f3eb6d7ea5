//! Messages and answers in the shapes that vendors document, and what each of them says in our words.
//!
//! The files are under `fixtures/`, one folder per source. Persons and firms in them are invented.

use std::collections::BTreeMap;
use std::fs;

use domain::event::{Assignment, Event, TimeEntry};
use domain::{Reference, Version};
use jiff::Timestamp;
use jiff::civil::Date;

use super::demo_book;
use crate::{Message, PULLED, Reading, Unreadable};

/// A source, the account of its samples, and the page that documents their shapes.
pub(super) const SOURCES: [(&str, &str, &str); 18] = [
    (
        "autotask",
        "acme",
        "https://www.autotask.net/help/DeveloperHelp/Content/APIs/Webhooks/WEBHOOKS.htm",
    ),
    (
        "bamboohr",
        "acme",
        "https://documentation.bamboohr.com/docs/webhooks",
    ),
    (
        "clockify",
        "64a687e29ae1f428e7ebe303",
        "https://docs.clockify.me/#tag/Approval",
    ),
    (
        "dataverse",
        "acme",
        "https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks",
    ),
    (
        "generic",
        "legacy",
        "https://github.com/cloudevents/spec/blob/main/cloudevents/spec.md",
    ),
    (
        "harvest",
        "acme",
        "https://help.getharvest.com/api-v2/timesheets-api/timesheets/time-entries/",
    ),
    (
        "jira",
        "acme",
        "https://developer.atlassian.com/cloud/jira/platform/webhooks/",
    ),
    (
        "kantata",
        "acme",
        "https://developer.kantata.com/kantata/specification/events",
    ),
    (
        "moco",
        "acme",
        "https://github.com/everii-Group/mocoapp-api-docs/blob/master/webhooks.md",
    ),
    (
        "paymo",
        "acme",
        "https://github.com/paymoapp/api/blob/master/sections/webhooks.md",
    ),
    (
        "personio",
        "acme",
        "https://developer.personio.de/docs/event-driven-data-from-personio",
    ),
    (
        "pipedrive",
        "123",
        "https://pipedrive.readme.io/docs/guide-for-webhooks-v2",
    ),
    (
        "productive",
        "acme",
        "https://developer.productive.io/reference/resources/time-entries",
    ),
    (
        "salesforce",
        "00D7F00000107XsUAI",
        "https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_event_fields_header.htm",
    ),
    (
        "standard-webhooks",
        "legacy",
        "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
    ),
    (
        "teamwork",
        "acme",
        "https://apidocs.teamwork.com/guides/teamwork/webhooks",
    ),
    (
        "toggl",
        "900",
        "https://engineering.toggl.com/docs/webhooks_start",
    ),
    (
        "zendesk",
        "12514403",
        "https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/",
    ),
];

/// How a sample comes to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The source sends it.
    Pushed,
    /// The source sends it, with this header.
    With(&'static str, &'static str),
    /// It is an answer that we asked for.
    Pulled,
}

/// The text of a fixture.
pub(super) fn text(file: &str) -> String {
    fs::read_to_string(format!("{}/fixtures/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Reads a text as a message of a source, in the account of its samples.
pub(super) fn read(source: &str, way: Way, text: &str) -> Result<Vec<Reading>, Unreadable> {
    let (_, account, _) = SOURCES.iter().find(|(name, ..)| *name == source).unwrap();
    let headers = match way {
        Way::Pushed => BTreeMap::new(),
        Way::With(name, value) => BTreeMap::from([(name.to_owned(), value.to_owned())]),
        Way::Pulled => BTreeMap::from([(PULLED.to_owned(), String::new())]),
    };
    let message = Message {
        account,
        received_at: "2026-11-22T12:00:00Z".parse().unwrap(),
        headers: &headers,
        body: text.as_bytes(),
    };
    crate::read(crate::source(source).unwrap(), &demo_book(), &message)
}

/// The events among readings.
pub(super) fn events(readings: Vec<Reading>) -> Vec<Event> {
    let event = |reading| match reading {
        Reading::Event(event) => Some(event),
        Reading::Fetch(_) | Reading::Missed(_) | Reading::NotForUs(_) | Reading::Unreadable(_) => {
            None
        }
    };
    readings.into_iter().filter_map(event).collect()
}

/// What a reading says, on one line.
pub(super) fn said(reading: &Reading) -> String {
    match reading {
        Reading::Event(event) => said_of(event),
        Reading::Fetch(fetch) => format!("fetch {}", of(&fetch.reference)),
        Reading::Missed(what) => format!("missed: {what}"),
        Reading::NotForUs(why) => format!("- {why}"),
        Reading::Unreadable(why) => format!("! {why}"),
    }
}

fn of(reference: &Reference) -> String {
    format!("{} {}", reference.entity(), reference.id())
}

fn at(version: Version) -> Timestamp {
    Timestamp::from_millisecond(i64::try_from(version.0).unwrap()).unwrap()
}

fn said_of(event: &Event) -> String {
    let name = of(event.reference());
    let rest = match event {
        Event::TimeEntry(entry) => said_of_time(entry),
        Event::Deal(deal) => format!(
            "{} {:?} {:?} {} lines",
            deal.stage,
            deal.amount,
            deal.customer
                .as_ref()
                .map(|customer| of(&customer.reference)),
            deal.lines.len()
        ),
        Event::Project(project) => format!("{:?} of deal {:?}", project.name, project.deal_id),
        Event::Removed(_) => "removed".to_owned(),
        Event::Withdrawn(withdrawn) => format!("withdrawn {}", withdrawn.status),
        Event::Expense(expense) => format!(
            "{} {} {:?} {:?} {:?}",
            expense.date, expense.amount, expense.currency, expense.billing, expense.approval
        ),
        Event::Assignment(planned) => said_of_assignment(planned),
        Event::Person(person) => format!("{:?}", person.status),
        Event::TimeOff(off) => format!(
            "{} {} to {} {:?}",
            of(&off.person),
            off.from,
            off.to,
            off.approval
        ),
        Event::Ticket(ticket) => ticket.status.clone(),
        Event::InvoiceStatus(_) => unreachable!("no source reads Odoo's invoices"),
    };
    format!("{name} @{}: {rest}", at(event.version()))
}

fn said_of_assignment(planned: &Assignment) -> String {
    let day = |day: Option<Date>| day.map_or("?".to_owned(), |day| day.to_string());
    format!(
        "{} to {} {:?} h by {:?} as {:?} on {:?}{}",
        day(planned.from),
        day(planned.to),
        planned.hours.map(|hours| hours.to_string()),
        planned.member.as_ref().map(|member| &member.0),
        planned.work_role,
        planned.project.as_ref().map(Reference::id),
        if planned.is_tentative {
            ", tentative"
        } else {
            ""
        },
    )
}

fn said_of_time(entry: &TimeEntry) -> String {
    format!(
        "{} {}/{} {:?} {:?} on {} by {} as {}",
        entry.date,
        entry.worked,
        entry.billable,
        entry.billing,
        entry.approval,
        entry.project.as_ref().map_or("nothing", Reference::id),
        entry.member.0,
        entry.work_role.as_deref().unwrap_or("nobody"),
    )
}
