//! What is known about a source, as data: one TOML file per source, typed here.
//!
//! A fact that needs an `if` is no fact: it belongs into the source's `read`.

use serde::Deserialize;

pub use holes::FactsError;

mod holes;

/// The facts about one source. Unknown keys are refused, so that a typing error is an error and
/// not a silent default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The source's name, for example `hubspot`; also the folder of its file.
    pub name: String,
    /// Where its vendor describes what is written here.
    pub docs: String,
    /// How a message proves where it comes from.
    pub verify: Verify,
    /// How a message is built.
    pub message: Message,
    /// What we answer.
    pub answers: Answers,
    /// How it delivers, and what it loses.
    pub delivery: DeliveryFacts,
}

/// How a message proves where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// The kind of proof.
    pub method: Method,
    /// What is signed, in this order and with nothing in between.
    pub signed: Vec<Part>,
    /// How a secret becomes the key.
    pub key: Key,
    /// Where the signature is.
    pub signature: Signature,
    /// When the message was sent; without it a replay is stopped by its version alone.
    pub timestamp: Option<SentAt>,
}

/// The kind of proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// HMAC with SHA-256.
    HmacSha256,
}

/// A part of what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "part", rename_all = "snake_case", deny_unknown_fields)]
pub enum Part {
    /// The HTTP method, in capitals.
    Method,
    /// The full address as the vendor called it.
    Url {
        /// The characters whose percent-escapes are decoded first; all others stay escaped.
        decode: String,
    },
    /// The bytes of the body as received.
    Body,
    /// The text of the timestamp's header.
    Timestamp,
}

/// How a secret becomes the key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "derive", rename_all = "snake_case", deny_unknown_fields)]
pub enum Key {
    /// The secret's text is the key.
    Text,
    /// The key is the SHA-256 of a text that was fetched earlier and is kept in the secret.
    Sha256OfFetched {
        /// Where the body names the address of its key.
        url_at: String,
        /// The address's query parameter that must name the account.
        account_parameter: String,
        /// Hosts that may be asked; `*.` stands for one or more labels.
        allowed_hosts: Vec<String>,
    },
}

/// Where the signature is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The header, in lower case.
    pub header: String,
    /// How its bytes are written.
    pub encoding: Encoding,
}

/// How bytes are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Standard base64 with padding.
    Base64,
}

/// When a message was sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentAt {
    /// The header, in lower case.
    pub header: String,
    /// The unit since 1970.
    pub unit: Unit,
    /// How far it may be from our clock, in both directions.
    pub tolerance_seconds: u32,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Thousandths of a second.
    Milliseconds,
}

/// How a message is built. Places are JSON pointers into one event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// How a message becomes events.
    pub split: Split,
    /// A place that holds JSON inside a string.
    pub json_string: Option<String>,
    /// The account it belongs to.
    pub tenant: String,
    /// What happened to what.
    pub event_type: EventType,
    /// What together names one event, without counters of attempts.
    pub dedup: Vec<String>,
    /// What tells older from newer.
    pub order: Order,
    /// How much of the record it carries.
    pub payload: Payload,
    /// The headers a delivery keeps, in lower case; never a signature.
    pub keep_headers: Vec<String>,
}

/// How a message becomes events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// It is one event.
    Whole,
    /// It is a JSON array of events.
    Array,
}

/// What happened to what.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventType {
    /// The first of these places that exists.
    pub at: Vec<String>,
    /// Whether the signature covers it. If not, it may choose a queue but never move money.
    pub signed: bool,
}

/// What tells older from newer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The place.
    pub at: String,
    /// How it is written.
    pub form: OrderForm,
    /// Whether a missing number means a lost event.
    pub gapless: bool,
}

/// How the order is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderForm {
    /// Milliseconds since 1970.
    Milliseconds,
    /// `2026-08-20T12:00:00Z`.
    Rfc3339,
}

/// How much of the record a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// Ids: the record is fetched.
    Thin,
    /// The whole record.
    Fat,
}

/// The HTTP statuses we answer with, chosen by what the source does on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// It is ours now.
    pub accepted: u16,
    /// It proves nothing.
    pub refused: u16,
    /// Send it again later: one of the statuses that the source retries.
    pub busy: u16,
}

/// How a source delivers, and what it loses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryFacts {
    /// How long it waits for our answer.
    pub acknowledge_seconds: u32,
    /// How often it sends again.
    pub retries: u32,
    /// Over which time.
    pub retry_span_seconds: u32,
    /// On what: a status, `4xx`, `5xx` or `timeout`.
    pub retried: Vec<String>,
    /// Whether an event can be lost for good, so that only a pull finds it.
    pub loses_events: bool,
    /// How often everything changed is pulled, whatever was pushed.
    pub reconcile_seconds: u32,
}
