//! The keys that may have signed a message.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::hash::sha256;
use super::{Refusal, Request};
use crate::facts::proof::{FetchedKey, Key, Method};
use crate::{SourceSecret, json, key_url};

/// People copy keys with and without the padding at their end.
const UNPADDED_OR_NOT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The keys of this scheme; empty when no secret has the form of one.
pub(super) fn keys(
    method: Method,
    key: &Key,
    request: &Request<'_>,
    secret: &SourceSecret,
) -> Result<Vec<Vec<u8>>, Refusal> {
    let mut keys: Vec<Vec<u8>> = match key {
        Key::Text => texts(secret)
            .map(|text| text.clone().into_bytes())
            .collect(),
        Key::Base64 { prefix } => {
            let bare = |text: &String| {
                let bare = text.strip_prefix(prefix).unwrap_or(text);
                UNPADDED_OR_NOT.decode(bare).ok()
            };
            texts(secret).filter_map(bare).collect()
        }
        Key::Hex => texts(secret).filter_map(|text| from_hex(text)).collect(),
        Key::Sha256OfFetched(facts) => fetched(facts, request, secret)?,
    };
    // Any other length is no key of this kind, and would only look like a wrong signature.
    keys.retain(|key| !key.is_empty() && (method != Method::Ed25519 || key.len() == 32));
    Ok(keys)
}

/// An empty secret is none: anybody could sign with it.
fn texts(secret: &SourceSecret) -> impl Iterator<Item = &String> {
    secret.texts().iter().filter(|text| !text.is_empty())
}

fn fetched(
    facts: &FetchedKey,
    request: &Request<'_>,
    secret: &SourceSecret,
) -> Result<Vec<Vec<u8>>, Refusal> {
    let hash = |text: &String| sha256(text);
    let url = json::text_of(request.body)
        .ok()
        .and_then(|text| json::id_at(text, &facts.url_at));
    if let Some(url) = &url
        && !key_url::is_allowed(facts, url, request.account, secret.host())
    {
        return Err(Refusal::ForbiddenKeyUrl);
    }
    let Some(known) = secret.fetched() else {
        // Keys that were entered by hand have no address.
        return Ok(texts(secret).map(hash).collect());
    };
    match url {
        Some(url) => match known.get(&url) {
            Some(text) => Ok(vec![hash(text)]),
            None => Err(Refusal::UnknownKey { key_url: url }),
        },
        // A body that cannot be read names no key. Signed with one of ours it is still the
        // vendor's, and somebody has to look at it.
        None => Ok(known.values().map(hash).collect()),
    }
}

/// The bytes that hexadecimal digits of either case stand for.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let pairs = digits.chunks_exact(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
