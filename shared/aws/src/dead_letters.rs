//! The messages that nobody could handle: looked at, and sent back.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use futures::future::try_join_all;
use jiff::Timestamp;

use crate::{Connection, StoreError};

/// SQS gives at most ten messages at once.
const AT_ONCE: i32 = 10;
/// How long a message that is looked at is hidden; afterwards it is shown again at once.
const HIDDEN: i32 = 20;
/// A short wait asks all servers that keep a queue, not only some.
const WAIT: i32 = 1;

/// A queue's dead letters, and where they came from.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    client: Client,
    /// For example `deliveries`.
    pub name: String,
    url: String,
    source: Option<String>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// SQS's id, which the logs name as well.
    pub message_id: String,
    /// When it was first sent.
    pub sent_at: Option<Timestamp>,
    /// How often it was received, looking at it here included.
    pub receives: u32,
    /// What it says. It may hold personal data: it goes neither into a log nor to people.
    pub body: String,
    receipt: String,
}

impl DeadLetters {
    /// The dead letters at `url`, of the queue at `source`; none for what no queue had before.
    pub fn new(
        connection: &Connection,
        name: &str,
        url: impl Into<String>,
        source: Option<String>,
    ) -> Self {
        Self {
            client: connection.sqs(),
            name: name.to_owned(),
            url: url.into(),
            source,
        }
    }

    /// Whether they can be sent back.
    pub fn has_source(&self) -> bool {
        self.source.is_some()
    }

    /// Looks at up to `most` of them. They stay.
    pub async fn look(&self, most: usize) -> Result<Vec<DeadLetter>, StoreError> {
        let mut seen: Vec<DeadLetter> = Vec::new();
        while seen.len() < most {
            let more = self.receive().await?;
            if more.is_empty() {
                break;
            }
            seen.extend(more);
        }
        try_join_all(seen.iter().map(|letter| self.show_again(letter))).await?;
        seen.truncate(most);
        Ok(seen)
    }

    /// Sends up to `most` of them back to their queue; answers how many. One that is sent and not
    /// removed comes twice, which changes nothing: whoever reads it may see it any number of times.
    pub async fn send_back(&self, most: usize) -> Result<usize, StoreError> {
        let Some(source) = &self.source else {
            return Ok(0);
        };
        let mut sent = 0;
        while sent < most {
            let letters = self.receive().await?;
            if letters.is_empty() {
                break;
            }
            for letter in letters {
                self.send_one_back(source, letter).await?;
                sent += 1;
            }
        }
        Ok(sent)
    }

    async fn send_one_back(&self, source: &str, letter: DeadLetter) -> Result<(), StoreError> {
        self.client
            .send_message()
            .queue_url(source)
            .message_body(letter.body)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("queue", "send", error))?;
        self.client
            .delete_message()
            .queue_url(&self.url)
            .receipt_handle(letter.receipt)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("dead letters", "remove", error))?;
        Ok(())
    }

    async fn receive(&self) -> Result<Vec<DeadLetter>, StoreError> {
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(AT_ONCE)
            .visibility_timeout(HIDDEN)
            .wait_time_seconds(WAIT)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("dead letters", "read", error))?;
        Ok(answer
            .messages
            .unwrap_or_default()
            .into_iter()
            .map(read)
            .collect())
    }

    async fn show_again(&self, letter: &DeadLetter) -> Result<(), StoreError> {
        self.client
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(&letter.receipt)
            .visibility_timeout(0)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("dead letters", "show again", error))?;
        Ok(())
    }
}

fn read(message: Message) -> DeadLetter {
    let attributes = message.attributes.unwrap_or_default();
    let number = |name| attributes.get(&name)?.parse::<i64>().ok();
    let sent = number(MessageSystemAttributeName::SentTimestamp);
    let receives = number(MessageSystemAttributeName::ApproximateReceiveCount);
    DeadLetter {
        message_id: message.message_id.unwrap_or_default(),
        sent_at: sent.and_then(|millis| Timestamp::from_millisecond(millis).ok()),
        receives: receives
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or_default(),
        body: message.body.unwrap_or_default(),
        receipt: message.receipt_handle.unwrap_or_default(),
    }
}
