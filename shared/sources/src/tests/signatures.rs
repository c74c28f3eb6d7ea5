//! Signatures: HubSpot's published example, and bytes signed by another implementation (Python's
//! `hmac` and `hashlib`).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::facts::proof::Proof;
use crate::{Refusal, Request, SourceSecret, source, verify};

/// A request that verifies, to be damaged.
#[derive(Clone)]
struct Case {
    source: &'static str,
    account: String,
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
    secret: String,
    now: Timestamp,
}

impl Case {
    fn check(&self) -> Result<(), Refusal> {
        let source = source(self.source).unwrap();
        let secret = SourceSecret::parse(source, &self.secret).unwrap();
        let headers = self.headers.iter().collect();
        let request = Request {
            account: &self.account,
            method: &self.method,
            public_url: &self.url,
            headers: &headers,
            body: &self.body,
            now: self.now,
        };
        verify(source, &request, &secret).map(|verified| assert_eq!(verified.body(), self.body))
    }

    fn with(&self, damage: impl FnOnce(&mut Self)) -> Result<(), Refusal> {
        let mut case = self.clone();
        damage(&mut case);
        case.check()
    }
}

/// The header of the source's first scheme.
fn signature_header(name: &str) -> String {
    let Proof::Signature(signature) = &source(name).unwrap().facts.verify[0].by else {
        panic!("{name} signs nothing");
    };
    signature.at.header.clone()
}

fn hubspot_secret(secrets: &[&str]) -> String {
    serde_json::json!({ "client_secrets": secrets, "access_token": "t" }).to_string()
}

/// The example that HubSpot publishes for signature v3.
/// <https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation>
fn published() -> Case {
    let headers = [
        (
            "x-hubspot-signature-v3",
            "gbj1XPRvUt0noT7i7fXfTzOD4sLzQmf0VT28ZYq0EYg=",
        ),
        ("x-hubspot-request-timestamp", "1752613922216"),
    ];
    Case {
        source: "hubspot",
        account: "48807704".into(),
        method: "POST".into(),
        url: "https://webhook.site/335453f5-94b3-49d9-b684-a55354d4b8df".into(),
        headers: headers.map(|(name, value)| (name.into(), value.into())).into(),
        body: br#"[{"eventId":531833541,"subscriptionId":3923621,"portalId":48807704,"appId":16111050,"occurredAt":1752613920733,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":138017612137,"changeFlag":"CREATED","changeSource":"CRM_UI","sourceId":"userId:76023669"}]"#.to_vec(),
        secret: hubspot_secret(&["cfc68c0b-4b4e-4ef8-b764-95350e4ea479"]),
        now: Timestamp::from_millisecond(1752613922216).unwrap(),
    }
}

const KEY_URL: &str = "https://sandbox-na.myconnectwise.net/v2025_1//system/callbackkey/index.rails?companyName=Cobalt&id=e17e5f0c-7a64-4f0f-8b0e-5f6a3d0c9a11";

fn connectwise_secret(keys: serde_json::Value) -> String {
    serde_json::json!({
        "company_id": "Cobalt", "public_key": "p", "private_key": "q", "client_id": "c",
        "signing_keys": keys,
    })
    .to_string()
}

fn callback() -> Case {
    let signature = "4dgJld69IwXvJnihRmbZsADIYzzJM8Zy5chbHpupk24=";
    Case {
        source: "connectwise",
        account: "Cobalt".into(),
        method: "POST".into(),
        url: "https://in.example/connectwise/Cobalt".into(),
        headers: [("x-content-signature".into(), signature.into())].into(),
        body: include_bytes!("../../../../events/connectwise-time-entry.json").to_vec(),
        secret: connectwise_secret(serde_json::json!({ KEY_URL: "5f1d9a7c-signing-key" })),
        now: "2026-11-22T12:00:00Z".parse().unwrap(),
    }
}

#[test]
fn what_the_vendors_sign_is_accepted() {
    assert_eq!(published().check(), Ok(()));
    assert_eq!(callback().check(), Ok(()));
}

#[test]
fn every_flipped_bit_is_seen() {
    for case in [published(), callback()] {
        for position in 0..case.body.len() {
            let flipped = case.with(|case| case.body[position] ^= 1);
            assert!(flipped.is_err(), "{} byte {position}", case.source);
        }
        let name = &signature_header(case.source);
        for position in 0..case.headers[name].len() {
            let flipped = case.with(|case| {
                let mut bytes = case.headers[name].clone().into_bytes();
                bytes[position] ^= 1;
                let text = String::from_utf8(bytes).unwrap();
                case.headers.insert(name.clone(), text);
            });
            assert_eq!(
                flipped,
                Err(Refusal::BadSignature),
                "{} {position}",
                case.source
            );
        }
    }
}

#[test]
fn a_part_of_a_signature_or_of_a_body_is_not_enough() {
    for case in [published(), callback()] {
        let name = &signature_header(case.source);
        for length in [0, 4, 40] {
            let truncated = case.with(|case| {
                let text = case.headers[name][..length].to_owned();
                case.headers.insert(name.clone(), text);
            });
            assert_eq!(truncated, Err(Refusal::BadSignature));
        }
        let twice = case.with(|case| {
            let text = case.headers[name].repeat(2);
            case.headers.insert(name.clone(), text);
        });
        assert_eq!(twice, Err(Refusal::BadSignature));
        assert!(case.with(|case| case.body.push(b'\n')).is_err());
        assert!(
            case.with(|case| case.body.truncate(case.body.len() - 1))
                .is_err()
        );
        assert!(case.with(|case| case.body.clear()).is_err());
        let missing = case.with(|case| drop(case.headers.remove(name)));
        assert_eq!(missing, Err(Refusal::MissingHeader { name: name.clone() }));
    }
}

#[test]
fn hubspots_window_is_five_minutes_both_ways() {
    let at = |seconds| published().with(|case| case.now += SignedDuration::from_secs(seconds));
    for seconds in [-300, -299, 299, 300] {
        assert_eq!(at(seconds), Ok(()), "{seconds}");
    }
    for seconds in [-301, 301, 31_536_000] {
        assert_eq!(at(seconds), Err(Refusal::Stale), "{seconds}");
    }
    let time = "x-hubspot-request-timestamp";
    for text in [
        "",
        "-1",
        "+1752613922216",
        "1752613922216.0",
        "99999999999999999999",
        "x",
    ] {
        let odd = published().with(|case| {
            case.headers.insert(time.into(), text.into());
        });
        assert_eq!(odd, Err(Refusal::Stale), "{text}");
    }
    let moved = published().with(|case| {
        case.headers.insert(time.into(), "1752613922217".into());
    });
    assert_eq!(moved, Err(Refusal::BadSignature));
    let missing = published().with(|case| drop(case.headers.remove(time)));
    assert_eq!(missing, Err(Refusal::MissingHeader { name: time.into() }));
}

#[test]
fn hubspot_signs_method_address_body_and_time_in_this_order() {
    let bad = Err(Refusal::BadSignature);
    assert_eq!(published().with(|case| case.method = "PUT".into()), bad);
    assert_eq!(published().with(|case| case.url.push('?')), bad);
    assert_eq!(
        published().with(|case| case.url = case.url.replace("https", "http")),
        bad
    );
    // The same bytes cut at another place are the same bytes: only order is left to be wrong.
    let swapped = published().with(|case| {
        (case.method, case.url) = (case.url.clone(), case.method.clone());
    });
    assert_eq!(swapped, bad);
}

#[test]
fn the_address_is_signed_with_hubspots_escapes_decoded() {
    let sign = |url: &str| {
        published().with(|case| {
            case.url = url.into();
            case.body = b"[]".to_vec();
            case.secret = hubspot_secret(&["s3cret"]);
            let signature = "tWh4Wmd4TebWFAlS543Prf+zxeLv1xxmfVWF2bdYBIg=";
            case.headers
                .insert("x-hubspot-signature-v3".into(), signature.into());
        })
    };
    assert_eq!(
        sign("https://h.example/in?x=a%3Ab%2fc%26d%3De%20f%27g%3Bh"),
        Ok(())
    );
    assert_eq!(sign("https://h.example/in?x=a:b/c%26d%3De%20f'g;h"), Ok(()));
    assert_eq!(
        sign("https://h.example/in?x=a:b/c&d=e f'g;h"),
        Err(Refusal::BadSignature)
    );
}

#[test]
fn every_current_secret_counts_and_no_other() {
    let real = "cfc68c0b-4b4e-4ef8-b764-95350e4ea479";
    let with = |secrets: &[&str]| published().with(|case| case.secret = hubspot_secret(secrets));
    assert_eq!(with(&["new", real]), Ok(()));
    assert_eq!(with(&[real, "new"]), Ok(()));
    assert_eq!(with(&["another tenant's"]), Err(Refusal::BadSignature));
    assert_eq!(with(&[]), Err(Refusal::NoSecret));
    assert_eq!(with(&[""]), Err(Refusal::NoSecret));
}

#[test]
fn a_signed_message_about_another_account_is_refused() {
    let other = published().with(|case| case.account = "1".into());
    assert_eq!(other, Err(Refusal::WrongAccount));
    // Another customer of the vendor, with a key of their own at the vendor's own host.
    let theirs = callback().with(|case| {
        case.account = "Other".into();
        let body = String::from_utf8(case.body.clone()).unwrap();
        case.body = body.replace("Cobalt", "Other").into_bytes();
    });
    assert_eq!(theirs, Err(Refusal::WrongAccount));
    let mixed = callback().with(|case| {
        let body = String::from_utf8(case.body.clone()).unwrap();
        let body = body.replace("companyName=Cobalt", "companyName=Other");
        case.body = body.into_bytes();
    });
    assert_eq!(mixed, Err(Refusal::ForbiddenKeyUrl));
}

#[test]
fn an_unknown_key_is_asked_for_only_at_an_allowed_address() {
    let unknown = callback().with(|case| case.secret = connectwise_secret(serde_json::json!({})));
    let key_url = KEY_URL.to_owned();
    let unknown = unknown.unwrap_err();
    assert_eq!(unknown, Refusal::UnknownKey { key_url });
    let status = |name: &str, refusal: &Refusal| refusal.status(source(name).unwrap());
    assert_eq!(status("connectwise", &unknown), 429);
    assert_eq!(status("hubspot", &Refusal::NoSecret), 503);
    assert_eq!(status("hubspot", &Refusal::Stale), 401);

    let forged = callback().with(|case| {
        let body = String::from_utf8(case.body.clone()).unwrap();
        let host = "sandbox-na.myconnectwise.net/v2025";
        assert!(body.contains(host));
        case.body = body.replace(host, "169.254.169.254/v2025").into_bytes();
    });
    assert_eq!(forged, Err(Refusal::ForbiddenKeyUrl));
    let wrong_key = serde_json::json!({ KEY_URL: "another key" });
    let wrong = callback().with(|case| case.secret = connectwise_secret(wrong_key));
    assert_eq!(wrong, Err(Refusal::BadSignature));
}

#[test]
fn a_broken_body_with_a_good_signature_is_accepted_to_be_looked_at() {
    let broken = callback().with(|case| {
        case.body = b"{\"Type\":\"time\"".to_vec();
        let signature = "PzSjz3T69uMnlSuTw+x9tqrhZOSH1MfTFCOlqy7dP1s=";
        case.headers
            .insert("x-content-signature".into(), signature.into());
    });
    assert_eq!(broken, Ok(()));
}

#[test]
fn a_secret_that_cannot_be_read_does_not_show_itself() {
    let hubspot = source("hubspot").unwrap();
    for text in ["\"s3cret\"", r#"{"client_secrets":"s3cret"}"#, "{s3cret"] {
        let error = SourceSecret::parse(hubspot, text).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }
}

#[test]
fn a_weaker_scheme_counts_only_where_the_accounts_secret_asks_for_it() {
    let source = source("hubspot").unwrap();
    let mut examples = source.facts.examples.iter();
    let example = examples
        .find(|example| example.scheme.as_deref() == Some("v1"))
        .unwrap();
    let case = Case {
        source: "hubspot",
        account: example.account.clone(),
        method: "POST".into(),
        url: example.url.clone(),
        headers: example.headers.clone(),
        body: example.body.clone().into_bytes(),
        secret: hubspot_secret(&[&example.secret]),
        now: example.now.unwrap(),
    };
    let name = "x-hubspot-signature-v3".to_owned();
    assert_eq!(case.check(), Err(Refusal::MissingHeader { name }));
    let chosen = case.with(|case| {
        case.secret = case.secret.replacen('{', r#"{"schemes":["v1"],"#, 1);
    });
    assert_eq!(chosen, Ok(()));
}
