//! Sends requests to the APIs of CRM and PSA systems. The only crate beside `odoo` that speaks HTTP.
//!
//! What is asked, and what the answer means, is `sources`' business; this crate bounds what a
//! strange answer can cost: time, size, and where it may lead.

mod public_only;

use std::sync::Arc;
use std::time::Duration;

use domain::NextStep;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use sources::access::TokenRequest;
use sources::{ApiAnswer, ApiRequest};

use public_only::PublicOnly;

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How much of an answer is read. HubSpot's largest page stays far below.
const MAX_ANSWER_BYTES: usize = 2 * 1024 * 1024;

/// Sends requests; its connections are kept open.
#[derive(Debug, Clone)]
pub struct SourceApi {
    client: reqwest::Client,
    /// For addresses that a stranger's message named.
    guarded: reqwest::Client,
}

/// The source did not give a usable answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No connection, or no answer in time. Every request we send may be repeated.
    #[error("the source did not answer")]
    NoAnswer(#[source] reqwest::Error),
    /// More than we read.
    #[error("the source answered with more than {MAX_ANSWER_BYTES} bytes")]
    TooLarge,
    /// Our own request is not one; for example an address that cannot be read.
    #[error("the request cannot be sent")]
    NotARequest(#[source] reqwest::Error),
}

/// An answer with its headers. It has no `Debug`: it holds personal data.
pub struct Answered {
    /// Status and body.
    pub answer: ApiAnswer,
    headers: HeaderMap,
}

impl Answered {
    /// A header of the answer, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    }

    /// For how long the source asks to be left alone, when it says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let date = self.header("date");
        domain::retry_after(&self.header("retry-after")?, date.as_deref())
    }
}

impl SendError {
    /// What the caller may do.
    pub const fn next_step(&self) -> NextStep {
        match self {
            Self::NoAnswer(_) => NextStep::Retry,
            Self::TooLarge | Self::NotARequest(_) => NextStep::Park,
        }
    }
}

impl SourceApi {
    /// A client that follows no redirect: an answer must not choose whom we talk to.
    pub fn new() -> Result<Self, SendError> {
        let builder = || {
            reqwest::Client::builder()
                .timeout(TIMEOUT)
                .redirect(Policy::none())
        };
        let guarded = builder().dns_resolver(Arc::new(PublicOnly));
        Ok(Self {
            client: builder().build().map_err(SendError::NotARequest)?,
            guarded: guarded.build().map_err(SendError::NotARequest)?,
        })
    }

    /// Asks a source's API, with the headers that prove who we are.
    pub async fn ask(
        &self,
        base_url: &str,
        proof: &[(String, String)],
        request: &ApiRequest,
    ) -> Result<Answered, SendError> {
        let base = base_url.trim_end_matches('/');
        let url = format!("{base}{}", request.path_and_query);
        let method = request.method.parse().unwrap_or(reqwest::Method::GET);
        let mut ask = self.client.request(method, url).header("accept", "*/*");
        for (name, value) in proof {
            ask = ask.header(name, value);
        }
        if let Some(body) = &request.body {
            ask = ask
                .header("content-type", "application/json")
                .body(body.clone());
        }
        self.send(ask).await
    }

    /// Asks for a short-lived token.
    pub async fn token(&self, request: &TokenRequest) -> Result<Answered, SendError> {
        let ask = self
            .client
            .post(&request.url)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(request.form.clone());
        self.send(ask).await
    }

    /// Fetches an address that a message named and an allow-list has passed; never one of the own
    /// network.
    pub async fn get(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
    ) -> Result<ApiAnswer, SendError> {
        let mut ask = self.guarded.get(url);
        for (name, value) in headers {
            ask = ask.header(*name, value);
        }
        Ok(self.send(ask).await?.answer)
    }

    async fn send(&self, ask: reqwest::RequestBuilder) -> Result<Answered, SendError> {
        let (client, request) = ask.build_split();
        let request = request.map_err(|error| SendError::NotARequest(error.without_url()))?;
        let no_answer = |error: reqwest::Error| SendError::NoAnswer(error.without_url());
        let mut answer = client.execute(request).await.map_err(no_answer)?;
        let status = answer.status().as_u16();
        let headers = std::mem::take(answer.headers_mut());
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(no_answer)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_ANSWER_BYTES {
                return Err(SendError::TooLarge);
            }
        }
        let answer = ApiAnswer {
            status,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        };
        Ok(Answered { answer, headers })
    }
}
