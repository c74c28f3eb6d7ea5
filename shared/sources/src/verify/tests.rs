//! Every example of every description is accepted as it is, and refused once anything that its
//! proof covers is different.

use std::sync::LazyLock;

use super::parts::{decoded, escaped};
use super::*;
use crate::ENTRIES;
use crate::facts::example::Example;
use crate::facts::proof::{Part, Proof, Signature, TimePlace, TokenPlace};

mod hostile;
mod others;

/// An example with its scheme, to be damaged.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) facts: Facts,
    pub(super) scheme: Scheme,
    pub(super) secrets: Vec<String>,
    pub(super) method: String,
    pub(super) account: String,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) now: Timestamp,
}

impl Case {
    fn new(facts: &Facts, example: &Example) -> Option<Self> {
        let scheme = facts.scheme(example.scheme.as_deref()?)?;
        let headers = example.headers.iter();
        Some(Self {
            facts: facts.clone(),
            scheme: scheme.clone(),
            secrets: vec![example.secret.clone()],
            method: "POST".to_owned(),
            account: example.account.clone(),
            url: example.url.clone(),
            headers: headers.map(|(n, v)| (n.clone(), v.clone())).collect(),
            body: example.body.clone().into_bytes(),
            now: example.now.unwrap(),
        })
    }

    pub(super) fn check(&self) -> Result<(), Refusal> {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (name, value))
            .collect();
        let request = Request {
            account: &self.account,
            method: &self.method,
            public_url: &self.url,
            headers: &headers,
            body: &self.body,
            now: self.now,
        };
        let secret = SourceSecret::entered(self.secrets.clone());
        verify_by(&self.facts, &[&self.scheme], &request, &secret).map(drop)
    }

    fn with(&self, damage: impl FnOnce(&mut Self)) -> Result<(), Refusal> {
        let mut case = self.clone();
        damage(&mut case);
        case.check()
    }

    fn name(&self) -> String {
        format!("{} {}", self.facts.name, self.scheme.scheme)
    }

    fn signature(&self) -> Option<&Signature> {
        match &self.scheme.by {
            Proof::Signature(signature) => Some(signature),
            Proof::Token(_) | Proof::Basic {} | Proof::Jwt(_) | Proof::Nothing(_) => None,
        }
    }

    /// The header of the proof.
    fn header(&self) -> Option<String> {
        match &self.scheme.by {
            Proof::Signature(signature) => Some(signature.at.header.clone()),
            Proof::Basic {} => Some("authorization".to_owned()),
            Proof::Jwt(jwt) => Some(jwt.header.clone()),
            Proof::Token(token) => match &token.at {
                TokenPlace::Header(name) => Some(name.clone()),
                // The one of the example.
                TokenPlace::AnyHeader => Some("x-webhook-key".to_owned()),
                TokenPlace::Query(_) | TokenPlace::Body(_) => None,
            },
            Proof::Nothing(_) => None,
        }
    }

    /// Replaces the value of a header.
    fn rewrite(&mut self, name: &str, change: impl FnOnce(&mut String)) {
        let mut headers = self.headers.iter_mut();
        let (_, value) = headers.find(|(named, _)| named == name).unwrap();
        change(value);
    }
}

/// Read once: some tests take one of them thousands of times.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut cases = Vec::new();
    for entry in &ENTRIES {
        let Source { facts, .. } = entry.load().unwrap_or_else(|error| panic!("{error}"));
        let own = facts.examples.iter();
        cases.extend(own.filter_map(|example| Case::new(&facts, example)));
    }
    assert!(cases.len() >= 26, "{}", cases.len());
    cases
});

pub(super) fn cases() -> Vec<Case> {
    CASES.clone()
}

#[test]
fn every_example_is_accepted_as_it_is() {
    for case in cases() {
        assert_eq!(case.check(), Ok(()), "{}", case.name());
    }
}

#[test]
fn one_changed_byte_of_a_signed_body_is_seen() {
    let mut signed = 0;
    for case in cases().iter().filter(|case| case.signature().is_some()) {
        signed += 1;
        for position in 0..case.body.len() {
            let changed = case.with(|case| case.body[position] ^= 1);
            assert!(changed.is_err(), "{} byte {position}", case.name());
        }
        assert!(case.with(|case| case.body.push(b'\n')).is_err());
        assert!(case.with(|case| case.body.truncate(1)).is_err());
        assert!(case.with(|case| case.body.clear()).is_err());
    }
    assert!(signed >= 20, "{signed}");
}

#[test]
fn one_changed_byte_of_a_proof_is_seen() {
    for case in cases() {
        let Some(name) = case.header() else { continue };
        let length = case
            .headers
            .iter()
            .find(|(n, _)| *n == name)
            .unwrap()
            .1
            .len();
        for position in 0..length {
            let changed = case.with(|case| {
                case.rewrite(&name, |value| {
                    let mut bytes = value.clone().into_bytes();
                    // Another letter, not the other case of the same one: hexadecimal digits and
                    // the word Basic may be written in both.
                    bytes[position] ^= 3;
                    *value = String::from_utf8(bytes).unwrap();
                });
            });
            assert!(changed.is_err(), "{} byte {position}", case.name());
        }
        let cut = case.with(|case| case.rewrite(&name, |value| value.truncate(value.len() - 1)));
        assert!(cut.is_err(), "{}", case.name());
        let empty = case.with(|case| case.rewrite(&name, String::clear));
        assert!(empty.is_err(), "{}", case.name());
    }
}

#[test]
fn every_other_signed_part_counts() {
    for case in cases() {
        let Some(signature) = case.signature().cloned() else {
            continue;
        };
        let bad = Err(Refusal::BadSignature);
        for part in &signature.parts {
            let changed = match part {
                Part::Method => case.with(|case| case.method = "PUT".to_owned()),
                Part::Url { .. } => case.with(|case| case.url.push('x')),
                Part::Header(name) => case.with(|case| case.rewrite(name, |v| v.push('x'))),
                Part::Body | Part::EscapedBody | Part::Timestamp => continue,
                Part::Literal(_) | Part::Secret => continue,
            };
            assert_eq!(changed, bad, "{} {part:?}", case.name());
        }
        // What is signed in another order is another message.
        if signature.parts.len() > 1 {
            let mut reversed = signature.clone();
            reversed.parts.reverse();
            let swapped = case.with(|case| case.scheme.by = Proof::Signature(reversed));
            assert_eq!(swapped, bad, "{}", case.name());
        }
    }
}

#[test]
fn a_header_that_is_missing_or_came_twice_is_refused_by_name() {
    // Where the name of the header is the firm's choice, there is none to say.
    let named = |case: &Case| case.name() != "dataverse header";
    for case in cases().into_iter().filter(named) {
        let mut names: Vec<String> = case.header().into_iter().collect();
        let time = case
            .signature()
            .and_then(|signature| signature.timestamp.as_ref());
        if let Some(sent_at) = time.filter(|sent_at| sent_at.tolerance_seconds.is_some())
            && let TimePlace::Header(name) = &sent_at.at
        {
            names.push(name.clone());
        }
        for name in names {
            let missing = case.with(|case| case.headers.retain(|(named, _)| *named != name));
            let said = Err(Refusal::MissingHeader { name: name.clone() });
            assert_eq!(missing, said, "{}", case.name());
            let twice = case.with(|case| {
                let again = case
                    .headers
                    .iter()
                    .find(|(n, _)| *n == name)
                    .unwrap()
                    .clone();
                case.headers.push((again.0.to_uppercase(), again.1));
            });
            assert_eq!(
                twice,
                Err(Refusal::RepeatedHeader { name }),
                "{}",
                case.name()
            );
        }
    }
}

#[test]
fn every_current_secret_counts_and_no_other() {
    for case in cases() {
        let old = case.secrets[0].clone();
        // A secret of the same form that is not the right one.
        let wrong = match old
            .char_indices()
            .rev()
            .find(|(_, c)| c.is_ascii_alphanumeric())
        {
            Some((at, 'a')) => format!("{}b{}", &old[..at], &old[at + 1..]),
            Some((at, _)) => format!("{}a{}", &old[..at], &old[at + 1..]),
            None => unreachable!(),
        };
        let with = |secrets: &[&str]| {
            case.with(|case| case.secrets = secrets.iter().map(|s| (*s).to_owned()).collect())
        };
        let name = case.name();
        assert_eq!(with(&["new", &old]), Ok(()), "{name}");
        assert_eq!(with(&[&old, "new"]), Ok(()), "{name}");
        assert!(with(&[&wrong]).is_err(), "{name}");
        assert!(with(&["another"]).is_err(), "{name}");
        assert_eq!(with(&[""]), Err(Refusal::NoSecret), "{name}");
        assert_eq!(with(&[]), Err(Refusal::NoSecret), "{name}");
    }
}

#[test]
fn a_signed_time_is_a_window_in_both_directions() {
    let mut windows = 0;
    for case in cases() {
        let time = case
            .signature()
            .and_then(|signature| signature.timestamp.clone());
        let Some(tolerance) = time.and_then(|sent_at| sent_at.tolerance_seconds) else {
            continue;
        };
        windows += 1;
        let late =
            |seconds: i64| case.with(|case| case.now += jiff::SignedDuration::from_secs(seconds));
        let tolerance = i64::from(tolerance);
        assert_eq!(late(tolerance - 2), Ok(()), "{}", case.name());
        for seconds in [tolerance + 1, 31_536_000, -tolerance - 2] {
            assert_eq!(late(seconds), Err(Refusal::Stale), "{}", case.name());
        }
    }
    assert!(windows >= 7, "{windows}");
}

#[test]
fn a_message_without_a_signed_time_is_accepted_whenever_it_comes() {
    let moco = cases()
        .into_iter()
        .find(|case| case.facts.name == "moco")
        .unwrap();
    let much_later = moco.with(|case| case.now += jiff::SignedDuration::from_hours(1000));
    assert_eq!(
        much_later,
        Ok(()),
        "its time is an unsigned header: no window"
    );
}

#[test]
fn a_message_that_was_cut_or_is_too_large_is_refused() {
    let case = cases().remove(0);
    let length = case.body.len().to_string();
    let says = |length: &str| {
        case.with(|case| {
            case.headers
                .push(("Content-Length".to_owned(), length.to_owned()))
        })
    };
    assert_eq!(says(&length), Ok(()));
    for wrong in ["1", "0", "-1", "", "99999999999999999999"] {
        assert_eq!(says(wrong), Err(Refusal::WrongLength), "{wrong}");
    }
    let bytes = json::MAX_BYTES + 1;
    let large = case.with(|case| case.body = vec![b' '; bytes]);
    assert_eq!(large, Err(Refusal::TooLarge { bytes }));
}

#[test]
fn exactly_the_named_escapes_are_decoded_and_only_once() {
    let twelve = ":/?@!$'()*,;";
    let named = "https://h/%3a%2F%3F%40%21%24%27%28%29%2A%2C%3b";
    assert_eq!(decoded(named, twelve), "https://h/:/?@!$'()*,;");
    for kept in [
        "%26", "%3D", "%20", "%2B", "%C3%A9", "%", "%2", "%zz", "%+1", "%é",
    ] {
        assert_eq!(decoded(kept, twelve), kept);
    }
    assert_eq!(decoded("%253A", twelve), "%253A");
}

#[test]
fn only_what_is_within_a_text_is_escaped() {
    let body = r#"{"a":"x & <y> 'z' + `q` é 😀 \"w\" \\ \n","b":1}"#;
    let want = r#"{"a":"x \u0026 \u003Cy\u003E \u0027z\u0027 \u002B \u0060q\u0060 \u00E9 \uD83D\uDE00 \u0022w\u0022 \\ \n","b":1}"#;
    assert_eq!(escaped(body.as_bytes()), want.as_bytes());
    assert_eq!(escaped(b"\xff\""), b"\xff\"");
    assert_eq!(escaped(b"\"a\\"), b"\"a\\");
}
