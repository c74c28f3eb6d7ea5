//! When each source was last heard, for people: a source that has fallen silent shows no error.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::sync::Mutex;

use crate::control::Control;
use crate::item::{Item, get_text, key, text};
use crate::{Connection, StoreError, keys};

/// A worker notes the same thing at most this often: one small write per minute, not per message.
const AT_MOST_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// The notes in the control table.
#[derive(Debug)]
pub struct Heard {
    control: Control,
    noted: Mutex<HashMap<String, Timestamp>>,
}

/// When an account of a source was last heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastHeard {
    /// The source's name.
    pub source: String,
    /// Its account.
    pub account: String,
    /// `deliveries`, or the stream that is pulled.
    pub way: String,
    /// When, up to a minute earlier than the truth.
    pub at: Timestamp,
}

impl Heard {
    /// The notes in `table`.
    pub fn new(connection: &Connection, table: impl Into<String>) -> Self {
        Self {
            control: Control::new(connection, table),
            noted: Mutex::default(),
        }
    }

    /// Notes that a source was heard now.
    pub async fn note(
        &self,
        source: &str,
        account: &str,
        way: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sk = keys::heard(source, account, way);
        let mut noted = self.noted.lock().await;
        let recent = |at: &Timestamp| now.duration_since(*at) < AT_MOST_EVERY;
        if noted.get(&sk).is_some_and(recent) {
            return Ok(());
        }
        let mut item = key(keys::HEARD, &sk);
        item.insert("at".to_owned(), text(now.to_string()));
        self.control.put(item).await?;
        noted.insert(sk, now);
        Ok(())
    }

    /// Everything that was noted, by source.
    pub async fn all(&self) -> Result<Vec<LastHeard>, StoreError> {
        let items = self.control.all(keys::HEARD).await?;
        Ok(items.iter().filter_map(read).collect())
    }
}

fn read(item: &Item) -> Option<LastHeard> {
    let mut parts = get_text(item, "sk")?.splitn(3, '#').map(str::to_owned);
    Some(LastHeard {
        source: parts.next()?,
        account: parts.next()?,
        way: parts.next()?,
        at: get_text(item, "at")?.parse().ok()?,
    })
}
