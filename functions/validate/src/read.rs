//! From a delivery's bytes to readings.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::event::Event;
use sources::{Message, Reading};

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
    let message = Message {
        account: &delivery.account,
        received_at: delivery.received_at,
        headers: &delivery.headers,
        body: &body,
    };
    Ok(sources::read(source, case.book, &message)?)
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
