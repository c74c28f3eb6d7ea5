//! MiniStack's queue behind the handle of the cases.

use std::time::Duration;

use aws::{Connection, Queue};
use cli::aws_api::{Aws, SQS};
use serde_json::{Value, json};
use tests::emulator::Emulator;

use crate::queue::{HIDDEN, MOST_RECEIVES, QueueSubject, Received};
use crate::subjects::connection;

/// A queue of MiniStack's.
pub struct EmulatedQueue {
    aws: Aws,
    connection: Connection,
    url: String,
    dead_url: String,
}

impl EmulatedQueue {
    /// An empty one with a net below it.
    pub async fn create(emulator: &Emulator) -> Self {
        let name = emulator.fresh_name("queue");
        let dead_url = emulator.queue(&format!("{name}-dead"), &json!({})).await;
        let aws = emulator.aws();
        let ask = json!({"QueueUrl": dead_url, "AttributeNames": ["QueueArn"]});
        let known = aws.json(SQS, "GetQueueAttributes", &ask).await;
        let arn = known.expect("attributes")["Attributes"]["QueueArn"].clone();
        let policy = json!({"deadLetterTargetArn": arn, "maxReceiveCount": MOST_RECEIVES});
        let attributes = json!({
            "VisibilityTimeout": HIDDEN.as_secs().to_string(), "RedrivePolicy": policy.to_string(),
        });
        Self {
            connection: connection(emulator.url()),
            url: emulator.queue(&name, &attributes).await,
            aws,
            dead_url,
        }
    }

    async fn receive_from(&self, url: &str) -> Vec<Received> {
        let ask = json!({
            "QueueUrl": url, "MaxNumberOfMessages": 10,
            "MessageSystemAttributeNames": ["ApproximateReceiveCount"],
        });
        let answer = self.aws.json(SQS, "ReceiveMessage", &ask).await;
        let answer = answer.expect("messages, or none");
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        messages.iter().map(received).collect()
    }
}

impl QueueSubject for EmulatedQueue {
    fn sender(&self) -> Queue {
        Queue::new(&self.connection, &self.url)
    }

    fn on_its_way(&self) -> Duration {
        Duration::ZERO
    }

    async fn receive(&self) -> Vec<Received> {
        self.receive_from(&self.url).await
    }

    async fn receive_dead(&self) -> Vec<Received> {
        self.receive_from(&self.dead_url).await
    }

    async fn delete(&self, message: &Received) {
        let delete = json!({"QueueUrl": self.url, "ReceiptHandle": message.receipt});
        let deleted = self.aws.json(SQS, "DeleteMessage", &delete).await;
        deleted.expect("it is deleted");
    }

    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

fn received(message: &Value) -> Received {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let times = text(&message["Attributes"]["ApproximateReceiveCount"]);
    Received {
        body: text(&message["Body"]),
        receipt: text(&message["ReceiptHandle"]),
        times: times.parse().expect("a number"),
    }
}
