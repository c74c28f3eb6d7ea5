//! What nobody could handle: what it is, why, and back to its queue when the cause is gone.

use aws::{
    Bell, DeadLetter, DeadLetters, FeedbackDue, KeyRefresh, MessageError, Released, UnitDue,
    read_message,
};
use domain::delivery::Delivery;
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Console;
use crate::error::ConsoleError;
use crate::status::age;

/// How many of one queue are shown.
const SHOWN: usize = 100;
/// How many are sent back by one request: it has to end within the gateway's patience.
const AT_ONCE: usize = 100;

/// A dead letter without its body, which may hold personal data.
#[derive(Debug, Serialize)]
struct Letter {
    queue: String,
    message_id: String,
    sent_at: Option<Timestamp>,
    age_seconds: Option<i64>,
    receives: u32,
    reason: String,
    about: About,
}

/// What a message is about, as far as it can be read.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct About {
    /// The delivery: `tenon trace` and the logs know it.
    correlation: Option<String>,
    /// The record, partition or source.
    what: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redrive {
    queue: String,
}

impl Console {
    /// Every dead letter there is.
    pub(crate) async fn dead_letters(&self) -> Result<Value, ConsoleError> {
        let now = self.clock.now();
        let all = self.dead_letters.iter().map(async |queue| {
            let letters = queue.look(SHOWN).await?;
            let shown = letters.iter().map(|letter| shown(queue, letter, now));
            Ok::<_, ConsoleError>(shown.collect::<Vec<_>>())
        });
        let letters: Vec<Letter> = try_join_all(all).await?.into_iter().flatten().collect();
        let queues: Vec<&str> = self
            .dead_letters
            .iter()
            .map(|queue| queue.name.as_str())
            .collect();
        Ok(json!({"letters": letters, "queues": queues, "most_per_queue": SHOWN}))
    }

    /// Sends the dead letters of one queue back to it.
    pub(crate) async fn redrive(&self, body: &str) -> Result<Value, ConsoleError> {
        let Redrive { queue } = serde_json::from_str(body)?;
        let known = self.dead_letters.iter().find(|one| one.name == queue);
        let Some(letters) = known.filter(|letters| letters.has_source()) else {
            return Err(ConsoleError::NoSuchQueue { queue });
        };
        let sent = letters.send_back(AT_ONCE).await?;
        tracing::info!(queue, sent, "dead letters sent back");
        Ok(json!({"queue": queue, "sent_back": sent, "more": sent >= AT_ONCE}))
    }
}

fn shown(queue: &DeadLetters, letter: &DeadLetter, now: Timestamp) -> Letter {
    let (about, reason) = match about(&queue.name, &letter.body) {
        Ok(about) => (about, why_it_lies_there(&queue.name).to_owned()),
        Err(unreadable) => (About::default(), unreadable.to_string()),
    };
    Letter {
        queue: queue.name.clone(),
        message_id: letter.message_id.clone(),
        sent_at: letter.sent_at,
        age_seconds: letter.sent_at.map(|sent_at| age(sent_at, now)),
        receives: letter.receives,
        reason,
        about,
    }
}

fn why_it_lies_there(queue: &str) -> &'static str {
    match queue {
        "drift" => "its fields are not as its source is described: a question says which",
        _ => {
            "it can be read, but handling it failed each time: the logs name its message id and say why"
        }
    }
}

/// Reads a message as the function behind its queue does.
fn about(queue: &str, body: &str) -> Result<About, MessageError> {
    let what = |what: String| About {
        what: Some(what),
        correlation: None,
    };
    Ok(match queue {
        "deliveries" | "drift" => {
            let delivery: Delivery = read_message(body)?;
            About {
                correlation: Some(delivery.id),
                what: Some(format!("{} {}", delivery.source, delivery.account)),
            }
        }
        "units" => what(read_message::<UnitDue>(body)?.reference.to_string()),
        "releases" => what(read_message::<Released>(body)?.reference.to_string()),
        "feedback" => what(read_message::<FeedbackDue>(body)?.reference.to_string()),
        "keys" => what(read_message::<KeyRefresh>(body)?.source),
        // The bucket writes these; a file's name may be somebody's.
        "files" => what("a file in the bucket".to_owned()),
        // Lambda itself writes these, about records of the table's stream.
        "stream" => what("changes of the ledger".to_owned()),
        _ => what(read_message::<Bell>(body)?.shard()?.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_what_it_is_about_or_why_it_cannot_be_read_and_never_what_it_holds() {
        let delivery = r#"{"v":1,"id":"d-1","source":"hubspot","account":"7","received_at":"2026-11-22T12:00:00Z","headers":{},"body":"amFuZQ=="}"#;
        let read = about("deliveries", delivery).unwrap();
        assert_eq!(read.correlation.as_deref(), Some("d-1"));
        assert_eq!(read.what.as_deref(), Some("hubspot 7"));
        let bell = about("work", r#"{"v":1,"shard":"work#2"}"#).unwrap();
        assert_eq!(bell.what.as_deref(), Some("work#2"));
        for (queue, body, reason) in [
            (
                "work",
                "<jane@doe.example>",
                "the message cannot be read: line 1 column 1",
            ),
            (
                "work",
                r#"{"v":1,"shard":"jane"}"#,
                "the message cannot be read: no partition",
            ),
            (
                "units",
                r#"{"v":9}"#,
                "the message has version 9; this build reads up to 1",
            ),
            (
                "deliveries",
                "null",
                "the message cannot be read: line 1 column 4",
            ),
        ] {
            let error = about(queue, body).unwrap_err().to_string();
            assert_eq!(error, reason, "{queue}");
        }
    }
}
