//! The bytes of what is signed.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Refusal, Request};
use crate::facts::proof::Part;

/// The bytes of every part, in order. The secret stands in for its own part.
pub(super) fn bytes<'a>(
    parts: &'a [Part],
    request: &Request<'a>,
    time: &'a str,
    secret: &'a [u8],
) -> Result<Vec<Cow<'a, [u8]>>, Refusal> {
    let one = |part: &'a Part| {
        Ok(match part {
            Part::Method => Cow::Borrowed(request.method.as_bytes()),
            Part::Url { decode } => Cow::Owned(decoded(request.public_url, decode).into_bytes()),
            Part::Body => Cow::Borrowed(request.body),
            Part::EscapedBody => Cow::Owned(escaped(request.body)),
            Part::Timestamp => Cow::Borrowed(time.as_bytes()),
            Part::Header(name) => {
                let value = request.headers.one(name)?;
                Cow::Borrowed(value.ok_or_else(|| Refusal::missing(name))?.as_bytes())
            }
            Part::Literal(text) => Cow::Borrowed(text.as_bytes()),
            Part::Secret => Cow::Borrowed(secret),
        })
    };
    parts.iter().map(one).collect()
}

/// Decodes the percent-escapes of exactly these characters, once and from left to right.
pub(super) fn decoded(url: &str, characters: &str) -> String {
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

/// Writes what a cautious JSON writer escapes within texts as `\uXXXX`, and nothing outside of
/// them. What is not UTF-8 stays as it is: it cannot be signed in this form.
pub(super) fn escaped(body: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(body) else {
        return body.to_vec();
    };
    let mut out = String::with_capacity(text.len());
    let mut within = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                within = !within;
                out.push('"');
            }
            '\\' if within => match characters.next() {
                Some('"') => out.push_str("\\u0022"),
                Some(next) => out.extend(['\\', next]),
                None => out.push('\\'),
            },
            '&' | '<' | '>' | '\'' | '`' | '+' if within => push_escape(&mut out, character),
            other if within && !other.is_ascii() => push_escape(&mut out, other),
            other => out.push(other),
        }
    }
    out.into_bytes()
}

fn push_escape(out: &mut String, character: char) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        // Writing into a String does not fail.
        let _ = write!(out, "\\u{unit:04X}");
    }
}
