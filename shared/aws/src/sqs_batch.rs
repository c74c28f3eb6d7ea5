//! Handling a batch of messages one by one, so that a bad one never fails its neighbours.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::FutureExt;
use tracing::{Instrument, Span, error, info, info_span};

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageOutcome {
    /// It is done with: SQS may delete it.
    Done,
    /// SQS shall deliver it again, and in the end keep it in the dead-letter queue.
    Again,
}

/// Gives every message of a batch to `handle`, one after the other, and answers which ones SQS
/// must deliver again. A panic in one message is that message's failure alone. In a group whose
/// order counts, what follows a failure is not handled: it comes again behind it. Every log line
/// of a message says which it was.
pub async fn handle_batch(
    event: SqsEvent,
    handle: impl AsyncFn(&str) -> MessageOutcome,
) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    let mut stopped = HashSet::new();
    for message in event.records {
        let group = message.attributes.get("MessageGroupId").cloned();
        let span = span(&message);
        let waits = group.as_ref().is_some_and(|group| stopped.contains(group));
        let again = if waits {
            span.in_scope(|| info!("message waits for an earlier one of its group"));
            true
        } else {
            fails(&message, &handle).instrument(span).await
        };
        if again {
            stopped.extend(group);
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    response
}

async fn fails(message: &SqsMessage, handle: impl AsyncFn(&str) -> MessageOutcome) -> bool {
    // A message without a body is one that nobody can read.
    let body = message.body.as_deref().unwrap_or_default();
    match AssertUnwindSafe(handle(body)).catch_unwind().await {
        Ok(outcome) => outcome == MessageOutcome::Again,
        Err(_) => {
            error!("message handler panicked");
            true
        }
    }
}

/// What a person needs to find the message again, in its queue or in the dead letters.
fn span(message: &SqsMessage) -> Span {
    let arn = message.event_source_arn.as_deref().unwrap_or_default();
    let queue = arn.rsplit(':').next().unwrap_or_default();
    let id = message.message_id.as_deref().unwrap_or_default();
    let receives = message.attributes.get("ApproximateReceiveCount");
    let receives = receives.map_or("", String::as_str);
    info_span!(
        "message",
        sqs.queue = queue,
        sqs.message_id = id,
        sqs.receives = receives
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A message whose body is its id.
    fn message(id: &str) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.message_id = Some(id.to_owned());
        message.body = Some(id.to_owned());
        message
    }

    fn event(messages: Vec<SqsMessage>) -> SqsEvent {
        let mut event = SqsEvent::default();
        event.records = messages;
        event
    }

    fn failed(response: &SqsBatchResponse) -> Vec<&str> {
        let failures = response.batch_item_failures.iter();
        failures
            .map(|failure| failure.item_identifier.as_str())
            .collect()
    }

    #[tokio::test]
    async fn a_panic_and_a_failure_are_answered_for_their_own_message_only() {
        let event = event(["fine", "bad", "worse", "fine too"].map(message).to_vec());
        let response = handle_batch(event, async |body: &str| match body {
            "bad" => MessageOutcome::Again,
            "worse" => panic!("on purpose"),
            _ => MessageOutcome::Done,
        })
        .await;
        assert_eq!(failed(&response), ["bad", "worse"]);
    }

    #[tokio::test]
    async fn a_panic_at_any_place_leaves_the_others_done() {
        let ids: Vec<String> = (0..10).map(|id| id.to_string()).collect();
        for bad in &ids {
            let event = event(ids.iter().map(|id| message(id)).collect());
            let response = handle_batch(event, async |body: &str| {
                assert_ne!(body, bad, "on purpose");
                MessageOutcome::Done
            })
            .await;
            assert_eq!(failed(&response), [bad]);
        }
    }

    #[tokio::test]
    async fn what_is_no_json_or_has_no_body_fails_alone() {
        let mut empty = message("empty");
        empty.body = None;
        let mut good = message("good");
        good.body = Some(r#"{"v":1,"shard":"work#0"}"#.to_owned());
        let event = event(vec![message("<html>"), empty, good]);
        let response = handle_batch(event, async |body: &str| {
            match crate::read_message::<crate::Bell>(body) {
                Ok(_) => MessageOutcome::Done,
                Err(_) => MessageOutcome::Again,
            }
        })
        .await;
        assert_eq!(failed(&response), ["<html>", "empty"]);
    }

    /// Of 50 groups with three messages each, the second message of group 7 is poison.
    #[tokio::test]
    async fn after_a_failure_only_its_own_group_stops_and_keeps_its_order() {
        let grouped = |group: usize, place: usize| {
            let mut message = message(&format!("{group}/{place}"));
            let group = format!("project-{group}");
            message
                .attributes
                .insert("MessageGroupId".to_owned(), group);
            message
        };
        let all = (0..3).flat_map(|place| (0..50).map(move |group| (group, place)));
        let messages = all.map(|(group, place)| grouped(group, place)).collect();
        let handled = Mutex::new(Vec::new());
        let response = handle_batch(event(messages), async |body: &str| {
            handled.lock().unwrap().push(body.to_owned());
            match body {
                "7/1" => MessageOutcome::Again,
                _ => MessageOutcome::Done,
            }
        })
        .await;
        assert_eq!(failed(&response), ["7/1", "7/2"]);
        let handled = handled.into_inner().unwrap();
        assert_eq!(handled.len(), 149, "all but what follows the poison");
        for group in 0..50 {
            let start = format!("{group}/");
            let order: Vec<_> = handled.iter().filter(|id| id.starts_with(&start)).collect();
            assert!(order.is_sorted(), "{order:?}");
        }
    }
}
