//! Tells the source systems what became of their records.
//!
//! A message only says that there is something to tell. What is told is read from the ledger at
//! that moment, newest version first, so that late and repeated messages end in the same values.

mod creation;
mod psa;

use std::sync::Arc;

use aws::{
    Books, Chain, Clock, Connection, Environment, Exceptions, FeedbackDue, Ledger, MessageError,
    MessageOutcome, PsaCreations, Queue, StoreError, handle_batch, read_message,
};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::judge::Objection;
use domain::{ExceptionClass, NextStep, Record};
use source_account::{NotAsked, Settings, SourceAccounts, What, wait};
use source_api::SourceApi;
use sources::ApiError;
use sources::api::classify;
use sources::hubspot::feedback::request;
use tracing::{info, warn};

/// The function, with everything it needs.
pub struct Feedback {
    ledger: Ledger,
    exceptions: Exceptions,
    accounts: SourceAccounts,
    books: Books,
    creations: PsaCreations,
    deliveries: Queue,
    /// The queue that our messages come from: what waits for a source goes back there.
    queue: Queue,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, thiserror::Error)]
enum TellError {
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    NotAsked(#[from] NotAsked),
    #[error("the source did not take the values")]
    Api(#[from] ApiError),
    #[error("the answer is not the record")]
    Unreadable(#[from] sources::Unreadable),
    #[error("the project has no custom field {}", .captions.join(", "))]
    NoFields { captions: Vec<String> },
    #[error("{source_name} cannot be told anything")]
    NoWay { source_name: String },
}

impl TellError {
    const fn next_step(&self) -> NextStep {
        match self {
            Self::Store(error) => error.next_step(),
            Self::NotAsked(error) => error.next_step(),
            Self::Api(error) => error.next_step(),
            Self::NoFields { .. } => NextStep::Reject,
            Self::Unreadable(_) | Self::Message(_) | Self::NoWay { .. } => NextStep::Park,
        }
    }
}

impl Feedback {
    /// Connects to AWS.
    pub async fn connect(environment: &Environment) -> Result<Self, lambda_runtime::Error> {
        Self::over(environment, &Connection::open().await)
    }

    /// The function over a connection that is there already.
    pub fn over(
        environment: &Environment,
        connection: &Connection,
    ) -> Result<Self, lambda_runtime::Error> {
        let settings = Settings::read(environment)?;
        Ok(Self {
            ledger: Ledger::new(connection, environment.required("LEDGER_TABLE")?),
            exceptions: Exceptions::new(connection, &settings.exceptions),
            accounts: SourceAccounts::new(&settings, connection, SourceApi::new()?),
            books: Books::new(connection, &settings.control),
            creations: PsaCreations::new(connection, &settings.control),
            deliveries: Queue::new(connection, environment.required("DELIVERIES_QUEUE_URL")?),
            queue: Queue::new(connection, environment.required("FEEDBACK_QUEUE_URL")?),
            clock: connection.clock(),
        })
    }

    /// Handles a batch of things to tell.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        handle_batch(event, async |body| match self.tell(body).await {
            Ok(()) => MessageOutcome::Done,
            Err(failure) => {
                warn!(error = %Chain(&failure), "source not told yet");
                MessageOutcome::Again
            }
        })
        .await
    }

    async fn tell(&self, body: &str) -> Result<(), TellError> {
        let due: FeedbackDue = read_message(body)?;
        let versions = self.ledger.versions(&due.reference).await?;
        if let Some((record, plan)) = creation::planned(&versions) {
            return self.create_in_psa(&due, record, plan).await;
        }
        let Some(record) = versions
            .into_iter()
            .find(|record| record.feedback.is_some() && record.state.is_in_odoo())
        else {
            return Ok(());
        };
        match self.send(&record).await {
            Err(failure) if matches!(failure.next_step(), NextStep::Reject) => {
                Ok(self.refused(&record, &failure).await?)
            }
            Err(TellError::NotAsked(why)) => self.come_back(&due, why).await,
            other => other,
        }
    }

    async fn send(&self, record: &Record) -> Result<(), TellError> {
        let Some(feedback) = &self.complete(record).await? else {
            return Ok(());
        };
        let target = &feedback.target;
        let no_way = || TellError::NoWay {
            source_name: target.system().to_owned(),
        };
        let source = sources::source(target.system()).ok_or_else(no_way)?;
        match source.name() {
            "hubspot" => {}
            "connectwise" => return self.tell_connectwise(source, feedback).await,
            // Nobody else is told yet.
            _ => return Err(no_way()),
        }
        let opened = self
            .accounts
            .open(&source.facts, target.account(), "feedback", What::Records);
        let answered = opened.await?.ask(&request(feedback)).await?;
        classify(&answered.answer)?;
        info!(reference = %feedback.target, version = record.version.0, "source told");
        Ok(())
    }

    /// What waits for a source that is left alone goes back into the queue as a message of its own,
    /// and comes when the source may be asked again. The message itself would be used up by waiting.
    async fn come_back(&self, due: &FeedbackDue, why: NotAsked) -> Result<(), TellError> {
        let Some(until) = why.until() else {
            return Err(why.into());
        };
        info!(reference = %due.reference, %until, "source is told later");
        let delay = wait(until, self.clock.now());
        Ok(self.queue.send_after(due, delay).await?)
    }

    async fn refused(&self, record: &Record, failure: &TellError) -> Result<(), StoreError> {
        let objection = Objection {
            code: "feedback_refused",
            class: ExceptionClass::DataQuality,
            sentence: format!("{} could not be told to its source", record.reference),
            items: vec![Chain(failure).to_string()],
            fix: "Create the properties that the book names, in the source's settings.".to_owned(),
            owner: "operations",
        };
        let exception = objection.raise(
            record.reference.clone(),
            record.version,
            self.clock.now(),
            record.correlation.clone(),
        );
        self.exceptions.raise(&exception).await
    }
}
