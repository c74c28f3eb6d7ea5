//! Sending to a queue.

use std::time::Duration;

use aws_sdk_sqs::Client;
use serde::Serialize;

use crate::{Connection, StoreError};

/// A queue we send to.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue at this address.
    pub fn new(connection: &Connection, url: impl Into<String>) -> Self {
        Self {
            client: connection.sqs(),
            url: url.into(),
        }
    }

    /// Sends one message. Once this returns, SQS keeps it.
    pub async fn send<T: Serialize>(&self, message: &T) -> Result<(), StoreError> {
        self.send_after(message, Duration::ZERO).await
    }

    /// Sends one message that becomes visible later (at most 15 minutes, as SQS allows).
    pub async fn send_after<T: Serialize>(
        &self,
        message: &T,
        delay: Duration,
    ) -> Result<(), StoreError> {
        let body =
            serde_json::to_string(message).map_err(|e| StoreError::unreadable("message", e))?;
        let seconds = i32::try_from(delay.as_secs().min(900)).unwrap_or(900);
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .delay_seconds(seconds)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("queue", "send", error))?;
        Ok(())
    }
}
