//! Takes a source's webhook, proves who sent it, and keeps it: one durable write, then the answer.
//!
//! No deduplication, no Odoo and no source API in this path: the tightest sender gives five
//! seconds. Nothing is accepted that was not proved: without a secret the answer is the source's
//! own word for "busy", so that it comes again.

mod config;
mod incoming;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::{Chain, Clock, Connection, KeyRefresh, Queue, Secrets, StoreError, Tokens};
use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::http::HeaderName;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::delivery::{DELIVERY_VERSION, Delivery};
use sources::{Answer, BadSecret, Refusal, Request, Source, SourceSecret, verify};
use tracing::{info, warn};

pub use config::Config;
use incoming::{Incoming, NotTaken};

/// The function, with everything it needs.
pub struct Intake {
    config: Config,
    secrets: Secrets,
    deliveries: Queue,
    keys: Queue,
    clock: Arc<dyn Clock>,
    tokens: Arc<dyn Tokens>,
}

/// Why a message was not kept.
#[derive(Debug, thiserror::Error)]
enum NotKept {
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
    #[error("the message was refused")]
    Refused(#[from] Refusal),
    #[error("the source's secret cannot be used")]
    BadSecret(#[from] BadSecret),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A message that is in the queue.
struct Kept {
    /// The digest of its bytes.
    sha256: String,
    /// What its source insists on hearing.
    answer: Option<Answer>,
}

impl Intake {
    /// Connects to AWS.
    pub async fn connect(config: Config) -> Self {
        Self::over(config, &Connection::open().await)
    }

    /// The function over a connection that is there already.
    pub fn over(config: Config, connection: &Connection) -> Self {
        Self {
            secrets: Secrets::new(connection),
            deliveries: Queue::new(connection, &config.deliveries_queue_url),
            keys: Queue::new(connection, &config.keys_queue_url),
            clock: connection.clock(),
            tokens: connection.tokens(),
            config,
        }
    }

    /// Answers one HTTP request.
    pub async fn answer(&self, request: &ApiGatewayProxyRequest) -> ApiGatewayProxyResponse {
        let mut response = self.take(request).await;
        self.config.sunset.tell(&mut response.headers);
        response
    }

    async fn take(&self, request: &ApiGatewayProxyRequest) -> ApiGatewayProxyResponse {
        let id = self.tokens.fresh();
        let incoming = match Incoming::read(request, self.config.public_base_url.as_deref()) {
            Ok(incoming) => incoming,
            Err(not_taken) => {
                warn!(delivery.id = %id, reason = %not_taken, "delivery not taken");
                return respond(not_taken.status(), &id, not_taken.word());
            }
        };
        let source = incoming.source;
        match self.keep(&id, &incoming).await {
            Ok(kept) => {
                info!(delivery.id = %id, source = source.name(), account = incoming.account, bytes = incoming.body.len(), sha256 = kept.sha256, "delivery kept");
                let response = respond(source.accepted_status(), &id, "kept");
                match kept.answer {
                    Some(answer) => with(response, answer),
                    None => response,
                }
            }
            Err(error) => {
                let (status, word) = refusal(source, &error);
                // Not the account: on a refused message it is whatever the caller put in the path.
                warn!(delivery.id = %id, source = source.name(), status, word, error = %Chain(&error), "delivery refused");
                respond(status, &id, word)
            }
        }
    }

    async fn keep(&self, id: &str, incoming: &Incoming<'_>) -> Result<Kept, NotKept> {
        let source = incoming.source;
        let now = self.clock.now();
        let name = format!("tenon/{}/{}", self.config.environment, source.name());
        let text = self
            .secrets
            .get(&name, now)
            .await?
            .ok_or(Refusal::NoSecret)?;
        let secret = SourceSecret::of_account(&source.facts, incoming.account, text.reveal());
        let secret = match secret {
            // Whoever calls chooses the account: that it is none of ours is no trouble of ours.
            Err(BadSecret::NoAccount { .. }) => return Err(Refusal::WrongAccount.into()),
            secret => secret?,
        };
        let request = Request {
            account: incoming.account,
            method: "POST",
            public_url: &incoming.public_url,
            headers: &incoming.headers,
            body: &incoming.body,
            now,
        };
        let kept = match verify(source, &request, &secret) {
            Ok(verified) => Kept {
                answer: source.answer(&incoming.headers, &verified),
                sha256: verified.digest(),
            },
            Err(Refusal::UnknownKey { key_url }) => {
                // Fetched outside this path; the source comes again and finds it.
                self.keys
                    .send(&KeyRefresh::new(source.name(), incoming.account, &key_url))
                    .await?;
                self.secrets.forget(&name).await;
                return Err(Refusal::UnknownKey { key_url }.into());
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let wanted = |name: &String| {
            let value = incoming.headers.one(name).ok()??;
            Some((name.clone(), value.to_owned()))
        };
        let headers: BTreeMap<String, String> =
            source.keep_headers().iter().filter_map(wanted).collect();
        let delivery = Delivery {
            v: DELIVERY_VERSION,
            id: id.to_owned(),
            source: source.name().to_owned(),
            account: incoming.account.to_owned(),
            received_at: now,
            headers,
            body: BASE64_STANDARD.encode(&incoming.body),
        };
        self.deliveries.send(&delivery).await?;
        Ok(kept)
    }
}

fn refusal(source: &Source, error: &NotKept) -> (u16, &'static str) {
    match error {
        NotKept::NotTaken(not_taken) => (not_taken.status(), not_taken.word()),
        NotKept::Refused(refusal) => (refusal.status(source), refusal.name()),
        // We could not check, or not keep: the source must come again.
        NotKept::BadSecret(_) => (source.busy_status(), "bad_secret"),
        NotKept::Store(_) => (source.busy_status(), "busy"),
    }
}

/// The same status with what the source insists on hearing.
fn with(mut response: ApiGatewayProxyResponse, answer: Answer) -> ApiGatewayProxyResponse {
    response.body = Some(Body::Text(answer.body));
    let media = (String::from("content-type"), answer.content_type.to_owned());
    for (name, value) in [Some(media), answer.header].into_iter().flatten() {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
            response.headers.insert(name, value);
        }
    }
    response
}

fn respond(status: u16, id: &str, word: &str) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = i64::from(status);
    response.body = Some(Body::Text(format!(
        "{{\"delivery\":\"{id}\",\"status\":\"{word}\"}}"
    )));
    if let Ok(value) = "application/json".parse() {
        response.headers.insert("content-type", value);
    }
    response
}
