//! Published answers, signatures made by another library than the one that checks, and the ways
//! around each kind of proof.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256, Sha512};

use super::*;

fn case(source: &str, scheme: &str) -> Case {
    let mut all = cases().into_iter();
    let wanted = |case: &Case| case.facts.name == source && case.scheme.scheme == scheme;
    all.find(wanted).unwrap()
}

fn mac<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sends a body of our own under a header of our own.
fn sent(case: &Case, body: &str, secret: &str, headers: &[(&str, &str)]) -> Result<(), Refusal> {
    case.with(|case| {
        case.body = body.as_bytes().to_vec();
        case.secrets = vec![secret.to_owned()];
        for (name, value) in headers {
            case.headers.retain(|(named, _)| named != name);
            case.headers.push(((*name).to_owned(), (*value).to_owned()));
        }
    })
}

/// <https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks> and
/// <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>, and
/// <https://docs.svix.com/receiving/verifying-payloads/how-manual>
#[test]
fn the_answers_that_vendors_publish_are_ours() {
    let secret = "It's a Secret to Everybody";
    let jira = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9";
    let hub = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let admin = case("jira", "admin");
    assert_eq!(
        sent(&admin, "Hello World!", secret, &[("x-hub-signature", jira)]),
        Ok(())
    );
    let generic = case("generic", "hub");
    let header = [("x-hub-signature-256", hub)];
    assert_eq!(sent(&generic, "Hello, World!", secret, &header), Ok(()));
    let refused = sent(&generic, "Hello World!", secret, &header);
    assert_eq!(refused, Err(Refusal::BadSignature));

    let standard = case("standard-webhooks", "v1").with(|case| {
        case.now = Timestamp::from_second(1_614_265_330).unwrap();
        case.secrets = vec!["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()];
        case.body = br#"{"test": 2432232314}"#.to_vec();
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        case.rewrite("webhook-signature", |value| *value = signature.to_owned());
        case.rewrite("webhook-id", |value| *value = id.to_owned());
        case.rewrite("webhook-timestamp", |value| {
            *value = "1614265330".to_owned()
        });
    });
    assert_eq!(standard, Ok(()));
}

const KEY: &[u8] = b"k-1";
const BODY: &[u8] = br#"{"a":"\u00e9"}"#;

/// These headers are accepted with the key that signed, and refused with another one.
fn assert_signed(source: &str, scheme: &str, headers: &[(&str, String)]) {
    let body = std::str::from_utf8(BODY).unwrap();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let case = case(source, scheme);
    assert_eq!(sent(&case, body, "k-1", &headers), Ok(()), "{source}");
    let refused = sent(&case, body, "k-2", &headers);
    assert_eq!(refused, Err(Refusal::BadSignature), "{source}");
}

#[test]
fn another_library_signs_the_same() {
    let sha1 = mac::<Hmac<sha1::Sha1>>(KEY, &[BODY]);
    let sha256 = hex(&mac::<Hmac<Sha256>>(KEY, &[BODY]));
    let sha512 = hex(&mac::<Hmac<Sha512>>(KEY, &[BODY]));
    let digest = hex(&Sha256::digest([KEY, BODY].concat()));
    let fetched = mac::<Hmac<Sha256>>(&Sha256::digest(KEY), &[BODY]);
    let b64 = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
    let prefixed = |name: &str, text: &str| format!("{name}={text}");
    for (source, scheme, header, value) in [
        ("hubspot", "v1", "x-hubspot-signature", digest),
        (
            "connectwise",
            "callback",
            "x-content-signature",
            b64(&fetched),
        ),
        (
            "autotask",
            "hook",
            "x-hook-signature",
            prefixed("sha1", &b64(&sha1)),
        ),
        (
            "paymo",
            "signature",
            "x-paymo-signature",
            prefixed("sha1", &hex(&sha1)),
        ),
        ("moco", "signature", "x-moco-signature", sha256.clone()),
        (
            "teamwork",
            "signature",
            "x-projects-signature",
            sha256.to_uppercase(),
        ),
        (
            "toggl",
            "signature",
            "x-webhook-signature-256",
            prefixed("sha256", &sha256),
        ),
        (
            "generic",
            "sha512",
            "x-signature",
            prefixed("sha512", &sha512),
        ),
    ] {
        assert_signed(source, scheme, &[(header, value)]);
    }
}

#[test]
fn another_library_signs_a_time_the_same() {
    let at = case("productive", "signature").now.as_second().to_string();
    let timed = hex(&mac::<Hmac<Sha256>>(KEY, &[at.as_bytes(), b".", BODY]));
    let fields = ("productive-signature", format!("t={at},s={timed}"));
    assert_signed("productive", "signature", &[fields]);
    let trailing = hex(&mac::<Hmac<Sha256>>(KEY, &[BODY, at.as_bytes()]));
    let headers = [
        ("x-bamboohr-signature", trailing),
        ("x-bamboohr-timestamp", at),
    ];
    assert_signed("bamboohr", "signature", &headers);
    let instant = "2026-11-22T12:00:01Z".to_owned();
    let leading = mac::<Hmac<Sha256>>(KEY, &[instant.as_bytes(), BODY]);
    let leading = BASE64_STANDARD.encode(leading);
    let signature = ("x-zendesk-webhook-signature", leading);
    assert_signed(
        "zendesk",
        "signature",
        &[
            signature,
            ("x-zendesk-webhook-signature-timestamp", instant),
        ],
    );
}

#[test]
fn a_list_of_signatures_is_good_when_one_is() {
    let case = case("standard-webhooks", "v1");
    let header = case
        .headers
        .iter()
        .find(|(name, _)| name == "webhook-signature");
    let good = header.unwrap().1.clone();
    let other = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let list = |value: String| case.with(|case| case.rewrite("webhook-signature", |v| *v = value));
    assert_eq!(list(format!("{other} {good}")), Ok(()));
    assert_eq!(list(format!("v1a,{} {good} v2,x", &other[3..])), Ok(()));
    assert_eq!(list(format!("{other} {other}")), Err(Refusal::BadSignature));
    // The same bytes under another version's name prove nothing.
    let renamed = list(good.replacen("v1,", "v1a,", 1));
    let name = "webhook-signature".to_owned();
    assert_eq!(renamed, Err(Refusal::OtherShape { name: name.clone() }));
    let flood = list(vec![good.clone(); 9].join(" "));
    assert_eq!(flood, Err(Refusal::OtherShape { name }));
}

#[test]
fn two_times_in_one_header_are_no_time() {
    let case = case("productive", "signature");
    let doubled = case.with(|case| {
        case.rewrite("productive-signature", |value| value.insert_str(0, "t=1,"));
    });
    assert_eq!(doubled, Err(Refusal::Stale));
}

/// A failed proof must not be followed by a weaker one that the sender chose.
#[test]
fn a_failed_scheme_never_falls_through_to_a_weaker_one() {
    let weak = case("hubspot", "v1");
    let schemes: Vec<&Scheme> = weak.facts.verify.iter().collect();
    let judged = |headers: Vec<(String, String)>| {
        let headers = headers.into_iter().collect();
        let request = Request {
            account: &weak.account,
            method: "POST",
            public_url: &weak.url,
            headers: &headers,
            body: &weak.body,
            now: weak.now,
        };
        let secret = SourceSecret::entered(weak.secrets.clone());
        verify_by(&weak.facts, &schemes, &request, &secret).map(drop)
    };
    assert_eq!(judged(weak.headers.clone()), Ok(()));
    let mut both = weak.headers.clone();
    both.push(("x-hubspot-signature-v3".into(), "AAAA".into()));
    both.push((
        "x-hubspot-request-timestamp".into(),
        weak.now.as_millisecond().to_string(),
    ));
    assert_eq!(judged(both), Err(Refusal::BadSignature));
}

fn token(header: &str, claims: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

#[test]
fn a_token_is_held_to_its_algorithm_its_time_its_issuer_and_its_account() {
    let jira = case("jira", "oauth");
    let key = jira.secrets[0].clone();
    let sign = |bytes: &[u8]| mac::<Hmac<Sha256>>(key.as_bytes(), &[bytes]);
    let now = jira.now.as_second();
    let judged = |header: &str, claims: String| {
        let bearer = format!("Bearer {}", token(header, &claims, sign));
        jira.with(|case| case.rewrite("authorization", |value| *value = bearer))
    };
    let hs256 = r#"{"alg":"HS256"}"#;
    assert_eq!(judged(hs256, format!(r#"{{"exp":{}}}"#, now + 10)), Ok(()));
    let stale = Err(Refusal::Stale);
    assert_eq!(judged(hs256, format!(r#"{{"exp":{}}}"#, now - 61)), stale);
    assert_eq!(
        judged(hs256, "{}".to_owned()),
        stale,
        "it must say until when it holds"
    );
    let early = format!(r#"{{"exp":{0},"nbf":{0}}}"#, now + 600);
    assert_eq!(judged(hs256, early), stale);
    for other in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"HS512"}"#,
        r#"{"alg":"RS256"}"#,
        "{}",
    ] {
        let claims = format!(r#"{{"exp":{}}}"#, now + 10);
        assert_eq!(judged(other, claims), Err(Refusal::BadSignature), "{other}");
    }
    // The vendor's public key is known to everybody: it must not serve as a shared secret.
    let addon = case("clockify", "addon");
    let public = addon.secrets[0].clone();
    let forge = |bytes: &[u8]| mac::<Hmac<Sha256>>(public.as_bytes(), &[bytes]);
    let forged = token(hs256, r#"{"iss":"clockify","workspaceId":"5b1667"}"#, forge);
    let judged = addon.with(|case| case.rewrite("clockify-signature", |value| *value = forged));
    assert_eq!(judged, Err(Refusal::BadSignature));
    let other = addon.with(|case| case.account = "another".to_owned());
    assert_eq!(other, Err(Refusal::WrongAccount));
}

#[test]
fn a_shared_text_is_compared_as_a_whole() {
    let query = case("dataverse", "query");
    let bad = Err(Refusal::BadSignature);
    assert_eq!(query.with(|case| case.url.push_str("&code=x")), bad);
    assert_eq!(query.with(|case| case.url.push('x')), bad);
    let bare = query.with(|case| case.url = case.url.replace("?code=", "?other="));
    assert_eq!(
        bare,
        Err(Refusal::MissingParameter {
            name: "code".into()
        })
    );
    let basic = case("pipedrive", "basic");
    let other = format!("basic {}", BASE64_STANDARD.encode("tenon:other"));
    assert_eq!(
        basic.with(|case| case.rewrite("authorization", |v| *v = other)),
        bad
    );
}

#[test]
fn where_nothing_is_signed_every_other_proof_is_needed() {
    let case = case("salesforce", "outbound-message");
    let long = case.with(|case| case.account = "00D7F00000107XsUAI".to_owned());
    assert_eq!(long, Ok(()), "the long form of the same organization");
    let other = case.with(|case| case.account = "00D7F00000107XSUAI".to_owned());
    assert_eq!(other, Err(Refusal::WrongAccount));
    let wrong = case.with(|case| case.url.push('x'));
    assert_eq!(wrong, Err(Refusal::BadSignature));
    let bare = case.with(|case| case.url = "https://hooks.example.com/in/salesforce/1".to_owned());
    let said = bare.unwrap_err().to_string();
    assert!(said.starts_with("Salesforce signs nothing; "), "{said}");
    let replaced = |from: &str, to: &str| {
        case.with(|case| {
            let text = String::from_utf8(case.body.clone()).unwrap();
            assert!(text.contains(from), "{from}");
            case.body = text.replacen(from, to, 1).into_bytes();
        })
    };
    assert!(replaced("<OrganizationId>", "<Organization>").is_err());
    let bomb = "<!DOCTYPE x [<!ENTITY o \"00D7F00000107XsUAI\">]><soapenv:Envelope";
    assert!(
        replaced("<soapenv:Envelope", bomb).is_err(),
        "a document type"
    );
    let entity = replaced("00D7F00000107XsUAI", "&o;");
    assert!(entity.is_err(), "an entity");
}

#[test]
fn who_sends_nothing_is_never_accepted() {
    for name in ["harvest", "kantata"] {
        let facts = &crate::source(name).unwrap().facts;
        let headers = Headers::default();
        let request = Request {
            account: "1",
            method: "POST",
            public_url: "https://hooks.example.com/in/x/1",
            headers: &headers,
            body: b"{}",
            now: Timestamp::UNIX_EPOCH,
        };
        let secret = SourceSecret::entered(vec!["s".to_owned()]);
        let said = verify_by(facts, &[], &request, &secret).err().unwrap();
        assert!(said.to_string().contains("signs nothing; "), "{said}");
    }
}
