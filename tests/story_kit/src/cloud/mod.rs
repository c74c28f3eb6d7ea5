//! AWS in this process: tables, queues, secrets and files of one story.
//!
//! Tables and queues are those of the simulation, which the contract tests hold to the real ones.
//! Nothing is lost, late or doubled here unless the story says so.

mod clock;
mod door;
mod queues;
mod services;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws::Connection;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use domain::{Exception, Record};
use jiff::{SignedDuration, Timestamp};
use simulation::queue::{Message, Queue};
use simulation::table::{Change, Tables};

pub use clock::{StoryClock, StoryTokens};
pub use queues::{QUEUES, dead_letters_of, url};

/// The tables, by the names they have here.
pub const TABLES: [&str; 7] = [
    "ledger",
    "exceptions",
    "control",
    "crosswalk",
    "billing",
    "recorded",
    "audit",
];
/// The bucket that files are dropped into.
pub const BUCKET: &str = "files";

/// One account. Clones share everything.
#[derive(Clone)]
pub struct Cloud(Arc<Shared>);

struct Shared {
    clock: Arc<StoryClock>,
    tokens: Arc<StoryTokens>,
    began: Timestamp,
    things: Mutex<Things>,
}

struct Things {
    tables: Tables,
    queues: BTreeMap<String, Queue>,
    /// Name → version and value.
    secrets: BTreeMap<String, (u64, String)>,
    /// Key and version → content.
    files: BTreeMap<(String, String), String>,
    /// How many changes of the ledger were handed to `relay`.
    forwarded: usize,
}

impl Cloud {
    /// An empty account.
    #[must_use]
    pub fn new(began: Timestamp, seed: u64) -> Self {
        let things = Things {
            tables: Tables::new("ledger"),
            queues: queues::all(),
            secrets: BTreeMap::new(),
            files: BTreeMap::new(),
            forwarded: 0,
        };
        Self(Arc::new(Shared {
            clock: Arc::new(StoryClock::at(began)),
            tokens: Arc::new(StoryTokens::of(seed)),
            began,
            things: Mutex::new(things),
        }))
    }

    /// The clock of the story.
    #[must_use]
    pub fn clock(&self) -> Arc<StoryClock> {
        Arc::clone(&self.0.clock)
    }

    /// A function's way to it.
    #[must_use]
    pub fn connection(&self) -> Connection {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-central-1"))
            .endpoint_url("http://story")
            .http_client(self.clone())
            .build();
        let tokens: Arc<StoryTokens> = Arc::clone(&self.0.tokens);
        Connection::over(config, self.clock(), tokens)
    }

    fn things(&self) -> MutexGuard<'_, Things> {
        self.0.things.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long after the beginning it is.
    fn elapsed(&self) -> Duration {
        let elapsed = self.0.clock.shown().duration_since(self.0.began);
        Duration::try_from(elapsed).unwrap_or_default()
    }

    /// Puts a secret.
    pub fn put_secret(&self, name: &str, value: &str) {
        let mut things = self.things();
        let version = things
            .secrets
            .get(name)
            .map_or(1, |(version, _)| version + 1);
        things
            .secrets
            .insert(name.to_owned(), (version, value.to_owned()));
    }

    /// Drops a file into the bucket, which tells of it.
    pub fn drop_file(&self, key: &str, content: &str) {
        let at = self.0.clock.shown();
        let version = {
            let mut things = self.things();
            let version = format!("v{}", things.files.len() + 1);
            let place = (key.to_owned(), version.clone());
            things.files.insert(place, content.to_owned());
            version
        };
        self.send(
            "files",
            &services::notice(key, &version, at),
            Duration::ZERO,
        );
    }

    /// Sends a message to a queue.
    pub fn send(&self, queue: &str, body: &str, delay: Duration) -> Option<u64> {
        let at = self.elapsed() + delay;
        let mut things = self.things();
        Some(things.queues.get_mut(queue)?.send(body, at))
    }

    /// Up to `most` messages that can be received now, in the order of their sending.
    #[must_use]
    pub fn receive(&self, queue: &str, most: usize) -> Vec<Message> {
        let now = self.elapsed();
        let mut things = self.things();
        let Some(found) = things.queues.get_mut(queue) else {
            return Vec::new();
        };
        let visible = found.visible(now).into_iter().take(most);
        let messages = visible.filter_map(|id| found.receive(id, now)).collect();
        let dead = found.take_dead();
        if let Some(letters) = things.queues.get_mut(&dead_letters_of(queue)) {
            for letter in dead {
                letters.send(&letter.body, now);
            }
        }
        messages
    }

    /// Somebody is done with a message.
    pub fn delete(&self, queue: &str, id: u64) {
        if let Some(queue) = self.things().queues.get_mut(queue) {
            queue.delete(id);
        }
    }

    /// Whether a queue has messages, visible or not.
    #[must_use]
    pub fn has_messages(&self, queue: &str) -> bool {
        let things = self.things();
        things
            .queues
            .get(queue)
            .is_some_and(|queue| !queue.is_quiet())
    }

    /// When the next message of any queue can be received.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let things = self.things();
        let due = QUEUES
            .iter()
            .filter_map(|(name, _, _)| things.queues.get(*name)?.next_visible());
        let after = SignedDuration::try_from(due.min()?).ok()?;
        self.0.began.checked_add(after).ok()
    }

    /// How many messages nobody could handle, by queue.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<(String, usize)> {
        let now = Duration::MAX;
        let things = self.things();
        let letters = things
            .queues
            .iter()
            .filter(|(name, _)| name.ends_with(queues::DEAD));
        let counted = letters.map(|(name, queue)| (name.clone(), queue.visible(now).len()));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    /// The changes of the ledger that `relay` has not seen yet.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let things = self.things();
        things.tables.changes(things.forwarded).to_vec()
    }

    /// `relay` has seen everything before this place of the stream.
    pub fn forwarded(&self, place: usize) {
        self.things().forwarded = place;
    }

    /// Every version of every fact.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        let things = self.things();
        let items = things.tables.items("ledger", "r#");
        let read = |item: &Arc<simulation::table::Item>| {
            serde_json::from_str(item.get("doc")?.get("S")?.as_str()?).ok()
        };
        items.filter_map(read).collect()
    }

    /// What people are asked now.
    #[must_use]
    pub fn exceptions(&self) -> Vec<Exception> {
        let things = self.things();
        let items = things.tables.items("exceptions", "");
        let open = items.filter(|item| item.contains_key("open_owner"));
        let read = |item: &Arc<simulation::table::Item>| {
            serde_json::from_str(item.get("doc")?.get("S")?.as_str()?).ok()
        };
        open.filter_map(read).collect()
    }
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cloud")
    }
}
