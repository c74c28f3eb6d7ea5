//! One thing that a stranger may send.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::target::Target;

/// A message, or an answer of an API, as it arrives. In a file it is JSON, its body in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Where it comes in.
    pub target: Target,
    /// The sample it was made from.
    pub sample: String,
    /// The HTTP method.
    pub method: String,
    /// The account that our address names.
    pub account: String,
    /// Our address, as it was called.
    pub url: String,
    /// Names and values, in their order.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    #[serde(serialize_with = "as_base64", deserialize_with = "of_base64")]
    pub body: Vec<u8>,
    /// When it arrives.
    pub now: Timestamp,
    /// The secrets that are valid then.
    pub secrets: Vec<String>,
    /// Whether the gateway says of the body's encoding what is not so.
    pub flag_lies: bool,
}

impl Input {
    /// An answer or a message of which only the body matters.
    pub fn of_body(target: Target, sample: String, account: &str, body: Vec<u8>) -> Self {
        Self {
            target,
            sample,
            method: "POST".to_owned(),
            account: account.to_owned(),
            url: String::new(),
            headers: Vec::new(),
            body,
            now: "2026-11-22T12:00:00Z".parse().expect("an instant"),
            secrets: Vec::new(),
            flag_lies: false,
        }
    }

    /// The value of a header, if it came once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = (self.headers.iter()).filter(|(n, _)| n.eq_ignore_ascii_case(name));
        match (named.next(), named.next()) {
            (Some((_, value)), None) => Some(value.trim()),
            _ => None,
        }
    }

    /// The first part of the sample's name.
    pub fn source(&self) -> &str {
        self.sample.split([' ', '/']).next().unwrap_or_default()
    }
}

fn as_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
}

fn of_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64_STANDARD
        .decode(text)
        .map_err(serde::de::Error::custom)
}
