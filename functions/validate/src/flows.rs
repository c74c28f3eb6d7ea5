//! What a judged record's flow says: at once, later, or not at all.

use domain::flow::Hold;
use domain::{Record, State};
use jiff::Timestamp;

use crate::Validate;
use crate::error::ValidateError;

impl Validate {
    /// The record, held back where its flow says so. That is decided by the book of today: how a fact
    /// is judged belongs to the day of the fact, and when it goes to Odoo to today.
    pub(crate) async fn in_its_flow(&self, record: Record) -> Result<Record, ValidateError> {
        let Some(command) = &record.command else {
            return Ok(record);
        };
        let now = self.clock.now();
        let book = self.books.active(now).await?;
        let company = match book.flow_differs_by_entity(command.flow()) {
            true => self.ledger.company_of(command).await?,
            false => None,
        };
        Ok(
            match book.hold(command.flow(), command.ends_a_draft(), company) {
                Some(hold) => record.hold_back(hold, now),
                None => record,
            },
        )
    }
}

/// The record, waiting for its flow's turn since the oldest change that it takes the place of did.
/// `known` are the versions of its fact.
pub fn since_the_first(record: Record, known: &[Record]) -> Record {
    let Some(held_back) = record
        .held_back
        .as_ref()
        .filter(|held| held.by == Hold::Schedule)
    else {
        return record;
    };
    let waits = |known: &&Record| known.state == State::Waiting && known.is_held_back();
    let same = known.iter().filter(waits).filter_map(|known| {
        let other = known.held_back.as_ref()?;
        ((other.flow, other.by) == (held_back.flow, held_back.by)).then_some(other.since)
    });
    let since: Option<Timestamp> = same.chain([held_back.since]).min();
    let mut record = record;
    if let (Some(held_back), Some(since)) = (&mut record.held_back, since) {
        held_back.since = since;
    }
    record
}
