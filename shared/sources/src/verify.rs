//! Whether a message comes from whom it claims, by the facts of its source.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use crate::facts::{Encoding, Key, Method, Part, SentAt, Split, Unit};
use crate::{Source, SourceSecret, json, key_url};

/// A message as it arrived. It has no `Debug`: headers and bodies are not for logs.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The account that the address named.
    pub account: &'a str,
    /// The HTTP method, in capitals.
    pub method: &'a str,
    /// The full public address as the vendor called it, with the query as sent. Never built from
    /// `Host` or a forwarding header: the caller chooses those.
    pub public_url: &'a str,
    /// By lower-case name.
    pub headers: &'a BTreeMap<String, String>,
    /// The bytes as received.
    pub body: &'a [u8],
    /// The time of arrival.
    pub now: Timestamp,
}

/// A body whose origin was checked. [`verify()`] is the only way to get one.
pub struct Verified<'a>(&'a [u8]);

impl<'a> Verified<'a> {
    /// The bytes as received.
    pub const fn body(&self) -> &'a [u8] {
        self.0
    }
}

/// Why a message is not accepted. The sender learns only the status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A header of the proof is missing.
    #[error("the header {name} is missing")]
    MissingHeader {
        /// Its name.
        name: String,
    },
    /// No current secret gives this signature.
    #[error("the signature does not match")]
    BadSignature,
    /// Signed too long ago, or in the future.
    #[error("the message's time is not within the source's window")]
    Stale,
    /// It names a key that was not fetched yet, at an address that may be asked.
    #[error("the signing key is not known yet; it has to be fetched")]
    UnknownKey {
        /// The address, exactly as sent.
        key_url: String,
    },
    /// It names a key at an address that must not be asked.
    #[error("the signing key's address is not one of the vendor's")]
    ForbiddenKeyUrl,
    /// No secret is configured that could verify it.
    #[error("no secret is configured")]
    NoSecret,
    /// It is about another account than the address named, or the address named one that the
    /// secret does not belong to.
    #[error("the message is about another account")]
    WrongAccount,
}

impl Refusal {
    /// The status to answer: what can become good by itself is asked to come again.
    pub const fn status(&self, source: &Source) -> u16 {
        match self {
            Self::UnknownKey { .. } | Self::NoSecret => source.busy_status(),
            Self::MissingHeader { .. }
            | Self::BadSignature
            | Self::Stale
            | Self::ForbiddenKeyUrl
            | Self::WrongAccount => source.refused_status(),
        }
    }

    /// A short name for counting.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::MissingHeader { .. } => "missing_header",
            Self::BadSignature => "bad_signature",
            Self::Stale => "stale",
            Self::UnknownKey { .. } => "unknown_key",
            Self::ForbiddenKeyUrl => "forbidden_key_url",
            Self::NoSecret => "no_secret",
            Self::WrongAccount => "wrong_account",
        }
    }
}

/// Checks where a message comes from: that the secret is the account's, then headers, age,
/// signature, and which account the message itself names.
pub fn verify<'a>(
    source: &Source,
    request: &Request<'a>,
    secret: &SourceSecret,
) -> Result<Verified<'a>, Refusal> {
    // Otherwise anybody with an account at the same vendor could make us fetch and trust a key of
    // their own, under their own account's name.
    if secret.account().is_some_and(|own| own != request.account) {
        return Err(Refusal::WrongAccount);
    }
    let facts = &source.facts.verify;
    let signature = header(request, &facts.signature.header)?;
    let sent_at = match &facts.timestamp {
        Some(sent_at) => fresh(request, sent_at)?,
        None => "",
    };
    let keys = keys(source, request, secret)?;
    let given = match facts.signature.encoding {
        Encoding::Base64 => BASE64_STANDARD.decode(signature),
    };
    let given = given.map_err(|_| Refusal::BadSignature)?;
    let parts = facts.signed.iter();
    let signed: Vec<Cow<'_, [u8]>> = parts.map(|part| bytes(part, request, sent_at)).collect();
    // Every key is tried, so that the time taken does not tell which one was nearly right.
    let mut good = Choice::from(0);
    for key in &keys {
        let expected = match facts.method {
            Method::HmacSha256 => hmac_sha256(key, &signed),
        };
        good |= expected.map_or(Choice::from(0), |bytes| bytes.ct_eq(given.as_slice()));
    }
    if !bool::from(good) {
        return Err(Refusal::BadSignature);
    }
    match is_about_another_account(source, request) {
        true => Err(Refusal::WrongAccount),
        false => Ok(Verified(request.body)),
    }
}

fn header<'a>(request: &Request<'a>, name: &str) -> Result<&'a str, Refusal> {
    let missing = || Refusal::MissingHeader {
        name: name.to_owned(),
    };
    request
        .headers
        .get(name)
        .map(String::as_str)
        .ok_or_else(missing)
}

/// The text of the message's time, when it is near enough to ours.
fn fresh<'a>(request: &Request<'a>, sent_at: &SentAt) -> Result<&'a str, Refusal> {
    let text = header(request, &sent_at.header)?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::Stale);
    }
    let number: i64 = text.parse().map_err(|_| Refusal::Stale)?;
    let sent_ms = match sent_at.unit {
        Unit::Milliseconds => number,
    };
    let apart_ms = request.now.as_millisecond().abs_diff(sent_ms);
    match apart_ms <= u64::from(sent_at.tolerance_seconds) * 1000 {
        true => Ok(text),
        false => Err(Refusal::Stale),
    }
}

/// The keys that may have signed this message.
fn keys(
    source: &Source,
    request: &Request<'_>,
    secret: &SourceSecret,
) -> Result<Vec<Vec<u8>>, Refusal> {
    let key = &source.facts.verify.key;
    let keys: Vec<Vec<u8>> = match key {
        Key::Text => secret
            .texts()
            .iter()
            .filter(|text| !text.is_empty())
            .map(|text| text.clone().into_bytes())
            .collect(),
        Key::Sha256OfFetched { url_at, .. } => {
            let fetched = secret.fetched().ok_or(Refusal::NoSecret)?;
            let hash = |text: &String| Sha256::digest(text).to_vec();
            let named = json::text_of(request.body)
                .ok()
                .and_then(|text| json::id_at(text, url_at));
            match named {
                Some(url) if !key_url::is_allowed(key, &url, request.account, secret.host()) => {
                    return Err(Refusal::ForbiddenKeyUrl);
                }
                Some(url) => match fetched.get(&url) {
                    Some(text) => vec![hash(text)],
                    None => return Err(Refusal::UnknownKey { key_url: url }),
                },
                // A body that cannot be read names no key. Signed with one of ours it is still
                // the vendor's, and somebody has to look at it.
                None => fetched.values().map(hash).collect(),
            }
        }
    };
    match keys.is_empty() {
        true => Err(Refusal::NoSecret),
        false => Ok(keys),
    }
}

fn bytes<'a>(part: &Part, request: &Request<'a>, sent_at: &'a str) -> Cow<'a, [u8]> {
    match part {
        Part::Method => Cow::Borrowed(request.method.as_bytes()),
        Part::Url { decode } => Cow::Owned(decoded(request.public_url, decode).into_bytes()),
        Part::Body => Cow::Borrowed(request.body),
        Part::Timestamp => Cow::Borrowed(sent_at.as_bytes()),
    }
}

/// Decodes the percent-escapes of exactly these characters, once and from left to right.
fn decoded(url: &str, characters: &str) -> String {
    let mut text = String::with_capacity(url.len());
    let mut rest = url;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let escaped = after
            .get(..2)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .map(char::from)
            .filter(|character| characters.contains(*character));
        match escaped {
            Some(character) => {
                text.push(character);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                text.push('%');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

/// None only if the key had an impossible length, which HMAC does not know.
fn hmac_sha256(key: &[u8], parts: &[Cow<'_, [u8]>]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(part);
    }
    Some(mac.finalize().into_bytes().to_vec())
}

/// Whether any event names another account. An unreadable body names none: it is accepted, and
/// becomes an exception where it is read.
fn is_about_another_account(source: &Source, request: &Request<'_>) -> bool {
    let message = &source.facts.message;
    let Ok(text) = json::text_of(request.body) else {
        return false;
    };
    let other = |event: &str| {
        json::id_at(event, &message.tenant).is_some_and(|tenant| tenant != request.account)
    };
    match message.split {
        Split::Whole => other(text),
        Split::Array => json::array(text)
            .unwrap_or_default()
            .iter()
            .any(|event| other(event.get())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_named_escapes_are_decoded_and_only_once() {
        let twelve = ":/?@!$'()*,;";
        let escaped = "https://h/%3a%2F%3F%40%21%24%27%28%29%2A%2C%3b";
        assert_eq!(decoded(escaped, twelve), "https://h/:/?@!$'()*,;");
        for kept in [
            "%26", "%3D", "%20", "%2B", "%C3%A9", "%", "%2", "%zz", "%+1", "%é",
        ] {
            assert_eq!(decoded(kept, twelve), kept);
        }
        assert_eq!(decoded("%253A", twelve), "%253A");
    }
}
