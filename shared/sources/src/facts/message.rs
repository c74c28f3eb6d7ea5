//! How a message is built. A place is a JSON pointer into one event, `header:NAME`, `route` (the
//! event that the address names) or `body` (a digest of all of it).

use serde::Deserialize;

/// How a message is built.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// What has to be unwrapped, in this order.
    #[serde(default)]
    pub decode: Vec<Decode>,
    /// How a message becomes events.
    pub split: Split,
    /// The account it belongs to; without it the address alone says so.
    pub tenant: Option<String>,
    /// What happened to what.
    pub event_type: EventType,
    /// What together names one event, without counters of attempts.
    pub dedup: Vec<String>,
    /// What tells older from newer; without it the record is fetched, or its arrival counts.
    pub order: Option<Order>,
    /// How much of the record it carries.
    pub payload: Payload,
    /// What is asked for the rest, with `{id}` and what else the event names.
    pub fetch: Option<String>,
    /// What shows that we ourselves made the change.
    #[serde(default)]
    pub echo: Vec<Mark>,
    /// What shows that a message is no event at all.
    #[serde(default)]
    pub ignore: Vec<Mark>,
    /// The headers a delivery keeps, in lower case; never a signature.
    #[serde(default)]
    pub keep_headers: Vec<String>,
}

/// What has to be unwrapped.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decode {
    /// A SOAP envelope.
    Soap,
    /// JSON inside a string at this place.
    JsonString(String),
    /// `[{"key":…,"value":…}]` at this place is an object.
    KeyValues(String),
    /// `/Date(1539000000000-0700)/` is an instant.
    MicrosoftDates,
}

/// How a message becomes events.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// It is one event.
    Whole,
    /// It is a JSON array of events.
    Array,
    /// The array at this place holds the events.
    At(String),
    /// Every XML element of this name is an event.
    Elements(String),
}

/// What happened to what.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventType {
    /// The first of these places that exists.
    pub at: Vec<String>,
    /// Whether the proof covers it. If not, it may choose a queue but never move money.
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
    /// Within what numbers count; without it, within the record.
    pub scope: Option<String>,
    /// Whether a missing number means a lost event: then the source's lists are read from the start.
    #[serde(default)]
    pub gapless: bool,
}

/// How the order is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderForm {
    /// Milliseconds since 1970.
    Milliseconds,
    /// Seconds since 1970.
    Seconds,
    /// `2026-08-20T12:00:00Z`.
    Rfc3339,
    /// A whole number of up to 64 bits; never read as a floating-point number.
    Number,
}

/// How much of the record a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// Ids: the record is fetched.
    Thin,
    /// Some fields: the record is fetched.
    Partial,
    /// The whole record.
    Fat,
}

/// A field that shows something by its value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// The place.
    pub at: String,
    /// The value; `{own}` stands for our own user or application at the vendor.
    pub equals: String,
}

impl Message {
    /// The place that holds JSON inside a string.
    #[must_use]
    pub fn json_string(&self) -> Option<&str> {
        self.decode.iter().find_map(|step| match step {
            Decode::JsonString(place) => Some(place.as_str()),
            Decode::Soap | Decode::KeyValues(_) | Decode::MicrosoftDates => None,
        })
    }
}
