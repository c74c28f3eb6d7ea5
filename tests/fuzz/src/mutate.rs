//! From a sample to what somebody may have made of it.

use std::ops::Range;

use fastrand::Rng;
use jiff::SignedDuration;

use crate::hostile;
use crate::input::Input;
use crate::target::Target;

/// More than any body that is taken: what is larger is refused by its size.
const MOST_BYTES: usize = 220 * 1024;
/// The most that is done to one sample.
const MOST_STEPS: usize = 4;

/// Does to an input what somebody may do who does not know the secret. `other` is another sample.
pub fn input(input: &mut Input, other: &Input, dice: &mut Rng) {
    for _ in 0..dice.usize(1..=MOST_STEPS) {
        match input.target {
            Target::Verify | Target::Edge if dice.u8(0..3) > 0 => envelope(input, dice),
            Target::Verify | Target::Edge | Target::Read | Target::Answers => {
                body(&mut input.body, &other.body, dice);
            }
            Target::Decode => document(input, dice),
        }
    }
    input.body.truncate(MOST_BYTES);
}

/// What is around a body.
fn envelope(input: &mut Input, dice: &mut Rng) {
    let place = dice.usize(0..input.headers.len().max(1));
    match (dice.u8(0..12), input.headers.get(place).cloned()) {
        (0, Some((_, value))) => input.headers[place].1 = stirred(&value, dice),
        (1, Some(_)) => input.headers[place].1 = hostile::text(dice),
        (2, Some((name, value))) => input.headers.push((name.to_ascii_uppercase(), value)),
        (3, Some((name, value))) => input.headers.push((name, stirred(&value, dice))),
        (4, Some(_)) => drop(input.headers.remove(place)),
        (5, _) => input.url = stirred(&input.url, dice),
        (6, _) => input.account = hostile::text(dice),
        (7, _) => input.method = ["GET", "PUT", "post", ""][dice.usize(0..4)].to_owned(),
        (8, _) => {
            let seconds = [-301, -299, -1, 1, 299, 301, 86_400, -86_400][dice.usize(0..8)];
            let later = input.now.checked_add(SignedDuration::from_secs(seconds));
            input.now = later.unwrap_or(input.now);
        }
        (9, _) => input.secrets = vec!["another secret".to_owned()],
        (10, _) => input.secrets.insert(0, "the secret after it".to_owned()),
        (11, _) if input.target == Target::Edge => input.flag_lies = true,
        (_, _) => input
            .headers
            .push(("content-length".to_owned(), hostile::text(dice))),
    }
}

/// A text with something about it changed.
fn stirred(text: &str, dice: &mut Rng) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let nothing: &[u8] = b"";
    match dice.u8(0..4) {
        0 => bytes.truncate(dice.usize(0..=bytes.len())),
        1 => bytes.make_ascii_uppercase(),
        2 => bytes.push(b' '),
        _ => body(&mut bytes, nothing, dice),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One change of a body.
fn body(body: &mut Vec<u8>, other: &[u8], dice: &mut Rng) {
    let at = dice.usize(0..=body.len());
    let some = at..(at + dice.usize(0..40)).min(body.len());
    match dice.u8(0..16) {
        0 | 1 if at < body.len() => body[at] ^= 1 << dice.u8(0..8),
        2 if at < body.len() => body[at] = dice.u8(..),
        3 | 4 => put(body, at..at, &hostile::piece(dice)),
        5 => put(body, some, b""),
        6 => {
            let again = body[some].to_vec();
            put(body, at..at, &again);
        }
        7 => body.truncate(at),
        8 if !other.is_empty() => {
            let from = dice.usize(0..other.len());
            let to = (from + dice.usize(0..200)).min(other.len());
            put(body, at..at, &other[from..to]);
        }
        9 => repeated(body, dice),
        10 => named_twice(body, dice),
        _ => {
            if let Some(place) = one_of(&values(body), dice) {
                put(body, place, &hostile::value(dice));
            }
        }
    }
}

/// Replaces a part of a body.
fn put(body: &mut Vec<u8>, place: Range<usize>, with: &[u8]) {
    body.splice(place, with.iter().copied());
}

/// One value again and again, as the elements of a list.
fn repeated(body: &mut Vec<u8>, dice: &mut Rng) {
    let Some(place) = one_of(&values(body), dice) else {
        return;
    };
    let one = body[place.clone()].to_vec();
    let most = (MOST_BYTES / (one.len() + 1)).min(20_000);
    let many = vec![one; dice.usize(1..=most.max(1))].join(&b',');
    put(body, place, &[b"[", many.as_slice(), b"]"].concat());
}

/// A name with its value once more, and another value there.
fn named_twice(body: &mut Vec<u8>, dice: &mut Rng) {
    let Some(value) = one_of(&values(body), dice) else {
        return;
    };
    let name = body[..value.start]
        .iter()
        .rposition(|byte| matches!(byte, b'{' | b',' | b'['));
    let Some(name) = name else { return };
    let mut again = body[name + 1..value.start].to_vec();
    again.extend(hostile::value(dice));
    again.push(b',');
    put(body, name + 1..name + 1, &again);
}

/// Where values stand, in JSON, XML and tables alike: between what separates them.
fn values(body: &[u8]) -> Vec<Range<usize>> {
    let ends = |byte: &u8| {
        matches!(
            byte,
            b':' | b',' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' | b'\n'
        )
    };
    let mut found = Vec::new();
    let mut begin = 0;
    for (at, byte) in body.iter().enumerate() {
        if ends(byte) {
            // What follows a colon, a bracket, a tag or a comma; not a name of JSON.
            if at > begin && begin > 0 && *byte != b':' {
                found.push(begin..at);
            }
            begin = at + 1;
        }
    }
    found
}

fn one_of(places: &[Range<usize>], dice: &mut Rng) -> Option<Range<usize>> {
    dice.choice(places).cloned()
}

/// A body that was never a sample: values, names and pieces one after the other.
fn document(input: &mut Input, dice: &mut Rng) {
    if dice.u8(0..4) == 0 {
        input.body = (0..dice.usize(0..400)).map(|_| dice.u8(..)).collect();
        return;
    }
    let mut body = Vec::new();
    for _ in 0..dice.usize(0..30) {
        match dice.u8(0..6) {
            0 => body.extend(hostile::piece(dice)),
            1 => {
                let names = [
                    "a", "id", "Entity", "data", "events", "event", "type", "Id", "value",
                ];
                let name = names[dice.usize(0..names.len())];
                body.extend(format!("\"{name}\":").into_bytes());
            }
            2 => body.push(b"{}[],:<>\"\\"[dice.usize(0..10)]),
            3 => {
                let at = dice.usize(0..=input.body.len());
                let to = (at + dice.usize(0..60)).min(input.body.len());
                body.extend_from_slice(&input.body[at..to]);
            }
            _ => body.extend(hostile::value(dice)),
        }
    }
    input.body = body;
}
