//! Proofs at the door: whose, how old, and for whom.

use std::collections::BTreeMap;

use cli::standin::sign::sign_connectwise;
use serde_json::{Value, json};

use crate::door::{
    Door, KEY_URL, PORTAL, SECRETS, change, connectwise, hubspot, hubspot_with, kept, posted,
    refused, stored,
};

/// Fault 38.
#[tokio::test]
async fn a_signature_wrong_in_one_bit_cut_or_empty_is_refused() {
    let door = Door::open();
    let body = change();
    let good = hubspot(&body);
    let header = "x-hubspot-signature-v3";
    let signature = good.multi_value_headers[header]
        .to_str()
        .unwrap()
        .to_owned();
    for place in 0..signature.len() {
        for bit in 0..7 {
            let mut bytes = signature.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let Ok(value) = aws_lambda_events::http::HeaderValue::from_bytes(&bytes) else {
                continue;
            };
            let mut request = good.clone();
            request.multi_value_headers.insert(header, value);
            let answered = door.call(&request).await;
            assert_eq!(
                (answered.status, answered.kept.len()),
                (401, 0),
                "{place} {bit}"
            );
        }
        let mut request = good.clone();
        let cut = signature[..place].parse().unwrap();
        request.multi_value_headers.insert(header, cut);
        assert_eq!(door.call(&request).await.status, 401, "cut at {place}");
    }
    assert_eq!(door.call(&good).await, kept(body.as_bytes()));
}

/// Fault 38: rotation is nothing special, and who is not known any more is refused.
#[tokio::test]
async fn the_secret_of_now_and_the_one_before_count_and_no_other() {
    let door = Door::open();
    let body = change();
    for secret in SECRETS {
        let request = hubspot_with(PORTAL, secret, &body);
        assert_eq!(door.call(&request).await, kept(body.as_bytes()), "{secret}");
    }
    for secret in ["", "client-secret-long-ago", "client-secret-of-no"] {
        let request = hubspot_with(PORTAL, secret, &body);
        assert_eq!(
            door.call(&request).await,
            refused(401, "bad_signature"),
            "{secret}"
        );
    }
}

/// Fault 38.
#[tokio::test]
async fn a_message_counts_within_five_minutes_both_ways() {
    let body = change();
    for (seconds, expected) in [
        (299, kept(body.as_bytes())),
        (301, refused(401, "stale")),
        (-299, kept(body.as_bytes())),
        (-301, refused(401, "stale")),
    ] {
        let door = Door::open();
        door.pass(seconds);
        assert_eq!(door.call(&hubspot(&body)).await, expected, "{seconds}");
    }
}

/// Fault 38: within the window a replay is kept once more, and changes nothing behind the queue.
#[tokio::test]
async fn a_replay_is_kept_again_and_never_refused_to_whoever_repeats_it() {
    let door = Door::open();
    let body = change();
    for _ in 0..3 {
        assert_eq!(door.call(&hubspot(&body)).await, kept(body.as_bytes()));
    }
}

/// Fault 38.
#[tokio::test]
async fn another_tenants_secret_or_account_opens_nothing() {
    let door = Door::open();
    let body = change();
    // Well signed by the same app, but about another account than the address names.
    let other = hubspot_with("4711", SECRETS[0], &body);
    assert_eq!(door.call(&other).await, refused(401, "wrong_account"));
    // ConnectWise: the company of the address, of the message and of the secret are one.
    let callback = |company: &str| {
        json!({"Action": "updated", "CompanyId": company, "ID": 1, "Type": "time",
            "Entity": "{}", "Metadata": {"key_url": KEY_URL}})
        .to_string()
    };
    let good = callback("Cobalt");
    assert_eq!(door.call(&connectwise(&good)).await, kept(good.as_bytes()));
    let other = door.call(&connectwise(&callback("Other"))).await;
    assert_eq!(other, refused(401, "wrong_account"));
    let mut elsewhere = connectwise(&good);
    elsewhere.path = Some("/in/connectwise/Other".to_owned());
    assert_eq!(door.call(&elsewhere).await, refused(401, "wrong_account"));
}

/// Addresses that are nobody's business: the machine's own, the network's own, and those that read
/// like the vendor's.
const ADDRESSES: [&str; 12] = [
    "https://169.254.169.254/latest/meta-data/?companyName=Cobalt",
    "https://[fd00:ec2::254]/?companyName=Cobalt",
    "https://127.0.0.1/?companyName=Cobalt",
    "https://10.1.2.3/?companyName=Cobalt",
    "https://2852039166/?companyName=Cobalt",
    "https://localhost/?companyName=Cobalt",
    "http://api-na.myconnectwise.net/?companyName=Cobalt",
    "https://api-na.myconnectwise.net@169.254.169.254/?companyName=Cobalt",
    "https://api-na.myconnectwise.net.evil.example/?companyName=Cobalt",
    "https://evilmyconnectwise.net/?companyName=Cobalt",
    "https://api-na.myconnectwise.net:22/?companyName=Cobalt",
    "file:///etc/passwd?companyName=Cobalt",
];

/// Fault 38: no stranger makes us ask an address of their choice for a key.
#[tokio::test]
async fn a_key_is_never_asked_for_where_a_stranger_says() {
    let door = Door::open();
    let body = |url: &str| json!({"CompanyId": "Cobalt", "Metadata": {"key_url": url}}).to_string();
    for url in ADDRESSES {
        let answered = door.call(&connectwise(&body(url))).await;
        assert_eq!(answered, refused(401, "forbidden_key_url"), "{url}");
        assert_eq!(door.account.taken(), [], "{url}");
    }
    // One of the vendor's own that is not known yet is asked for outside of this path.
    let new = "https://api-eu.myconnectwise.net/k?companyName=Cobalt&id=2";
    let signed = sign_connectwise("unknown to us", &body(new));
    let signed: Vec<(&str, &str)> = signed.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let request = posted("/in/connectwise/Cobalt", &signed, body(new).as_bytes());
    assert_eq!(door.call(&request).await, refused(429, "unknown_key"));
}

/// Fault 26: whoever cannot be checked is asked to come again, and nothing is taken unchecked.
#[tokio::test]
async fn without_its_secret_a_source_is_told_to_come_again() {
    let body = change();
    let without = |change: &dyn Fn(&mut BTreeMap<String, String>)| {
        let mut secrets = stored();
        change(&mut secrets);
        Door::with(secrets)
    };
    let name = "tenon/test/hubspot";
    let gone = without(&|secrets| drop(secrets.remove(name)));
    assert_eq!(gone.call(&hubspot(&body)).await, refused(503, "no_secret"));
    let unusable = without(&|secrets| drop(secrets.insert(name.to_owned(), "{}".to_owned())));
    assert_eq!(
        unusable.call(&hubspot(&body)).await,
        refused(503, "bad_secret")
    );

    let door = Door::open();
    door.account.set_away(Some("secretsmanager"));
    assert_eq!(door.call(&hubspot(&body)).await, refused(503, "busy"));
    let company = json!({"CompanyId": "Cobalt", "Metadata": {"key_url": KEY_URL}}).to_string();
    assert_eq!(
        door.call(&connectwise(&company)).await,
        refused(429, "busy")
    );
    door.account.set_away(Some("AmazonSQS"));
    assert_eq!(door.call(&hubspot(&body)).await, refused(503, "busy"));
    door.account.set_away(None);
    assert_eq!(door.call(&hubspot(&body)).await, kept(body.as_bytes()));
}

/// Every refusal says the same two things in the same way, and never why the proof was not good.
#[tokio::test]
async fn a_refusal_has_one_shape_a_word_to_count_and_the_id_of_its_log_line() {
    let door = Door::open();
    let mut wrong_method = hubspot("[]");
    wrong_method.http_method = "GET".parse().unwrap();
    for (request, status, word) in [
        (posted("/elsewhere", &[], b""), 404, "unknown_path"),
        (wrong_method, 405, "wrong_method"),
        (hubspot_with(PORTAL, "wrong", "[]"), 401, "bad_signature"),
        (posted("/in/hubspot/1", &[], b"[]"), 401, "missing_header"),
    ] {
        let (answer, kept) = door.answer(&request).await;
        assert_eq!((answer.status_code, kept), (status, 0));
        let media = answer.headers.get("content-type").unwrap();
        assert_eq!(media, "application/json");
        let Some(aws_lambda_events::encodings::Body::Text(text)) = answer.body else {
            panic!("an answer has a text");
        };
        let said: Value = serde_json::from_str(&text).unwrap();
        let names: Vec<&String> = said.as_object().unwrap().keys().collect();
        assert_eq!(names, ["delivery", "status"]);
        assert_eq!(said["status"], word);
        let id = said["delivery"].as_str().unwrap();
        assert_eq!(id.len(), 36, "the id by which the log has it");
    }
}

/// A batch of notifications is acknowledged once all of it is kept, and not before: otherwise Salesforce
/// would never send it again.
#[tokio::test]
async fn a_batch_is_acknowledged_only_once_it_is_kept() {
    let secret = json!({"signing_secrets": ["an-unguessable-text"]}).to_string();
    let door = Door::with(BTreeMap::from([(
        "tenon/test/salesforce".to_owned(),
        secret,
    )]));
    let body = tests::file("shared/sources/fixtures/salesforce/outbound-message.xml");
    let mut request = posted("/in/salesforce/00D7F00000107XsUAI", &[], body.as_bytes());
    let key = vec!["an-unguessable-text".to_owned()];
    let query = std::collections::HashMap::from([("key".to_owned(), key)]);
    request.multi_value_query_string_parameters = query.into();
    door.account.set_away(Some("AmazonSQS"));
    assert_eq!(door.call(&request).await, refused(503, "busy"));
    door.account.set_away(None);
    let kept = door.call(&request).await.kept;
    assert_eq!(kept, [body.as_bytes()], "one message carries all of them");
    let (answer, sent) = door.answer(&request).await;
    assert_eq!((answer.status_code, sent), (200, 1));
    let Some(aws_lambda_events::encodings::Body::Text(text)) = answer.body else {
        panic!("an answer has a text");
    };
    assert!(text.contains("<Ack>true</Ack>"), "{text}");
}
