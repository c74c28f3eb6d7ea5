//! What a source does with our answers, and what it loses.

use serde::Deserialize;

/// The HTTP statuses we answer with, chosen by what the source does on them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// It is ours now.
    pub accepted: u16,
    /// It proves nothing.
    pub refused: u16,
    /// Send it again later: one of the statuses that the source retries.
    pub busy: u16,
    /// What the answer must say where a status is not enough.
    pub acknowledge: Option<Acknowledge>,
    /// What must be answered when a webhook is set up.
    pub handshake: Option<Handshake>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            accepted: 200,
            refused: 401,
            busy: 503,
            acknowledge: None,
            handshake: None,
        }
    }
}

/// An answer with a body that the source insists on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acknowledge {
    /// A SOAP envelope with `<Ack>true</Ack>`; anything else fails the whole batch.
    SoapAck,
}

/// What must be answered when a webhook is set up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handshake {
    /// The field of this name, back as it came.
    EchoField(String),
    /// The header of this name, back as it came.
    EchoHeader(String),
}

/// How a source delivers. What is not known is left out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryFacts {
    /// How long it waits for our answer; where it is not known, five seconds are assumed.
    pub acknowledge_seconds: Option<u32>,
    /// How often it sends again.
    pub retries: Option<u32>,
    /// Over which time.
    pub retry_span_seconds: Option<u32>,
    /// On what: a status, `4xx`, `5xx`, `timeout`, or `any` for whatever is no success. Empty
    /// where it is not known.
    #[serde(default)]
    pub retried: Vec<String>,
    /// Whether an event can be lost for good, so that only a pull finds it.
    pub loses_events: bool,
    /// When it stops sending, in a sentence for people.
    pub stops: Option<String>,
}

impl DeliveryFacts {
    /// Whether it sends again after this status; where it is not known, nothing can be said.
    #[must_use]
    pub fn retries_on(&self, status: u16) -> Option<bool> {
        if self.retried.is_empty() {
            return None;
        }
        let class = format!("{}xx", status / 100);
        let status = status.to_string();
        let named = |word: &String| *word == status || *word == class || word == "any";
        Some(self.retried.iter().any(named))
    }
}
