//! The ready-to-invoke events in `events/` are what the functions read.

use std::fs;
use std::path::PathBuf;

use aws::{Bell, FeedbackDue, KeyRefresh, Released, UnitDue, read_message};
use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lambda_events::sqs::SqsEvent;
use domain::delivery::Delivery;
use serde::de::DeserializeOwned;

fn text(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../events");
    let file = folder.join(name);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn event<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every message of a queue event, read as the function reads it.
fn messages<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let event: SqsEvent = event(name);
    assert!(!event.records.is_empty(), "{name} carries no message");
    let body = |message: &aws_lambda_events::sqs::SqsMessage| message.body.clone().unwrap();
    let read = |body: String| read_message(&body).unwrap_or_else(|e| panic!("{name}: {e}"));
    event.records.iter().map(body).map(read).collect()
}

#[test]
fn queue_events_carry_messages_that_the_functions_read() {
    assert!(!messages::<Delivery>("validate-deliveries.json").is_empty());
    for name in ["post-master.json", "post-work.json", "post-billing.json"] {
        let bells: Vec<Bell> = messages(name);
        assert!(bells.iter().all(|bell| bell.shard().is_ok()), "{name}");
    }
    messages::<UnitDue>("bill-units.json");
    messages::<Released>("sweep-releases.json");
    messages::<FeedbackDue>("feedback-due.json");
    messages::<KeyRefresh>("rotate-keys.json");
}

#[test]
fn a_function_with_two_triggers_tells_its_events_apart() {
    assert!(matches!(event("bill-run.json"), bill::Trigger::Run(_)));
    assert!(matches!(
        event("bill-minute.json"),
        bill::Trigger::Minute(_)
    ));
    assert!(matches!(event("bill-units.json"), bill::Trigger::Units(_)));
    assert!(matches!(
        event("sweep-minute.json"),
        sweep::Trigger::Minute(_)
    ));
    assert!(matches!(
        event("sweep-releases.json"),
        sweep::Trigger::Releases(_)
    ));
}

#[test]
fn gateway_and_stream_events_have_the_shapes_of_aws() {
    for (name, method, path) in [
        ("intake-webhook.json", "POST", "/in/hubspot/48807704"),
        (
            "intake-webhook-connectwise.json",
            "POST",
            "/in/connectwise/Cobalt",
        ),
        ("console-ask.json", "GET", "/console/status"),
        ("console-decide.json", "POST", "/console/crosswalk"),
    ] {
        let request: ApiGatewayProxyRequest = event(name);
        assert_eq!(request.http_method.as_str(), method, "{name}");
        assert_eq!(request.path.as_deref(), Some(path), "{name}");
    }
    let unknown: ApiGatewayProxyRequest = event("intake-unknown-path.json");
    assert!(!unknown.path.unwrap_or_default().starts_with("/in/"));
    for name in ["relay-ledger.json", "audit-ledger.json"] {
        let changes: aws_lambda_events::dynamodb::Event = event(name);
        assert!(!changes.records.is_empty(), "{name}");
    }
    event::<serde_json::Value>("pull-minute.json");
    let told: SqsEvent = event("collect-files.json");
    assert_eq!(told.records.len(), 1);
}

#[test]
fn every_file_belongs_to_a_function_or_is_a_vendors_own_body() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let functions: Vec<String> = fs::read_dir(folder.join("functions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for entry in fs::read_dir(folder.join("events")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let first = name.split(['-', '.']).next().unwrap_or_default();
        let known =
            functions.iter().any(|function| function == first) || sources::source(first).is_some();
        assert!(known, "{name}");
    }
}
