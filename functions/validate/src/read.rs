//! From a delivery's bytes to readings.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::delivery::Delivery;
use domain::event::{Approval, Event};
use sources::{Message, Reading, Sequence, Source, Unreadable};

use crate::Case;

/// A delivery that cannot be read at all. It says where, never what was sent.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableDelivery {
    /// Nobody by this name.
    #[error("no source is called {name:?}")]
    UnknownSource {
        /// The name.
        name: String,
    },
    /// Our own envelope is damaged.
    #[error("the kept bytes are damaged")]
    Damaged,
    /// The source's message cannot be taken apart.
    #[error(transparent)]
    Unreadable(#[from] sources::Unreadable),
    /// A message of our own pull that is not what it should be.
    #[error("the pulled events cannot be read (line {line}, column {column})")]
    NotEvents {
        /// Line.
        line: usize,
        /// Column.
        column: usize,
    },
}

/// What a delivery says.
pub fn readings(case: &Case<'_>) -> Result<Vec<Reading>, UnreadableDelivery> {
    let delivery = case.delivery;
    let body = BASE64_STANDARD
        .decode(&delivery.body)
        .map_err(|_| UnreadableDelivery::Damaged)?;
    if delivery.source == "odoo" {
        return pulled(&body);
    }
    let unknown = || UnreadableDelivery::UnknownSource {
        name: delivery.source.clone(),
    };
    let source = sources::source(&delivery.source).ok_or_else(unknown)?;
    let readings = sources::read(source, case.book, &message(delivery, &body))?;
    let whole = |reading| {
        if let Reading::Event(event) = &reading
            && let Some(field) = lacks(source, event, &body)
        {
            return Reading::Unreadable(Unreadable::Missing { field });
        }
        reading
    };
    Ok(readings.into_iter().map(whole).collect())
}

/// The number of a delivery among the others of its source, where a missing one is a lost event.
pub fn sequence(case: &Case<'_>) -> Option<(&'static Source, Sequence)> {
    let delivery = case.delivery;
    let source = sources::source(&delivery.source)?;
    let order = source.facts.message.order.as_ref();
    order.filter(|order| order.gapless)?;
    let body = BASE64_STANDARD.decode(&delivery.body).ok()?;
    Some((source, source.sequence(&message(delivery, &body))?))
}

fn message<'a>(delivery: &'a Delivery, body: &'a [u8]) -> Message<'a> {
    Message {
        account: &delivery.account,
        received_at: delivery.received_at,
        headers: &delivery.headers,
        body,
    }
}

/// The field of the approval word, when the message has none of that name. Such a word is not one
/// that nobody mapped: the vendor has renamed its field.
fn lacks(source: &Source, event: &Event, body: &[u8]) -> Option<String> {
    let (entity, approval) = if let Event::TimeEntry(entry) = event {
        ("time_entry", entry.approval)
    } else if let Event::Expense(expense) = event {
        ("expense", expense.approval)
    } else {
        return None;
    };
    let at = &source.facts.approval.get(entity)?.at;
    let name = at.strip_prefix('/')?.rsplit('/').next()?;
    let is_there = body.windows(name.len()).any(|some| some == name.as_bytes());
    (approval == Approval::Review && !is_there).then(|| name.to_owned())
}

/// What our own pull from Odoo put into the queue: canonical events already.
fn pulled(body: &[u8]) -> Result<Vec<Reading>, UnreadableDelivery> {
    let events: Vec<Event> =
        serde_json::from_slice(body).map_err(|error| UnreadableDelivery::NotEvents {
            line: error.line(),
            column: error.column(),
        })?;
    Ok(events.into_iter().map(Reading::Event).collect())
}
