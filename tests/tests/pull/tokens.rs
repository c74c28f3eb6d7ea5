//! Vendors who want a short-lived token: it is made, kept, replaced, and its refusal is a question.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use source_account::{SourceAccounts, What};
use sources::ApiRequest;
use sources::facts::Facts;

use crate::api::Api;
use crate::world::World;

const TOKEN: &str = "POST /services/oauth2/token";
const QUERY: &str = "GET /services/data/v63.0/query";

pub fn private_key() -> String {
    let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let der: Pkcs8V1Der<'_> = pair.as_der().expect("its bytes");
    let text = BASE64_STANDARD.encode(der.as_ref());
    format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
}

async fn put_secret(world: &World, private_key: &str) {
    let secret = json!({"api": {
        "client_id": "consumer", "user": "it@firm.example", "private_key": private_key,
        "places": {"mydomain": "firm"},
    }});
    world.put_secret("salesforce", &secret.to_string()).await;
}

/// A firm with Salesforce, which lists nothing yet.
pub async fn firm() -> (Api, World) {
    let api = Api::open("authorization", "Bearer one").await;
    let world = World::of("crm", "salesforce", "00D7F00000107Xs", api.url()).await;
    put_secret(&world, &private_key()).await;
    api.answers(
        TOKEN,
        200,
        json!({"access_token": "one", "token_type": "Bearer"}),
    );
    api.answers(QUERY, 200, json!({"done": true, "records": []}));
    (api, world)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_once_and_anew_when_it_is_no_longer_accepted() {
    let (api, world) = firm().await;
    world.pull.sources().await.expect("a run");
    let sent = api.state().asked[0].clone();
    assert_eq!(sent.0, TOKEN);
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=ey";
    assert!(sent.1.starts_with(grant), "an assertion of ours");
    assert_eq!((api.count(TOKEN), api.count(QUERY)), (1, 1));
    // The same token serves again, until the vendor takes it back.
    let accounts = world.accounts();
    let facts = &sources::source("salesforce").expect("a source").facts;
    assert_eq!(ask(&accounts, facts).await, Ok(200));
    assert_eq!(ask(&accounts, facts).await, Ok(200));
    assert_eq!((api.count(TOKEN), api.count(QUERY)), (2, 3));
    api.state().proof.1 = "Bearer two".to_owned();
    api.answers(
        TOKEN,
        200,
        json!({"access_token": "two", "expires_in": 600}),
    );
    assert_eq!(ask(&accounts, facts).await, Ok(200));
    assert_eq!((api.count(TOKEN), api.count(QUERY)), (3, 5), "asked twice");
    // One that says when it ends is replaced before that.
    world.pass(8);
    assert_eq!(ask(&accounts, facts).await, Ok(200));
    assert_eq!(api.count(TOKEN), 3);
    world.pass(1);
    assert_eq!(ask(&accounts, facts).await, Ok(200));
    assert_eq!(api.count(TOKEN), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_assertion_is_one_question_and_a_used_up_day_is_none() {
    let (api, world) = firm().await;
    let refused = json!({"error": "invalid_grant", "error_description": "user it@firm.example"});
    api.answers(TOKEN, 400, refused);
    for _ in 0..7 {
        world.pull.sources().await.expect("a run");
        world.pass(1);
    }
    assert_eq!(
        (api.count(TOKEN), api.count(QUERY)),
        (2, 0),
        "every five minutes"
    );
    let questions = world
        .questions_about("salesforce", "00D7F00000107Xs", "deal")
        .await;
    assert_eq!(questions.len(), 1);
    assert_eq!(
        questions[0].sentence,
        "Salesforce does not accept our access"
    );
    let why = "pull deal: HTTP 400, invalid_grant where its tokens are made";
    assert_eq!(questions[0].items, [why]);
    api.answers(TOKEN, 200, json!({"access_token": "one"}));
    let used_up = json!([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests"}]);
    api.answers(QUERY, 403, used_up);
    put_secret(&world, &private_key()).await;
    world.pass(5);
    world.pull.sources().await.expect("a run");
    assert_eq!((api.count(TOKEN), api.count(QUERY)), (3, 1));
    world.pass(14);
    world.pull.sources().await.expect("a run");
    assert_eq!(api.count(QUERY), 1, "left alone for a quarter of an hour");
    api.answers(QUERY, 200, json!({"done": true, "records": []}));
    world.pass(1);
    world.pull.sources().await.expect("a run");
    let open = world
        .questions_about("salesforce", "00D7F00000107Xs", "deal")
        .await;
    assert!(open.is_empty(), "it closes itself: {open:?}");
}

async fn ask(accounts: &SourceAccounts, facts: &Facts) -> Result<u16, String> {
    let account = accounts.open(facts, "00D7F00000107Xs", "fetch", What::Records);
    let account = account.await.map_err(|why| why.to_string())?;
    let request = ApiRequest {
        method: "GET",
        path_and_query: "/services/data/v63.0/query".to_owned(),
        body: None,
    };
    let answered = account.ask(&request).await.map_err(|why| why.to_string())?;
    Ok(answered.answer.status)
}

/// Salesforce, if each use of its long-lived token brought the next one.
fn rotating() -> Facts {
    let entries = sources::ENTRIES.iter();
    let mut entries = entries.filter(|entry| entry.name == "salesforce");
    let text = entries.next().expect("a source").text;
    let line = text
        .lines()
        .find(|line| line.starts_with("auth = "))
        .expect("its proof");
    let url = "https://{mydomain}.my.salesforce.com/services/oauth2/token";
    let auth = format!("auth = {{ refresh_token = {{ token_url = \"{url}\", rotates = true }} }}");
    Facts::parse("salesforce.toml", &text.replace(line, &auth)).expect("it is sound")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_functions_that_renew_a_long_lived_token_neither_loses_it() {
    let (api, world) = firm().await;
    let facts = rotating();
    let document = |refresh: &str| {
        json!({"api": {"client_id": "consumer", "client_secret": "secret",
            "refresh_token": refresh, "places": {"mydomain": "firm"}}})
    };
    world
        .put_secret("salesforce", &document("r-0").to_string())
        .await;
    api.state().takes_token = Some(0);
    // Long enough for both to want the same one.
    api.state().takes = Duration::from_millis(300);
    let (first, second) = (world.accounts(), world.accounts());
    let (one, other) = tokio::join!(ask(&first, &facts), ask(&second, &facts));
    let later = "the source is left alone until 2026-11-22T12:00:05Z";
    assert!(
        [&one, &other].contains(&&Ok(200)),
        "one of them renews it: {one:?} {other:?}"
    );
    for outcome in [one, other] {
        assert!(
            outcome == Ok(200) || outcome == Err(later.to_owned()),
            "{outcome:?}"
        );
    }
    // Whoever had to wait finds the next one in the secret.
    assert_eq!(ask(&first, &facts).await, Ok(200));
    assert_eq!(ask(&second, &facts).await, Ok(200));
    assert_eq!(
        api.count(TOKEN),
        2,
        "each has a token, and no old one was sent"
    );
    let secret = world.secret("salesforce").await;
    assert_eq!(secret["api"]["refresh_token"], "r-2");
    let kept: BTreeMap<String, Value> =
        serde_json::from_value(secret["api"].clone()).expect("an object");
    assert_eq!(kept["client_secret"], "secret", "the rest stays as it was");
}
