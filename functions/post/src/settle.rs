//! What is written down about a record after Odoo has answered.

use domain::judge::Objection;
use domain::record::{Attempt, Posted};
use domain::{ExceptionClass, Record, State};
use jiff::Timestamp;
use tracing::{info, warn};

use crate::Post;
use crate::error::PostError;

/// A record stays small: the exception has the whole answer.
const MOST_CHARACTERS: usize = 200;

impl Post {
    /// The record is in Odoo.
    pub(crate) fn posted(&self, record: Record, posted: Posted) -> Record {
        let command = record
            .command
            .as_ref()
            .map_or("none", |command| command.name());
        info!(reference = %record.reference, version = record.version.0, command, odoo.model = %posted.model, odoo.id = posted.id, correlation = %record.correlation, "record posted");
        Record {
            state: State::Posted,
            posted: Some(posted),
            reason: None,
            changed_at: self.clock.now(),
            ..record
        }
    }

    /// Only a person can go on from here: the record is held, and says why.
    pub(crate) async fn parked(
        &self,
        mut record: Record,
        sent_at: Timestamp,
        failure: &PostError,
    ) -> Result<Record, PostError> {
        warn!(reference = %record.reference, code = failure.code(), error = %aws::Chain(failure), correlation = %record.correlation, "record parked");
        let sentence = format!("{} could not be posted", record.reference);
        let objection = Objection {
            code: failure.code(),
            class: ExceptionClass::BusinessRule,
            sentence: sentence.clone(),
            items: failure.items(),
            fix: format!("Correct the cause, then: tenon retry {}", record.reference),
            owner: "finance",
        };
        let now = self.clock.now();
        let (reference, correlation) = (record.reference.clone(), record.correlation.clone());
        let exception = objection.raise(reference, record.version, now, correlation);
        self.exceptions.raise(&exception).await?;
        record.history.remember(Attempt {
            at: sent_at,
            until: None,
            times: 1,
            answer: told(failure),
        });
        Ok(Record {
            state: State::Held,
            reason: Some(format!("{sentence}: {}", failure.items().join("; "))),
            changed_at: now,
            ..record
        })
    }
}

/// A failure as a record remembers it: in one short line.
pub(crate) fn told(failure: &PostError) -> String {
    failure
        .items()
        .join("; ")
        .chars()
        .take(MOST_CHARACTERS)
        .collect()
}
