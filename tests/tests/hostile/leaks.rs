//! What is personal or secret, in records that fail at every stage: it is in no line of any log.

use std::collections::BTreeSet;

use cli::standin::sign::{sign_connectwise, sign_hubspot};
use serde_json::{Value, json};
use simulation::fate::{Fault, Plan};
use simulation::logs;
use tests::private::PRIVATE;

use crate::desk::{Desk, callback, played, record};
use crate::door::{self, Door};

/// Secrets of sources, and a proof.
const SECRET: [&str; 4] = [
    door::SECRETS[0],
    door::SECRETS[1],
    door::SIGNING_KEY,
    "access-token",
];

/// The log of this thread names none of them; answers how many lines it has, and what they say.
fn assert_silent() -> (usize, BTreeSet<String>) {
    logs::with(|log| {
        for word in PRIVATE.iter().chain(&SECRET) {
            let line = log.lines().find(|line| line.contains(word));
            assert_eq!(line, None, "{word}");
        }
        let said = log.lines().filter_map(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            let error = line["error"].as_str().unwrap_or_default();
            Some(format!("{} {error}", line["message"].as_str()?))
        });
        (log.lines().count(), said.collect())
    })
}

/// A time entry with something private wherever people and their programs put it.
fn private_record() -> Value {
    let mut record = record();
    record["notes"] = json!(format!(
        "{} earns {}, {}",
        PRIVATE[4], PRIVATE[0], PRIVATE[5]
    ));
    record["member"]["name"] = json!(PRIVATE[4]);
    record["member"]["email"] = json!(PRIVATE[3]);
    record["hourlyRate"] = json!(PRIVATE[2]);
    record["iban"] = json!(PRIVATE[1]);
    record["customFields"] = json!([{"caption": "salary", "value": PRIVATE[0]}]);
    record
}

/// The same once for each field, with something private in the place of what is read there.
fn each_field_wrong() -> Vec<String> {
    let record = private_record();
    let mut all = vec![record.to_string()];
    let names: Vec<String> = record.as_object().unwrap().keys().cloned().collect();
    for (number, name) in names.iter().enumerate() {
        let private = PRIVATE[number % PRIVATE.len()];
        let mut wrong = record.clone();
        wrong[name] = json!(private);
        all.push(wrong.to_string());
        wrong[name] = json!([private]);
        all.push(wrong.to_string());
        wrong[name] = json!({"id": private, "name": [private], "identifier": {"a": private}});
        all.push(wrong.to_string());
        let text = record.to_string();
        all.push(text.replacen(
            &format!("\"{name}\":"),
            &format!("\"{name}\":{private} "),
            1,
        ));
    }
    all
}

async fn everything_private_comes(desk: &Desk) {
    for record in each_field_wrong() {
        desk.deliver("connectwise", "Cobalt", &callback(&record))
            .await;
    }
    // The same version with another content.
    let mut other = private_record();
    other["notes"] = json!(PRIVATE[5]);
    desk.deliver("connectwise", "Cobalt", &callback(&other.to_string()))
        .await;
    for body in [
        PRIVATE[4].to_owned(),
        format!("{{\"{}\":", PRIVATE[1]),
        PRIVATE.join("\n"),
    ] {
        for source in ["connectwise", "hubspot", "generic", "salesforce", "harvest"] {
            desk.deliver(source, "1", body.as_bytes()).await;
        }
    }
    // A deal that would be fetched, from a CRM that does not answer.
    let change = json!([{
        "eventId": 1, "portalId": 1, "subscriptionType": "deal.propertyChange", "objectId": 99,
        "occurredAt": 1_795_348_800_000_i64, "propertyName": "salary", "propertyValue": PRIVATE[0],
    }]);
    desk.deliver("hubspot", "1", change.to_string().as_bytes())
        .await;
    // What is no delivery at all.
    for message in [
        PRIVATE[3].to_owned(),
        json!({"v": 1, "id": PRIVATE[4], "body": PRIVATE[1]}).to_string(),
    ] {
        desk.hand_over(message).await;
    }
}

#[test]
fn what_is_private_is_in_no_line_of_validates_log_at_whatever_stage_it_fails() {
    let mut said = BTreeSet::new();
    for (seed, fault) in [
        (1, None),
        (2, Some(Fault::Refused)),
        (3, Some(Fault::Refused)),
        (4, Some(Fault::Lost)),
        (5, Some(Fault::LostOnce)),
    ] {
        let plan = match fault {
            None => Plan::Calm,
            only => Plan::Chance {
                aws: 150,
                odoo: 0,
                only,
            },
        };
        let (sender, receiver) = std::sync::mpsc::channel();
        played(seed, plan, async move |desk| {
            everything_private_comes(desk).await;
            let (lines, said) = assert_silent();
            assert!(lines > 50, "{lines}");
            sender.send(said).unwrap();
            if fault.is_none() {
                let questions = desk.questions().await;
                assert!(questions.len() > 5, "{}", questions.len());
            }
        });
        said.extend(receiver.recv().unwrap());
    }
    // It did fail at different stages: whatever is asked of AWS was refused once.
    let failed = |what: &str| said.iter().any(|line| line.contains(what));
    for what in [
        "tried again",
        "not a delivery",
        "exception raised",
        "version offered",
    ] {
        assert!(failed(what), "{what}: {said:#?}");
    }
    let kinds = said
        .iter()
        .filter(|line| line.contains("tried again"))
        .count();
    assert!(kinds >= 3, "{said:#?}");
}

/// Requests that fail at each stage of intake, each with something private in it.
fn requests() -> Vec<aws_lambda_events::apigw::ApiGatewayProxyRequest> {
    let body = private_record().to_string();
    let url = format!("https://hooks.example.com/in/hubspot/{}", PRIVATE[1]);
    let signed = sign_hubspot(door::SECRETS[0], "POST", &url, &body, 1_795_348_800_000);
    let old = sign_hubspot(door::SECRETS[0], "POST", &url, &body, 1_000);
    let forged = sign_connectwise("wrong", &body);
    let named = |headers: &[(&'static str, String)], path: &str| {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        door::posted(path, &headers, body.as_bytes())
    };
    let private_path = format!("/in/hubspot/{}", PRIVATE[1]);
    let mut not_base64 = door::hubspot(&body);
    not_base64.body = Some(format!("{{{}", PRIVATE[3]));
    let mut too_large = door::hubspot(&body);
    too_large.body = Some(PRIVATE[4].repeat(100_000));
    let mut secret_in_query = door::hubspot(&body);
    let query = [("code".to_owned(), vec![PRIVATE[3].to_owned()])];
    secret_in_query.multi_value_query_string_parameters =
        std::collections::HashMap::from(query).into();
    vec![
        named(&signed, &format!("/in/nobody/{}", PRIVATE[3])),
        named(&[], &private_path),
        named(&old, &private_path),
        named(
            &[("x-hubspot-signature-v3", PRIVATE[4].to_owned())],
            &private_path,
        ),
        named(&forged, &format!("/in/connectwise/{}", PRIVATE[4])),
        named(&forged, "/in/connectwise/Cobalt"),
        not_base64,
        too_large,
        secret_in_query,
        door::hubspot(&body),
        door::connectwise(&body),
    ]
}

#[test]
fn what_is_private_is_in_no_line_of_intakes_log_at_whatever_stage_it_fails() {
    // The other handler's world keeps the log of this thread.
    played(1, Plan::Calm, async |_| {
        let unusable = |secret: &str| {
            let mut secrets = door::stored();
            for value in secrets.values_mut() {
                *value = secret.to_owned();
            }
            Door::with(secrets)
        };
        let none = Door::with(std::collections::BTreeMap::new());
        let bad = unusable(&format!("{{\"client_secrets\":[\"{}\"", door::SECRETS[0]));
        let (no_secrets, no_queue, good) = (Door::open(), Door::open(), Door::open());
        no_secrets.account.set_away(Some("secretsmanager"));
        no_queue.account.set_away(Some("AmazonSQS"));
        let mut statuses = BTreeSet::new();
        for door in [none, bad, no_secrets, no_queue, good] {
            for request in requests() {
                statuses.insert(door.call(&request).await.word);
            }
        }
        for word in [
            "kept",
            "busy",
            "no_secret",
            "bad_secret",
            "bad_signature",
            "stale",
            "not_base64",
        ] {
            assert!(statuses.contains(word), "{word}: {statuses:?}");
        }
        let (lines, _) = assert_silent();
        assert!(lines >= 50, "{lines}");
    });
}
