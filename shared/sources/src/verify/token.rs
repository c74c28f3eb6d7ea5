//! A shared text that is sent along. It proves who sends and covers nothing of what is sent.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use subtle::{Choice, ConstantTimeEq as _};

use super::{Refusal, Request, Verdict};
use crate::facts::proof::{Token, TokenPlace};
use crate::{SourceSecret, json};

const BASIC: &str = "Basic ";

pub(super) fn judge(
    facts: &Token,
    request: &Request<'_>,
    secret: &SourceSecret,
) -> Result<Verdict, Refusal> {
    let given = match &facts.at {
        TokenPlace::Header(name) => match request.headers.one(name)? {
            Some(value) => value.to_owned(),
            None => return Ok(Verdict::NotHere(Refusal::missing(name))),
        },
        TokenPlace::AnyHeader => return any_header(request, secret),
        TokenPlace::Query(name) => match query(request.public_url, name)? {
            Some(value) => value,
            None => {
                let name = name.clone();
                return Ok(Verdict::NotHere(Refusal::MissingParameter { name }));
            }
        },
        TokenPlace::Body(place) => {
            let text = json::text_of(request.body).ok();
            match text.and_then(|text| json::id_at(text, place)) {
                Some(value) => value,
                None => return Err(Refusal::BadSignature),
            }
        }
    };
    let Some(bare) = given.strip_prefix(&facts.prefix) else {
        return Ok(Verdict::NotHere(Refusal::BadSignature));
    };
    one_of(bare.as_bytes(), secret)
}

/// All are compared: which header it is, only the right one tells.
fn any_header(request: &Request<'_>, secret: &SourceSecret) -> Result<Verdict, Refusal> {
    let mut verdict = Verdict::NotHere(Refusal::missing("with the secret"));
    for value in request.headers.values() {
        match one_of(value.as_bytes(), secret) {
            Ok(Verdict::NotHere(refusal)) => return Ok(Verdict::NotHere(refusal)),
            Ok(Verdict::Proved) => verdict = Verdict::Proved,
            Err(_) => {}
        }
    }
    Ok(verdict)
}

pub(super) fn judge_basic(
    request: &Request<'_>,
    secret: &SourceSecret,
) -> Result<Verdict, Refusal> {
    let name = "authorization";
    let Some(header) = request.headers.one(name)? else {
        return Ok(Verdict::NotHere(Refusal::missing(name)));
    };
    let encoded = match header.split_at_checked(BASIC.len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(BASIC) => rest,
        _ => return Ok(Verdict::NotHere(Refusal::OtherShape { name: name.into() })),
    };
    match BASE64_STANDARD.decode(encoded) {
        Ok(given) => one_of(&given, secret),
        Err(_) => Err(Refusal::BadSignature),
    }
}

/// Whether it is one of the current secrets. A public key is none: everybody knows it.
pub(super) fn one_of(given: &[u8], secret: &SourceSecret) -> Result<Verdict, Refusal> {
    let usable = |text: &&String| !text.is_empty() && !text.starts_with("-----BEGIN");
    let texts: Vec<&String> = secret.texts().iter().filter(usable).collect();
    if texts.is_empty() {
        return Ok(Verdict::NotHere(Refusal::NoSecret));
    }
    let equal = |text: &&String| text.as_bytes().ct_eq(given);
    let good = texts.iter().map(equal).fold(Choice::from(0), |a, b| a | b);
    match bool::from(good) {
        true => Ok(Verdict::Proved),
        false => Err(Refusal::BadSignature),
    }
}

/// The parameter of an address, decoded. One that comes twice is no proof.
pub(super) fn query(url: &str, name: &str) -> Result<Option<String>, Refusal> {
    let (_, query) = url.split_once('?').unwrap_or_default();
    let query = query.split('#').next().unwrap_or_default();
    let mut values = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(named, _)| *named == name)
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let decoded = percent_decode_str(value).decode_utf8();
            decoded
                .map(|text| Some(text.into_owned()))
                .map_err(|_| Refusal::BadSignature)
        }
        (Some(_), Some(_)) => Err(Refusal::BadSignature),
    }
}
