//! Handling a batch of messages one by one, so that a bad one never fails its neighbours.

use std::panic::AssertUnwindSafe;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use futures::FutureExt;
use tracing::error;

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageOutcome {
    /// It is done with: SQS may delete it.
    Done,
    /// SQS shall deliver it again, and in the end keep it in the dead-letter queue.
    Again,
}

/// Gives every message of a batch to `handle`, one after the other, and answers which ones SQS
/// must deliver again. A panic in one message is that message's failure alone.
pub async fn handle_batch(
    event: SqsEvent,
    handle: impl AsyncFn(&str) -> MessageOutcome,
) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in event.records {
        let id = message.message_id.unwrap_or_default();
        let body = message.body.unwrap_or_default();
        let outcome = AssertUnwindSafe(handle(&body)).catch_unwind().await;
        let again = match outcome {
            Ok(MessageOutcome::Done) => false,
            Ok(MessageOutcome::Again) => true,
            Err(_) => {
                error!(sqs.message_id = %id, "message handler panicked");
                true
            }
        };
        if again {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            response.batch_item_failures.push(failure);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::sqs::SqsMessage;

    use super::*;

    #[tokio::test]
    async fn a_panic_and_a_failure_are_answered_for_their_own_message_only() {
        let message = |id: &str| {
            let mut message = SqsMessage::default();
            message.message_id = Some(id.to_owned());
            message.body = Some(id.to_owned());
            message
        };
        let mut event = SqsEvent::default();
        event.records = ["fine", "bad", "worse", "fine too"].map(message).to_vec();
        let response = handle_batch(event, async |body: &str| match body {
            "bad" => MessageOutcome::Again,
            "worse" => panic!("on purpose"),
            _ => MessageOutcome::Done,
        })
        .await;
        let failed: Vec<_> = response
            .batch_item_failures
            .iter()
            .map(|f| f.item_identifier.as_str())
            .collect();
        assert_eq!(failed, ["bad", "worse"]);
    }
}
