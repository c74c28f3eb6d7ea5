//! Keeps what can be billed, and freezes billing runs.
//!
//! It is the only writer of the billing table. Postings arrive as messages and become units; a
//! schedule, the book's or the deployment's, freezes, per contract, what is left to bill into a manifest and hands its steps to
//! the ledger. Every step can be repeated: a run that dies half-way continues with exactly the
//! same entries.

mod run;
mod shadow;
mod turns;
mod units;

use std::sync::Arc;

use aws::{
    BadEnvironment, Bells, Billing, Books, Chain, Clock, Connection, Environment, Ledger,
    MessageError, MessageOutcome, Runs, StoreError, handle_batch,
};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde::{Deserialize, Serialize};
use tracing::warn;

/// The function, with everything it needs.
pub struct Bill {
    ledger: Ledger,
    billing: Billing,
    books: Books,
    runs: Runs,
    bells: Bells,
    clock: Arc<dyn Clock>,
}

/// What triggers this function.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Trigger {
    /// Postings that can be billed.
    Units(SqsEvent),
    /// A billing run is due.
    Run(run::Due),
    /// The minute: the book may say that one is.
    Minute(Minute),
}

/// The minute's input.
#[derive(Deserialize)]
pub struct Minute {
    /// Always true; its presence tells the trigger.
    #[expect(dead_code, reason = "the field's presence is what matters")]
    turns: bool,
}

/// The answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// For the queue: which messages to deliver again.
    Batch(SqsBatchResponse),
    /// For the log of the schedule.
    Run(run::Summary),
}

/// Why a unit could not be kept or a contract not be billed.
#[derive(Debug, thiserror::Error)]
pub enum BillError {
    /// A message that cannot be read.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A table or queue.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger does not have what a posted record stands on.
    #[error("{reference} is posted, but {missing} is not in the ledger")]
    Incomplete {
        /// What was posted.
        reference: String,
        /// What it stands on.
        missing: String,
    },
    /// A day that cannot be computed in the entity's zone.
    #[error("the zone {zone:?} is unknown")]
    NoZone {
        /// The zone.
        zone: String,
    },
    /// A command that cannot be written down.
    #[error("the steps of {reference} cannot be stored")]
    Unstorable {
        /// The invoice.
        reference: String,
        /// Why.
        #[source]
        cause: serde_json::Error,
    },
}

impl Bill {
    /// Connects to AWS.
    pub async fn connect(environment: &Environment) -> Result<Self, BadEnvironment> {
        Self::over(environment, &Connection::open().await)
    }

    /// The function over a connection that is there already.
    pub fn over(
        environment: &Environment,
        connection: &Connection,
    ) -> Result<Self, BadEnvironment> {
        let billing_bells = [(
            domain::Lane::Billing,
            environment.required("BILLING_QUEUE_URL")?,
        )];
        Ok(Self {
            ledger: Ledger::new(connection, environment.required("LEDGER_TABLE")?),
            billing: Billing::new(connection, environment.required("BILLING_TABLE")?),
            books: Books::new(connection, environment.required("CONTROL_TABLE")?),
            runs: Runs::new(connection, environment.required("CONTROL_TABLE")?),
            bells: Bells::new(connection, &billing_bells),
            clock: connection.clock(),
        })
    }

    /// Handles a trigger.
    pub async fn handle(&self, trigger: Trigger) -> Result<Answer, lambda_runtime::Error> {
        match trigger {
            Trigger::Units(event) => Ok(Answer::Batch(
                handle_batch(event, async |body| self.unit_message(body).await).await,
            )),
            Trigger::Run(due) => Ok(Answer::Run(self.run(&due).await?)),
            Trigger::Minute(_) => Ok(Answer::Run(self.minute().await?)),
        }
    }

    async fn unit_message(&self, body: &str) -> MessageOutcome {
        match self.keep_unit(body).await {
            Ok(()) => MessageOutcome::Done,
            Err(failure) => {
                warn!(error = %Chain(&failure), "unit is tried again");
                MessageOutcome::Again
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queue_and_schedule_are_told_apart() {
        let due = serde_json::from_str(r#"{"bill":"all","cut_off":"2026-11-30"}"#);
        assert!(matches!(due, Ok(Trigger::Run(_))));
        let minute = serde_json::from_str(r#"{"turns":true}"#);
        assert!(matches!(minute, Ok(Trigger::Minute(_))));
        let queue = r#"{"Records":[{"messageId":"1","body":"{}"}]}"#;
        assert!(matches!(serde_json::from_str(queue), Ok(Trigger::Units(_))));
    }
}
