//! What is posted together, and what became of it.

use aws::{Lease, Sent, keys};
use domain::command::Command;
use domain::{NextStep, Record};

use crate::Post;
use crate::error::Outcome;
use crate::error::PostError;

/// Records that are posted together: time in bulk; everything else one by one, because each is a
/// call of its own whose outcome must be known before the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece(pub Vec<Record>);

impl Piece {
    /// Whether it is time.
    pub fn is_time(&self) -> bool {
        self.0.iter().all(is_time)
    }
}

/// What Odoo answered about a piece.
#[derive(Debug)]
pub struct Answered {
    /// What was announced.
    pub sent: Sent,
    /// Each record, and what became of it.
    pub outcomes: Vec<(Record, Outcome)>,
}

impl Answered {
    /// Whether Odoo may still work on some of it.
    pub fn is_uncertain(&self) -> bool {
        let is_uncertain = |outcome: &Outcome| {
            let failure = outcome.as_ref().err();
            failure.is_some_and(|failure| failure.next_step() == NextStep::LookFirst)
        };
        self.outcomes
            .iter()
            .any(|(_, outcome)| is_uncertain(outcome))
    }
}

/// Cuts records into pieces.
pub fn pieces(records: Vec<Record>) -> Vec<Piece> {
    let (time, single): (Vec<_>, Vec<_>) = records.into_iter().partition(is_time);
    let mut pieces: Vec<Piece> = single.into_iter().map(|one| Piece(vec![one])).collect();
    if !time.is_empty() {
        pieces.push(Piece(time));
    }
    pieces
}

fn is_time(record: &Record) -> bool {
    matches!(record.command, Some(Command::LogTime(_)))
}

impl Post {
    /// Writes down what is about to be sent, before it is sent, with what was sent and not settled
    /// yet.
    pub(crate) async fn announce(
        &self,
        lease: &Lease,
        piece: &Piece,
        unsettled: Option<&Answered>,
    ) -> Result<Sent, PostError> {
        let pointers = || {
            let pointer = |record: &Record| keys::pointer(&record.reference, record.version);
            piece.0.iter().map(pointer)
        };
        let before = |range: &Answered| [range.sent.from.clone(), range.sent.to.clone()];
        let all = || pointers().chain(unsettled.map(before).into_iter().flatten());
        let at = self.clock.now();
        let range = |from: Option<String>, to: Option<String>| Sent {
            from: from.unwrap_or_default(),
            to: to.unwrap_or_default(),
            at,
        };
        self.ledger
            .announce(lease, &range(all().min(), all().max()), self.lease_length())
            .await?;
        Ok(range(pointers().min(), pointers().max()))
    }
}
