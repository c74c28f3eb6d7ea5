use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::*;
use crate::access::Proof;
use crate::facts::Facts;
use crate::{ENTRIES, SourceSecret};

const SALESFORCE: &str = "auth = { jwt_bearer = { token_url = \"https://{mydomain}.my.salesforce.com/services/oauth2/token\", audience = \"https://login.salesforce.com\" } }";

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// Salesforce, with another way to prove who we are.
fn facts(auth: &str) -> Facts {
    let entry = ENTRIES.iter().find(|entry| entry.name == "salesforce");
    let text = entry.unwrap().text;
    assert!(text.contains(SALESFORCE));
    Facts::parse("x.toml", &text.replace(SALESFORCE, auth)).unwrap()
}

fn key() -> (KeyPair, String) {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let text = BASE64_STANDARD.encode(der.as_ref());
    let begin = "-----BEGIN PRIVATE KEY-----";
    let end = "-----END PRIVATE KEY-----";
    (pair, format!("{begin}\n{text}\n{end}\n"))
}

/// What is sent for a token, or why nothing is.
fn request(facts: &Facts, api: &Value, base_url: Option<&str>) -> Result<TokenRequest, String> {
    let document = json!({ "api": api }).to_string();
    let secret = SourceSecret::of(facts, &document).unwrap();
    match facts.access(&secret, base_url, now()) {
        Ok(access) => match access.proof {
            Proof::Token(request) => Ok(request),
            Proof::Headers(_) => panic!("a token is wanted"),
        },
        Err(cannot) => Err(cannot.to_string()),
    }
}

fn whole() -> Value {
    json!({
        "client_id": "our&client", "client_secret": "our=secret", "user": "it@firm.example",
        "refresh_token": "long/lived", "places": {"mydomain": "firm"},
    })
}

#[test]
fn an_assertion_is_signed_by_our_key_for_three_minutes() {
    let (pair, pem) = key();
    let mut api = whole();
    api["private_key"] = json!(pem);
    let sent = request(&facts(SALESFORCE), &api, None).unwrap();
    let vendors = "https://firm.my.salesforce.com/services/oauth2/token";
    assert_eq!(sent.url, vendors);
    assert!(!sent.rotates);
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    let assertion = sent.form.strip_prefix(grant).unwrap();
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let bytes = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
    let public = pair.public_key().as_ref();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
        .verify(signed.as_bytes(), &bytes(signature))
        .unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let read = |part| serde_json::from_slice::<Value>(&bytes(part)).unwrap();
    assert_eq!(read(header)["alg"], "RS256");
    let ends = now().as_second() + 180;
    let said = json!({
        "iss": "our&client", "sub": "it@firm.example", "aud": "https://login.salesforce.com", "exp": ends,
    });
    assert_eq!(read(claims), said);
}

#[test]
fn a_client_and_a_long_lived_token_are_sent_as_a_form_to_where_the_description_says() {
    let url = "token_url = \"https://login.vendor.example/{mydomain}/token\"";
    let client = facts(&format!("auth = {{ client_credentials = {{ {url} }} }}"));
    let sent = request(&client, &whole(), None).unwrap();
    assert_eq!(sent.url, "https://login.vendor.example/firm/token");
    assert_eq!(
        sent.form,
        "grant_type=client_credentials&client_id=our%26client&client_secret=our%3Dsecret"
    );
    let long = format!("auth = {{ refresh_token = {{ {url}, rotates = true }} }}");
    let sent = request(&facts(&long), &whole(), Some("http://127.0.0.1:9/")).unwrap();
    assert_eq!(sent.url, "http://127.0.0.1:9/firm/token", "a stand-in");
    assert!(sent.rotates);
    assert_eq!(
        sent.form,
        "grant_type=refresh_token&refresh_token=long%2Flived&client_id=our%26client&client_secret=our%3Dsecret"
    );
}

#[test]
fn what_the_secret_leaves_out_is_named_and_its_values_are_not() {
    let url = "token_url = \"https://login.vendor.example/token\"";
    let client = format!("auth = {{ client_credentials = {{ {url} }} }}");
    let long = format!("auth = {{ refresh_token = {{ {url} }} }}");
    for (auth, field, what) in [
        (client.as_str(), "client_id", "client_id"),
        (&client, "client_secret", "client_secret"),
        (&long, "refresh_token", "refresh_token"),
        (SALESFORCE, "user", "user"),
        (SALESFORCE, "client_id", "client_id"),
        (SALESFORCE, "nothing else", "private_key"),
        (SALESFORCE, "places", "place mydomain"),
    ] {
        let mut api = whole();
        api["private_key"] =
            json!("-----BEGIN PRIVATE KEY-----\nInvented\n-----END PRIVATE KEY-----");
        api.as_object_mut().unwrap().remove(field);
        let said = request(&facts(auth), &api, None).err().unwrap();
        let expected = format!("Salesforce cannot be asked: its secret has no usable {what}");
        assert_eq!(said, expected);
    }
    let mut elsewhere = whole();
    elsewhere["places"]["mydomain"] = json!("evil.example/");
    let said = request(&facts(&client), &elsewhere, None).err().unwrap();
    assert!(said.ends_with("place mydomain"), "{said}");
}

#[test]
fn an_answer_is_a_token_or_says_why_not() {
    let read = |status, body: &str| {
        let body = body.to_owned();
        Token::read(&ApiAnswer { status, body })
    };
    let token = read(
        200,
        r#"{"access_token":"short","expires_in":"3600","refresh_token":"next"}"#,
    );
    let token = token.ok().unwrap();
    assert_eq!((token.text.as_str(), token.seconds), ("short", Some(3600)));
    assert_eq!(token.refresh.as_deref(), Some("next"));
    let token = read(200, r#"{"access_token":"short"}"#).ok().unwrap();
    assert_eq!((token.seconds, token.refresh), (None, None));
    let refused = |status, body: &str| read(status, body).err().unwrap().to_string();
    let body = r#"{"error":"invalid_grant","error_description":"no user it@firm.example"}"#;
    assert_eq!(
        refused(400, body),
        "HTTP 400, invalid_grant where its tokens are made"
    );
    let quoting = r#"{"error":"Secret our=secret is wrong"}"#;
    assert_eq!(refused(401, quoting), "HTTP 401 where its tokens are made");
    assert!(matches!(read(429, ""), Err(NoToken::Busy { status: 429 })));
    assert!(matches!(read(503, ""), Err(NoToken::Busy { .. })));
    assert!(matches!(read(200, "<html>"), Err(NoToken::Unreadable(_))));
    assert!(matches!(read(200, "{}"), Err(NoToken::Unreadable(_))));
}
