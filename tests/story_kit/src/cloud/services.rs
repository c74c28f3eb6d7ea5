//! What the services answer: the part of their JSON protocols that our code uses.

use std::time::Duration;

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};
use simulation::table::{At, Reply};

use super::{Cloud, Things};

/// The most messages that one request receives.
const MOST: usize = 10;

impl Cloud {
    /// The answer to a request of a service that speaks JSON.
    pub(super) fn answer(&self, target: &str, request: &Value) -> Reply {
        match target.split_once('.') {
            Some(("DynamoDB_20120810", operation)) => {
                let now = u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX);
                let at = At {
                    now,
                    lag: 0,
                    left: 0,
                };
                self.things().tables.answer(operation, request, at)
            }
            Some(("AmazonSQS", operation)) => self.queue(operation, request),
            Some(("secretsmanager", operation)) => self.secret(operation, request),
            _ => unknown(target),
        }
    }

    fn queue(&self, operation: &str, request: &Value) -> Reply {
        let text = |name: &str| {
            request
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let name = text("QueueUrl").rsplit('/').next().unwrap_or_default();
        let receipt = || text("ReceiptHandle").parse().unwrap_or_default();
        match operation {
            "SendMessage" => {
                let delay = request.get("DelaySeconds").and_then(Value::as_u64);
                let delay = Duration::from_secs(delay.unwrap_or_default());
                match self.send(name, text("MessageBody"), delay) {
                    Some(id) => Reply::Done(json!({"MessageId": format!("{name}-{id}")})),
                    None => Reply::Refused("QueueDoesNotExist", json!({"message": name})),
                }
            }
            "ReceiveMessage" => {
                let messages = self.receive(name, MOST);
                let shown = messages.iter().map(|message| {
                    json!({
                        "MessageId": format!("{name}-{}", message.id), "Body": message.body,
                        "ReceiptHandle": message.id.to_string(),
                        "Attributes": {"ApproximateReceiveCount": message.receives.to_string()},
                    })
                });
                Reply::Done(json!({"Messages": shown.collect::<Vec<_>>()}))
            }
            "DeleteMessage" => {
                self.delete(name, receipt());
                Reply::Done(json!({}))
            }
            "ChangeMessageVisibility" => {
                self.show_again(name, receipt());
                Reply::Done(json!({}))
            }
            other => unknown(other),
        }
    }

    /// A message that was only looked at can be received again at once.
    fn show_again(&self, queue: &str, id: u64) {
        let now = self.elapsed();
        if let Some(queue) = self.things().queues.get_mut(queue) {
            queue.show_again(id, now);
        }
    }

    fn secret(&self, operation: &str, request: &Value) -> Reply {
        let text = |name: &str| {
            request
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let name = text("SecretId");
        match operation {
            "GetSecretValue" => match self.things().secrets.get(name) {
                Some((version, value)) => Reply::Done(json!({
                    "Name": name, "VersionId": version.to_string(), "SecretString": value,
                })),
                None => Reply::Refused("ResourceNotFoundException", json!({"Message": name})),
            },
            "PutSecretValue" => {
                self.put_secret(name, text("SecretString"));
                Reply::Done(json!({"Name": name}))
            }
            other => unknown(other),
        }
    }

    /// A version of a file; the path is that of S3's address.
    pub(super) fn file(&self, path: &str) -> Option<String> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let version = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("versionId="))?;
        let key = percent_decode_str(path.trim_start_matches('/'))
            .decode_utf8()
            .ok()?;
        let Things { files, .. } = &*self.things();
        files.get(&(key.into_owned(), version.to_owned())).cloned()
    }
}

/// What no test world knows ends the story instead of passing unseen.
fn unknown(operation: &str) -> Reply {
    Reply::Refused(
        "UnknownOperationException",
        json!({"message": format!("the story's AWS does not know {operation}")}),
    )
}

/// What the bucket says when a file is there.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
pub(super) fn notice(key: &str, version: &str, at: Timestamp) -> String {
    let key = utf8_percent_encode(key, NON_ALPHANUMERIC).to_string();
    let object = json!({"key": key, "versionId": version});
    let record = json!({"eventTime": at.to_string(), "s3": {"object": object}});
    json!({"Records": [record]}).to_string()
}
