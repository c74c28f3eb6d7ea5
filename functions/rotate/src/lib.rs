//! Fetches signing keys that a source has replaced, outside the path of a request, and keeps them
//! in the source's secret.
//!
//! The address of a key stands in a message that nobody has verified yet. It is asked only if the
//! source's allow-list passes it, without following redirects, and its answer is small.

use aws::{
    Chain, Connection, Environment, KeyRefresh, MessageError, MessageOutcome, Secrets, StoreError,
    handle_batch, read_message,
};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::NextStep;
use source_api::{SendError, SourceApi};
use sources::connectwise::key::{self, KeyError};
use sources::{BadSecret, SourceSecret, with_document};
use tracing::{info, warn};

/// The function, with everything it needs.
pub struct Rotate {
    environment: String,
    /// Only for a local stand-in: asked instead of the vendor's host.
    base_url: Option<String>,
    secrets: Secrets,
    api: SourceApi,
}

#[derive(Debug, thiserror::Error)]
enum RefreshError {
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Send(#[from] SendError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    BadSecret(#[from] BadSecret),
    #[error("{source_name} has no keys to fetch, or no secret to keep them in")]
    NoKeys { source_name: String },
    #[error("the secret cannot be written back")]
    NotWritten(#[source] serde_json::Error),
    #[error("the secret of {source_name} was replaced while a key was fetched")]
    Replaced { source_name: String },
}

impl RefreshError {
    const fn next_step(&self) -> NextStep {
        match self {
            Self::Store(error) => error.next_step(),
            Self::Send(error) => error.next_step(),
            Self::Key(error) => error.next_step(),
            Self::Replaced { .. } => NextStep::Retry,
            Self::Message(_) | Self::BadSecret(_) | Self::NoKeys { .. } | Self::NotWritten(_) => {
                NextStep::Park
            }
        }
    }
}

impl Rotate {
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
            base_url: environment.optional("SIGNING_KEY_BASE_URL"),
            secrets: Secrets::new(connection),
            api: SourceApi::new()?,
        })
    }

    /// Handles requests for keys.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        handle_batch(event, async |body| match self.refresh(body).await {
            Ok(()) => MessageOutcome::Done,
            Err(failure) => {
                warn!(error = %Chain(&failure), "signing key not fetched");
                match failure.next_step() {
                    // A refused address stays refused; anybody can send us one.
                    NextStep::Reject => MessageOutcome::Done,
                    NextStep::Retry | NextStep::LookFirst | NextStep::Park => MessageOutcome::Again,
                }
            }
        })
        .await
    }

    async fn refresh(&self, body: &str) -> Result<(), RefreshError> {
        let wanted: KeyRefresh = read_message(body)?;
        let no_keys = || RefreshError::NoKeys {
            source_name: wanted.source.clone(),
        };
        let source = sources::source(&wanted.source).ok_or_else(no_keys)?;
        let name = format!("tenon/{}/{}", self.environment, wanted.source);
        // The newest: what a person has replaced meanwhile must not be written back.
        let (text, version) = self.secrets.read_now(&name).await?.ok_or_else(no_keys)?;
        let stored = text.reveal();
        let own = SourceSecret::of_account(&source.facts, &wanted.account, stored)?;
        let SourceSecret::ConnectWise(mut secret) = own else {
            return Err(no_keys());
        };
        if secret.signing_keys.contains_key(&wanted.key_url) {
            return Ok(());
        }
        let request = key::request(source, &wanted.account, &wanted.key_url, &secret)?;
        let url = self.reachable(&request.url);
        let answer = self.api.get(&url, &request.headers).await?;
        secret
            .signing_keys
            .insert(wanted.key_url.clone(), key::read(&answer)?);
        let document = serde_json::to_string(&secret)
            .and_then(|own| with_document(stored, &wanted.account, own))
            .map_err(RefreshError::NotWritten)?;
        if !self.secrets.put_after(&name, &version, document).await? {
            return Err(RefreshError::Replaced {
                source_name: wanted.source,
            });
        }
        info!(source = %wanted.source, account = %wanted.account, "signing key fetched");
        Ok(())
    }

    /// The address to ask: the vendor's, or the same path at a local stand-in.
    fn reachable(&self, url: &str) -> String {
        let path = || url.splitn(4, '/').nth(3).unwrap_or_default();
        match &self.base_url {
            Some(base) => format!("{}/{}", base.trim_end_matches('/'), path()),
            None => url.to_owned(),
        }
    }
}
