//! What is personal or secret, in answers and records that fail at every stage: it is in no line of the log
//! of who pulls, who fetches and who tells.

use aws::Chain;
use cli::aws_api::SQS;
use serde_json::{Value, json};
use simulation::logs;
use tests::large_stack::on_a_large_stack;
use tests::private::PRIVATE;

use crate::api::Api;
use crate::budget;
use crate::event;
use crate::world::World;

/// Tokens of ours.
const SECRETS: [&str; 2] = ["Bearer canary-of-pull", "canary-of-feedback"];

/// The log of this thread names nothing of it, and says that all of this happened.
fn assert_silent(happened: &[&str]) {
    logs::with(|log| {
        for word in PRIVATE.iter().chain(&SECRETS) {
            let line = log.lines().find(|line| line.contains(word));
            assert_eq!(line, None, "{word}");
        }
        for what in happened {
            assert!(log.contains(what), "{what}: {log}");
        }
    });
}

/// The same once for each field at any depth, with something private in its place.
fn each_field_wrong(value: &Value) -> Vec<Value> {
    let mut places = Vec::new();
    gather(value, String::new(), &mut places);
    let mut all = vec![value.clone()];
    for (number, place) in places.iter().enumerate() {
        let private = PRIVATE[number % PRIVATE.len()];
        for wrong in [
            json!(private),
            json!([private]),
            json!({"id": [private], "name": private}),
        ] {
            let mut changed = value.clone();
            *changed.pointer_mut(place).expect("it is there") = wrong;
            all.push(changed);
        }
    }
    all
}

fn gather(value: &Value, place: String, places: &mut Vec<String>) {
    if !place.is_empty() {
        places.push(place.clone());
    }
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, one)| (name.clone(), one))
            .collect(),
        Value::Array(list) => (0..)
            .zip(list)
            .map(|(at, one): (usize, _)| (at.to_string(), one))
            .collect(),
        _ => Vec::new(),
    };
    for (name, one) in inner {
        gather(one, format!("{place}/{name}"), places);
    }
}

/// What a vendor says that refuses: it may quote what we sent, and whom it is about.
fn refusal() -> Value {
    json!({"error": PRIVATE[4], "error_description": PRIVATE[3], "category": PRIVATE[4],
        "message": PRIVATE.join(" "), "errors": [{"message": PRIVATE[1]}]})
}

/// A page of one record, with something private wherever people put it.
fn page() -> Value {
    let record = json!({
        "id": 501, "spent_date": "2026-11-20", "hours": 8.0, "rounded_hours": 8.0,
        "approval_status": "approved", "is_billed": false, "is_running": false, "billable": true,
        "updated_at": "2026-11-22T11:00:00Z", "project": {"id": 77, "name": PRIVATE[4]},
        "user": {"id": 28, "name": PRIVATE[4], "email": PRIVATE[3]}, "cost_rate": PRIVATE[2],
        "task": {"id": 3, "name": "Senior Consultant"}, "notes": PRIVATE.join(" "),
    });
    json!({"time_entries": [record], "links": {"next": null}})
}

#[test]
fn what_is_private_is_in_no_line_of_pulls_log_at_whatever_stage_it_fails() {
    logs::capture();
    on_a_large_stack(async || {
        let api = Api::open("authorization", SECRETS[0]).await;
        let world = World::of("psa", "harvest", "4711", api.url()).await;
        let headers = json!({"Authorization": SECRETS[0], "Harvest-Account-Id": "4711",
            "User-Agent": PRIVATE[3]});
        let good = json!({"api": {"headers": headers}}).to_string();
        world.put_secret("harvest", &good).await;
        let list = "GET /v2/time_entries";
        for list in ["projects", "expenses"] {
            api.answers(
                &format!("GET /v2/{list}"),
                200,
                json!({list: [], "links": {}}),
            );
        }
        for wrong in each_field_wrong(&page()) {
            api.answers(list, 200, wrong);
            world.pass(6);
            world.pull.sources().await.expect("a run");
        }
        for status in [400, 401, 403, 404, 409, 410, 422, 429, 500, 503] {
            api.answers(list, status, refusal());
            world.pass(6);
            world.pull.sources().await.expect("a run");
        }
        api.answers(list, 200, page());
        for bad in [&good[..good.len() - 4], PRIVATE[4], "{}"] {
            world.put_secret("harvest", bad).await;
            world.pass(6);
            world.pull.sources().await.expect("a run");
        }
        world.put_secret("harvest", &good).await;
        world.pass(6);
        world.pull.sources().await.expect("a run");
        // The queue is gone: what the function ends with is logged too.
        let gone = json!({"QueueUrl": world.deliveries});
        let aws = world.emulator.aws();
        aws.json(SQS, "DeleteQueue", &gone)
            .await
            .expect("it is gone");
        world.pass(6);
        let failure = world.pull.sources().await.expect_err("nowhere to put it");
        let said = format!("{} {failure:?}", Chain(&failure));
        let mut words = PRIVATE.iter().chain(&SECRETS);
        assert!(!words.any(|word| said.contains(word)), "{said}");
        assert_silent(&[
            "source pulled",
            "source is not pulled",
            "source does not accept our access",
            "its answer cannot be read",
        ]);
    });
}

#[test]
fn what_is_private_is_in_no_line_of_the_log_of_who_fetches_and_who_tells() {
    logs::capture();
    on_a_large_stack(async || {
        let (api, world) = budget::firm().await;
        let tell = budget::something_to_tell(&world).await;
        let mut deal = budget::deal("99");
        deal["properties"]["dealname"] = json!(PRIVATE[4]);
        deal["properties"]["salary"] = json!(PRIVATE[0]);
        deal["properties"]["description"] = json!(PRIVATE.join(" "));
        let get = "GET /crm/v3/objects/deals/99";
        let patch = "PATCH /crm/v3/objects/deals/99";
        let both = async || {
            world.pass(6);
            world.validate().handle(event(&budget::webhook())).await;
            world.tell().handle(event(&tell)).await;
            world.take().await;
            world.take_from(&world.feedback).await;
        };
        for wrong in each_field_wrong(&deal) {
            api.answers(get, 200, wrong.clone());
            api.answers(patch, 200, wrong);
            both().await;
        }
        for status in [400, 401, 403, 404, 409, 422, 429, 500, 503] {
            api.answers(get, status, refusal());
            api.answers(patch, status, refusal());
            both().await;
        }
        let bad = json!({"client_secrets": ["s"], "access_token": SECRETS[1]}).to_string();
        for bad in [&bad, &bad[..bad.len() - 3], PRIVATE[4]] {
            world.put_secret("hubspot", bad).await;
            both().await;
        }
        for message in [
            PRIVATE[3].to_owned(),
            json!({"v": 1, "reference": PRIVATE[4]}).to_string(),
        ] {
            world.tell().handle(event(&message)).await;
        }
        assert_silent(&[
            "source told",
            "source is told later",
            "source not told yet",
            "source does not accept our access",
            "could not be fetched",
            "exception raised",
        ]);
    });
}
