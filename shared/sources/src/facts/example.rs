//! Messages that a description is held against.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

/// A message with its proof, and the secret that accepts it. The secret is a published or an
/// invented one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Where it comes from.
    pub from: String,
    /// The scheme that it shows; none for a source that does not push.
    pub scheme: Option<String>,
    /// The secret, as a person would enter it.
    #[serde(default)]
    pub secret: String,
    /// The account that our address names.
    #[serde(default)]
    pub account: String,
    /// Our address, as the vendor called it.
    #[serde(default)]
    pub url: String,
    /// When it arrived.
    pub now: Option<Timestamp>,
    /// Header names and values.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body, to the byte.
    pub body: String,
}
