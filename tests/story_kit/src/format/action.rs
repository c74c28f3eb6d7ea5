//! What may happen in a step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::json::Json;

/// A source sends a message to `intake`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The source, for example `hubspot`.
    pub source: String,
    /// Its account; that of the book when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The body: a text as it is, or a table that becomes JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Json>,
    /// The body, as a file beside the story.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_file: Option<String>,
    /// Whether it is signed as the vendor signs.
    #[serde(default)]
    pub signature: Signature,
    /// Headers beside those of the signature.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// How often it comes.
    #[serde(default = "once")]
    pub times: u32,
    /// What is answered; anything from 200 to 299 when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
}

const fn once() -> u32 {
    1
}

/// How a message is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// As the vendor does.
    #[default]
    Right,
    /// With another secret.
    Wrong,
    /// Not at all: with the headers that the story gives.
    None,
}

/// A file is dropped into the bucket.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dropped {
    /// Where: `in/SOURCE/ACCOUNT/NAME`.
    pub key: String,
    /// What is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// What is in it, as a file beside the story.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_file: Option<String>,
}

/// A record of a CRM or PSA is changed there.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The source, for example `hubspot`.
    pub source: String,
    /// List and id, for example `deals/16024871101`.
    pub record: String,
    /// What is written; what is not named stays.
    pub set: Json,
    /// Whether the source sends its message about it.
    #[serde(default = "yes")]
    pub tell: bool,
}

const fn yes() -> bool {
    true
}

/// A schedule runs.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// `pull`, `sweep` or `bill`.
    pub schedule: Schedule,
    /// For `bill`: the last day whose work is billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<jiff::civil::Date>,
}

/// A schedule of the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Asks Odoo and the sources.
    Pull,
    /// Releases, and rings again.
    Sweep,
    /// The billing run.
    Bill,
}

/// A person, or one of our service users, calls a method in Odoo.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Who: a login of the local seed.
    #[serde(rename = "as", default = "admin")]
    pub who: String,
    /// The model.
    pub model: String,
    /// The method.
    pub method: String,
    /// The records: ids or `@names`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Json>,
    /// The records that pass this domain.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Json>,
    /// Named arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Json>,
    /// In which company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<i64>,
    /// Odoo refuses with words that contain this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fails: Option<String>,
}

fn admin() -> String {
    "admin".to_owned()
}

/// A person asks the console.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Who, as IAM knows them.
    #[serde(rename = "as", default = "steward")]
    pub who: String,
    /// `GET`, or `POST` where there is a body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What follows `/console/`.
    pub path: String,
    /// What is posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Json>,
    /// What is answered; 200 when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// What the answer contains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
}

/// Who asks the console when a story does not say.
#[must_use]
pub fn steward() -> String {
    "stella.steward".to_owned()
}

/// Something goes wrong with calls of Odoo or of a source.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `odoo`, or a source.
    pub with: String,
    /// What.
    pub what: Trouble,
    /// With how many calls; until further notice when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<u32>,
    /// Only with this call of Odoo, for example `sale.order.load`; of a source, this method and path,
    /// for example `POST /project/projects`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// For `busy`: after how many seconds one may come again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Nothing any more.
    Nothing,
    /// Nobody answers, and nothing happens.
    Away,
    /// It happens, and the answer is lost.
    AnswerLost,
    /// 429 with `Retry-After`.
    Busy,
    /// 503 from a gateway.
    Unavailable,
}

/// What trying a book must say.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tried {
    /// How many days back.
    #[serde(default = "week")]
    pub days: u32,
    /// How many facts the two books judge differently.
    pub differences: usize,
    /// Words of the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
}

const fn week() -> u32 {
    7
}

/// Another book is published by one person, approved by a second one, and comes into force.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NewBook {
    /// Who wrote it.
    #[serde(rename = "as", default = "author")]
    pub who: String,
    /// Who approves it.
    #[serde(default = "steward")]
    pub approver: String,
    /// From when on it is valid: `now`, or an instant.
    #[serde(default = "now")]
    pub from: String,
    /// The book as a file or a folder; the one before it when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The book itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What is different in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Json>,
    /// What the console refuses it with: words of its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// It is only tried on what was taken lately, and not published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<Tried>,
}

fn author() -> String {
    "ada.author".to_owned()
}

fn now() -> String {
    "now".to_owned()
}

/// In which order everything comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// As it came.
    Forwards,
    /// The last first.
    Backwards,
}
