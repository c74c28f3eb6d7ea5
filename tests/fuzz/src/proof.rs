//! What an accepted message must have in common with the sample that was signed, told from the
//! description alone: none of it is asked of what verifies.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use sources::Source;
use sources::facts::proof::{Part, Proof, Scheme, Signature, TimePlace};

use crate::input::Input;

/// Looks whether an input that was accepted by this scheme may have been.
///
/// # Errors
/// When something that the proof covers is not as it was signed.
pub fn holds(
    source: &Source,
    scheme: &Scheme,
    input: &Input,
    signed: &Input,
) -> Result<(), String> {
    let secret = &signed.secrets[0];
    if !input.secrets.contains(secret) {
        return Err("accepted with a secret that signed nothing".to_owned());
    }
    match &scheme.by {
        Proof::Signature(facts) => signature(facts, input, signed)?,
        Proof::Token(_) | Proof::Basic {} => carries(input, secret)?,
        Proof::Jwt(facts) => {
            if input.header(&facts.header) != signed.header(&facts.header) {
                return Err("accepted with another token".to_owned());
            }
        }
        Proof::Nothing(_) => carries(input, secret)?,
    }
    account(source, input, signed)
}

fn signature(facts: &Signature, input: &Input, signed: &Input) -> Result<(), String> {
    for part in &facts.parts {
        let same = match part {
            Part::Method => input.method == signed.method,
            Part::Url { .. } => decoded(&input.url) == decoded(&signed.url),
            Part::Header(name) => input.header(name) == signed.header(name),
            Part::Body | Part::EscapedBody => match facts.or_parts.is_empty() {
                true => input.body == signed.body,
                // Escaped or not, it says the same.
                false => input.body == signed.body || is_same_json(&input.body, &signed.body),
            },
            Part::Timestamp | Part::Literal(_) | Part::Secret => true,
        };
        if !same {
            return Err(format!("accepted with another {part:?} than was signed"));
        }
    }
    in_time(facts, input, signed)
}

/// The signed time is there as it was, and near enough to the time of arrival.
fn in_time(facts: &Signature, input: &Input, signed: &Input) -> Result<(), String> {
    let Some(sent_at) = &facts.timestamp else {
        return Ok(());
    };
    let Some(tolerance) = sent_at.tolerance_seconds else {
        return Ok(());
    };
    let (header, text) = match &sent_at.at {
        TimePlace::Header(name) => (name, signed.header(name)),
        TimePlace::Field(field) => {
            let whole = signed.header(&facts.at.header).unwrap_or_default();
            let mut fields = whole
                .split(',')
                .filter_map(|one| one.trim().split_once('='));
            let value = fields
                .find(|(name, _)| name == field)
                .map(|(_, value)| value);
            (&facts.at.header, value)
        }
    };
    let text = text.unwrap_or_default();
    if !input
        .header(header)
        .is_some_and(|value| value.contains(text))
    {
        return Err("accepted with another time than was signed".to_owned());
    }
    let sent = match text.parse::<i64>() {
        Ok(number) if text.len() > 11 => Timestamp::from_millisecond(number).ok(),
        Ok(number) => Timestamp::from_second(number).ok(),
        Err(_) => text.parse().ok(),
    };
    let apart = sent.map(|sent| input.now.duration_since(sent).abs().as_secs());
    match apart.is_some_and(|seconds| seconds <= i64::from(tolerance)) {
        true => Ok(()),
        false => Err(format!(
            "accepted {apart:?} seconds from when it was signed"
        )),
    }
}

/// The secret itself is somewhere in the message: as it is, in base64, or escaped.
fn carries(input: &Input, secret: &str) -> Result<(), String> {
    let basic = BASE64_STANDARD.encode(secret);
    let is_in = |text: &str| text.contains(secret) || text.contains(&basic);
    let in_headers = input.headers.iter().any(|(_, value)| is_in(value));
    let in_body = || {
        let body = String::from_utf8_lossy(&input.body);
        let parsed: Option<Value> = serde_json::from_str(&body).ok();
        is_in(&body) || parsed.is_some_and(|value| texts(&value).iter().any(|text| is_in(text)))
    };
    match in_headers || is_in(&decoded(&input.url)) || in_body() {
        true => Ok(()),
        false => Err("accepted without the secret in it".to_owned()),
    }
}

/// A message that names its account is taken for no other one.
fn account(source: &Source, input: &Input, signed: &Input) -> Result<(), String> {
    let named = source.account_of(&signed.body);
    let is_same = input.body == signed.body;
    match is_same && named.is_some_and(|named| named != input.account) {
        true => Err("accepted for another account than it names".to_owned()),
        false => Ok(()),
    }
}

fn decoded(url: &str) -> String {
    percent_decode_str(url).decode_utf8_lossy().into_owned()
}

fn is_same_json(one: &[u8], other: &[u8]) -> bool {
    let parsed = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
    parsed(one).is_some() && parsed(one) == parsed(other)
}

/// Every text, number and literal within a value.
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Object(all) => all.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
    }
}
