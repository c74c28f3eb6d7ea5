//! BambooHR: people who changed, pushed; time off, asked for.
//!
//! <https://documentation.bamboohr.com/docs/webhooks>

use domain::book::Book;
use domain::event::{Event, Person, TimeOff};
use domain::{Reference, Version};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::json::{self, Object, Unreadable, wrong};
use crate::reading::{Message, OneReading, Reading, each, fetch, removed};
use crate::work::UNDECIDED;

/// Reads a webhook of either kind, or the array of time-off requests that the API answers.
pub(crate) fn read(
    _: &Book,
    message: &Message<'_>,
    text: &str,
) -> Result<Vec<Reading>, Unreadable> {
    let account = message.account;
    if text.trim_start().starts_with('[') {
        let requests = json::array(text)?.into_iter().map(|request| request.get());
        return Ok(each(requests.collect(), |request| {
            time_off(account, request)
        }));
    }
    let top = Object::parse(text)?;
    if top.raw("employees").is_some() {
        return Ok(each(top.elements("employees")?, |employee| {
            changed(account, employee)
        }));
    }
    json::strict(text)?;
    let employee = top.object("data")?.id("employeeId")?;
    Ok(vec![fetch(person(account, employee))])
}

fn person(account: &str, id: String) -> Reference {
    Reference::new("bamboohr", account, "person", id)
}

/// A person in a batch: the fields that the webhook was told to send.
fn changed(account: &str, employee: &Object<'_>) -> OneReading {
    let reference = person(account, employee.id("id")?);
    let version = Version::at(employee.instant("timestamp")?);
    if employee.text("action")? == "Deleted" {
        return Ok(removed(reference, version));
    }
    let status = match employee.optional_object("fields")? {
        Some(fields) => fields.text_within("status", "value")?,
        None => None,
    };
    Ok(Reading::Event(Event::Person(Person {
        reference,
        version,
        status,
    })))
}

fn time_off(account: &str, request: &Object<'_>) -> OneReading {
    let state = request.object("status")?;
    let status = state.text("status")?;
    let id = request.id("id")?;
    Ok(Reading::Event(Event::TimeOff(TimeOff {
        reference: Reference::new("bamboohr", account, "time_off", id),
        version: last_changed(&state)?,
        person: person(account, request.id("employeeId")?),
        from: request.day("start")?,
        to: request.day("end")?,
        approval: UNDECIDED,
        status,
    })))
}

/// A day or an instant. Of two changes on one day the API tells no order.
fn last_changed(state: &Object<'_>) -> Result<Version, Unreadable> {
    let field = "lastChanged";
    let text = state.text(field)?;
    let midnight = |day: Date| day.to_zoned(TimeZone::UTC).map(|at| at.timestamp());
    text.parse::<Timestamp>()
        .or_else(|_| text.parse::<Date>().and_then(midnight))
        .map(Version::at)
        .map_err(|_| wrong(field, "a day or an instant"))
}
