//! An approval request and the entries of its period.

use domain::book::Book;
use domain::event::{Event, Personal, TimeEntry, Withdrawn};
use domain::{Reference, Version};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::json::{self, Object, Unreadable, missing, wrong};
use crate::reading::{OneReading, Reading, each, time};
use crate::work;

const WITHDRAWN: &str = "WITHDRAWN_APPROVAL";

/// What a request says of each of its entries.
struct Request<'a> {
    account: &'a str,
    version: Version,
    state: String,
    member: String,
    zone: Option<String>,
}

/// One reading per entry of a request; none when the element is no request.
pub(super) fn entries(
    book: &Book,
    account: &str,
    json: &str,
) -> Result<Option<Vec<Reading>>, Unreadable> {
    json::strict(json)?;
    let element = Object::parse(json)?;
    let Some(head) = element.optional_object("approvalRequest")? else {
        return Ok(None);
    };
    if head.id("workspaceId")? != account {
        let other = Reading::NotForUs("a request of another account");
        return Ok(Some(vec![other]));
    }
    let status = head.object("status")?;
    let owner = head.object("owner")?;
    let state = status.text("state")?;
    let request = Request {
        account,
        version: Version::at(status.instant("updatedAt")?),
        state,
        member: owner.id("userId")?,
        zone: owner.optional_text("timeZone")?,
    };
    let entries = element.elements("entries")?;
    Ok(Some(each(entries, |entry| request.entry(book, entry))))
}

impl Request<'_> {
    fn entry(&self, book: &Book, entry: &Object<'_>) -> OneReading {
        let named = |entity, id| Reference::new("clockify", self.account, entity, id);
        let reference = named("time_entry", entry.id("id")?);
        // It was approved, and may be posted: nobody may take it for one that never was.
        if self.state == WITHDRAWN {
            return Ok(Reading::Event(Event::Withdrawn(Withdrawn {
                reference,
                version: self.version,
                status: self.state.clone(),
            })));
        }
        let interval = entry.object("timeInterval")?;
        let project = match entry.id_within("project")? {
            Some(id) => Some(id),
            None => entry.optional_id("projectId")?,
        };
        let worked = hours(&interval)?;
        let date = self.day(book, &reference, interval.instant("start")?)?;
        let member = self.member.clone();
        Ok(time(TimeEntry {
            project: project.map(|id| named("project", id)),
            work_role: entry.text_within("task", "name")?,
            billing: work::billing(entry.optional_flag("billable")?),
            status: self.state.clone(),
            notes: Personal(entry.optional_text("description")?.unwrap_or_default()),
            ..work::entry(reference, self.version, member, date, worked)
        }))
    }

    /// The day where the one who worked was, which the request tells.
    fn day(&self, book: &Book, entry: &Reference, start: Timestamp) -> Result<Date, Unreadable> {
        match &self.zone {
            Some(zone) => {
                let zone = TimeZone::get(zone)
                    .map_err(|_| wrong("approvalRequest.owner.timeZone", "an IANA time zone"))?;
                Ok(zone.to_datetime(start).date())
            }
            None => work::day_of(book, entry, start),
        }
    }
}

/// From `PT1H30M`; a timer that still runs has none.
fn hours(interval: &Object<'_>) -> Result<Decimal, Unreadable> {
    let text = interval
        .optional_text("duration")?
        .ok_or_else(|| missing("timeInterval.duration"))?;
    let length: SignedDuration = text
        .parse()
        .map_err(|_| wrong("timeInterval.duration", "a duration like PT1H30M"))?;
    Ok(work::hours_of_seconds(Decimal::from(length.as_secs())))
}
