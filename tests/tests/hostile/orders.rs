//! One bad event, or an old one, among good ones.

use serde_json::json;
use simulation::fate::Plan;

use crate::desk::{callback, entry, played, record};

/// One event of a hundred cannot be read: the other ninety-nine are taken, and it is a question that says
/// which one it is.
#[test]
fn one_bad_event_of_a_hundred_is_a_question_and_the_others_are_taken() {
    played(1, Plan::Calm, async |desk| {
        let event = |number: i64| {
            json!({"eventId": number, "subscriptionId": 2, "portalId": 48_807_704, "appId": 3,
                "occurredAt": 1_795_348_800_000_i64, "subscriptionType": "contact.creation",
                "attemptNumber": 0, "objectId": number})
        };
        let mut events: Vec<_> = (1..=100).map(event).collect();
        // Nothing that anybody could fetch.
        events[36] =
            json!({"eventId": 37, "portalId": 48_807_704, "subscriptionType": "deal.creation"});
        let body = json!(events).to_string();
        assert!(desk.deliver("hubspot", "48807704", body.as_bytes()).await);
        let questions = desk.questions().await;
        assert_eq!(questions.len(), 1, "{questions:?}");
        assert_eq!(questions[0].code, "schema_drift");
        assert_eq!(questions[0].owner, "operations");
        let place = "seen in delivery delivery-1, event 37 of 100";
        assert_eq!(questions[0].items[1], place);
        // One that says a thing twice lacks nothing: it is its own question.
        let text = json!([event(1), event(2)]).to_string();
        let twice = text.replacen("\"eventId\":2", "\"eventId\":2,\"eventId\":3", 1);
        assert!(desk.deliver("hubspot", "48807704", twice.as_bytes()).await);
        let questions = desk.questions().await;
        let unreadable = { questions.iter() }.find(|one| one.code == "event_unreadable");
        let said = &unreadable.expect("a question").items[0];
        assert!(said.starts_with("event 2 of 2: "), "{said}");
    });
}

/// A genuine old body, sent again, has no effect: neither the same one, nor an older state of it that
/// was never seen.
#[test]
fn a_genuine_old_body_has_no_effect() {
    played(1, Plan::Calm, async |desk| {
        let at = |time: &str, hours: i64| {
            let mut record = record();
            record["_info"]["lastUpdated"] = json!(time);
            record["actualHours"] = json!(hours);
            record["hoursBilled"] = json!(hours);
            callback(&record.to_string())
        };
        let now = at("2026-11-20T16:00:00Z", 7);
        assert!(desk.deliver("connectwise", "Cobalt", &now).await);
        let first = desk.versions(&entry("90311")).await;
        for body in [now, at("2026-11-20T15:59:59Z", 3)] {
            assert!(desk.deliver("connectwise", "Cobalt", &body).await);
        }
        let later = desk.versions(&entry("90311")).await;
        assert_eq!(later.len(), 1);
        assert_eq!(later[0].command, first[0].command);
        assert_eq!(desk.questions().await, []);
    });
}
