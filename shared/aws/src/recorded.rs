//! What was taken lately, kept for a while so that a changed book can be tried on it before it
//! comes into force.
//!
//! It is written once per batch of messages, compressed. Losing some of it loses no business fact:
//! the ledger has those.

use aws_sdk_dynamodb::Client;
use domain::delivery::Delivery;
use domain::event::Event;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::item::{Item, get_text, key, number, text};
use crate::{Connection, StoreError, compressed, keys};

/// Items hold at most 400 KB (DynamoDB's limit), of which the key and the other attributes are few.
const MOST_BYTES: usize = 350_000;
/// How much text is compressed into one item; it becomes a fifth or less.
const TEXT_PER_ITEM: usize = 1_000_000;
/// How many items are read at once.
const PAGE: i32 = 20;

/// Something that was taken and judged. It has no `Debug`: it holds personal data.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Recorded {
    /// A delivery as it came, whose words a book may read in another way.
    Delivery(Delivery),
    /// A record that a delivery only named, as it was fetched.
    Fetched {
        /// When the delivery was received.
        received_at: Timestamp,
        /// The record, in our words.
        event: Box<Event>,
    },
}

/// A stretch of what was recorded.
pub struct RecordedPage {
    /// In the order in which it was taken.
    pub recorded: Vec<Recorded>,
    /// Where it goes on; none at the end.
    pub next: Option<RecordedPlace>,
}

/// A place between two items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedPlace {
    /// The hour whose items are read.
    pub hour: Timestamp,
    /// The sort key of the last item that was read; none before the first.
    #[serde(default)]
    pub after: Option<String>,
}

/// The table of what was recorded.
#[derive(Debug)]
pub struct Recordings {
    client: Client,
    table: String,
}

/// Collects what a batch takes, and writes it at the end of the batch.
pub struct Recorder {
    recordings: Recordings,
    keep: SignedDuration,
    taken: Mutex<Vec<Recorded>>,
}

impl Recorder {
    /// Keeps what is taken for `keep` in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>, keep: SignedDuration) -> Self {
        Self {
            recordings: Recordings::new(connection, table),
            keep,
            taken: Mutex::default(),
        }
    }

    /// Remembers something until [`Self::write`].
    pub async fn note(&self, recorded: Recorded) {
        self.taken.lock().await.push(recorded);
    }

    /// Writes what was noted, under a name that nothing else has.
    pub async fn write(&self, now: Timestamp, token: &str) -> Result<(), StoreError> {
        let taken = std::mem::take(&mut *self.taken.lock().await);
        let expires = (now + self.keep).as_second();
        for (number, content) in (0..).zip(pieces(&taken)?) {
            let sk = format!("{now:.3}#{token}#{number}");
            let mut item = key(keys::recorded(now), sk);
            compressed::put(&mut item, content);
            item.insert("expires".to_owned(), self::number(expires));
            self.recordings.put(item).await?;
        }
        Ok(())
    }
}

impl Recordings {
    /// What is recorded in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            client: connection.dynamodb(),
            table: table.into(),
        }
    }

    async fn put(&self, item: Item) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table);
        put.set_item(Some(item))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("recorded", "write", error))?;
        Ok(())
    }

    /// What was recorded from `place` on, up to `until`, not more than one answer of the table.
    pub async fn read(
        &self,
        place: &RecordedPlace,
        until: Timestamp,
    ) -> Result<RecordedPage, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk > :after")
            .expression_attribute_values(":pk", text(keys::recorded(place.hour)))
            .expression_attribute_values(":after", text(place.after.as_deref().unwrap_or(" ")))
            .limit(PAGE);
        let answer = query
            .send()
            .await
            .map_err(|error| StoreError::unavailable("recorded", "list", error))?;
        let items = answer.items.unwrap_or_default();
        let mut recorded = Vec::new();
        for item in &items {
            recorded.extend(content(item)?);
        }
        let last = items.last().and_then(|item| get_text(item, "sk"));
        let next = match (answer.last_evaluated_key, last) {
            (Some(_), Some(last)) => Some(RecordedPlace {
                hour: place.hour,
                after: Some(last.to_owned()),
            }),
            _ => {
                let hour = place.hour + SignedDuration::from_hours(1);
                (hour <= until).then_some(RecordedPlace { hour, after: None })
            }
        };
        Ok(RecordedPage { recorded, next })
    }
}

/// Lines of JSON, compressed, as few items as hold them. What is too large for an item by itself is
/// left out.
fn pieces(taken: &[Recorded]) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut items = Vec::new();
    let mut lines = String::new();
    for recorded in taken {
        let line = serde_json::to_string(recorded)
            .map_err(|error| StoreError::unreadable("recorded", error))?;
        if !lines.is_empty() && lines.len() + line.len() > TEXT_PER_ITEM {
            items.push(compressed::compress(&lines)?);
            lines.clear();
        }
        lines.push_str(&line);
        lines.push('\n');
    }
    if !lines.is_empty() {
        items.push(compressed::compress(&lines)?);
    }
    items.retain(|item| item.len() <= MOST_BYTES);
    Ok(items)
}

fn content(item: &Item) -> Result<Vec<Recorded>, StoreError> {
    let place = || format!("{:?} {:?}", get_text(item, "pk"), get_text(item, "sk"));
    let lines = compressed::text_of(item)?;
    let read =
        |line| serde_json::from_str(line).map_err(|error| StoreError::unreadable(place(), error));
    lines.lines().map(read).collect()
}
