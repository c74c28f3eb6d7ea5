//! Releases what waited for a posted reference, lets go what has the turn of its flow, and rings again
//! when a bell was lost, so that nothing depends on a message surviving.

mod assignments;
mod flows;
mod late;
mod reopened;

use std::sync::Arc;

use aws::{
    BadEnvironment, Bells, Books, Chain, Clock, Connection, Crosswalk, Environment, Exceptions,
    Ledger, Link, MessageError, MessageOutcome, Released, StoreError, handle_batch, keys,
    read_message,
};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::command::Command;
use domain::{LaneShard, Record, State};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

/// The function, with everything it needs.
pub struct Sweep {
    ledger: Ledger,
    crosswalk: Crosswalk,
    exceptions: Exceptions,
    books: Books,
    bells: Bells,
    clock: Arc<dyn Clock>,
}

/// What triggers this function.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Trigger {
    /// Postings that may release something.
    Releases(SqsEvent),
    /// The minute.
    Minute(Minute),
}

/// The schedule's input.
#[derive(Deserialize)]
pub struct Minute {
    /// Always true; its presence tells the trigger.
    #[expect(dead_code, reason = "the field's presence is what matters")]
    sweep: bool,
}

/// The answer: of a batch, which messages to deliver again; of the minute, what was rung.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// For the queue.
    Batch(SqsBatchResponse),
    /// For the log of the schedule.
    Swept {
        /// How many partitions were rung.
        rung: usize,
        /// How many references released something that had been missed.
        released: usize,
        /// How many records had the turn of their flow.
        let_go: usize,
    },
}

#[derive(Debug, thiserror::Error)]
enum ReleaseError {
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sweep {
    /// Connects to AWS.
    pub async fn connect(environment: &Environment) -> Result<Self, BadEnvironment> {
        Self::over(environment, &Connection::open().await)
    }

    /// The function over a connection that is there already.
    pub fn over(
        environment: &Environment,
        connection: &Connection,
    ) -> Result<Self, BadEnvironment> {
        Ok(Self {
            ledger: Ledger::new(connection, environment.required("LEDGER_TABLE")?),
            crosswalk: Crosswalk::new(connection, environment.required("CROSSWALK_TABLE")?),
            exceptions: Exceptions::new(connection, environment.required("EXCEPTIONS_TABLE")?),
            books: Books::new(connection, environment.required("CONTROL_TABLE")?),
            bells: Bells::new(connection, &environment.bells()?),
            clock: connection.clock(),
        })
    }

    /// Handles a trigger.
    pub async fn handle(&self, trigger: Trigger) -> Result<Answer, lambda_runtime::Error> {
        match trigger {
            Trigger::Releases(event) => Ok(Answer::Batch(
                handle_batch(event, async |body| self.posted(body).await).await,
            )),
            Trigger::Minute(_) => Ok(self.sweep().await?),
        }
    }

    async fn posted(&self, body: &str) -> MessageOutcome {
        match self.release(body).await {
            Ok(()) => MessageOutcome::Done,
            Err(failure) => {
                warn!(error = %Chain(&failure), "release is tried again");
                MessageOutcome::Again
            }
        }
    }

    async fn release(&self, body: &str) -> Result<(), ReleaseError> {
        let message: Released = read_message(body)?;
        // The ledger decides, not the message: what is not posted releases nothing.
        let Some(record) = self.ledger.posted(&message.reference).await? else {
            return Ok(());
        };
        self.link(&record).await?;
        for shard in self
            .ledger
            .release(&message.reference, self.clock.now())
            .await?
        {
            info!(reference = %message.reference, shard = %shard, "waiting records released");
            self.bells.ring(shard).await?;
        }
        Ok(())
    }

    /// Master data and invoices are known by their Odoo id from now on, and the other way round.
    async fn link(&self, record: &Record) -> Result<(), StoreError> {
        let Some(posted) = &record.posted else {
            return Ok(());
        };
        let by_id = keys::odoo(&posted.model, posted.id);
        // Orders and invoices have a name of their own; a project's is a title, and a customer's
        // may be a person's.
        let by_name = posted.name.as_deref().map(keys::odoo_name);
        let (reference, by, identifiers) = match &record.command {
            Some(Command::LinkProject(link)) => {
                (&record.reference, link.by.as_str(), vec![Some(by_id)])
            }
            Some(Command::CreateProject(project)) if project.is_odoos() => {
                (&record.reference, "made by Odoo", vec![Some(by_id)])
            }
            Some(
                Command::CreateCustomer(_) | Command::CreateProject(_) | Command::DraftInvoice(_),
            ) => (&record.reference, "posted", vec![Some(by_id)]),
            Some(Command::CreateOrder(_)) => {
                (&record.reference, "posted", vec![Some(by_id), by_name])
            }
            // Only a posted invoice has its number.
            Some(Command::PostInvoice(posting)) => (&posting.invoice, "posted", vec![by_name]),
            _ => return Ok(()),
        };
        for identifier in identifiers.into_iter().flatten() {
            let link = Link {
                from: reference.to_string(),
                to: identifier,
                by: by.to_owned(),
                since: self.clock.now(),
            };
            self.crosswalk.link(&link).await?;
        }
        Ok(())
    }

    /// The minute: rings for every partition that has something and whose bell may be lost, and
    /// releases what waits for a reference that is posted already.
    async fn sweep(&self) -> Result<Answer, StoreError> {
        let now = self.clock.now();
        let (mut rung, mut pending) = (0, Vec::new());
        for shard in LaneShard::all() {
            let partition = self.ledger.partition(shard, 1).await?;
            let busy = partition.is_held(now) || partition.is_resting(now);
            if partition.pending.is_empty() {
                continue;
            }
            pending.push(shard);
            if !busy {
                self.bells.ring(shard).await?;
                rung += 1;
            }
        }
        let released = self.release_missed().await?;
        self.tell_who_waits_too_long(&pending, now).await?;
        let asked = self.exceptions.open(&["delivery"]).await?;
        self.close_what_is_billable_now(&asked).await?;
        self.take_what_is_in_time_now(&asked).await?;
        let let_go = self.open_flows(now).await?;
        info!(rung, released, let_go, "swept");
        Ok(Answer::Swept {
            rung,
            released,
            let_go,
        })
    }

    async fn release_missed(&self) -> Result<usize, StoreError> {
        let waiting = self.ledger.attention(State::Waiting).await?;
        let awaited: std::collections::BTreeSet<_> = waiting
            .into_iter()
            .filter(|record| !record.is_held_back())
            .filter_map(|record| record.waits_for)
            .collect();
        let mut released = 0;
        for reference in awaited {
            if self.ledger.posted(&reference).await?.is_none() {
                continue;
            }
            for shard in self.ledger.release(&reference, self.clock.now()).await? {
                self.bells.ring(shard).await?;
                released += 1;
            }
        }
        Ok(released)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queue_and_schedule_are_told_apart() {
        let minute = serde_json::from_str(r#"{"sweep":true}"#);
        assert!(matches!(minute, Ok(Trigger::Minute(_))));
        let queue = r#"{"Records":[{"messageId":"1","body":"{}"}]}"#;
        assert!(matches!(
            serde_json::from_str(queue),
            Ok(Trigger::Releases(_))
        ));
    }
}
