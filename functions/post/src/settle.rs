//! What is written down about records after Odoo has answered.

use aws::Lease;
use domain::judge::{Objection, predecessor};
use domain::record::{Attempt, Posted};
use domain::{ExceptionClass, NextStep, Record, State};
use futures::future;
use jiff::Timestamp;
use odoo::OdooError;
use tracing::{info, warn};

use crate::Post;
use crate::ending::{Ending, Settlement};
use crate::error::PostError;
use crate::piece::Answered;

/// A record stays small: the exception has the whole answer.
const MOST_CHARACTERS: usize = 200;

impl Post {
    /// Writes down what Odoo answered: first what is in Odoo, which stays true whoever says it;
    /// then, if the partition is still ours, what a person must decide.
    pub(crate) async fn settle(
        &self,
        lease: &Lease,
        answered: Option<Answered>,
    ) -> Result<Settlement, PostError> {
        let Some(Answered { sent, outcomes }) = answered else {
            return Ok(Settlement::nothing());
        };
        let (mut settled, mut refused) = (Vec::with_capacity(outcomes.len()), Vec::new());
        let mut settlement = Settlement::nothing();
        for (mut record, outcome) in outcomes {
            for attempt in lease.tries.concerning(&record) {
                record.history.remember(attempt);
            }
            match outcome {
                Ok(posted) => settled.push(self.posted(record, posted)),
                Err(failure) => match self.unanswered(&record, &failure) {
                    Some(ending) => {
                        settlement.ending = settlement.ending.and(ending);
                        // What there was no time for was not sent.
                        if ending != Ending::OutOfTime {
                            settlement.failed = Some((sent.clone(), told(&failure)));
                        }
                    }
                    None => refused.push((record, failure)),
                },
            }
        }
        let overtaken = self.ledger.settle_records(&settled).await?;
        // One question that cannot be asked now keeps no other from being asked.
        let asked = overtaken.into_iter().map(|r| self.ask_if_overtaken(r));
        future::join_all(asked)
            .await
            .into_iter()
            .collect::<Result<(), PostError>>()?;
        self.ledger.remove_pending(&settled).await?;
        if !settled.is_empty() {
            settlement.posted_at = Some(self.clock.now());
        }
        self.settle_refused(lease, sent.at, refused).await?;
        Ok(settlement)
    }

    async fn settle_refused(
        &self,
        lease: &Lease,
        sent_at: Timestamp,
        refused: Vec<(Record, PostError)>,
    ) -> Result<(), PostError> {
        if refused.is_empty() {
            return Ok(());
        }
        self.ledger.still_ours(lease).await?;
        let mut parked = Vec::with_capacity(refused.len());
        for (mut record, failure) in refused {
            record.history.remember(Attempt {
                at: sent_at,
                until: None,
                times: 1,
                answer: told(&failure),
            });
            if !self.reconsidered(&record, &failure).await? {
                parked.push(self.parked(record, &failure).await?);
            }
        }
        Ok(self.ledger.settle(&parked).await?)
    }

    /// A record that differs from what is in Odoo may follow a version that was judged beside it.
    /// Then it changes that one, and stays pending.
    async fn reconsidered(&self, record: &Record, failure: &PostError) -> Result<bool, PostError> {
        let differs = matches!(failure, PostError::Odoo(OdooError::Differs { .. }));
        if !differs {
            return Ok(false);
        }
        let known = self.ledger.versions(&record.reference).await?;
        let newer = known.iter().take_while(|k| k.version > record.version);
        let (newer, earlier) = known.split_at(newer.count());
        if predecessor(newer).is_some() {
            // It came late: what is there is newer. It may have added a line that the newer one does
            // not have, so its pointer stays until somebody has looked.
            self.ledger.supersede(record).await?;
            return Ok(true);
        }
        let earlier = predecessor(earlier.get(1..).unwrap_or_default());
        let Some(version) = earlier.filter(|earlier| record.changes < Some(*earlier)) else {
            return Ok(false);
        };
        info!(reference = %record.reference, version = record.version.0, changes = version.0, "record changes an earlier version");
        self.ledger.follow(record, version).await?;
        Ok(true)
    }

    /// How the work ends when a failure leaves its record pending; none when a person must decide.
    fn unanswered(&self, record: &Record, failure: &PostError) -> Option<Ending> {
        let (reference, error) = (&record.reference, aws::Chain(failure));
        match failure.next_step() {
            NextStep::Retry if matches!(failure, PostError::Odoo(OdooError::OutOfTime)) => {
                Some(Ending::OutOfTime)
            }
            NextStep::Retry => {
                info!(%reference, %error, "record waits for Odoo");
                Some(Ending::Rest(self.rest_until(failure)))
            }
            NextStep::LookFirst => {
                warn!(%reference, %error, "outcome is uncertain");
                Some(Ending::Uncertain)
            }
            NextStep::Reject | NextStep::Park => None,
        }
    }

    /// The record is in Odoo.
    pub(crate) fn posted(&self, record: Record, posted: Posted) -> Record {
        let command = record
            .command
            .as_ref()
            .map_or("none", |command| command.name());
        info!(reference = %record.reference, version = record.version.0, command, odoo.model = %posted.model, odoo.id = posted.id, correlation = %record.correlation, "record posted");
        Record {
            state: State::Posted,
            feedback: record.feedback.and_then(|told| {
                told.filled(posted.id, posted.name.as_deref(), &posted.customer.rejected)
            }),
            posted: Some(posted),
            reason: None,
            changed_at: self.clock.now(),
            ..record
        }
    }

    /// Only a person can go on from here: the record is held, and says why.
    async fn parked(&self, record: Record, failure: &PostError) -> Result<Record, PostError> {
        warn!(reference = %record.reference, code = failure.code(), error = %aws::Chain(failure), correlation = %record.correlation, "record parked");
        let objection = question(&record, failure);
        let sentence = objection.sentence.clone();
        let now = self.clock.now();
        let (reference, correlation) = (record.reference.clone(), record.correlation.clone());
        let exception = objection.raise(reference, record.version, now, correlation);
        self.exceptions.raise(&exception).await?;
        Ok(Record {
            state: State::Held,
            reason: Some(format!("{sentence}: {}", failure.items().join("; "))),
            changed_at: now,
            ..record
        })
    }
}

/// What a person is asked about a record that could not be posted.
fn question(record: &Record, failure: &PostError) -> Objection {
    let reference = &record.reference;
    match failure.question() {
        Some(question) => Objection {
            fix: format!("{} {reference}", question.fix),
            ..question.clone()
        },
        None => Objection {
            code: failure.code(),
            class: ExceptionClass::BusinessRule,
            sentence: format!("{reference} could not be posted"),
            items: failure.items(),
            fix: format!("Correct the cause, then: tenon retry {reference}"),
            owner: "finance",
        },
    }
}

/// A failure as a record remembers it: in one short line.
fn told(failure: &PostError) -> String {
    failure
        .items()
        .join("; ")
        .chars()
        .take(MOST_CHARACTERS)
        .collect()
}
