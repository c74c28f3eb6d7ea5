//! Tells the source systems what became of their records.
//!
//! A message only says that there is something to tell. What is told is read from the ledger at
//! that moment, newest version first, so that late and repeated messages end in the same values.

use std::sync::Arc;

use aws::{
    Chain, Clock, Connection, Environment, Exceptions, FeedbackDue, Ledger, MessageError,
    MessageOutcome, Secrets, StoreError, handle_batch, read_message,
};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::judge::Objection;
use domain::{ExceptionClass, NextStep, Record};
use source_api::{SendError, SourceApi};
use sources::api::classify;
use sources::hubspot::feedback::{authorization, request};
use sources::{ApiError, BadSecret, SourceSecret};
use tracing::{info, warn};

/// The function, with everything it needs.
pub struct Feedback {
    environment: String,
    hubspot_api_url: String,
    ledger: Ledger,
    exceptions: Exceptions,
    secrets: Secrets,
    api: SourceApi,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, thiserror::Error)]
enum TellError {
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Send(#[from] SendError),
    #[error("the source did not take the values")]
    Api(#[from] ApiError),
    #[error(transparent)]
    BadSecret(#[from] BadSecret),
    #[error("{source_name} has no secret, or cannot be told anything")]
    NoWay { source_name: String },
}

impl TellError {
    const fn next_step(&self) -> NextStep {
        match self {
            Self::Store(error) => error.next_step(),
            Self::Send(error) => error.next_step(),
            Self::Api(error) => error.next_step(),
            Self::Message(_) | Self::BadSecret(_) | Self::NoWay { .. } => NextStep::Park,
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
        Ok(Self {
            environment: environment.required("ENVIRONMENT")?,
            hubspot_api_url: environment.required("HUBSPOT_API_URL")?,
            ledger: Ledger::new(connection, environment.required("LEDGER_TABLE")?),
            exceptions: Exceptions::new(connection, environment.required("EXCEPTIONS_TABLE")?),
            secrets: Secrets::new(connection),
            api: SourceApi::new()?,
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
        let Some(record) = versions
            .into_iter()
            .find(|record| record.feedback.is_some())
        else {
            return Ok(());
        };
        match self.send(&record).await {
            Err(failure) if matches!(failure.next_step(), NextStep::Reject) => {
                Ok(self.refused(&record, &failure).await?)
            }
            other => other,
        }
    }

    async fn send(&self, record: &Record) -> Result<(), TellError> {
        let Some(feedback) = &record.feedback else {
            return Ok(());
        };
        let system = feedback.target.system();
        let no_way = || TellError::NoWay {
            source_name: system.to_owned(),
        };
        let source = sources::source(system).ok_or_else(no_way)?;
        let name = format!("tenon/{}/{system}", self.environment);
        let text = self
            .secrets
            .get(&name, self.clock.now())
            .await?
            .ok_or_else(no_way)?;
        let SourceSecret::HubSpot(secret) = SourceSecret::parse(source, text.reveal())? else {
            return Err(no_way());
        };
        let url = &self.hubspot_api_url;
        let answer = self
            .api
            .ask(url, &authorization(&secret), &request(feedback))
            .await?;
        classify(&answer)?;
        info!(reference = %feedback.target, version = record.version.0, "source told");
        Ok(())
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
