//! A signature over parts of a message.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use subtle::Choice;

use super::keys::{from_hex, keys};
use super::{Refusal, Request, Verdict, hash, parts};
use crate::SourceSecret;
use crate::facts::proof::{Encoding, Place, SentAt, Shape, Signature, TimeForm, TimePlace};

/// No vendor sends more: one per secret while secrets are replaced.
const MOST_SIGNATURES: usize = 8;

pub(super) fn judge(
    facts: &Signature,
    request: &Request<'_>,
    secret: &SourceSecret,
) -> Result<Verdict, Refusal> {
    let name = &facts.at.header;
    let Some(header) = request.headers.one(name)? else {
        return Ok(Verdict::NotHere(Refusal::missing(name)));
    };
    let Some(written) = signatures(&facts.at, header) else {
        return Ok(Verdict::NotHere(Refusal::OtherShape { name: name.clone() }));
    };
    let time = match &facts.timestamp {
        Some(sent_at) => fresh(request, sent_at, header)?,
        None => "",
    };
    let keys = keys(facts.method, &facts.key, request, secret)?;
    if keys.is_empty() {
        return Ok(Verdict::NotHere(Refusal::NoSecret));
    }
    let given: Vec<Vec<u8>> = written
        .iter()
        .filter_map(|text| bytes_of(text, facts.at.encoding))
        .collect();
    // Every key and every form is tried, so that the time taken does not tell which was right.
    let mut good = Choice::from(0);
    for key in &keys {
        for signed in [&facts.parts, &facts.or_parts] {
            if !signed.is_empty() {
                let signed = parts::bytes(signed, request, time, key)?;
                good |= hash::matches(facts.method, key, &signed, &given);
            }
        }
    }
    match bool::from(good) {
        true => Ok(Verdict::Proved),
        false => Err(Refusal::BadSignature),
    }
}

/// The signatures that a header carries, still as text; none when it is built in another way.
fn signatures<'a>(place: &Place, header: &'a str) -> Option<Vec<&'a str>> {
    let found: Vec<&str> = match &place.shape {
        Shape::Plain => vec![header],
        Shape::Prefixed(prefix) => header.strip_prefix(prefix).into_iter().collect(),
        Shape::Fields(name) => fields(header, name).collect(),
        Shape::List(tag) => header
            .split(' ')
            .filter_map(|entry| entry.split_once(','))
            .filter(|(named, _)| named == tag)
            .map(|(_, value)| value)
            .collect(),
    };
    (!found.is_empty() && found.len() <= MOST_SIGNATURES).then_some(found)
}

/// The values of a name in `name=value, name=value`.
fn fields<'a>(header: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    header
        .split(',')
        .filter_map(|field| field.trim().split_once('='))
        .filter(move |(named, _)| *named == name)
        .map(|(_, value)| value)
}

fn bytes_of(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Base64 => BASE64_STANDARD.decode(text).ok(),
        Encoding::Hex => from_hex(text),
    }
}

/// The text of the message's time, when it is near enough to ours.
fn fresh<'a>(
    request: &Request<'a>,
    sent_at: &SentAt,
    signature: &'a str,
) -> Result<&'a str, Refusal> {
    let Some(tolerance) = sent_at.tolerance_seconds else {
        return Ok("");
    };
    let text = match &sent_at.at {
        TimePlace::Header(name) => {
            let value = request.headers.one(name)?;
            value.ok_or_else(|| Refusal::missing(name))?
        }
        TimePlace::Field(name) => {
            let mut values = fields(signature, name);
            // Two times in one header: nobody knows which one was signed.
            match (values.next(), values.next()) {
                (Some(value), None) => value,
                _ => return Err(Refusal::Stale),
            }
        }
    };
    let mut forms = sent_at.written.iter();
    let sent = forms.find_map(|form| instant(text, *form));
    let apart = sent.map(|sent| request.now.as_millisecond().abs_diff(sent.as_millisecond()));
    match apart.is_some_and(|apart_ms| apart_ms <= u64::from(tolerance) * 1000) {
        true => Ok(text),
        false => Err(Refusal::Stale),
    }
}

fn instant(text: &str, form: TimeForm) -> Option<Timestamp> {
    let number = || {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<i64>().ok()).flatten()
    };
    match form {
        TimeForm::Seconds => Timestamp::from_second(number()?).ok(),
        TimeForm::Milliseconds => Timestamp::from_millisecond(number()?).ok(),
        TimeForm::Rfc3339 => text.parse().ok(),
    }
}
